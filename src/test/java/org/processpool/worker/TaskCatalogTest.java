package org.processpool.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.processpool.task.Task;
import org.processpool.task.TaskContext;
import org.processpool.task.TaskDefinition;
import org.processpool.wire.TaskDescription;

/** Which of the registered tasks a worker offers. */
class TaskCatalogTest {

    @TaskDefinition(name = "test.powerful", restricted = true)
    public static final class Powerful implements Task<String, String> {
        @Override
        public String run(String input, TaskContext context) {
            return input;
        }
    }

    @TaskDefinition(name = "test.worst", restricted = true, trouble = true)
    public static final class Worst implements Task<String, String> {
        @Override
        public String run(String input, TaskContext context) {
            throw new IllegalStateException(input);
        }
    }

    private final ClassLoader before = Thread.currentThread().getContextClassLoader();

    @BeforeEach
    void register_them(@TempDir Path directory) throws IOException {
        Path services = Files.createDirectories(directory.resolve("META-INF/services"));
        Files.writeString(
                services.resolve(Task.class.getName()),
                Powerful.class.getName() + "\n" + Worst.class.getName());
        Thread.currentThread()
                .setContextClassLoader(
                        new URLClassLoader(new URL[] {directory.toUri().toURL()}, before));
    }

    @AfterEach
    void forget_them() {
        Thread.currentThread().setContextClassLoader(before);
    }

    @Test
    void what_is_restricted_is_offered_only_where_its_name_was_given() {
        assertThat(names(false, Set.of())).contains("echo").doesNotContain("test.powerful");
        assertThat(names(false, Set.of("test.other"))).doesNotContain("test.powerful");
        assertThat(names(false, Set.of("test.powerful"))).contains("echo", "test.powerful");
    }

    @Test
    void to_offer_trouble_does_not_lift_a_restriction_nor_the_other_way_round() {
        assertThat(names(true, Set.of())).contains("crash").doesNotContain("test.worst");
        assertThat(names(false, Set.of("test.worst"))).doesNotContain("test.worst");
        assertThat(names(true, Set.of("test.worst"))).contains("test.worst");
    }

    private static Set<String> names(boolean trouble, Set<String> offer) {
        return new TaskCatalog(trouble, offer)
                .describe().stream()
                        .map(TaskDescription::name)
                        .map(Object::toString)
                        .collect(java.util.stream.Collectors.toSet());
    }
}
