package org.processpool.chat;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import io.vertx.core.Vertx;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.processpool.pool.PoolSnapshot;
import org.processpool.pool.ProcessPool;
import org.processpool.task.Conversation;
import org.processpool.task.Payload;
import org.processpool.task.TaskContext;
import org.processpool.task.TaskDefinition;
import org.processpool.task.TaskName;

/** The chat over TCP with real sockets and real workers. */
@Timeout(90)
class ChatServerTest {

    /** Most connections at a door that asks who one is. */
    private static final int MOST = 5;

    private static final TaskName TALK = new TaskName("talk");
    private static final TaskName WHO = new TaskName("test.who");
    private static final TaskName GATE = new TaskName("test.gate");
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final Duration SHORT = Duration.ofMillis(300);

    @TempDir private static Path services;

    private static Vertx vertx;
    private static ProcessPool five;
    private static ProcessPool one;

    @TempDir private Path directory;

    private final List<AutoCloseable> open = new ArrayList<>();

    /** Answers everything with the process id, in eight digits, and fails at {@code fail}. */
    @TaskDefinition(name = "test.who")
    public static final class Who implements Conversation<Payload, Payload> {
        @Override
        public Payload reply(Payload message, TaskContext context) {
            if (message.text().equals("fail")) {
                throw new IllegalStateException("on purpose");
            }
            return Payload.bytes("%08d".formatted(context.workerPid()).getBytes(UTF_8));
        }
    }

    /** Takes each message for a path, and says it back once a file is there. */
    @TaskDefinition(name = "test.gate")
    public static final class Gate implements Conversation<Payload, Payload> {
        @Override
        public Payload reply(Payload message, TaskContext context) {
            Path file = Path.of(message.text());
            while (!Files.exists(file)) {
                context.checkCancelled();
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
            }
            return message;
        }
    }

    @BeforeAll
    static void start_pools() throws IOException {
        Path folder = Files.createDirectories(services.resolve("META-INF/services"));
        Files.write(
                folder.resolve(Conversation.class.getName()),
                List.of(Who.class.getName(), Gate.class.getName()));
        vertx = Vertx.vertx();
        five = pool(5);
        one = pool(1);
    }

    private static ProcessPool pool(int processes) {
        return ProcessPool.builder()
                .name("chat")
                .processes(processes)
                .classPathOf(ChatServerTest.class)
                .classPath(services)
                .jvmFlags("-XX:TieredStopAtLevel=1")
                .open();
    }

    @AfterAll
    static void end_pools() {
        five.close();
        one.close();
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    @AfterEach
    void close_what_is_open() throws Exception {
        for (AutoCloseable each : open.reversed()) {
            each.close();
        }
        await().until(() -> five.snapshot().idle() == 5 && one.snapshot().idle() == 1);
    }

    /** A server with a line of its own. */
    private final class Door {

        private final Seats seats;
        private final ChatServer server;

        Door(ProcessPool pool, TaskName conversation, Duration idle, int maxWaiting) {
            this(pool, conversation, idle, maxWaiting, Optional.empty());
        }

        Door(
                ProcessPool pool,
                TaskName conversation,
                Duration idle,
                int maxWaiting,
                Optional<TcpDoor> asks) {
            seats = new Seats(pool, 1, maxWaiting, Duration.ZERO);
            server =
                    new ChatServer(
                            vertx,
                            seats,
                            conversation,
                            "127.0.0.1",
                            0,
                            idle,
                            Duration.ofSeconds(1),
                            asks);
            server.start();
            open.add(seats);
            open.add(() -> server.close(Duration.ZERO));
        }

        TcpClient enter() throws IOException {
            return noted(TcpClient.to(server.port()));
        }

        TcpClient enterSlowly() throws IOException {
            return noted(TcpClient.slow(server.port()));
        }

        private TcpClient noted(TcpClient client) {
            open.add(client);
            return client;
        }

        /** Enters, and waits until its place is taken. */
        TcpClient joinLine() throws IOException {
            int before = seats.waiting();
            TcpClient client = enter();
            await().until(() -> seats.waiting() == before + 1);
            return client;
        }

        void awaitTalking(int count) {
            await().atMost(LONG).until(() -> seats.talking() == count);
        }

        void awaitWaiting(int count) {
            await().atMost(LONG).until(() -> seats.waiting() == count);
        }
    }

    private Door door(ProcessPool pool, TaskName conversation) {
        return new Door(pool, conversation, Duration.ZERO, 100);
    }

    private static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new Random(42).nextBytes(bytes);
        return bytes;
    }

    /**
     * Says something large, beside whoever listens meanwhile; done when all of it is on its way.
     */
    private static CompletableFuture<Void> sayBeside(TcpClient client, byte[] bytes) {
        return CompletableFuture.runAsync(
                () -> {
                    try {
                        client.say(bytes);
                    } catch (IOException broken) {
                        throw new UncheckedIOException(broken);
                    }
                },
                Thread::startVirtualThread);
    }

    // who it is

    private Door guarded(ProcessPool pool, Duration patience) {
        return new Door(
                pool,
                TALK,
                Duration.ZERO,
                100,
                Optional.of(new TcpDoor("secret"::equals, patience, MOST)));
    }

    /** Whether it was closed without a word, be it with bytes of it that nobody has read. */
    private static boolean isClosed(TcpClient client) throws IOException {
        try {
            return client.hearAll().isEmpty();
        } catch (SocketException reset) {
            return true;
        }
    }

    @Test
    void says_nothing_to_who_names_himself_and_serves_what_follows() throws Exception {
        Door door = guarded(five, LONG);

        assertThat(door.enter().say("AUTH secret\nhello").hears("hello")).isTrue();
        TcpClient slow = door.enter();
        for (byte each : "AUTH secret\r\n".getBytes(UTF_8)) {
            slow.say(each);
        }
        assertThat(slow.say("AUTH secret\n").hears("AUTH secret\n")).isTrue();
    }

    @Test
    void closes_who_does_not_prove_who_he_is_without_a_word_and_without_a_worker()
            throws Exception {
        Door door = guarded(one, LONG);

        assertThat(isClosed(door.enter().say("AUTH guess\nhello"))).isTrue();
        assertThat(isClosed(door.enter().say("hello\n"))).isTrue();
        assertThat(isClosed(door.enter().say("auth secret\n"))).isTrue();
        assertThat(isClosed(door.enter().say("x".repeat(9 << 10)))).isTrue();
        TcpClient half = door.enter().say("AUTH secret");
        half.endTalk();
        assertThat(isClosed(half)).isTrue();
        assertThat(door.enter().say("AUTH secret\nme").hears("me")).isTrue();
    }

    @Test
    void closes_who_says_nothing_in_time_and_keeps_no_place_in_line_for_him() throws Exception {
        Door door = guarded(one, Duration.ofMillis(300));
        TcpClient silent = door.enter();
        TcpClient half = door.enter().say("AUTH sec");
        TcpClient third = door.enter().say("AUTH secret\nme");

        assertThat(third.hears("me")).isTrue();
        assertThat(isClosed(silent)).isTrue();
        assertThat(isClosed(half)).isTrue();
        assertThat(third.say("still").hears("still")).isTrue();
    }

    @Test
    void closes_who_comes_while_as_many_as_may_be_have_not_said_who_they_are() throws Exception {
        Door door = guarded(one, LONG);
        List<TcpClient> silent = new ArrayList<>();
        for (int i = 0; i < MOST; i++) {
            silent.add(door.enter().say("AUTH "));
        }
        await().atMost(LONG).until(() -> isClosed(door.enter()));
        silent.getFirst().close();
        await().atMost(LONG)
                .until(() -> {
                    try (TcpClient next = TcpClient.to(door.server.port())) {
                        return next.say("AUTH secret\nme").hears("me");
                    } catch (IOException closed) {
                        return false; // it was one too many still
                    }
                });
    }

    // bytes

    @Test
    void what_is_said_without_a_newline_comes_back_without_a_greeting() throws Exception {
        TcpClient client = door(five, TALK).enter();

        assertThat(client.say("hello").hears("hello")).isTrue();
        assertThat(client.say("你好").hears("你好")).isTrue();
        assertThat(client.hasMore()).isFalse();
    }

    @Test
    void a_character_said_byte_by_byte_comes_back_byte_by_byte() throws Exception {
        TcpClient client = door(five, TALK).enter();

        for (byte each : "长😀".getBytes(UTF_8)) {
            assertThat(client.say(each).hear(1)).containsExactly(each);
        }
    }

    @Test
    void bytes_that_are_no_text_come_back_unharmed() throws Exception {
        TcpClient client = door(five, TALK).enter();
        byte[] all = new byte[512];
        for (int i = 0; i < all.length; i++) {
            all[i] = (byte) i;
        }

        assertThat(client.say(all).hear(all.length)).isEqualTo(all);
        assertThat(client.say((byte) 0).hear(1)).containsExactly(0);
    }

    @Test
    void a_message_of_a_megabyte_comes_back_whole_and_in_order() throws Exception {
        TcpClient client = door(five, TALK).enter();
        byte[] large = random(1 << 20);

        CompletableFuture<Void> said = sayBeside(client, large);

        assertThat(client.hear(large.length)).isEqualTo(large);
        said.get(30, TimeUnit.SECONDS);
        assertThat(client.say("still here").hears("still here")).isTrue();
    }

    @Test
    void a_client_that_reads_slowly_misses_nothing() throws Exception {
        TcpClient client = door(five, TALK).enterSlowly();
        byte[] large = random(1 << 19);
        CompletableFuture<Void> said = sayBeside(client, large);
        var heard = new ByteArrayOutputStream();

        await().atMost(LONG)
                .pollDelay(Duration.ofMillis(1))
                .pollInterval(Duration.ofMillis(1))
                .until(() -> {
                    heard.writeBytes(client.hear(1 << 12));
                    return heard.size() == large.length;
                });

        assertThat(heard.toByteArray()).isEqualTo(large);
        said.get(30, TimeUnit.SECONDS);
    }

    // workers and the line

    @Test
    void five_have_a_worker_each_and_the_sixth_waits_in_silence_for_the_first_to_leave()
            throws Exception {
        Door door = door(five, WHO);
        List<TcpClient> first = new ArrayList<>();
        Set<String> pids = new LinkedHashSet<>();
        for (int i = 0; i < 5; i++) {
            first.add(door.enter());
        }
        for (TcpClient client : first) {
            pids.add(new String(client.say("who?").hear(8), UTF_8));
        }
        assertThat(pids).hasSize(5);

        TcpClient sixth = door.joinLine().say("and I?");
        List<String> again = new ArrayList<>();
        for (TcpClient client : first) {
            again.add(new String(client.say("still?").hear(8), UTF_8));
        }
        assertThat(again).as("whom each talks to").containsExactlyElementsOf(pids);
        assertThat(sixth.hasMore()).isFalse();
        assertThat(door.seats.waiting()).isEqualTo(1);

        first.get(2).close();
        assertThat(sixth.hears(again.get(2))).isTrue();
        assertThat(sixth.say("still?").hears(again.get(2))).isTrue();
    }

    @Test
    void first_come_first_served() throws Exception {
        Door door = door(one, TALK);
        TcpClient served = door.enter();
        assertThat(served.say("I").hears("I")).isTrue();
        List<TcpClient> line = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            line.add(door.enter().say("me")); // as fast as they can be let in
        }
        door.awaitWaiting(20);

        for (int i = 0; i < line.size(); i++) {
            served.close();
            served = line.get(i);
            assertThat(served.hears("me")).as("number %d", i).isTrue();
            for (TcpClient behind : line.subList(i + 1, line.size())) {
                assertThat(behind.hasMore()).isFalse();
            }
        }
    }

    @Test
    void who_waits_may_say_more_than_is_held_and_misses_nothing() throws Exception {
        Door door = door(one, TALK);
        TcpClient first = door.enter();
        assertThat(first.say("I").hears("I")).isTrue();
        TcpClient second = door.joinLine();
        byte[] large = random(20 << 20);
        CompletableFuture<Void> said = sayBeside(second, large);

        assertThat(first.say("still I").hears("still I")).isTrue();
        assertThat(said).as("more is taken than may be held").isNotDone();
        first.close();

        assertThat(second.hear(large.length)).isEqualTo(large);
        said.get(30, TimeUnit.SECONDS);
    }

    @Test
    void those_who_left_the_line_are_passed_over() throws Exception {
        Door door = door(one, TALK);
        TcpClient first = door.enter();
        assertThat(first.say("I").hears("I")).isTrue();
        TcpClient gone = door.joinLine();
        TcpClient reset = door.joinLine().say("lost");
        TcpClient goneSpeaking = door.joinLine().say("lost");
        TcpClient last = door.joinLine().say("me");

        gone.close();
        reset.reset();
        goneSpeaking.close(); // which might as well be somebody who only listens from now on
        door.awaitWaiting(2);
        assertThat(last.hasMore()).isFalse();
        first.close();

        assertThat(last.hears("me")).isTrue();
        door.awaitTalking(1);
        assertThat(door.seats.waiting()).isZero();
    }

    @Test
    void nobody_is_let_in_when_the_line_is_full() throws Exception {
        Door door = new Door(one, TALK, Duration.ZERO, 1);
        TcpClient first = door.enter();
        assertThat(first.say("I").hears("I")).isTrue();
        TcpClient second = door.joinLine().say("me");

        assertThat(door.enter().hearAll()).isEmpty();

        first.close();
        assertThat(second.hears("me")).isTrue();
    }

    @Test
    void a_conversation_nobody_knows_is_closed() throws Exception {
        assertThat(door(one, new TaskName("no-such-talk")).enter().hearAll()).isEmpty();
    }

    @Test
    void a_turn_that_fails_closes_the_connection_and_the_next_is_served() throws Exception {
        Door door = door(one, WHO);
        TcpClient first = door.enter();
        assertThat(first.say("who?").hear(8)).hasSize(8);
        TcpClient second = door.joinLine().say("who?");

        assertThat(first.say("fail").hearAll()).isEmpty();

        assertThat(second.hear(8)).hasSize(8);
    }

    // ends

    @Test
    void who_ends_the_talk_still_hears_the_answer_and_then_the_end() throws Exception {
        Door door = door(one, TALK);
        byte[] large = random(1 << 20);
        TcpClient client = door.enter();
        CompletableFuture<Void> said =
                sayBeside(client, large)
                        .thenRun(() -> {
                            try {
                                client.endTalk();
                            } catch (IOException broken) {
                                throw new UncheckedIOException(broken);
                            }
                        });

        assertThat(client.hear(large.length + 1)).isEqualTo(large);
        said.get(30, TimeUnit.SECONDS);
        door.awaitTalking(0);
    }

    @Test
    void who_ends_the_talk_while_waiting_is_answered_in_turn() throws Exception {
        Door door = door(one, TALK);
        TcpClient first = door.enter();
        assertThat(first.say("I").hears("I")).isTrue();
        TcpClient second = door.joinLine().say("me").endTalk();
        assertThat(second.hasMore()).isFalse();

        first.close();

        assertThat(second.hearAll()).isEqualTo("me");
    }

    @Test
    void who_ends_the_talk_without_a_word_is_closed_at_once_and_keeps_no_worker() throws Exception {
        Door door = door(one, TALK);
        TcpClient client = door.enter();
        door.awaitTalking(1);

        assertThat(client.endTalk().hearAll()).isEmpty();

        door.awaitTalking(0);
    }

    @Test
    void a_client_that_breaks_off_keeps_no_worker() throws Exception {
        Door door = door(one, TALK);
        TcpClient client = door.enter();
        assertThat(client.say("I").hears("I")).isTrue();

        client.reset();

        door.awaitTalking(0);
        assertThat(door.enter().say("me").hears("me")).isTrue();
    }

    @Test
    void a_client_that_never_reads_is_cut_off_and_keeps_no_worker() throws Exception {
        Door door = door(one, TALK);
        TcpClient client = door.enterSlowly();
        var taken = new AtomicLong();
        byte[] piece = random(1 << 12);

        CompletableFuture<Void> saying =
                CompletableFuture.runAsync(
                        () -> {
                            try {
                                while (true) {
                                    client.say(piece);
                                    taken.addAndGet(piece.length);
                                }
                            } catch (IOException cut) {
                                // as it should be
                            }
                        },
                        Thread::startVirtualThread);

        saying.get(60, TimeUnit.SECONDS);
        assertThat(taken.get()).as("bytes in the buffers of both systems").isLessThan(32 << 20);
        door.awaitTalking(0);
        assertThat(door.enter().say("me").hears("me")).isTrue();
    }

    @Test
    void a_client_that_is_silent_for_too_long_is_closed_but_not_while_it_waits() throws Exception {
        Door door = new Door(one, TALK, SHORT, 100);
        TcpClient first = door.enter();
        assertThat(first.say("I").hears("I")).isTrue();
        TcpClient second = door.joinLine();
        long start = System.nanoTime();

        await().atMost(LONG)
                .pollInterval(Duration.ofMillis(20))
                .until(() -> {
                    assertThat(first.say("still I").hears("still I")).isTrue();
                    return System.nanoTime() - start > 3 * SHORT.toNanos();
                });
        assertThat(door.seats.waiting()).isEqualTo(1);

        assertThat(first.hearAll()).isEmpty();
        assertThat(second.say("me").hears("me")).isTrue();
        assertThat(second.hearAll()).isEmpty();
    }

    // the server

    private static CompletableFuture<Void> closing(Door door, Duration grace) {
        return CompletableFuture.runAsync(
                () -> door.server.close(grace), Thread::startVirtualThread);
    }

    @Test
    void closing_lets_the_turn_that_runs_come_to_its_end() throws Exception {
        Door door = door(five, GATE);
        Path gate = directory.resolve("gate");
        TcpClient silent = door.enter();
        TcpClient talking = door.enter();
        door.awaitTalking(2);
        talking.say(gate.toString());
        await().until(() -> five.snapshot().workers().stream().anyMatch(ChatServerTest::isBusy));

        CompletableFuture<Void> closed = closing(door, LONG);
        assertThat(silent.hearAll()).isEmpty();
        assertThat(closed).isNotDone();
        Files.createFile(gate);

        assertThat(talking.hearAll()).isEqualTo(gate.toString());
        closed.get(30, TimeUnit.SECONDS);
        assertThat(door.seats.talking()).isZero();
    }

    private static boolean isBusy(PoolSnapshot.Worker worker) {
        return worker.inFlight() > 0;
    }

    @Test
    void closing_says_goodbye_to_those_who_wait() throws Exception {
        Door door = door(one, TALK);
        TcpClient first = door.enter();
        assertThat(first.say("I").hears("I")).isTrue();
        TcpClient second = door.joinLine().say("me");

        door.server.close(LONG);

        assertThat(first.hearAll()).isEmpty();
        assertThat(second.hearAll()).isEmpty();
        assertThat(door.seats.talking() + door.seats.waiting()).isZero();
    }

    @Test
    void closing_does_not_wait_longer_than_it_is_told() throws Exception {
        Door door = door(one, GATE);
        TcpClient client = door.enter();
        door.awaitTalking(1);
        client.say(directory.resolve("never").toString());
        await().until(() -> one.snapshot().workers().stream().anyMatch(ChatServerTest::isBusy));

        closing(door, SHORT).get(30, TimeUnit.SECONDS);

        door.awaitTalking(0);
        assertThat(catchThrowable(client::hearAll)).isInstanceOf(IOException.class);
    }

    @Test
    void closed_it_lets_nobody_in_and_may_be_closed_again() throws Exception {
        Door door = door(one, TALK);
        int port = door.server.port();
        door.server.close(LONG);
        door.server.close(LONG);

        assertThat(catchThrowable(() -> TcpClient.to(port))).isInstanceOf(ConnectException.class);
    }

    @Test
    void those_who_wait_are_closed_with_the_line() throws Exception {
        Door door = door(one, TALK);
        TcpClient first = door.enter();
        assertThat(first.say("I").hears("I")).isTrue();
        TcpClient second = door.joinLine().say("me");

        door.seats.close();

        assertThat(second.hearAll()).isEmpty();
        assertThat(first.say("still I").hears("still I")).isTrue();
    }

    @Test
    void a_port_that_somebody_has_is_told() throws Exception {
        try (var other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            ChatServer late =
                    server(
                            new Seats(one, 1, 1, Duration.ZERO),
                            other.getLocalPort(),
                            Duration.ZERO,
                            LONG);

            assertThatIllegalStateException()
                    .isThrownBy(late::start)
                    .withMessageContaining(
                            "cannot listen at 127.0.0.1, port " + other.getLocalPort())
                    .withMessageContaining("Address already in use");
            late.close(Duration.ZERO);
        }
    }

    @Test
    void limits_that_make_no_sense_are_refused() {
        Seats seats = new Seats(one, 1, 1, Duration.ZERO);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> server(seats, 65_536, Duration.ZERO, LONG))
                .withMessage("the port of the chat must be 0 to 65535, was 65536");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> server(seats, 0, Duration.ofSeconds(-1), LONG))
                .withMessage("the longest silence must be at least zero, was PT-1S");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> server(seats, 0, Duration.ZERO, Duration.ZERO))
                .withMessage("the write time-out must be longer than zero, was PT0S");
    }

    private static ChatServer server(Seats seats, int port, Duration idle, Duration writing) {
        return new ChatServer(
                vertx, seats, TALK, "127.0.0.1", port, idle, writing, Optional.empty());
    }
}
