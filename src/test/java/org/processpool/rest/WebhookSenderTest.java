package org.processpool.rest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.processpool.rest.Receiver.HOST;
import static org.processpool.rest.TestWebhooks.SECRET;
import static org.processpool.rest.TestWebhooks.allowing;

import com.standardwebhooks.Webhook;
import com.standardwebhooks.exceptions.WebhookVerificationException;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import io.vertx.core.Vertx;
import io.vertx.core.net.TrustOptions;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.processpool.rest.WebhookSender.Attempt;

/** Fault 25: the target is down, slow, redirecting, answers 10 MB, or has a private address. */
@Timeout(120)
class WebhookSenderTest {
    private static final Duration SHORT = Duration.ofMillis(500);
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final String BODY =
            "{\"type\":\"job.succeeded\",\"data\":{\"text\":\"h\u00e9\"}}";

    /** Stands in for the public internet. */
    private static final InetAddress HERE = InetAddress.ofLiteral("127.0.0.1");

    @TempDir static Path folder;

    private static Path key;
    private static Vertx vertx;

    private final List<AutoCloseable> open = new ArrayList<>();
    private final CountDownLatch testEnds = new CountDownLatch(1);

    @BeforeAll
    static void make_a_key() throws Exception {
        key = Receiver.key(folder);
        vertx = Vertx.vertx();
    }

    @AfterAll
    static void end() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    @AfterEach
    void close_what_was_opened() throws Exception {
        testEnds.countDown();
        for (AutoCloseable each : open) {
            each.close();
        }
    }

    @Test
    void delivers_with_a_signature_that_the_receiver_can_verify() throws Exception {
        Receiver receiver = receiver(exchange -> Receiver.answer(exchange, 204));
        Instant before = Instant.now();

        Attempt attempt = toReceiver(receiver).send(message(receiver, "/hook?for=me"));

        assertThat(attempt.delivered()).isTrue();
        assertThat(attempt.status()).isEqualTo(204);
        assertThat(attempt.error()).isEmpty();
        assertThat(attempt.gone()).isFalse();
        assertThat(attempt.at()).isBetween(before, Instant.now());
        assertThat(attempt.took()).isPositive();
        var request = receiver.requests().getFirst();
        assertThat(request.line()).isEqualTo("POST /hook?for=me");
        assertThat(request.body()).isEqualTo(BODY);
        assertThat(request.headers().getFirst("Content-Type")).isEqualTo("application/json");
        assertThat(request.headers().getFirst("User-Agent")).isEqualTo("process-pool/1.2.3");
        assertThat(request.headers().getFirst("Host")).isEqualTo(HOST + ":" + receiver.port());
        assertThat(request.headers().getFirst("webhook-id")).isEqualTo("msg_1");
        assertThat(request.headers().getFirst("webhook-timestamp"))
                .isEqualTo(Long.toString(attempt.at().getEpochSecond()));
        assertThat(request.serverNames()).containsExactly(HOST);
        new Webhook(SECRET).verify(request.body(), request.headers());
        assertThatThrownBy(
                        () -> new Webhook(SECRET).verify(request.body() + " ", request.headers()))
                .isInstanceOf(WebhookVerificationException.class);
    }

    @ParameterizedTest
    @CsvSource({"500, false", "404, false", "410, true", "503, false"})
    void takes_any_other_answer_as_a_failure_and_410_as_goodbye(int status, boolean gone)
            throws Exception {
        Receiver receiver = receiver(exchange -> Receiver.answer(exchange, status));
        Attempt attempt = toReceiver(receiver).send(message(receiver, "/"));
        assertThat(attempt.delivered()).isFalse();
        assertThat(attempt.status()).isEqualTo(status);
        assertThat(attempt.error()).contains("answered " + status);
        assertThat(attempt.gone()).isEqualTo(gone);
        assertThat(attempt.retryAfter()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {301, 302, 303, 307, 308})
    void follows_no_redirect(int status) throws Exception {
        Receiver elsewhere = receiver(exchange -> Receiver.answer(exchange, 200));
        Receiver receiver =
                receiver(exchange -> {
                    exchange.getResponseHeaders()
                            .add("Location", url(elsewhere, "/caught").toString());
                    Receiver.answer(exchange, status);
                });
        Attempt attempt = toReceiver(receiver, elsewhere).send(message(receiver, "/"));
        assertThat(attempt.delivered()).isFalse();
        assertThat(attempt.status()).isEqualTo(status);
        assertThat(attempt.error().orElseThrow()).contains("redirects are not followed");
        assertThat(elsewhere.requests()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "7 | PT7S",
                "86400 | PT1H",
                "Wed, 04 Mar 2026 12:00:30 GMT | PT30S",
                "whenever |"
            })
    void says_when_the_receiver_wants_the_next(String header, Duration expected) throws Exception {
        Receiver receiver =
                receiver(exchange -> {
                    exchange.getResponseHeaders().add("Retry-After", header);
                    Receiver.answer(exchange, 429);
                });
        Clock noon = Clock.fixed(Instant.parse("2026-03-04T12:00:00Z"), ZoneOffset.UTC);
        WebhookSender sender =
                sender(settings(receiver), host -> List.of(HERE), HERE::equals, trust(), noon);
        Attempt attempt = sender.send(message(receiver, "/"));
        if (expected == null) {
            assertThat(attempt.retryAfter()).isEmpty();
        } else {
            assertThat(attempt.retryAfter().orElseThrow())
                    .isBetween(expected.minusSeconds(25), expected)
                    .isPositive();
        }
    }

    @Test
    void reads_little_of_an_answer_of_10_MB_and_hangs_up() throws Exception {
        var written = new CompletableFuture<Integer>();
        Receiver receiver = receiver(exchange -> written.complete(flood(exchange, 10 << 20)));
        Attempt attempt = toReceiver(receiver).send(message(receiver, "/"));
        assertThat(attempt.delivered()).isTrue();
        // what the kernel of the receiver took off it, and at most 16 KiB at a time was ours
        assertThat(written.get(1, TimeUnit.MINUTES)).isLessThan(5 << 20);
    }

    @Test
    void does_not_wait_for_an_answer_that_never_ends() throws Exception {
        var written = new CompletableFuture<Integer>();
        Receiver receiver =
                receiver(exchange -> written.complete(flood(exchange, Integer.MAX_VALUE)));
        Attempt attempt = toReceiver(receiver).send(message(receiver, "/"));
        assertThat(attempt.delivered()).isTrue();
        assertThat(attempt.took()).isLessThan(Duration.ofSeconds(20));
        assertThat(written.get(1, TimeUnit.MINUTES)).isLessThan(5 << 20);
    }

    @Test
    void refuses_an_answer_whose_head_never_ends() throws Exception {
        int port =
                rawServer(socket -> {
                    var out = socket.getOutputStream();
                    out.write("HTTP/1.1 200 OK\r\n".getBytes(UTF_8));
                    byte[] line = ("X: " + "x".repeat(1000) + "\r\n").getBytes(UTF_8);
                    for (int i = 0; i < 10_000; i++) {
                        out.write(line);
                    }
                });
        Attempt attempt = insecure().send(plain(port));
        assertThat(attempt.delivered()).isFalse();
        assertThat(attempt.status()).isZero();
        assertThat(attempt.took()).isLessThan(Duration.ofSeconds(20));
    }

    @Test
    void tells_and_logs_nothing_of_an_answer_that_is_no_HTTP() throws Exception {
        int port =
                rawServer(socket ->
                        socket.getOutputStream().write("PASSWORD\r\n\r\n".getBytes(UTF_8)));
        Attempt attempt;
        var log = new LogLines("");
        try {
            attempt = insecure().send(plain(port));
        } finally {
            log.close();
        }
        assertThat(log.lines()).noneMatch(line -> line.contains("PASSWORD"));
        assertThat(attempt.delivered()).isFalse();
        assertThat(attempt.error().orElseThrow())
                .contains("no answer in HTTP")
                .doesNotContain("PASSWORD");
    }

    @Test
    void fails_when_the_connection_is_closed_without_an_answer() throws Exception {
        int port = rawServer(socket -> {});
        Attempt attempt = insecure().send(plain(port));
        assertThat(attempt.delivered()).isFalse();
        assertThat(attempt.status()).isZero();
        assertThat(attempt.error()).isPresent();
    }

    @Test
    void fails_when_nobody_listens() throws Exception {
        int port;
        try (var free = new ServerSocket(0, 1, HERE)) {
            port = free.getLocalPort();
        }
        Attempt attempt = insecure().send(plain(port));
        assertThat(attempt.delivered()).isFalse();
        assertThat(attempt.status()).isZero();
        assertThat(attempt.error()).contains("nobody can be connected to at the host's address");
    }

    @Test
    void gives_up_on_a_receiver_that_does_not_answer() throws Exception {
        Receiver receiver = receiver(exchange -> awaitEnd());
        assertTimedOut(sender(settings(receiver).timeout(SHORT)).send(message(receiver, "/")));
        assertThat(receiver.requests()).hasSize(1);
    }

    @Test
    void gives_up_on_a_receiver_that_does_not_shake_hands() throws Exception {
        int port = rawServer(socket -> awaitEnd());
        assertTimedOut(
                sender(allowing(HOST + ":" + port).timeout(SHORT))
                        .send(message(URI.create("https://%s:%d/".formatted(HOST, port)))));
    }

    @Test
    void gives_up_on_a_look_up_that_hangs() throws Exception {
        HostLookup hanging =
                host -> {
                    awaitEnd();
                    return List.of(HERE);
                };
        assertTimedOut(
                sender(allowing(HOST).timeout(SHORT), hanging, HERE::equals)
                        .send(message(URI.create("https://" + HOST))));
    }

    @Test
    void takes_a_head_in_time_for_an_answer_whatever_becomes_of_the_rest() throws Exception {
        Receiver receiver =
                receiver(exchange -> {
                    exchange.sendResponseHeaders(200, 100);
                    exchange.getResponseBody().write('x');
                    exchange.getResponseBody().flush();
                    awaitEnd();
                });
        Attempt attempt =
                sender(settings(receiver).timeout(Duration.ofSeconds(3)))
                        .send(message(receiver, "/"));
        assertThat(attempt.delivered()).isTrue();
        assertThat(attempt.took()).isLessThan(Duration.ofSeconds(30));
    }

    @Test
    void can_be_interrupted() throws Exception {
        Receiver receiver = receiver(exchange -> awaitEnd());
        WebhookSender sender = toReceiver(receiver);
        var task = new FutureTask<>(() -> sender.send(message(receiver, "/")));
        Thread thread = Thread.startVirtualThread(task);
        await().atMost(LONG).until(() -> receiver.requests().size() == 1);
        thread.interrupt();
        assertThatThrownBy(() -> task.get(1, TimeUnit.MINUTES))
                .hasCauseInstanceOf(InterruptedException.class);
    }

    @Test
    void believes_only_certificates_that_are_trusted() throws Exception {
        Receiver receiver = receiver(exchange -> Receiver.answer(exchange, 200));
        WebhookSender sender =
                sender(
                        settings(receiver),
                        host -> List.of(HERE),
                        HERE::equals,
                        null,
                        Clock.systemUTC());
        Attempt attempt = sender.send(message(receiver, "/"));
        assertThat(attempt.delivered()).isFalse();
        assertThat(attempt.error())
                .contains("the TLS handshake failed: the receiver's certificate is not trusted");
        assertThat(receiver.requests()).isEmpty();
    }

    @Test
    void believes_a_certificate_only_of_the_host_it_is_for() throws Exception {
        Receiver receiver = receiver(exchange -> Receiver.answer(exchange, 200));
        URI other = URI.create("https://other.example.com:" + receiver.port());
        Attempt attempt =
                sender(allowing("other.example.com:" + receiver.port())).send(message(other));
        assertThat(attempt.delivered()).isFalse();
        assertThat(attempt.error().orElseThrow()).contains("certificate is not for this host");
        assertThat(receiver.requests()).isEmpty();
    }

    @Test
    void connects_to_the_address_it_has_checked_though_the_name_changes_its_mind()
            throws Exception {
        Receiver receiver = receiver(exchange -> Receiver.answer(exchange, 200));
        Receiver inside = receiver.twin(key, "127.0.0.2");
        open.add(inside);
        var answers =
                new ArrayDeque<>(
                        List.of(
                                List.of(HERE),
                                List.of(InetAddress.ofLiteral("127.0.0.2")),
                                List.of(HERE, InetAddress.ofLiteral("127.0.0.2"))));
        WebhookSender sender = sender(settings(receiver), rebinding(answers), HERE::equals);

        assertThat(sender.send(message(receiver, "/")).delivered()).isTrue();
        assertThat(answers).as("asked once").hasSize(2);
        assertNotPublic(sender.send(message(receiver, "/")));
        assertNotPublic(sender.send(message(receiver, "/")));
        assertThat(receiver.requests()).hasSize(1);
        assertThat(inside.requests()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "127.0.0.1",
                "169.254.169.254",
                "10.1.2.3",
                "0.0.0.0",
                "::1",
                "::ffff:127.0.0.1",
                "fd00::1",
                "64:ff9b::7f00:1"
            })
    void connects_to_no_address_of_a_private_network(String address) throws Exception {
        Receiver receiver = receiver(exchange -> Receiver.answer(exchange, 200));
        WebhookSender sender =
                sender(
                        settings(receiver),
                        host -> List.of(InetAddress.ofLiteral(address)),
                        PublicAddress::isPublic);
        Attempt attempt = sender.send(message(receiver, "/"));
        assertNotPublic(attempt);
        assertThat(attempt.error().orElseThrow()).doesNotContain(address);
        assertThat(receiver.requests()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"localhost", "localhost.", "LOCALHOST", "LocalHost."})
    void connects_to_no_name_of_this_machine_though_it_is_allowed(String name) throws Exception {
        Receiver receiver = receiver(exchange -> Receiver.answer(exchange, 200));
        WebhookSender sender =
                sender(
                        allowing("localhost:" + receiver.port()),
                        HostLookup.SYSTEM,
                        PublicAddress::isPublic);
        assertNotPublic(
                sender.send(message(URI.create("https://" + name + ":" + receiver.port()))));
        assertThat(receiver.requests()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "http://hooks.example.com/, scheme",
        "https://me:word@hooks.example.com/, userinfo",
        "https://127.0.0.1/, address-literal",
        "https://[::1]/, address-literal",
        "https://elsewhere.example.com/, host-not-allowed",
        "https://hooks.example.com:8443/, port"
    })
    void asks_the_policy_again_before_it_looks_anything_up(URI url, String reason)
            throws Exception {
        var lookups = new AtomicInteger();
        HostLookup counting =
                host -> {
                    lookups.incrementAndGet();
                    return List.of(HERE);
                };
        Attempt attempt = sender(allowing(HOST), counting, HERE::equals).send(message(url));
        assertThat(attempt.error()).contains("the callback is not allowed: " + reason);
        assertThat(attempt.status()).isZero();
        assertThat(lookups).hasValue(0);
    }

    @Test
    void says_when_a_host_has_no_address() throws Exception {
        HostLookup empty =
                host -> {
                    throw new UnknownHostException("10.0.0.53 knows no " + host);
                };
        Attempt attempt =
                sender(allowing(HOST), empty, HERE::equals)
                        .send(message(URI.create("https://" + HOST)));
        assertThat(attempt.error()).contains("the host has no address");
    }

    @Test
    void goes_through_no_proxy_of_the_environment() throws Exception {
        Receiver receiver = receiver(exchange -> Receiver.answer(exchange, 200));
        System.setProperty("https.proxyHost", "127.0.0.3");
        System.setProperty("https.proxyPort", "9");
        try {
            assertThat(toReceiver(receiver).send(message(receiver, "/")).delivered()).isTrue();
        } finally {
            System.clearProperty("https.proxyHost");
            System.clearProperty("https.proxyPort");
        }
    }

    private static void assertNotPublic(Attempt attempt) {
        assertThat(attempt.delivered()).isFalse();
        assertThat(attempt.status()).isZero();
        assertThat(attempt.error()).contains("the host has an address that is not public");
    }

    private static void assertTimedOut(Attempt attempt) {
        assertThat(attempt.delivered()).isFalse();
        assertThat(attempt.status()).isZero();
        assertThat(attempt.error()).contains("no answer within 500 ms");
        assertThat(attempt.took()).isBetween(SHORT, LONG);
    }

    private static HostLookup rebinding(Queue<List<InetAddress>> answers) {
        return host -> answers.remove();
    }

    /** Writes until it is told to stop, and returns how many bytes that took. */
    private static int flood(HttpExchange exchange, int bytes) throws IOException {
        exchange.sendResponseHeaders(200, 0);
        int written = 0;
        byte[] piece = new byte[8192];
        try (var body = exchange.getResponseBody()) {
            while (written < bytes) {
                body.write(piece);
                written += piece.length;
            }
        } catch (IOException reset) {
            return written; // as hoped for
        }
        return written;
    }

    private void awaitEnd() {
        try {
            testEnds.await();
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    private interface Conversation {
        void with(Socket socket) throws IOException;
    }

    /** Accepts a connection without TLS, reads the request's beginning and then does as told. */
    private int rawServer(Conversation conversation) throws IOException {
        var server = new ServerSocket(0, 10, HERE);
        open.add(server);
        Thread.startVirtualThread(() -> {
            try (Socket socket = server.accept()) {
                InputStream in = socket.getInputStream();
                assertThat(in.read(new byte[65536])).isPositive();
                conversation.with(socket);
            } catch (IOException reset) {
                // the sender hangs up, or the test ends
            }
        });
        return server.getLocalPort();
    }

    private Receiver receiver(HttpHandler answer) throws Exception {
        Receiver receiver = Receiver.answering(key, answer);
        open.add(receiver);
        return receiver;
    }

    private static TestWebhooks settings(Receiver... receivers) {
        return allowing(
                List.of(receivers).stream()
                        .map(receiver -> HOST + ":" + receiver.port())
                        .toArray(String[]::new));
    }

    private WebhookSender toReceiver(Receiver... receivers) {
        return sender(settings(receivers));
    }

    private WebhookSender sender(TestWebhooks settings) {
        return sender(settings, host -> List.of(HERE), HERE::equals);
    }

    private WebhookSender insecure() {
        return sender(allowing(HOST).insecure());
    }

    private WebhookSender sender(
            TestWebhooks settings, HostLookup lookup, Predicate<InetAddress> mayConnect) {
        return sender(settings, lookup, mayConnect, trust(), Clock.systemUTC());
    }

    private WebhookSender sender(
            TestWebhooks settings,
            HostLookup lookup,
            Predicate<InetAddress> mayConnect,
            TrustOptions trust,
            Clock clock) {
        var sender =
                new WebhookSender(
                        vertx,
                        new CallbackPolicy(settings),
                        "1.2.3",
                        lookup,
                        mayConnect,
                        trust,
                        clock);
        open.add(sender::close);
        return sender;
    }

    private static TrustOptions trust() {
        return Receiver.trust(key);
    }

    private static URI url(Receiver receiver, String path) {
        return URI.create("https://%s:%d%s".formatted(HOST, receiver.port(), path));
    }

    private static WebhookMessage message(Receiver receiver, String path) {
        return message(url(receiver, path));
    }

    private static WebhookMessage message(URI url) {
        return new WebhookMessage("msg_1", url, null, BODY.getBytes(UTF_8));
    }

    private static WebhookMessage plain(int port) {
        return message(URI.create("http://%s:%d/".formatted(HOST, port)));
    }
}
