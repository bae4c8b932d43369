package org.processpool.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.dataformat.cbor.CBORFactory;
import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.processpool.task.Payload;
import org.processpool.wire.Codec;
import org.processpool.wire.Message.Define;
import org.processpool.wire.Message.Done;
import org.processpool.wire.Message.InitFailed;
import org.processpool.wire.Message.Ready;
import org.processpool.wire.Message.Run;
import org.processpool.wire.Message.Said;
import org.processpool.wire.Message.Stop;
import org.processpool.wire.Message.ToParent;
import org.processpool.wire.Message.ToWorker;
import org.processpool.wire.ProcessTree;
import org.processpool.wire.StreamChannel;

/** Real worker processes. */
@EnabledOnOs({OS.LINUX, OS.MAC})
class WorkerMainTest {

    @TempDir Path directory;

    private @Nullable Process process;
    private @Nullable StreamChannel<ToWorker, ToParent> channel;

    private static String classPath() throws URISyntaxException {
        List<String> places = new ArrayList<>();
        for (Class<?> type :
                List.of(WorkerMain.class, Deeds.class, JsonFactory.class, CBORFactory.class)) {
            var place = type.getProtectionDomain().getCodeSource().getLocation();
            places.add(Path.of(place.toURI()).toString());
        }
        return String.join(File.pathSeparator, places);
    }

    private void start(List<String> wrapper, List<String> options) throws Exception {
        List<String> command = new ArrayList<>(wrapper);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-XX:+UseSerialGC", "-Xmx64m"));
        command.addAll(options);
        command.addAll(List.of("-cp", classPath(), WorkerMain.class.getName()));
        var builder = new ProcessBuilder(command).redirectError(log().toFile());
        builder.environment().put(ProcessTree.TOKEN, UUID.randomUUID().toString());
        Process started = builder.start();
        process = started;
        channel =
                StreamChannel.parentSide(
                        started.getInputStream(),
                        started.getOutputStream(),
                        WorkerInThread.MAX_PAYLOAD);
    }

    private void startReady() throws Exception {
        start(List.of(), List.of());
        send(WorkerInThread.hello(null, null));
        assertThat(channel.receive()).isInstanceOf(Ready.class);
    }

    private Path log() {
        return directory.resolve("log");
    }

    private void send(ToWorker... messages) throws IOException {
        channel.send(List.of(messages));
    }

    private void run(int callId, String deed, Payload input, boolean star) throws IOException {
        send(
                new Define(callId, WorkerInThread.deed(deed)),
                new Run(callId, callId, 1, star, input));
    }

    private @Nullable Object call(int callId, String deed, Payload input, boolean star)
            throws IOException {
        run(callId, deed, input, star);
        return Codec.decode(((Done) channel.receive()).output(), Object.class);
    }

    private int exitCode(Duration limit) throws InterruptedException {
        assertThat(process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)).isTrue();
        return process.exitValue();
    }

    @AfterEach
    void clean() throws InterruptedException {
        if (process != null) {
            process.destroyForcibly().waitFor();
        }
    }

    @Test
    void it_serves_and_stops_with_0() throws Exception {
        startReady();
        assertThat(call(1, "square", Codec.encode(12), false)).isEqualTo(144);
        send(new Stop());
        assertThat(exitCode(Duration.ofSeconds(5))).isZero();
    }

    @Test
    void what_user_code_prints_goes_to_the_log_before_the_answer_and_it_reads_nothing()
            throws Exception {
        startReady();
        call(1, "print", Codec.encode("no newline"), false);
        assertThat(Files.readString(log())).isEqualTo("no newline");
        assertThat(call(2, "input", Codec.encodeArguments(List.of()), true)).isEqualTo(-1);
    }

    @Test
    void what_was_printed_or_flushed_just_before_a_sudden_death_has_been_told() throws Exception {
        startReady();
        send(
                new Define(1, WorkerInThread.deed("printAndHalt")),
                new Run(1, 1, 1, false, true, 0, Codec.encode("last words")));
        assertThat(channel.receive()).isEqualTo(new Said(1, false, "last words\n"));
        assertThat(channel.receive()).isEqualTo(new Said(1, true, "last words"));
        assertThat(channel.receive()).isNull();
        assertThat(Files.readString(log())).isEqualTo("last words\nlast words");
    }

    @Test
    void other_descriptors_can_carry_the_protocol_so_that_native_output_is_log_too()
            throws Exception {
        start(
                List.of("sh", "-c", "exec 3<&0 4>&1 0</dev/null 1>&2; exec \"$@\"", "sh"),
                List.of("-Dprocess-pool.fds=3,4", "-Xlog:safepoint*=info:stdout"));
        send(WorkerInThread.hello(null, null));
        assertThat(channel.receive()).isInstanceOf(Ready.class);
        assertThat(call(1, "square", Codec.encode(2), false)).isEqualTo(4);
        send(new Stop());
        assertThat(exitCode(Duration.ofSeconds(5))).isZero();
    }

    @Test
    void a_failed_initializer_ends_it_with_70() throws Exception {
        start(List.of(), List.of());
        send(
                WorkerInThread.hello(
                        WorkerInThread.deed("fail"), Codec.encodeArguments(List.of("no"))));
        assertThat(channel.receive()).isInstanceOf(InitFailed.class);
        assertThat(exitCode(Duration.ofSeconds(5))).isEqualTo(70);
    }

    @Test
    void a_parent_that_talks_nonsense_ends_it_with_71() throws Exception {
        startReady();
        process.getOutputStream().write("GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.UTF_8));
        process.getOutputStream().flush();
        assertThat(exitCode(Duration.ofSeconds(5))).isEqualTo(71);
    }

    @Test
    void without_a_parent_it_is_gone_within_2_seconds_also_when_busy_and_with_its_children()
            throws Exception {
        startReady();
        int child = (int) call(1, "leaveChild", Codec.encodeArguments(List.of()), true);
        ProcessHandle leftBehind = ProcessHandle.of(child).orElseThrow();
        call(2, "hangAtExit", Codec.encodeArguments(List.of()), true);
        run(3, "sleepForGood", Codec.encodeArguments(List.of()), true);
        process.getOutputStream().close();
        assertThat(exitCode(Duration.ofSeconds(2))).isEqualTo(72);
        await().until(() -> !leftBehind.isAlive() || leftBehind.info().command().isEmpty());
    }

    @Test
    void an_idle_worker_without_a_parent_is_gone_too() throws Exception {
        startReady();
        process.getOutputStream().close();
        assertThat(exitCode(Duration.ofSeconds(2))).isEqualTo(72);
    }

    @Test
    void a_hook_that_hangs_does_not_keep_it_from_stopping() throws Exception {
        startReady();
        call(1, "hangAtExit", Codec.encodeArguments(List.of()), true);
        send(new Stop());
        assertThat(exitCode(Duration.ofSeconds(5))).isZero();
    }

    @Test
    void training_ends_well() throws Exception {
        var builder =
                new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        classPath(),
                        WorkerMain.class.getName(),
                        "--train");
        process = builder.redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).describedAs(said).isZero();
        assertThat(said).contains("training heard");
    }
}
