package org.processpool.quarkus;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InvalidClassException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/**
 * What becomes of serialized Java objects; in processes of their own, as it holds for a process.
 */
class RefusedObjectsTest {

    /** Reads one, and says whether it could. */
    static final class Reading {
        private Reading() {}

        public static void main(String[] none) throws Exception {
            RefusedObjects.refuse();
            var bytes = new ByteArrayOutputStream();
            try (var out = new ObjectOutputStream(bytes)) {
                out.writeObject(new ArrayList<>(List.of("harmless")));
            }
            try (var in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
                System.out.print("read " + in.readObject());
            } catch (InvalidClassException refused) {
                System.out.print("refused");
            }
        }
    }

    private static String read(String... flags) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(flags));
        command.add("-cp");
        command.add(
                Objects.requireNonNullElseGet(
                        System.getProperty("surefire.test.class.path"),
                        () -> System.getProperty("java.class.path")));
        command.add(Reading.class.getName());
        Process process = new ProcessBuilder(command).start();
        return new String(process.getInputStream().readAllBytes(), UTF_8);
    }

    @Test
    void none_are_read() throws Exception {
        assertThat(read()).isEqualTo("refused");
    }

    @Test
    void those_are_read_that_an_operator_names() throws Exception {
        assertThat(read("-Djdk.serialFilter=java.base/*;!*")).isEqualTo("read [harmless]");
    }
}
