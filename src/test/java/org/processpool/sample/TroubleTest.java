package org.processpool.sample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.processpool.task.Payload;

/**
 * That the trouble makers make the trouble they promise; the deadly ones do it in a JVM of their
 * own.
 */
@Timeout(60)
class TroubleTest {

    private final TestContext context = new TestContext();

    @TempDir Path directory;

    /** Runs one task in a JVM that the test can do without. */
    static final class Victim {
        public static void main(String... task) throws Exception {
            var context = new TestContext();
            switch (task[0]) {
                case "crash" -> new Crash().run(task[1], context);
                case "crash-by-default" -> new Crash().run(null, context);
                case "exit" -> new Exit().run(new Exit.Input(3, false), context);
                case "halt" -> new Exit().run(new Exit.Input(4, true), context);
                case "hog" -> new Hog().run(new Hog.Input("heap", 0, false), context);
                case "chatter" -> new Chatter().run(new Chatter.Input(100_001, "child"), context);
                default -> throw new AssertionError(task[0]);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "134, crash-by-default",
        "134, crash SEGV",
        "134, crash ABRT",
        "137, crash KILL",
        "143, crash TERM",
        "3, exit",
        "4, halt"
    })
    void a_deadly_task_ends_its_process_with_this_code(int exitCode, String task) throws Exception {
        assertThat(exitCodeOf(task.split(" ")))
                .as("exit code, log:\n%s", log())
                .isEqualTo(exitCode);
    }

    @Test
    void a_hog_without_end_meets_the_limit_of_the_heap() throws Exception {
        assertThat(exitCodeOf("hog")).isEqualTo(1);
        assertThat(log()).contains("OutOfMemoryError");
    }

    private String log() throws IOException {
        return Files.readString(directory.resolve("log"));
    }

    private int exitCodeOf(String... task) throws IOException, InterruptedException {
        var command =
                new ArrayList<>(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Xmx32m",
                                "-cp",
                                System.getProperty("java.class.path"),
                                Victim.class.getName()));
        command.addAll(List.of(task));
        return new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("log").toFile())
                .start()
                .waitFor();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "9", "segv", "KILL 1;"})
    void what_is_not_the_name_of_a_signal_is_refused(String signal) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Crash().run(signal, context))
                .withMessageContaining("'" + signal + "'");
    }

    @Test
    void a_signal_nobody_knows_is_refused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Crash().run("NONSENSE", context))
                .withMessageContaining("'NONSENSE' was refused");
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 256})
    void an_exit_code_no_process_can_have_is_refused(int code) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Exit.Input(code, true))
                .withMessageContaining("was " + code);
    }

    @Test
    void a_hanging_task_heeds_no_interrupt() throws InterruptedException {
        var thread =
                Thread.ofPlatform()
                        .daemon()
                        .start(() -> new Hang().run(new Hang.Input(false), context));
        thread.interrupt();
        assertThat(thread.join(Duration.ofMillis(300))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"heap", "native"})
    void a_hog_takes_what_it_was_told_to(String kind) throws InterruptedException {
        assertThat(new Hog().run(new Hog.Input(kind, 3, false), context)).isEqualTo(3);
        assertThat(context.progress).endsWith(new TestContext.Progress(3, 3));
    }

    @Test
    void a_hog_stops_taking_when_cancelled() {
        assertThatExceptionOfType(CancellationException.class)
                .isThrownBy(() ->
                        new Hog()
                                .run(
                                        new Hog.Input("native", 1 << 20, true),
                                        TestContext.ofCancelledCall()));
    }

    @Test
    void native_memory_is_never_taken_without_end() {
        assertThatIllegalArgumentException().isThrownBy(() -> new Hog.Input("native", 0, false));
        assertThatIllegalArgumentException().isThrownBy(() -> new Hog.Input("disk", 1, false));
    }

    @Test
    void chatter_prints_so_many_bytes_without_a_newline() throws Exception {
        var stdout = System.out;
        var printed = new ByteArrayOutputStream();
        System.setOut(new PrintStream(printed, false, StandardCharsets.UTF_8));
        try {
            new Chatter().run(new Chatter.Input(100_001, "stdout"), context);
        } finally {
            System.setOut(stdout);
        }
        assertThat(printed.toByteArray()).hasSize(100_001).doesNotContain('\n');
    }

    @Test
    void a_child_can_chatter_on_the_file_descriptor_too() throws Exception {
        assertThat(exitCodeOf("chatter")).as("exit code").isZero();
        assertThat(log()).hasSize(100_001).doesNotContain("\n");
    }

    @Test
    void chatter_refuses_a_place_it_does_not_know() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Chatter().run(new Chatter.Input(1, "wall"), context))
                .withMessageContaining("'wall'");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void grandchildren_live_after_the_call(boolean detached) throws Exception {
        var input = new Grandchild.Input(2, detached, "return");
        var pids = new Grandchild().run(input, context);
        try {
            assertThat(context.parts).containsExactly(pids);
            assertThat(pids)
                    .hasSize(2)
                    .allSatisfy(pid -> {
                        var process = ProcessHandle.of(pid).orElseThrow();
                        var parent = process.parent().map(ProcessHandle::pid);
                        assertThat(process.isAlive()).isTrue();
                        assertThat(parent.equals(Optional.of(ProcessHandle.current().pid())))
                                .isEqualTo(!detached);
                    });
        } finally {
            pids.forEach(pid -> ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly));
        }
    }

    @ParameterizedTest
    @CsvSource({"huge-length, 2147483647", "negative-length, -1", "half-frame, 1048576"})
    void a_frame_of_garbage_claims_a_length_it_does_not_have(String kind, int length)
            throws IOException {
        var line = Files.createFile(directory.resolve("line"));
        assertThat(new Garbage(line).run(kind, context)).isEqualTo(13);
        var written = ByteBuffer.wrap(Files.readAllBytes(line));
        assertThat(written.remaining()).isEqualTo(13);
        assertThat(written.getInt()).isEqualTo(length);
    }

    @Test
    void a_flood_is_a_million_whole_frames() throws IOException {
        var line = Files.createFile(directory.resolve("line"));
        assertThat(new Garbage(line).run("flood", context)).isEqualTo(13_000_000);
        assertThat(line).hasSize(13_000_000);
        try (var bytes = Files.newInputStream(line)) {
            assertThat(bytes.readNBytes(13))
                    .containsExactly(0, 0, 0, 9, 120, 0, 0, 0, 0, 0, 0, 0, 0);
        }
    }

    @Test
    void garbage_of_no_known_kind_is_refused() throws IOException {
        var line = Files.createFile(directory.resolve("line"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Garbage(line).run("rubbish", context))
                .withMessageContaining("'rubbish'");
    }

    @Test
    void the_unprintable_exception_says_nothing() {
        assertThatExceptionOfType(UnsupportedOperationException.class)
                .isThrownBy(() -> {
                    try {
                        new Unprintable().run(Payload.json("null"), context);
                    } catch (RuntimeException unspeakable) {
                        throw new AssertionError(unspeakable.getMessage());
                    }
                });
    }

    @Test
    void the_unencodable_result_is_a_thread() {
        assertThat(new Unencodable().run(Payload.json("null"), context)).isInstanceOf(Thread.class);
    }
}
