package org.processpool.pool;

import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.zip.ZipFile;
import org.jspecify.annotations.Nullable;

/**
 * Where a worker finds its classes: the jars or folders that hold a few marker classes. They are
 * found through the class loader and not through {@code java.class.path}, which names the real
 * class path neither in a packaged Quarkus application nor in dev mode nor in a test run.
 *
 * @param places jars and class folders in order, those the AOT cache was made with first
 * @param aotCache the AOT cache (JEP 483) made for the first of them, if there is one
 */
public record WorkerClassPath(List<Path> places, Optional<Path> aotCache) {

    private static final System.Logger LOG = System.getLogger("org.processpool.pool");

    /** One class of each part every worker needs. The order is that of the AOT cache. */
    private static final List<String> MARKERS =
            List.of(
                    "org/processpool/worker/WorkerMain.class",
                    "com/fasterxml/jackson/core/JsonFactory.class",
                    "com/fasterxml/jackson/dataformat/cbor/CBORFactory.class");

    public WorkerClassPath {
        places = List.copyOf(places);
    }

    /**
     * What every worker needs, then the places of the given classes, then further places.
     *
     * @throws IllegalArgumentException if a place does not exist
     */
    static WorkerClassPath of(List<Class<?>> classes, List<Path> further) {
        Set<Path> places = new LinkedHashSet<>();
        ClassLoader ours = WorkerClassPath.class.getClassLoader();
        for (String marker : MARKERS) {
            places.add(
                    place(marker, ours)
                            .orElseThrow(() ->
                                    new IllegalStateException(
                                            marker + " is not on the class path")));
        }
        List<Path> base = List.copyOf(places);
        for (Class<?> type : classes) {
            String resource = type.getName().replace('.', '/') + ".class";
            place(resource, type.getClassLoader()).ifPresent(places::add);
        }
        places.addAll(existing(further));
        return new WorkerClassPath(new ArrayList<>(places), cacheFor(base));
    }

    /**
     * Given places and nothing else, for a process that has no classes on disk itself.
     *
     * @throws IllegalArgumentException if a place does not exist, or if what every worker needs is
     *     in none of them
     */
    static WorkerClassPath only(List<Path> given) throws IOException {
        List<Path> places = existing(given);
        List<Path> base = new ArrayList<>();
        for (String marker : MARKERS) {
            Path place = null;
            for (Path candidate : places) {
                if (place == null && holds(candidate, marker)) {
                    place = candidate;
                }
            }
            if (place == null) {
                throw new IllegalArgumentException(
                        ("classPath has to hold %s: in a native executable a worker that is a JVM"
                                        + " finds its classes there only")
                                .formatted(marker));
            }
            base.add(place);
        }
        if (!places.subList(0, base.size()).equals(base)) {
            return new WorkerClassPath(places, Optional.empty()); // the cache's began otherwise
        }
        return new WorkerClassPath(places, cacheFor(base));
    }

    private static List<Path> existing(List<Path> given) {
        List<Path> places = new ArrayList<>();
        for (Path path : given) {
            if (!Files.exists(path)) {
                throw new IllegalArgumentException(
                        "classPath names a place that is not there: " + path);
            }
            places.add(path.toAbsolutePath());
        }
        return places;
    }

    private static boolean holds(Path place, String resource) throws IOException {
        if (Files.isDirectory(place)) {
            return Files.exists(place.resolve(resource));
        }
        try (ZipFile jar = new ZipFile(place.toFile())) {
            return jar.getEntry(resource) != null;
        }
    }

    /** The places as one string for the {@code -cp} flag. */
    String joined() {
        StringBuilder joined = new StringBuilder();
        for (Path place : places) {
            joined.append(joined.isEmpty() ? "" : File.pathSeparator).append(place);
        }
        return joined.toString();
    }

    /**
     * The cache lies beside the folder of the jar with the worker, as the build leaves it, with the
     * checksums of the jars it was made from. The JVM itself does not look whether a jar has
     * changed since and would run the old code, so a cache without fitting checksums is not used.
     */
    private static Optional<Path> cacheFor(List<Path> jars) {
        Path folder = jars.getFirst().getParent();
        if (folder == null || !jars.stream().allMatch(Files::isRegularFile)) {
            return Optional.empty(); // classes in folders cannot be cached
        }
        for (Path cache :
                List.of(folder.resolve("worker.aot"), folder.resolveSibling("worker.aot"))) {
            Path sums = cache.resolveSibling("worker.aot.sha256");
            if (Files.isReadable(cache) && Files.isReadable(sums)) {
                try {
                    if (madeFrom(jars, Files.readAllLines(sums))) {
                        return Optional.of(cache);
                    }
                    LOG.log(
                            System.Logger.Level.WARNING,
                            "workers start without AOT cache, several times slower: {0} was made"
                                    + " from other jars than those on the class path",
                            cache);
                } catch (IOException unreadable) {
                    LOG.log(
                            System.Logger.Level.WARNING,
                            "workers start without AOT cache, several times slower: " + cache,
                            unreadable);
                }
            }
        }
        return Optional.empty();
    }

    private static boolean madeFrom(List<Path> jars, List<String> sums) throws IOException {
        if (sums.size() != jars.size()) {
            return false;
        }
        for (int i = 0; i < sums.size(); i++) {
            if (!sums.get(i).startsWith(checksum(jars.get(i)) + " ")) {
                return false;
            }
        }
        return true;
    }

    private static String checksum(Path file) throws IOException {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            return HexFormat.of().formatHex(digest.digest(Files.readAllBytes(file)));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible); // every JDK has it
        }
    }

    private static Optional<Path> place(String resource, @Nullable ClassLoader loader) {
        URL url =
                loader == null
                        ? ClassLoader.getSystemResource(resource)
                        : loader.getResource(resource);
        return url == null ? Optional.empty() : place(url, resource);
    }

    /**
     * The jar or folder a resource was found in.
     *
     * @param url where the resource was found
     * @param resource its name
     */
    private static Optional<Path> place(URL url, String resource) {
        try {
            String text = url.toString();
            if (text.startsWith("jar:file:") && text.endsWith("!/" + resource)) {
                String file = text.substring(4, text.length() - resource.length() - 2);
                return Optional.of(Path.of(new URI(file)));
            }
            if (text.startsWith("file:") && text.endsWith("/" + resource)) {
                return Optional.of(
                        Path.of(new URI(text.substring(0, text.length() - resource.length()))));
            }
            return Optional.empty(); // the JDK's own image, or nothing on disk
        } catch (URISyntaxException broken) {
            throw new IllegalArgumentException("cannot tell where " + url + " is", broken);
        }
    }
}
