package org.processpool.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.processpool.task.Conversation;
import org.processpool.task.Payload;
import org.processpool.task.Payload.Encoding;
import org.processpool.task.Task;
import org.processpool.task.TaskContext;
import org.processpool.task.TaskDefinition;
import org.processpool.task.TaskName;
import org.processpool.wire.Codec;
import org.processpool.wire.Failure;
import org.processpool.wire.Message.Cancel;
import org.processpool.wire.Message.Catalog;
import org.processpool.wire.Message.ChunkDone;
import org.processpool.wire.Message.Define;
import org.processpool.wire.Message.Describe;
import org.processpool.wire.Message.Done;
import org.processpool.wire.Message.DumpThreads;
import org.processpool.wire.Message.End;
import org.processpool.wire.Message.Failed;
import org.processpool.wire.Message.Hello;
import org.processpool.wire.Message.InitFailed;
import org.processpool.wire.Message.Open;
import org.processpool.wire.Message.Part;
import org.processpool.wire.Message.Ping;
import org.processpool.wire.Message.Pong;
import org.processpool.wire.Message.Progress;
import org.processpool.wire.Message.Ready;
import org.processpool.wire.Message.Recall;
import org.processpool.wire.Message.Run;
import org.processpool.wire.Message.RunChunk;
import org.processpool.wire.Message.Said;
import org.processpool.wire.Message.Say;
import org.processpool.wire.Message.Skipped;
import org.processpool.wire.Message.Stop;
import org.processpool.wire.Message.Threads;
import org.processpool.wire.Message.ToParent;
import org.processpool.wire.ProtocolException;
import org.processpool.wire.SequenceReader;
import org.processpool.wire.SequenceWriter;
import org.processpool.wire.Target;
import org.processpool.wire.WorkerSide;

class WorkerLoopTest {

    @TaskDefinition(name = "test.shout", summary = "Shouts.", example = "\"hi\"", timeout = "PT1S")
    public static final class Shout implements Task<String, String> {
        private int calls;

        @Override
        public String run(String input, TaskContext context) {
            return input.toUpperCase(java.util.Locale.ROOT) + ++calls;
        }
    }

    @TaskDefinition(name = "test.twice")
    public static final class Twice implements Task<Integer, Integer> {
        @Override
        public Integer run(Integer input, TaskContext context) {
            return 2 * input;
        }
    }

    @TaskDefinition(name = "test.twice")
    public static final class TwiceAgain implements Task<Integer, Integer> {
        @Override
        public Integer run(Integer input, TaskContext context) {
            return 2 * input;
        }
    }

    @TaskDefinition(name = "test.bang", trouble = true)
    public static final class Bang implements Task<Integer, Integer> {
        @Override
        public Integer run(Integer input, TaskContext context) {
            throw new IllegalStateException("bang");
        }
    }

    @TaskDefinition(name = "test.sum")
    public static final class Sum implements Task<Deeds.Point, Integer> {
        @Override
        public Integer run(Deeds.Point input, TaskContext context) {
            return input.x() + input.y();
        }
    }

    @TaskDefinition(name = "test.memory")
    public static final class Memory implements Conversation<String, List<String>> {
        static final List<String> CLOSED = new ArrayList<>();
        private final List<String> heard = new ArrayList<>();

        @Override
        public List<String> reply(String message, TaskContext context) {
            if (message.isEmpty()) {
                throw new IllegalArgumentException("say something");
            }
            heard.add(message);
            return heard;
        }

        @Override
        public void close() {
            CLOSED.addAll(heard);
        }
    }

    @BeforeEach
    void reset() {
        Deeds.reset();
        Memory.CLOSED.clear();
    }

    private static Failure failure(ToParent answer, Failure.Kind kind) {
        assertThat(answer).isInstanceOf(Failed.class);
        Failure failure = ((Failed) answer).failure();
        assertThat(failure.kind()).describedAs("%s", failure).isEqualTo(kind);
        return failure;
    }

    private static Payload sequence(Encoding family, Object... items) {
        var writer = new SequenceWriter(family, 0);
        for (Object item : items) {
            writer.add(item);
        }
        return writer.payload();
    }

    /** A class loader that knows the tasks of this test by name. */
    private static ClassLoader registering(Path directory) throws IOException {
        Path services = Files.createDirectories(directory.resolve("META-INF/services"));
        Files.write(
                services.resolve(Task.class.getName()),
                List.of(
                        Shout.class.getName(),
                        Twice.class.getName(),
                        TwiceAgain.class.getName(),
                        Bang.class.getName(),
                        Sum.class.getName(),
                        "org.processpool.worker.NoSuchTask"));
        Files.write(
                services.resolve(Conversation.class.getName()), List.of(Memory.class.getName()));
        return new URLClassLoader(
                new URL[] {directory.toUri().toURL()}, WorkerLoopTest.class.getClassLoader());
    }

    private static Define named(int number, String name) {
        return new Define(number, new Target.Named(new TaskName(name)));
    }

    @Test
    void it_is_found_as_a_service() {
        assertThat(ServiceLoader.load(WorkerSide.class))
                .hasExactlyElementsOfTypes(InlineWorker.class);
    }

    @Test
    void calls_are_answered_in_the_order_they_arrive() throws Exception {
        try (var worker = WorkerInThread.ready()) {
            for (int i = 0; i < 300; i++) {
                worker.run(i, "square", i);
            }
            for (int i = 0; i < 300; i++) {
                Done done = worker.hear(Done.class);
                assertThat(done.callId()).isEqualTo(i);
                assertThat(Codec.decode(done.output(), int.class)).isEqualTo(i * i);
            }
        }
    }

    @Test
    void methods_of_every_kind_can_be_called() throws Exception {
        try (var worker = WorkerInThread.ready()) {
            var points = List.of(new Deeds.Point(1, 2));
            worker.send(
                    new Run(
                            1,
                            worker.number(WorkerInThread.deed("join")),
                            1,
                            true,
                            Codec.encodeArguments(List.of("ab", 2, points))));
            assertThat(worker.result()).isEqualTo("abab[Point[x=1, y=2]]");

            String point = Deeds.Point.class.getName();
            String type = Deeds.Point.class.descriptorString();
            var plus =
                    new Target.Method(point, "plus", "(" + type + ")" + type, Target.Kind.VIRTUAL);
            worker.send(
                    new Run(
                            2,
                            worker.number(plus),
                            1,
                            true,
                            Payload.json("[[1,2],{\"x\":3,\"y\":4}]")));
            assertThat(worker.hear(Done.class).output())
                    .isEqualTo(Payload.json("{\"x\":4,\"y\":6}"));

            var create = new Target.Method(point, "<init>", "(II)V", Target.Kind.CONSTRUCTOR);
            worker.send(new Run(3, worker.number(create), 1, true, Payload.json("[5,6]")));
            assertThat(worker.hear(Done.class).output())
                    .isEqualTo(Payload.json("{\"x\":5,\"y\":6}"));

            worker.run(4, "nothing");
            assertThat(worker.result()).isEqualTo("from nothing");

            var length =
                    new Target.Method("java.lang.String", "length", "()I", Target.Kind.VIRTUAL);
            worker.send(new Run(5, worker.number(length), 1, false, Codec.encode("four")));
            assertThat(worker.result()).isEqualTo(4);
        }
    }

    @Test
    void results_speak_the_language_of_their_input() throws Exception {
        try (var worker = WorkerInThread.ready()) {
            int echo = worker.number(WorkerInThread.deed("echo"));
            worker.send(new Run(1, echo, 1, false, Payload.json("{\"a\":[1,null]}")));
            assertThat(worker.hear(Done.class).output())
                    .isEqualTo(Payload.json("{\"a\":[1,null]}"));
            worker.send(new Run(2, echo, 1, false, Codec.encode("text")));
            assertThat(worker.hear(Done.class).output()).isEqualTo(Codec.encode("text"));
            worker.send(new Run(3, echo, 1, false, Payload.bytes(new byte[] {1})));
            assertThat(worker.hear(Done.class).output()).isEqualTo(Payload.bytes(new byte[] {1}));
        }
    }

    @Test
    void what_goes_wrong_says_whose_fault_it_is() throws Exception {
        try (var worker = WorkerInThread.ready()) {
            worker.run(1, "fail", "on purpose");
            Failure thrown = failure(worker.hear(), Failure.Kind.TASK);
            assertThat(thrown.type()).isEqualTo("java.lang.IllegalStateException");
            assertThat(thrown.message()).isEqualTo("on purpose");
            assertThat(thrown.stack())
                    .startsWith(
                            "java.lang.IllegalStateException: on purpose\n\tat org.processpool.worker.Deeds.fail(Deeds.java:")
                    .contains("Caused by: java.lang.RuntimeException: the cause")
                    .doesNotContain("TaskRunner", "java.lang.reflect", "jdk.internal");

            worker.run(2, "square", "abc");
            assertThat(failure(worker.hear(), Failure.Kind.INPUT).message())
                    .isEqualTo("expected a whole number of type int, got the string \"abc\"");

            worker.run(3, "odd", 1);
            assertThat(failure(worker.hear(), Failure.Kind.RESULT).message())
                    .startsWith("java.lang.Thread cannot travel");

            worker.run(4, "large", WorkerInThread.MAX_PAYLOAD + 1);
            assertThat(failure(worker.hear(), Failure.Kind.TOO_LARGE).message())
                    .isEqualTo("payload of 1,048,577 bytes is over the limit of 1,048,576 bytes");

            worker.run(5, "endless", 0);
            Failure overflow = failure(worker.hear(), Failure.Kind.TASK);
            assertThat(overflow.type()).isEqualTo("java.lang.StackOverflowError");
            assertThat(overflow.stack()).hasSizeLessThan(16 * 1024 + 1);

            worker.run(6, "nasty");
            assertThat(failure(worker.hear(), Failure.Kind.TASK).message())
                    .isEqualTo("(its getMessage threw java.lang.IllegalStateException)");

            worker.run(7, "cancelWithoutBeingAsked");
            failure(worker.hear(), Failure.Kind.TASK);

            worker.run(8, "square", 3);
            assertThat(worker.result()).isEqualTo(9);
        }
    }

    @Test
    void a_target_it_does_not_have_is_named_with_advice() throws Exception {
        try (var worker = WorkerInThread.ready()) {
            worker.send(
                    new Define(
                            1,
                            new Target.Method("com.acme.Pdf", "make", "()V", Target.Kind.STATIC)),
                    new Run(1, 1, 1, false, Codec.encode(null)));
            assertThat(failure(worker.hear(), Failure.Kind.TARGET).message())
                    .isEqualTo(
                            "the worker has no class com.acme.Pdf; its class path must include it"
                                    + " (builder.classPath)");
            worker.send(
                    new Define(
                            2,
                            new Target.Method(
                                    Deeds.class.getName(), "square", "(J)J", Target.Kind.STATIC)),
                    new Run(2, 2, 1, false, Codec.encode(null)));
            assertThat(failure(worker.hear(), Failure.Kind.TARGET).message())
                    .contains("has no square(J)J");
            worker.send(named(3, "no-such-task"), new Run(3, 3, 1, false, Codec.encode(null)));
            assertThat(failure(worker.hear(), Failure.Kind.TARGET).message())
                    .startsWith("no task is named 'no-such-task'; this worker has ");
            worker.send(new Run(4, 99, 1, false, Codec.encode(null)));
            failure(worker.hear(), Failure.Kind.TARGET);
        }
    }

    @Test
    void registered_tasks_are_found_and_described(@TempDir Path directory) throws Exception {
        try (var worker = WorkerInThread.ready(registering(directory))) {
            worker.send(
                    named(1, "test.shout"),
                    named(2, "test.twice"),
                    named(3, "test.bang"),
                    named(4, "test.sum"));
            worker.send(new Run(1, 1, 1, false, Codec.encode("hi")));
            assertThat(worker.result()).isEqualTo("HI1");
            worker.send(new Run(2, 1, 1, false, Payload.json("\"hi\"")));
            assertThat(worker.hear(Done.class).output()).isEqualTo(Payload.json("\"HI2\""));
            worker.send(new Run(3, 2, 1, false, Codec.encode(1)));
            assertThat(failure(worker.hear(), Failure.Kind.TARGET).message())
                    .startsWith("more than one task is named 'test.twice'");
            worker.send(new Run(4, 3, 1, false, Codec.encode(1)));
            failure(worker.hear(), Failure.Kind.TARGET); // trouble was not ordered
            worker.send(new Run(5, 4, 1, true, Payload.json("[3,4]")));
            assertThat(worker.hear(Done.class).output()).isEqualTo(Payload.json("7"));

            worker.send(new Describe(7));
            Catalog catalog = worker.hear(Catalog.class);
            assertThat(catalog.nonce()).isEqualTo(7);
            assertThat(catalog.tasks())
                    .filteredOn(task -> task.name().value().startsWith("test."))
                    .extracting(task -> task.name().value())
                    .containsExactlyInAnyOrder("test.shout", "test.sum", "test.memory");
            assertThat(catalog.tasks())
                    .filteredOn(task -> task.name().value().equals("test.shout"))
                    .allSatisfy(task -> {
                        assertThat(task.summary()).isEqualTo("Shouts.");
                        assertThat(task.example()).isEqualTo("\"hi\"");
                        assertThat(task.timeout()).isEqualTo("PT1S");
                        assertThat(task.inputSchema()).contains("\"type\":\"string\"");
                    });
        }
    }

    @Test
    void a_conversation_keeps_its_memory_to_itself(@TempDir Path directory) throws Exception {
        try (var worker = WorkerInThread.ready(registering(directory))) {
            var name = new TaskName("test.memory");
            worker.send(new Open(1, 10, name), new Open(2, 20, name));
            assertThat(worker.result()).isNull();
            assertThat(worker.result()).isNull();
            worker.send(
                    new Say(3, 10, 1, Codec.encode("a")),
                    new Say(4, 20, 1, Codec.encode("b")),
                    new Say(5, 10, 1, Codec.encode("")),
                    new Say(6, 10, 1, Codec.encode("c")));
            assertThat(worker.result()).isEqualTo(List.of("a"));
            assertThat(worker.result()).isEqualTo(List.of("b"));
            failure(worker.hear(), Failure.Kind.TASK);
            assertThat(worker.result()).isEqualTo(List.of("a", "c"));
            worker.send(new End(6, 10), new Say(7, 10, 1, Codec.encode("d")));
            assertThat(worker.result()).isNull();
            assertThat(failure(worker.hear(), Failure.Kind.WORKER).message())
                    .isEqualTo("no conversation 10 is open here");
            assertThat(Memory.CLOSED).containsExactly("a", "c");
            worker.send(new Open(8, 30, new TaskName("test.none")));
            failure(worker.hear(), Failure.Kind.TARGET);
        }
    }

    @Test
    void the_initializer_runs_first_and_its_failure_ends_the_worker() throws Exception {
        try (var worker = new WorkerInThread(null)) {
            worker.send(
                    WorkerInThread.hello(
                            WorkerInThread.deed("prepare"), Codec.encodeArguments(List.of(41))));
            assertThat(worker.hear()).isInstanceOf(Ready.class);
            worker.run(1, "prepared");
            assertThat(worker.result()).isEqualTo(41);
        }
        try (var worker = new WorkerInThread(null)) {
            worker.send(
                    WorkerInThread.hello(
                            WorkerInThread.deed("fail"),
                            Codec.encodeArguments(List.of("not today"))));
            assertThat(worker.hear(InitFailed.class).failure().message()).isEqualTo("not today");
            worker.awaitEnd();
        }
    }

    @Test
    void what_an_overheard_call_prints_is_told_before_its_answer() throws Exception {
        try (var worker = WorkerInThread.ready()) {
            int print = worker.number(WorkerInThread.deed("print"));
            worker.send(
                    new Run(1, print, 1, false, true, 0, Codec.encode("a line\nand a half")),
                    new Run(2, print, 1, false, false, 0, Codec.encode("not overheard\n")),
                    new RunChunk(
                            3, print, 1, false, true, 0, 2, sequence(Encoding.CBOR, "x", "y")));
            assertThat(worker.hear()).isEqualTo(new Said(1, false, "a line\n"));
            assertThat(worker.hear()).isEqualTo(new Said(1, false, "and a half"));
            assertThat(worker.hear(Done.class).callId()).isEqualTo(1);
            assertThat(worker.hear(Done.class).callId()).isEqualTo(2);
            assertThat(worker.hear()).isEqualTo(new Said(3, false, "xy"));
            assertThat(worker.hear(ChunkDone.class).callId()).isEqualTo(3);
        }
    }

    @Test
    void inside_another_process_its_output_is_given_back_after_the_call() throws Exception {
        var out = System.out;
        var err = System.err;
        try (var worker = WorkerInThread.ready()) {
            int stubborn = worker.number(WorkerInThread.deed("stubborn"));
            worker.send(new Run(1, stubborn, 1, true, true, 0, Codec.encodeArguments(List.of())));
            Deeds.entered.await();
            assertThat(System.out).isNotSameAs(out);
            System.out.println("WorkerLoopTest prints this while a call is overheard");
            Deeds.gate.release();
            assertThat(worker.hear()).as("no thread of the call's").isInstanceOf(Done.class);
        }
        assertThat(System.out).isSameAs(out);
        assertThat(System.err).isSameAs(err);
    }

    @Test
    void a_task_sees_the_token_of_its_call() throws Exception {
        try (var worker = WorkerInThread.ready()) {
            int token = worker.number(WorkerInThread.deed("token"));
            Payload none = Codec.encodeArguments(List.of());
            worker.send(new Run(1, token, 1, true, false, Long.MAX_VALUE, none));
            assertThat(worker.result()).isEqualTo(Long.MAX_VALUE);
            worker.send(new Run(2, token, 1, true, none));
            assertThat(worker.result()).isEqualTo(0);
        }
    }

    @Test
    void another_protocol_version_is_refused() throws Exception {
        try (var worker = new WorkerInThread(null)) {
            worker.send(new Hello(99, 100, 0, false, null, null));
            assertThat(worker.hear(InitFailed.class).failure().message())
                    .isEqualTo(
                            "the worker speaks protocol 2, the parent 99: they must be of one version");
            worker.awaitEnd();
        }
    }

    @Test
    void questions_are_answered_while_a_call_runs() throws Exception {
        try (var worker = WorkerInThread.ready()) {
            worker.run(1, "stubborn");
            Deeds.entered.await();
            worker.send(new Ping(5), new DumpThreads(6));
            assertThat(worker.hear(Pong.class).nonce()).isEqualTo(5);
            Threads threads = worker.hear(Threads.class);
            assertThat(threads.nonce()).isEqualTo(6);
            assertThat(threads.dump())
                    .startsWith("\"worker-under-test\"")
                    .contains("at org.processpool.worker.Deeds.stubborn(Deeds.java:");
            Deeds.gate.release();
            assertThat(worker.result()).isEqualTo(false);
        }
    }

    @Test
    void the_main_thread_reads_again_after_a_long_call() throws Exception {
        try (var worker = WorkerInThread.ready()) {
            for (int round = 0; round < 20; round++) {
                worker.run(1, "stubborn");
                Deeds.entered.await();
                worker.send(new Ping(round));
                worker.run(2, "square", 5);
                assertThat(worker.hear(Pong.class).nonce()).isEqualTo(round);
                Deeds.gate.release();
                assertThat(worker.result()).isEqualTo(false);
                assertThat(worker.result()).isEqualTo(25);
                for (int i = 0; i < 50; i++) {
                    worker.run(3, "square", i);
                    assertThat(worker.result()).isEqualTo(i * i);
                    worker.send(new Ping(i));
                    assertThat(worker.hear(Pong.class).nonce()).isEqualTo(i);
                }
                Deeds.reset();
            }
        }
    }

    @Test
    void a_call_that_waits_can_be_recalled_or_cancelled() throws Exception {
        try (var worker = WorkerInThread.ready()) {
            worker.run(1, "stubborn");
            worker.run(2, "square", 2);
            worker.run(3, "square", 3);
            worker.run(4, "square", 4);
            worker.send(
                    new Recall(2), new Cancel(4), new Recall(1), new Recall(99), new Cancel(99));
            assertThat(worker.hear(Skipped.class).callId()).isEqualTo(2);
            assertThat(worker.hear(Skipped.class).callId()).isEqualTo(4);
            Deeds.gate.release();
            assertThat(worker.hear(Done.class).callId()).isEqualTo(1);
            assertThat(worker.hear(Done.class).callId()).isEqualTo(3);
        }
    }

    @Test
    void a_running_call_that_is_cancelled_is_interrupted_and_told() throws Exception {
        try (var worker = WorkerInThread.ready()) {
            worker.run(1, "patient");
            Deeds.entered.await();
            worker.send(new Cancel(1));
            Failure interrupted = failure(worker.hear(), Failure.Kind.CANCELLED);
            assertThat(interrupted.type()).isEqualTo("java.lang.InterruptedException");

            Deeds.reset();
            worker.run(2, "cooperative");
            Deeds.entered.await();
            worker.send(new Cancel(2));
            assertThat(failure(worker.hear(), Failure.Kind.CANCELLED).message())
                    .isEqualTo("call 2 was cancelled");
        }
    }

    @Test
    void an_interrupt_never_reaches_the_next_call() throws Exception {
        try (var worker = WorkerInThread.ready()) {
            worker.run(1, "stubborn");
            Deeds.entered.await();
            worker.send(new Cancel(1), new Ping(1));
            worker.hear(Pong.class);
            Deeds.gate.release();
            worker.run(2, "interrupted");
            assertThat(worker.result()).isEqualTo(true); // it ended on its own, but was told
            assertThat(worker.result()).isEqualTo(false);
            worker.run(3, "interruptItself");
            worker.run(4, "interrupted");
            assertThat(worker.result()).isNull();
            assertThat(worker.result()).isEqualTo(false);
        }
    }

    @Test
    void a_failing_item_does_not_stop_the_others() throws Exception {
        try (var worker = WorkerInThread.ready()) {
            for (Encoding family : List.of(Encoding.CBOR, Encoding.JSON)) {
                int picky = worker.number(WorkerInThread.deed("picky"));
                worker.send(
                        new RunChunk(1, picky, 1, false, 5, sequence(family, 1, 2, 3, "four", 5)));
                ChunkDone done = worker.hear(ChunkDone.class);
                assertThat(done.count()).isEqualTo(5);
                assertThat(done.failures()).extracting(f -> f.index()).containsExactly(2, 3);
                assertThat(done.failures())
                        .extracting(f -> f.failure().kind())
                        .containsExactly(Failure.Kind.TASK, Failure.Kind.INPUT);
                assertThat(done.outputs().encoding()).isEqualTo(family);
                var outputs = SequenceReader.of(done.outputs(), Integer.class);
                for (Integer expected : new Integer[] {1, 2, null, null, 5}) {
                    assertThat(outputs.next()).isEqualTo(expected);
                }

                int odd = worker.number(WorkerInThread.deed("odd"));
                worker.send(new RunChunk(2, odd, 1, false, 2, sequence(family, 2, 3)));
                ChunkDone odds = worker.hear(ChunkDone.class);
                assertThat(odds.failures().get(0).failure().kind()).isEqualTo(Failure.Kind.RESULT);
                assertThat(SequenceReader.of(odds.outputs(), Integer.class).next()).isEqualTo(2);
            }
        }
    }

    @Test
    void items_of_a_chunk_can_be_arguments() throws Exception {
        try (var worker = WorkerInThread.ready()) {
            int join = worker.number(WorkerInThread.deed("join"));
            worker.send(
                    new RunChunk(
                            1,
                            join,
                            1,
                            true,
                            2,
                            sequence(
                                    Encoding.JSON,
                                    List.of("a", 1, List.of()),
                                    List.of("b", 2, List.of()))));
            assertThat(worker.hear(ChunkDone.class).outputs().text())
                    .isEqualTo("\"a[]\"\n\"bb[]\"");
        }
    }

    @Test
    void a_cancelled_chunk_stops_at_the_next_item() throws Exception {
        try (var worker = WorkerInThread.ready()) {
            int patient = worker.number(WorkerInThread.deed("stubborn"));
            worker.send(
                    new RunChunk(
                            1,
                            patient,
                            1,
                            true,
                            3,
                            sequence(Encoding.CBOR, List.of(), List.of(), List.of())));
            Deeds.entered.await();
            worker.send(new Cancel(1), new Ping(1));
            worker.hear(Pong.class);
            Deeds.gate.release();
            assertThat(failure(worker.hear(), Failure.Kind.CANCELLED).message())
                    .isEqualTo("cancelled at item 1 of 3");
        }
    }

    @Test
    void a_chunk_with_too_many_results_fails_and_the_worker_lives() throws Exception {
        try (var worker = WorkerInThread.ready()) {
            int large = worker.number(WorkerInThread.deed("large"));
            worker.send(
                    new RunChunk(
                            1, large, 1, false, 3, sequence(Encoding.CBOR, 600_000, 600_000, 1)));
            failure(worker.hear(), Failure.Kind.TOO_LARGE);
            worker.run(2, "square", 2);
            assertThat(worker.result()).isEqualTo(4);
        }
    }

    @Test
    void progress_is_thinned_out_but_its_last_word_arrives_and_parts_all_do() throws Exception {
        try (var worker = WorkerInThread.ready()) {
            worker.run(1, "talkative", 100);
            List<ToParent> heard = worker.hearUntil(Done.class);
            assertThat(heard).filteredOn(Part.class::isInstance).hasSize(100);
            List<Progress> progress =
                    heard.stream()
                            .filter(Progress.class::isInstance)
                            .map(Progress.class::cast)
                            .toList();
            assertThat(progress).hasSizeBetween(2, 50);
            assertThat(progress.getLast()).isEqualTo(new Progress(1, 100, 100, "part 100"));
        }
    }

    @Test
    void stop_lets_what_has_arrived_finish() throws Exception {
        try (var worker = WorkerInThread.ready()) {
            worker.run(1, "stubborn");
            worker.run(2, "square", 2);
            worker.send(new Stop(), new Ping(1));
            worker.hear(Pong.class);
            Deeds.gate.release();
            assertThat(worker.hear(Done.class).callId()).isEqualTo(1);
            assertThat(worker.hear(Done.class).callId()).isEqualTo(2);
            worker.awaitEnd();
        }
    }

    @Test
    void a_parent_that_hangs_up_after_stop_does_not_disturb_what_runs() throws Exception {
        var worker = WorkerInThread.ready();
        worker.run(1, "stubborn");
        Deeds.entered.await();
        worker.send(new Ping(1), new Stop());
        worker.hangUp();
        worker.hear(Pong.class);
        Deeds.gate.release();
        assertThat(worker.result()).isEqualTo(false);
        worker.awaitEnd();
    }

    @Test
    void the_end_of_the_stream_ends_an_idle_and_a_busy_worker() throws Exception {
        var idle = WorkerInThread.ready();
        idle.hangUp();
        idle.awaitEnd();

        var busy = WorkerInThread.ready();
        busy.run(1, "patient");
        Deeds.entered.await();
        busy.hangUp();
        busy.awaitEnd();
    }

    @Test
    void nonsense_ends_it() throws Exception {
        var worker = new WorkerInThread(null);
        worker.send(new Ping(1));
        assertThatThrownBy(worker::awaitEnd).hasCauseInstanceOf(ProtocolException.class);
    }
}
