package org.processpool.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.processpool.fault.Pools.PATIENCE;
import static org.processpool.fault.Pools.awaitIdle;
import static org.processpool.fault.Pools.pids;

import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.processpool.chat.ChatServer;
import org.processpool.chat.Seats;
import org.processpool.chat.TcpClient;
import org.processpool.pool.ExitReason;
import org.processpool.pool.ProcessPool;
import org.processpool.task.Conversation;
import org.processpool.task.Payload;
import org.processpool.task.TaskContext;
import org.processpool.task.TaskDefinition;
import org.processpool.task.TaskName;

/**
 * Workers and clients of the chat over TCP that go away when it suits least, or stay when they
 * should go: rows 26, 27 and 29 of the list of faults.
 */
@FaultTest
class ChatServerFaultIT {

    private static final TaskName TALK = new TaskName("talk");
    private static final TaskName STUCK = new TaskName("test.stuck");

    @TempDir private static Path services;

    private static Vertx vertx;

    @TempDir private Path directory;

    /** Makes the file that it is told of and then says nothing, whatever it is asked. */
    @TaskDefinition(name = "test.stuck")
    public static final class Stuck implements Conversation<Payload, Payload> {
        @Override
        public Payload reply(Payload message, TaskContext context) throws IOException {
            Files.createFile(Path.of(message.text()));
            while (true) {
                LockSupport.parkNanos(TimeUnit.HOURS.toNanos(1));
            }
        }
    }

    @BeforeAll
    static void prepare() throws IOException {
        Path folder = Files.createDirectories(services.resolve("META-INF/services"));
        Files.writeString(folder.resolve(Conversation.class.getName()), Stuck.class.getName());
        vertx = Vertx.vertx();
    }

    @AfterAll
    static void end() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    /** A chat with a pool of its own. */
    private static final class Chat implements AutoCloseable {

        private final ProcessPool pool;
        private final Seats seats;
        private final ChatServer server;

        Chat(int processes, TaskName conversation) {
            pool = Pools.ofTrouble(processes).classPath(services).open();
            seats = new Seats(pool, 1, 1000, Duration.ZERO);
            server =
                    new ChatServer(
                            vertx,
                            seats,
                            conversation,
                            "127.0.0.1",
                            0,
                            Duration.ZERO,
                            Duration.ofMillis(500),
                            Optional.empty());
            server.start();
            awaitIdle(pool, processes);
        }

        TcpClient enter() throws IOException {
            return TcpClient.to(server.port());
        }

        void awaitTalking(int count) {
            await().atMost(PATIENCE).until(() -> seats.talking() == count);
        }

        void awaitWaiting(int count) {
            await().atMost(PATIENCE).until(() -> seats.waiting() == count);
        }

        /** Waits until so many hold a worker that is none of these. */
        void awaitTalkingToOthersThan(List<Long> pids, int count) {
            await().atMost(PATIENCE)
                    .until(() ->
                            pool.snapshot().workers().stream()
                                            .filter(worker -> worker.conversations() == 1)
                                            .filter(worker -> !pids.contains(worker.pid()))
                                            .count()
                                    == count);
            awaitTalking(count);
        }

        @Override
        public void close() {
            server.close(Duration.ZERO);
            seats.close();
            pool.close();
        }
    }

    private static boolean echoes(TcpClient client, String text) throws IOException {
        return client.say(text).hears(text);
    }

    @Test
    void a_silent_client_gets_another_worker_without_a_word_and_before_those_who_wait()
            throws Exception {
        try (var chat = new Chat(1, TALK);
                TcpClient client = chat.enter()) {
            assertThat(echoes(client, "before")).isTrue();
            try (TcpClient waiting = chat.enter().say("and I?")) {
                chat.awaitWaiting(1);
                List<Long> doomed = pids(chat.pool);

                Signal.KILL.sendTo(doomed.getFirst());
                chat.awaitTalkingToOthersThan(doomed, 1);

                assertThat(echoes(client, "after")).isTrue();
                assertThat(waiting.hasMore()).isFalse();
            }
        }
    }

    @Test
    void five_silent_clients_get_five_other_workers_when_all_are_killed_at_once() throws Exception {
        List<TcpClient> clients = new ArrayList<>();
        try (var chat = new Chat(5, TALK)) {
            for (int i = 0; i < 5; i++) {
                clients.add(chat.enter());
                assertThat(echoes(clients.get(i), "before")).isTrue();
            }
            List<Long> doomed = pids(chat.pool);

            for (long pid : doomed) {
                Signal.KILL.sendTo(pid);
            }
            chat.awaitTalkingToOthersThan(doomed, 5);

            for (TcpClient client : clients) {
                assertThat(echoes(client, "after")).isTrue();
            }
        } finally {
            for (TcpClient client : clients) {
                client.close();
            }
        }
    }

    @Test
    void a_client_whose_words_die_with_the_worker_is_closed_and_the_next_is_served()
            throws Exception {
        try (var chat = new Chat(1, STUCK);
                TcpClient client = chat.enter()) {
            chat.awaitTalking(1);
            try (TcpClient next = chat.enter()) {
                chat.awaitWaiting(1);
                Path begun = directory.resolve("begun");
                client.say(begun.toString());
                await().atMost(PATIENCE).until(() -> Files.exists(begun));

                Signal.KILL.sendTo(pids(chat.pool).getFirst());

                assertThat(client.hearAll()).isEmpty();
                Path served = directory.resolve("served");
                next.say(served.toString());
                await().atMost(PATIENCE).until(() -> Files.exists(served));
            }
        }
    }

    @Test
    void a_client_that_breaks_off_in_the_middle_of_a_turn_leaves_its_worker_to_the_next()
            throws Exception {
        try (var chat = new Chat(1, STUCK)) {
            TcpClient client = chat.enter();
            Path begun = directory.resolve("begun");
            client.say(begun.toString());
            await().atMost(PATIENCE).until(() -> Files.exists(begun));
            try (TcpClient next = chat.enter()) {
                chat.awaitWaiting(1);

                client.reset();

                Path served = directory.resolve("served");
                next.say(served.toString());
                await().atMost(PATIENCE).until(() -> Files.exists(served));
                assertThat(chat.pool.snapshot().exits()).containsOnlyKeys(ExitReason.CANCELLED);
            }
        }
    }

    @Test
    void two_hundred_who_come_and_go_in_all_ways_leave_no_lease_and_no_place() throws Exception {
        try (var chat = new Chat(2, TALK)) {
            List<TcpClient> crowd = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                TcpClient client = chat.enter();
                crowd.add(client);
                if (i % 2 == 0) {
                    client.say("hello");
                }
            }
            for (int i = 0; i < crowd.size(); i++) {
                switch (i % 3) {
                    case 0 -> crowd.get(i).close();
                    case 1 -> crowd.get(i).reset();
                    default -> crowd.get(i).endTalk();
                }
            }

            chat.awaitWaiting(0);
            chat.awaitTalking(0);
            awaitIdle(chat.pool, 2);
            assertThat(chat.pool.snapshot().exits()).isEmpty();
            try (TcpClient client = chat.enter()) {
                assertThat(echoes(client, "and I?")).isTrue();
            }
            for (TcpClient client : crowd) {
                client.close();
            }
        }
    }

    @Test
    void clients_that_never_read_fill_neither_the_workers_nor_the_memory() throws Exception {
        byte[] flood = new byte[64 << 20];
        try (var chat = new Chat(2, TALK)) {
            long before = LeavesNothing.usedHeap();
            List<CompletableFuture<Void>> floods = new ArrayList<>();
            for (int i = 0; i < 10; i++) { // eight of them have to wait
                TcpClient client = TcpClient.slow(chat.server.port());
                floods.add(
                        CompletableFuture.runAsync(
                                () -> {
                                    try (client) {
                                        client.say(flood);
                                    } catch (IOException cut) {
                                        // as it should be
                                    }
                                },
                                task -> Thread.ofPlatform().daemon().start(task)));
            }
            TcpClient patient = chat.enter();
            assertThat(LeavesNothing.usedHeap()).isLessThan(before + (32 << 20));

            assertThat(echoes(patient, "and I?")).isTrue();

            CompletableFuture.allOf(floods.toArray(CompletableFuture<?>[]::new))
                    .get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            assertThat(LeavesNothing.usedHeap()).isLessThan(before + (32 << 20));
            patient.close();
            chat.awaitTalking(0);
        }
    }
}
