package org.processpool.chat;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TextSocketTest {
    private static final int MAX_MESSAGE = 1000;
    private static final int MAX_UNSENT = 1 << 20;
    private static final Duration SELDOM = Duration.ofMinutes(1);
    private static final Duration OFTEN = Duration.ofMillis(100);
    private static final Duration LONG = Duration.ofSeconds(30);

    private final CopyOnWriteArrayList<Heard> accepted = new CopyOnWriteArrayList<>();
    private final List<RawWebSocket> peers = new ArrayList<>();
    private SocketServer server;
    private int maxUnsent = MAX_UNSENT;

    /** Our side of one connection, and what was told of it. */
    private static class Heard implements TextSocket.Listener {
        final List<String> said = new CopyOnWriteArrayList<>();
        final List<Integer> ends = new CopyOnWriteArrayList<>();
        final AtomicInteger drained = new AtomicInteger();
        final CompletableFuture<TextSocket> socket = new CompletableFuture<>();
        volatile Runnable onDrained = () -> {};
        private final Consumer<TextSocket> onSaid;

        Heard(Consumer<TextSocket> onSaid) {
            this.onSaid = onSaid;
        }

        @Override
        public void said(String message) {
            said.add(message);
            onSaid.accept(socket.join());
        }

        @Override
        public void drained() {
            drained.incrementAndGet();
            onDrained.run();
        }

        @Override
        public void ended(int code) {
            ends.add(code);
        }

        TextSocket socket() {
            return socket.orTimeout(30, SECONDS).join();
        }

        void awaitEnd(int code) {
            await().atMost(LONG).until(() -> !ends.isEmpty());
            assertThat(ends).containsExactly(code);
        }

        void awaitSaid(int count) {
            await().atMost(LONG).until(() -> said.size() >= count);
        }
    }

    @AfterEach
    void close() throws IOException {
        for (RawWebSocket peer : peers) {
            peer.close();
        }
        server.close();
    }

    private void open(Duration pingEvery, Consumer<TextSocket> onSaid) {
        server =
                SocketServer.open(
                        MAX_MESSAGE,
                        socket -> {
                            var heard = new Heard(onSaid);
                            var text =
                                    new TextSocket(
                                            socket, MAX_MESSAGE, maxUnsent, pingEvery, heard);
                            text.start();
                            heard.socket.complete(text);
                            accepted.add(heard);
                        });
    }

    private RawWebSocket connect() throws IOException {
        return connect(new Socket());
    }

    private RawWebSocket connect(Socket socket) throws IOException {
        var peer = RawWebSocket.open(socket, server.port(), "/");
        peers.add(peer);
        await().atMost(LONG).until(() -> accepted.size() == peers.size());
        return peer;
    }

    private RawWebSocket open() throws IOException {
        open(SELDOM, _ -> {});
        return connect();
    }

    private Heard heard() {
        return accepted.getLast();
    }

    private static int closeCode(RawWebSocket peer) throws IOException {
        Frame frame = peer.next();
        while (frame != null && frame.opcode() != Frame.CLOSE) {
            frame = peer.next();
        }
        return frame == null ? 1006 : frame.closeCode();
    }

    private static Frame[] numbered(int opcode, int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> Frame.of(opcode, String.valueOf(i)))
                .toArray(Frame[]::new);
    }

    // reading

    @Test
    void tells_messages_one_after_the_other() throws Exception {
        RawWebSocket peer = open();
        peer.send(
                Frame.text("one"),
                Frame.text("t").more(),
                Frame.of(Frame.CONTINUATION, "wo"),
                Frame.text("three €"));
        heard().awaitSaid(3);
        assertThat(heard().said).containsExactly("one", "two", "three €");
    }

    @Test
    void takes_a_message_of_just_the_limit() throws Exception {
        RawWebSocket peer = open();
        peer.send(Frame.text("x".repeat(MAX_MESSAGE)));
        peer.send(
                Frame.text("y".repeat(MAX_MESSAGE - 1)).more(), Frame.of(Frame.CONTINUATION, "y"));
        heard().awaitSaid(2);
        assertThat(heard().said).allSatisfy(each -> assertThat(each).hasSize(MAX_MESSAGE));
    }

    @Test
    void refuses_a_message_over_the_limit_in_one_frame() throws Exception {
        RawWebSocket peer = open();
        peer.send(Frame.text("x".repeat(MAX_MESSAGE + 1)));
        assertThat(closeCode(peer)).isEqualTo(1009);
        assertThat(peer.next()).isNull();
        peer.close();
        heard().awaitEnd(1009);
        assertThat(heard().said).isEmpty();
    }

    @Test
    void refuses_a_message_over_the_limit_as_soon_as_a_fragment_reaches_over_it() throws Exception {
        RawWebSocket peer = open();
        peer.send(
                Frame.text("x".repeat(MAX_MESSAGE)).more(),
                Frame.of(Frame.CONTINUATION, "x").more());
        Frame close = peer.next();
        assertThat(close).isNotNull();
        assertThat(close.closeCode()).isEqualTo(1009);
        assertThat(close.closeReason()).isEqualTo("a message is at most 1000 bytes");
        peer.send(close);
        heard().awaitEnd(1009);
    }

    @Test
    void has_the_refusal_read_by_a_peer_that_is_still_sending() throws Exception {
        RawWebSocket peer = open();
        Frame much = Frame.text("x".repeat(1 << 20));
        peer.write(much.octets());
        peer.write(new byte[1 << 20]);
        assertThat(closeCode(peer)).isEqualTo(1009);
        assertThat(peer.next()).isNull();
        peer.close();
        heard().awaitEnd(1009);
    }

    @Test
    void refuses_binary_messages() throws Exception {
        RawWebSocket peer = open();
        peer.send(Frame.of(Frame.BINARY, "bytes"));
        Frame close = peer.next();
        assertThat(close).isEqualTo(Frame.close(1003, "only text is taken"));
        peer.send(close);
        heard().awaitEnd(1003);
        assertThat(heard().said).isEmpty();
    }

    @Test
    void tells_nothing_of_what_comes_after_a_wrong_frame() throws Exception {
        RawWebSocket peer = open();
        peer.send(
                Frame.text("fine"),
                Frame.of(Frame.TEXT, new byte[] {(byte) 0xFF}),
                Frame.text("too late"));
        Frame close = peer.next();
        assertThat(close).isEqualTo(Frame.close(1007, "text is to be UTF-8"));
        peer.send(close);
        heard().awaitEnd(1007);
        assertThat(heard().said).containsExactly("fine");
    }

    @Test
    void closes_with_1011_when_the_listener_throws() throws Exception {
        open(
                SELDOM,
                _ -> {
                    throw new IllegalStateException("thrown on purpose");
                });
        RawWebSocket peer = connect();
        peer.send(Frame.text("one"), Frame.text("two"));
        assertThat(closeCode(peer)).isEqualTo(1011);
        peer.send(Frame.close(1011, ""));
        heard().awaitEnd(1011);
        assertThat(heard().said).containsExactly("one");
    }

    // backpressure

    @Test
    void tells_nothing_while_paused_and_everything_after() throws Exception {
        open(SELDOM, TextSocket::pause);
        RawWebSocket peer = connect();
        peer.send(Frame.text("1"), Frame.text("2"), Frame.empty(Frame.PING), Frame.text("3"));
        for (int count = 1; count <= 3; count++) {
            heard().awaitSaid(count);
            peer.send(Frame.empty(Frame.PING)); // answered behind what was read before
            Frame pong = peer.next();
            assertThat(pong).isNotNull();
            assertThat(heard().said).hasSize(count);
            heard().socket().resume();
        }
        assertThat(heard().said).containsExactly("1", "2", "3");
    }

    @Test
    void has_a_flooding_peer_stall_while_paused() throws Exception {
        RawWebSocket peer = open();
        heard().socket().pause();
        byte[] message = Frame.text("x".repeat(MAX_MESSAGE)).octets();
        var written = new AtomicLong();
        Thread flood =
                Thread.ofPlatform()
                        .start(() -> {
                            try {
                                for (int i = 0; i < 200_000; i++) { // 200 MB
                                    peer.write(message);
                                    written.incrementAndGet();
                                }
                            } catch (IOException closed) {
                                // at the end of the test
                            }
                        });
        var before = new AtomicLong(-1);
        await().during(Duration.ofSeconds(1))
                .atMost(LONG)
                .until(() -> before.getAndSet(written.get()) == written.get());
        assertThat(flood.isAlive()).isTrue();
        assertThat(heard().said).hasSizeLessThanOrEqualTo(1);
        long stalled = written.get();
        assertThat(stalled).as("what the system's buffers hold").isLessThan(50_000);
        heard().socket().resume();
        await().atMost(LONG).until(() -> written.get() > stalled + 1000);
        peer.close();
        flood.join();
    }

    @Test
    void cuts_a_reader_that_is_too_slow() throws Exception {
        open(SELDOM, _ -> {});
        var small = new Socket();
        small.setReceiveBufferSize(4096);
        connect(small);
        TextSocket socket = heard().socket();
        String message = "x".repeat(64_000);
        int sent = 0;
        while (socket.send(message)) {
            sent++;
            assertThat(sent).as("messages of 64 kB").isLessThan(1000);
        }
        heard().awaitEnd(1006);
        assertThat(socket.send("more")).isFalse();
        assertThat(heard().drained).hasValueLessThanOrEqualTo(sent);
    }

    @Test
    void cuts_a_peer_that_pings_and_reads_no_pong() throws Exception {
        open(SELDOM, _ -> {});
        var small = new Socket();
        small.setReceiveBufferSize(4096);
        RawWebSocket peer = connect(small);
        Frame[] pings = new Frame[200];
        Arrays.fill(pings, Frame.of(Frame.PING, new byte[125]));
        assertThatThrownBy(
                        () -> {
                            for (int i = 0; i < 4000; i++) { // 100 MB
                                peer.send(pings);
                            }
                        })
                .isInstanceOf(SocketException.class);
        heard().awaitEnd(1006);
    }

    @Test
    void keeps_a_peer_that_sends_and_reads_many_pings_at_once() throws Exception {
        RawWebSocket peer = open();
        Frame[] pings = numbered(Frame.PING, 20_000);
        Thread sender =
                Thread.ofPlatform()
                        .start(() -> {
                            try {
                                peer.send(pings);
                            } catch (IOException told) {
                                throw new UncheckedIOException(told);
                            }
                        });
        for (int i = 0; i < pings.length; i++) {
            assertThat(peer.next()).isEqualTo(Frame.of(Frame.PONG, "" + i));
        }
        sender.join();
        assertThat(heard().ends).isEmpty();
    }

    @Test
    void does_not_take_many_answers_within_one_read_for_a_slow_reader() throws Exception {
        maxUnsent = 65_536;
        String answer = "y".repeat(200);
        open(SELDOM, socket -> socket.send(answer));
        RawWebSocket peer = connect();
        peer.send(numbered(Frame.TEXT, 1000));
        for (int i = 0; i < 1000; i++) {
            assertThat(peer.next()).isEqualTo(Frame.text(answer));
        }
    }

    // writing

    @Test
    void sends_in_the_order_of_the_caller() throws Exception {
        RawWebSocket peer = open();
        for (int i = 0; i < 1000; i++) {
            assertThat(heard().socket().send(i % 2 == 0 ? "" + i : "ü" + i)).isTrue();
        }
        for (int i = 0; i < 1000; i++) {
            assertThat(peer.next()).isEqualTo(Frame.text(i % 2 == 0 ? "" + i : "ü" + i));
        }
        await().atMost(LONG).until(() -> heard().drained.get() > 0);
    }

    @Test
    void may_be_given_more_each_time_it_has_sent_all() throws Exception {
        RawWebSocket peer = open();
        Heard heard = heard();
        var next = new AtomicInteger();
        heard.onDrained =
                () -> {
                    if (next.incrementAndGet() < 20_000) {
                        heard.socket().send(next.toString());
                    }
                };
        heard.socket().send("0");
        for (int i = 0; i < 20_000; i++) {
            assertThat(peer.next()).isEqualTo(Frame.text(String.valueOf(i)));
        }
    }

    @Test
    void sends_one_buffer_to_many() throws Exception {
        open(SELDOM, _ -> {});
        String text = "schön ".repeat(2000);
        Buffer shared = Buffer.buffer(text.getBytes(UTF_8));
        for (int i = 0; i < 5; i++) {
            connect();
        }
        for (int round = 0; round < 3; round++) {
            for (Heard each : accepted) {
                assertThat(each.socket().send(shared)).isTrue();
            }
        }
        for (RawWebSocket peer : peers) {
            for (int round = 0; round < 3; round++) {
                assertThat(peer.next()).isEqualTo(Frame.text(text));
            }
        }
    }

    // closing

    @Test
    void closes_behind_what_was_sent_and_only_once() throws Exception {
        RawWebSocket peer = open();
        TextSocket socket = heard().socket();
        socket.send("last words");
        socket.close(4090, "opened elsewhere");
        socket.close(1000, "not heard");
        assertThat(socket.send("too late")).isFalse();
        assertThat(peer.next()).isEqualTo(Frame.text("last words"));
        assertThat(peer.next()).isEqualTo(Frame.close(4090, "opened elsewhere"));
        peer.send(Frame.text("too late as well"), Frame.close(4090, ""));
        assertThat(peer.next()).isNull();
        heard().awaitEnd(4090);
        assertThat(heard().said).isEmpty();
    }

    @Test
    void cuts_a_close_reason_between_characters() throws Exception {
        RawWebSocket peer = open();
        heard().socket().close(1008, "€".repeat(60));
        assertThat(peer.next()).isEqualTo(Frame.close(1008, "€".repeat(41)));
    }

    @Test
    void leaves_a_close_reason_of_just_the_limit() throws Exception {
        RawWebSocket peer = open();
        heard().socket().close(1008, "a" + "é".repeat(61));
        assertThat(peer.next()).isEqualTo(Frame.close(1008, "a" + "é".repeat(61)));
    }

    @Test
    void cuts_a_peer_that_does_not_answer_the_close() throws Exception {
        RawWebSocket peer = open();
        heard().socket().close(1001, "");
        long before = System.nanoTime();
        assertThat(closeCode(peer)).isEqualTo(1001);
        peer.send(Frame.text("I will not go"));
        assertThat(peer.next()).isNull();
        assertThat(Duration.ofNanos(System.nanoTime() - before))
                .isBetween(TextSocket.PATIENCE.minusSeconds(1), LONG);
        heard().awaitEnd(1001);
        assertThat(heard().said).isEmpty();
    }

    @Test
    void hears_the_answer_to_a_close_though_paused() throws Exception {
        RawWebSocket peer = open();
        heard().socket().pause();
        Frame[] many = numbered(Frame.TEXT, 100);
        many[99] = Frame.empty(Frame.PING);
        peer.send(many);
        assertThat(peer.next()).isEqualTo(Frame.empty(Frame.PONG)); // all are in our hands
        heard().socket().close(1001, "");
        peer.send(Frame.close(1001, ""));
        assertThat(closeCode(peer)).isEqualTo(1001);
        assertThat(peer.next()).isNull();
        heard().awaitEnd(1001);
    }

    @Test
    void tells_the_peers_code() throws Exception {
        RawWebSocket peer = open();
        peer.send(Frame.text("bye"), Frame.close(1000, "done"));
        assertThat(closeCode(peer)).isEqualTo(1000);
        assertThat(peer.next()).isNull();
        heard().awaitEnd(1000);
        assertThat(heard().said).containsExactly("bye");
        assertThat(heard().socket().send("too late")).isFalse();
    }

    @Test
    void tells_1005_when_the_peer_gives_no_code() throws Exception {
        RawWebSocket peer = open();
        peer.send(Frame.empty(Frame.CLOSE));
        heard().awaitEnd(1005);
    }

    @Test
    void tells_1006_when_the_connection_breaks() throws Exception {
        open().close();
        heard().awaitEnd(1006);
    }

    @Test
    void refuses_codes_that_no_close_frame_may_have() throws Exception {
        open();
        for (int code : new int[] {0, 999, 1005, 1006, 5000}) {
            assertThatThrownBy(() -> heard().socket().close(code, ""))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(String.valueOf(code));
        }
    }

    // pings

    @Test
    void cuts_a_peer_that_answers_no_ping() throws Exception {
        open(OFTEN, _ -> {});
        RawWebSocket peer = connect();
        assertThat(peer.next()).isEqualTo(Frame.empty(Frame.PING));
        assertThat(peer.next()).isEqualTo(Frame.empty(Frame.PING));
        assertThat(peer.next()).isNull();
        heard().awaitEnd(1006);
    }

    @Test
    void keeps_a_peer_that_answers() throws Exception {
        open(OFTEN, _ -> {});
        RawWebSocket peer = connect();
        for (int i = 0; i < 10; i++) {
            assertThat(peer.next()).isEqualTo(Frame.empty(Frame.PING));
            peer.send(Frame.empty(Frame.PONG));
        }
        assertThat(heard().ends).isEmpty();
    }

    @Test
    void does_not_blame_a_peer_for_our_not_listening() throws Exception {
        open(OFTEN, _ -> {});
        RawWebSocket peer = connect();
        heard().socket().pause();
        for (int i = 0; i < 10; i++) {
            assertThat(peer.next()).isEqualTo(Frame.empty(Frame.PING));
        }
        assertThat(heard().ends).isEmpty();
    }

    // the rest

    @Test
    void starts_only_on_its_event_loop() throws Exception {
        var refused = new CompletableFuture<Throwable>();
        server =
                SocketServer.open(
                        MAX_MESSAGE,
                        socket -> {
                            var text =
                                    new TextSocket(
                                            socket,
                                            MAX_MESSAGE,
                                            MAX_UNSENT,
                                            SELDOM,
                                            new Heard(_ -> {}));
                            Thread.ofVirtual()
                                    .start(() -> {
                                        try {
                                            text.start();
                                        } catch (IllegalStateException expected) {
                                            refused.complete(expected);
                                        }
                                    });
                        });
        peers.add(RawWebSocket.open(server.port(), "/"));
        assertThat(refused.orTimeout(30, SECONDS).join()).hasMessageContaining("event loop");
    }
}
