package org.processpool.pool;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The sandbox that {@code bwrap} (Bubblewrap) makes: namespaces of its own for processes, network,
 * IPC, host name and users, no capabilities, and a file system that holds what a JVM needs,
 * read-only, and the worker's own directory.
 *
 * <pre>
 *   bwrap (the child the pool waits for; ends with the worker's exit code)
 *     └ bwrap (process 1 in there: when it goes the kernel kills all in there)
 *         └ the worker (process 2 in there)
 * </pre>
 *
 * <p>The outer one dies with the thread that started it, and the others with it, so nobody is left
 * when the parent is killed.
 */
final class Bubblewrap {

    /**
     * Of the system, for programs to run, names to be known and certificates to be checked. Not
     * /etc/ssl as a whole: it holds private keys, too.
     */
    private static final List<String> SYSTEM =
            List.of(
                    "/usr",
                    "/bin",
                    "/sbin",
                    "/lib",
                    "/lib32",
                    "/lib64",
                    "/etc/alternatives",
                    "/etc/ca-certificates",
                    "/etc/crypto-policies",
                    "/etc/fonts",
                    "/etc/ld.so.cache",
                    "/etc/ld.so.conf",
                    "/etc/ld.so.conf.d",
                    "/etc/localtime",
                    "/etc/pki/ca-trust",
                    "/etc/pki/java",
                    "/etc/pki/tls/cert.pem",
                    "/etc/pki/tls/certs",
                    "/etc/ssl/certs",
                    "/etc/ssl/openssl.cnf",
                    "/etc/timezone");

    private static final Path ETC = Path.of("/etc");

    /**
     * Tells the pool that it is there, hears by which number it is known out here, and becomes the
     * worker.
     */
    private static final String MEET =
            "echo >&4; read -r pid <&3 || exit 1; program=$1; shift;"
                    + " exec \"$program\" \"-Dprocess-pool.pid=$pid\" \"$@\"";

    /** Guarded by the class. */
    private static @Nullable Bubblewrap here;

    /**
     * A namespace of users in which nobody can make another; older ones cannot promise that, and
     * root may do without where there can be none.
     */
    private static final List<List<String>> USERS =
            List.of(
                    List.of("--unshare-user", "--disable-userns"),
                    List.of("--unshare-user"),
                    List.of());

    /**
     * Nothing in /proc may be written, as its files believe the number of a user, which in there is
     * that of the parent: root could name a program there that the kernel runs outside.
     */
    private static final List<String> CLOSED =
            List.of("--remount-ro", "/proc", "--remount-ro", "/dev", "--remount-ro", "/");

    private final Path bwrap;
    private final List<String> users;

    private Bubblewrap(Path bwrap, List<String> users) {
        this.bwrap = bwrap;
        this.users = users;
    }

    /**
     * The one of this machine, which is tried until it has worked once.
     *
     * @throws IOException saying why there can be no sandbox
     */
    static synchronized Bubblewrap here() throws IOException {
        Bubblewrap found = here;
        if (found == null) {
            found = find(Launcher::onPath);
            here = found;
        }
        return found;
    }

    /**
     * @param lookup where a program is, by its name
     * @throws IOException saying why there can be no sandbox
     */
    static Bubblewrap find(Function<String, Optional<Path>> lookup) throws IOException {
        Path bwrap =
                lookup.apply("bwrap")
                        .orElseThrow(() ->
                                new IOException(
                                        "there is no program bwrap on the PATH (it comes with the"
                                                + " package bubblewrap)"));
        IOException first = null;
        for (List<String> users : USERS) {
            var found = new Bubblewrap(bwrap, users);
            List<String> trial = found.beginning();
            trial.addAll(CLOSED);
            trial.addAll(List.of("--", "/bin/sh", "-c", ":"));
            try {
                Launcher.run(trial);
                return found;
            } catch (IOException failed) {
                first = first == null ? failed : first;
            }
        }
        throw new IOException(
                "%s does not work: %s".formatted(bwrap, first == null ? "" : first.getMessage()),
                first);
    }

    /**
     * A worker's command line in a sandbox.
     *
     * @param line its command line; first the program
     * @param start what it is made from
     * @param directory its own directory
     * @param shelves its directory in shared memory
     */
    List<String> around(
            List<String> line,
            WorkerCommand.Separate start,
            Optional<Path> workingDirectory,
            Path directory,
            Optional<Path> shelves)
            throws IOException {
        List<String> words = beginning();
        bind(words, "--bind", Files.createDirectory(directory.resolve("tmp")), Path.of("/tmp"));
        workingDirectory.ifPresent(place -> bind(words, "--bind", place));
        switch (start) {
            case WorkerCommand.Jvm jvm -> {
                home(jvm.java()).ifPresent(place -> bind(words, "--ro-bind", place));
                jvm.classPath().places().forEach(place -> bind(words, "--ro-bind-try", place));
                jvm.classPath().aotCache().ifPresent(cache -> bind(words, "--ro-bind", cache));
            }
            case WorkerCommand.Native(Path executable, _) -> bind(words, "--ro-bind", executable);
        }
        bind(words, "--bind", directory);
        shelves.ifPresent(place -> bind(words, "--bind", place));
        words.addAll(CLOSED);
        words.add("--chdir");
        words.add(workingDirectory.orElse(directory).toAbsolutePath().toString());
        words.addAll(List.of("--", "/bin/sh", "-c", MEET, "process-pool-worker"));
        words.addAll(line);
        return words;
    }

    /** The JDK; one that lies among the system's programs is there already. */
    private static Optional<Path> home(Path java) throws IOException {
        return Optional.ofNullable(java.toRealPath().getParent())
                .map(Path::getParent)
                .filter(place -> place.getNameCount() > 0);
    }

    /** Everything but the worker's own. */
    private List<String> beginning() throws IOException {
        List<String> words = new ArrayList<>();
        words.add(bwrap.toString());
        words.addAll(users);
        words.addAll(
                List.of(
                        "--unshare-pid",
                        "--unshare-net",
                        "--unshare-ipc",
                        "--unshare-uts",
                        "--unshare-cgroup-try",
                        "--hostname",
                        "worker",
                        "--cap-drop",
                        "ALL",
                        "--new-session",
                        "--die-with-parent"));
        SYSTEM.forEach(place -> bind(words, "--ro-bind-try", Path.of(place)));
        try (DirectoryStream<Path> ofJava = Files.newDirectoryStream(ETC, "java*")) {
            ofJava.forEach(place -> bind(words, "--ro-bind-try", place)); // where JDKs point to
        } catch (DirectoryIteratorException unreadable) {
            throw unreadable.getCause();
        }
        words.addAll(List.of("--proc", "/proc", "--dev", "/dev"));
        return words;
    }

    private static void bind(List<String> words, String how, Path place) {
        bind(words, how, place, place);
    }

    private static void bind(List<String> words, String how, Path from, Path to) {
        words.add(how);
        words.add(from.toAbsolutePath().toString());
        words.add(to.toAbsolutePath().toString());
    }
}
