package org.processpool.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.processpool.fault.RunningService;

/** What the chat of the packaged service holds when things go wrong. */
@Timeout(300)
class ChatFaultIT {

    private static final int CROWD = 1_000;

    @TempDir private Path directory;

    private RunningService service;
    private URI uri;

    @BeforeEach
    void start() throws Exception {
        service =
                RunningService.start(
                        directory,
                        RunningService.freePort(),
                        Map.of(
                                "process-pool.pools.default.processes", "1",
                                "process-pool.pools.default.min-processes", "0",
                                "process-pool.pools.chat.processes", "2",
                                "process-pool.chat.resume-grace", "1s",
                                "process-pool.chat.max-waiting", "" + CROWD,
                                "process-pool.chat.max-members", "" + 2 * CROWD,
                                "process-pool.chat.messages-per-minute", "0",
                                "process-pool.chat.frames-per-second", "0"));
        uri = URI.create("ws://127.0.0.1:%d/chat".formatted(service.port()));
    }

    @AfterEach
    void stop() {
        service.kill();
    }

    private int conversations() throws Exception {
        int held = 0;
        for (JsonNode worker : service.json("/v1/pools/chat").path("workers")) {
            held += worker.path("conversations").asInt();
        }
        return held;
    }

    @Test
    void a_crowd_that_comes_and_drops_at_once_leaves_nothing_behind() throws Exception {
        List<ChatClient> crowd = new ArrayList<>();
        for (int i = 0; i < CROWD; i++) {
            crowd.add(ChatClient.enter(uri, "c" + i, "room", "r" + i % 20));
        }
        crowd.getFirst().await("assigned");
        crowd.forEach(ChatClient::abort);
        await().atMost(Duration.ofMinutes(2))
                .until(() -> service.json("/v1/chat/members").path("members").isEmpty());
        await().until(() -> conversations() == 0);
        assertThat(service.json("/v1/stats").path("waitingChats").asInt()).isZero();
        try (ChatClient next = ChatClient.enter(uri, "next")) {
            next.await("assigned");
            next.say("hello");
            assertThat(next.await("message").path("text").asText()).isEqualTo("hello");
        }
    }

    @Test
    void killed_workers_interrupt_only_their_own_and_no_number_is_lost_or_doubled()
            throws Exception {
        try (ChatClient alice = ChatClient.enter(uri, "alice");
                ChatClient bob = ChatClient.enter(uri, "bob")) {
            long pid = alice.await("assigned").path("worker").path("pid").asLong();
            bob.await("assigned");
            for (int round = 0; round < 5; round++) {
                for (int i = 0; i < 20; i++) {
                    alice.say("a" + i);
                    bob.say("b" + i);
                }
                long killed = pid;
                ProcessHandle.of(killed).ifPresent(ProcessHandle::destroyForcibly);
                pid =
                        alice.await(
                                        "assigned",
                                        one -> one.path("worker").path("pid").asLong() != killed)
                                .path("worker")
                                .path("pid")
                                .asLong();
            }
            alice.say("the end");
            for (ChatClient each : List.of(alice, bob)) {
                each.await("message", one -> one.path("text").asText().equals("the end"));
                List<Long> numbers =
                        each.heard().stream()
                                .filter(frame ->
                                        frame.has("seq")
                                                && !List.of("ack", "members", "welcome")
                                                        .contains(frame.path("type").asText()))
                                .map(frame -> frame.path("seq").asLong())
                                .toList();
                for (int i = 1; i < numbers.size(); i++) {
                    assertThat(numbers.get(i)).isEqualTo(numbers.get(i - 1) + 1);
                }
            }
            assertThat(bob.heard())
                    .noneMatch(frame -> frame.path("type").asText().equals("interrupted"));
        }
    }

    @Test
    void a_stop_says_goodbye_and_leaves_no_process() throws Exception {
        ChatClient talking = ChatClient.enter(uri, "talking");
        talking.await("assigned");
        List<ProcessHandle> workers = service.descendants();
        assertThat(workers).isNotEmpty();
        long before = System.nanoTime();
        assertThat(service.terminate()).isZero();
        assertThat(talking.await("draining").path("reconnectInMillis").asLong()).isPositive();
        assertThat(talking.closeCode()).isEqualTo(1012);
        // an open WebSocket is no request that a stop waits for: that would take 20 s
        assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(18));
        await().until(() -> workers.stream().noneMatch(ProcessHandle::isAlive));
    }
}
