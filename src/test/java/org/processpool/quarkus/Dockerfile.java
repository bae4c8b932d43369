package org.processpool.quarkus;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What a Dockerfile says, and the files it would put into an image. Nothing is run.
 *
 * @param copies sources, the last one being the target
 * @param environment variables of the image
 * @param volumes places that may be written
 * @param user user and group, by number
 * @param entrypoint what is started
 * @param instructions all, in order, one a line
 */
record Dockerfile(
        List<List<String>> copies,
        Map<String, String> environment,
        List<String> volumes,
        String user,
        List<String> entrypoint,
        List<String> instructions) {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern VARIABLE = Pattern.compile("(\\w+)=(\\S+)");

    static Dockerfile of(Path file) throws IOException {
        List<List<String>> copies = new ArrayList<>();
        Map<String, String> environment = new LinkedHashMap<>();
        List<String> volumes = new ArrayList<>();
        List<String> instructions = new ArrayList<>();
        String user = "";
        List<String> entrypoint = List.of();
        String whole =
                Files.readString(file).replaceAll("(?m)^\\s*#.*\\n", "").replace("\\\n", " ");
        for (String line : whole.lines().map(String::strip).filter(l -> !l.isEmpty()).toList()) {
            instructions.add(line.replaceAll("\\s+", " "));
            String[] words = line.split("\\s+", 2);
            switch (words[0]) {
                case "COPY" -> copies.add(List.of(words[1].split("\\s+", -1)));
                case "ENV" -> {
                    Matcher variables = VARIABLE.matcher(words[1]);
                    while (variables.find()) {
                        environment.put(variables.group(1), variables.group(2));
                    }
                }
                case "VOLUME" -> volumes.addAll(list(words[1]));
                case "USER" -> user = words[1];
                case "ENTRYPOINT" -> entrypoint = list(words[1]);
                case "ARG", "FROM", "RUN", "EXPOSE", "WORKDIR", "STOPSIGNAL" -> {}
                default -> throw new IllegalArgumentException("what does this do? " + line);
            }
        }
        return new Dockerfile(copies, environment, volumes, user, entrypoint, instructions);
    }

    private static List<String> list(String json) throws IOException {
        return JSON.readerForListOf(String.class).readValue(json);
    }

    /**
     * Copies what it copies.
     *
     * @param context where its sources are
     * @param root what is / in the image
     */
    void layOut(Path context, Path root) throws IOException {
        for (List<String> copy : copies) {
            String target = copy.getLast();
            for (String source : copy.subList(0, copy.size() - 1)) {
                for (Path found : matching(context, source)) {
                    Path place = root.resolve(target.substring(1));
                    if (Files.isDirectory(found)) {
                        copyFolder(found, place);
                    } else {
                        Path file =
                                target.endsWith("/") ? place.resolve(found.getFileName()) : place;
                        Files.createDirectories(file.getParent());
                        Files.copy(found, file);
                    }
                }
            }
        }
    }

    private static List<Path> matching(Path context, String source) throws IOException {
        Path place = context.resolve(source);
        PathMatcher matcher = FileSystems.getDefault().getPathMatcher("glob:" + place);
        try (Stream<Path> files = Files.list(place.getParent())) {
            List<Path> found = files.filter(matcher::matches).toList();
            if (found.isEmpty()) {
                throw new IOException("nothing to copy: " + place);
            }
            return found;
        }
    }

    private static void copyFolder(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Path place = to.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(place);
                } else {
                    Files.copy(file, place);
                }
            }
        }
    }
}
