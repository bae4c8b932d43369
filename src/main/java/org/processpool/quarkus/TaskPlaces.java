package org.processpool.quarkus;

import java.io.IOException;
import java.net.JarURLConnection;
import java.net.URI;
import java.net.URL;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.processpool.task.Conversation;
import org.processpool.task.Task;

/** The jars and class folders that register a task or a conversation: workers need them. */
final class TaskPlaces {

    private TaskPlaces() {}

    /** Those that the class loader sees, in its order. */
    static List<Path> of(ClassLoader loader) throws IOException {
        Set<Path> places = new LinkedHashSet<>();
        for (Class<?> service : List.of(Task.class, Conversation.class)) {
            String file = "META-INF/services/" + service.getName();
            for (URL found : Collections.list(loader.getResources(file))) {
                switch (found.getProtocol()) {
                    case "file" -> places.add(folder(Path.of(URI.create(found.toString())), file));
                    case "jar" -> places.add(jar(found));
                    default -> {} // in memory only, such as what Quarkus generates
                }
            }
        }
        return List.copyOf(places);
    }

    private static Path folder(Path found, String file) {
        Path folder = found;
        for (int i = 0; i < Path.of(file).getNameCount(); i++) {
            Path parent = folder.getParent();
            if (parent == null) {
                throw new IllegalStateException("%s does not end in %s".formatted(found, file));
            }
            folder = parent;
        }
        return folder;
    }

    private static Path jar(URL found) throws IOException {
        URL jar = ((JarURLConnection) found.openConnection()).getJarFileURL();
        return Path.of(URI.create(jar.toString()));
    }
}
