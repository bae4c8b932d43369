package org.processpool.quarkus;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.OutputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TaskPlacesTest {
    private static final String TASKS = "META-INF/services/org.processpool.task.Task";
    private static final String CONVERSATIONS =
            "META-INF/services/org.processpool.task.Conversation";

    @TempDir Path directory;

    @Test
    void finds_folders_and_jars_that_register_something() throws Exception {
        Path folder = directory.resolve("folder with blank");
        Files.createDirectories(folder.resolve("META-INF/services"));
        Files.createFile(folder.resolve(TASKS));
        Files.createFile(folder.resolve(CONVERSATIONS));
        Path jar = jar("talk + more.jar", CONVERSATIONS);
        Path other = jar("other.jar", "META-INF/services/java.sql.Driver");
        URL[] urls = {folder.toUri().toURL(), jar.toUri().toURL(), other.toUri().toURL()};
        try (var loader = new URLClassLoader(urls, null)) {
            assertThat(TaskPlaces.of(loader)).containsExactly(folder, jar);
        }
    }

    private Path jar(String name, String entry) throws Exception {
        Path jar = directory.resolve(name);
        try (OutputStream file = Files.newOutputStream(jar);
                var out = new JarOutputStream(file)) {
            out.putNextEntry(new JarEntry(entry));
            out.closeEntry();
        }
        return jar;
    }
}
