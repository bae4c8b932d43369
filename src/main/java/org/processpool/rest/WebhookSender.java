package org.processpool.rest;

import com.standardwebhooks.exceptions.WebhookSigningException;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.SocketAddress;
import io.vertx.core.net.TrustOptions;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertificateException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import javax.net.ssl.SSLException;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;

/**
 * Sends one webhook once; when to try again is the caller's business.
 *
 * <p>The receiver is not trusted, and neither is whoever named it. Its host is looked up once, and
 * the connection goes to an address found then, so that a name which changes its mind cannot lead
 * into our network; one address among those found that is not public is enough to refuse. A
 * redirect is a failure. Of the answer at most {@value #LONGEST_ANSWER} bytes are read. The
 * environment's proxy is not used. What comes back says nothing of the answer's text nor of the
 * addresses, which a client of ours may see.
 *
 * <p>Safe for any number of threads. All methods block and belong on virtual threads, never on an
 * event loop.
 */
@Singleton
public final class WebhookSender {

    private static final int LONGEST_ANSWER = 4096;

    /** Also bounds what the kernel takes in for us before we have looked at it. */
    private static final int RECEIVE_BUFFER = 16 * 1024;

    private static final int CONNECTIONS_PER_HOST = 64;

    /** The client's own timeouts only tidy up: what an attempt ends with is never a race of two. */
    private static final Duration AFTER_THE_TIMEOUT = Duration.ofSeconds(1);

    private final CallbackPolicy policy;
    private final HostLookup lookup;
    private final Predicate<InetAddress> mayConnect;
    private final Clock clock;
    private final String userAgent;
    private final HttpClient client;

    /** As the service has it. */
    @Inject
    WebhookSender(
            Vertx vertx,
            CallbackPolicy policy,
            @ConfigProperty(name = "quarkus.application.version") String version) {
        this(
                vertx,
                policy,
                version,
                HostLookup.SYSTEM,
                address -> policy.allowsPrivateAddresses() || PublicAddress.isPublic(address),
                null,
                Clock.systemUTC());
    }

    /**
     * With what tests replace.
     *
     * @param trust whose certificates are believed; null for the JDK's
     */
    WebhookSender(
            Vertx vertx,
            CallbackPolicy policy,
            String version,
            HostLookup lookup,
            Predicate<InetAddress> mayConnect,
            @Nullable TrustOptions trust,
            Clock clock) {
        this.policy = policy;
        this.lookup = lookup;
        this.mayConnect = mayConnect;
        this.clock = clock;
        userAgent = "process-pool/" + version;
        int millis = Math.toIntExact(policy.timeout().plus(AFTER_THE_TIMEOUT).toMillis());
        var options =
                new HttpClientOptions()
                        .setProtocolVersion(HttpVersion.HTTP_1_1)
                        .setKeepAlive(false) // a connection is for one target and one attempt
                        .setMaxPoolSize(CONNECTIONS_PER_HOST)
                        .setConnectTimeout(millis)
                        .setSslHandshakeTimeout(millis)
                        .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS)
                        .setReceiveBufferSize(RECEIVE_BUFFER)
                        .setDecompressionSupported(false) // 4 KiB stay 4 KiB
                        .setVerifyHost(true);
        if (trust != null) {
            options.setTrustOptions(trust);
        }
        client = vertx.createHttpClient(options);
    }

    /**
     * What came of an attempt.
     *
     * @param at when it began; also the time that was signed, in whole seconds
     * @param status the answer's HTTP status; 0 if there was no answer
     * @param took how long it was
     * @param error why it failed, in a few words for people; empty if delivered
     * @param retryAfter how long the receiver asks to be left alone, zero to an hour; empty if it
     *     did not ask, or if delivered
     * @param delivered whether the receiver said so, with a status 200 to 299
     * @param gone whether it wants no more of them (410)
     */
    public record Attempt(
            Instant at,
            int status,
            Duration took,
            Optional<String> error,
            Optional<Duration> retryAfter,
            boolean delivered,
            boolean gone) {}

    /**
     * Makes one attempt; blocks for at most {@link WebhookSettings#timeout}, and until then for as
     * long as the receiver takes to end its answer.
     *
     * @return how it went; no refusal and no failure of the receiver is thrown
     * @throws InterruptedException if interrupted; then the connection is reset, and nobody knows
     *     whether the receiver has had the message
     */
    public Attempt send(WebhookMessage message) throws InterruptedException {
        Instant at = clock.instant();
        var patience = new Patience(policy.timeout());
        try {
            CallbackTarget target = policy.admit(message.url().toString(), message.secretRef());
            InetAddress address = addressOf(target.host(), patience);
            return answered(at, patience, exchange(target, address, message, at, patience));
        } catch (ProblemException refused) {
            Object reason = refused.problem().extensions().get("reason");
            return failed(at, patience, "the callback is not allowed: " + reason);
        } catch (TimeoutException late) {
            return failed(at, patience, "no answer within " + Problems.words(policy.timeout()));
        } catch (ExecutionException failure) {
            return failed(
                    at, patience, words(Objects.requireNonNullElse(failure.getCause(), failure)));
        }
    }

    @PreDestroy
    void close() {
        client.close().toCompletionStage().toCompletableFuture().join();
    }

    private static Attempt answered(Instant at, Patience patience, HttpClientResponse answer) {
        int status = answer.statusCode();
        boolean delivered = status >= 200 && status < 300;
        if (delivered) {
            return new Attempt(
                    at, status, patience.spent(), Optional.empty(), Optional.empty(), true, false);
        }
        return new Attempt(
                at,
                status,
                patience.spent(),
                Optional.of(
                        status >= 300 && status < 400
                                ? "answered %d; redirects are not followed".formatted(status)
                                : "answered %d".formatted(status)),
                RetryAfter.of(answer.getHeader(HttpHeaders.RETRY_AFTER), at.plus(patience.spent())),
                false,
                status == 410);
    }

    private static Attempt failed(Instant at, Patience patience, String error) {
        return new Attempt(
                at, 0, patience.spent(), Optional.of(error), Optional.empty(), false, false);
    }

    /**
     * The one address that the connection goes to.
     *
     * @throws ExecutionException of {@link UnknownHostException} or {@link NotPublic}
     */
    private InetAddress addressOf(String host, Patience patience)
            throws InterruptedException, ExecutionException, TimeoutException {
        var found = new FutureTask<>(() -> allowedAddress(host));
        // the look-up cannot be interrupted, and from a virtual thread it would hold a carrier
        Thread.ofPlatform().daemon().name("webhook-lookup").start(found);
        return found.get(patience.leftNanos(), TimeUnit.NANOSECONDS);
    }

    private InetAddress allowedAddress(String host) throws IOException {
        InetAddress first = null;
        for (InetAddress address : lookup.addresses(host)) {
            if (!mayConnect.test(address)) {
                throw new NotPublic();
            }
            first = first == null ? address : first;
        }
        if (first == null) {
            throw new UnknownHostException("no address");
        }
        return first;
    }

    /**
     * Sends and waits for the answer's head, and then for its end or {@value #LONGEST_ANSWER}
     * bytes, so that a receiver of manners is not cut off. The head decides: what becomes of the
     * rest changes nothing.
     */
    private HttpClientResponse exchange(
            CallbackTarget target,
            InetAddress address,
            WebhookMessage message,
            Instant at,
            Patience patience)
            throws InterruptedException, ExecutionException, TimeoutException {
        RequestOptions options =
                new RequestOptions()
                        .setMethod(HttpMethod.POST)
                        .setSsl(target.tls())
                        .setHost(target.host()) // for Host, SNI and the certificate
                        .setPort(target.port())
                        .setServer(pinned(address, target.port()))
                        .setURI(target.path())
                        .setFollowRedirects(false)
                        .setHeaders(headers(target, message, at));
        var ended = new CompletableFuture<@Nullable Void>();
        Future<HttpClientRequest> request = client.request(options);
        try {
            HttpClientResponse answer =
                    get(
                            request.compose(ready -> post(ready, message, patience))
                                    .onSuccess(head -> readAway(head, ended))
                                    .toCompletionStage()
                                    .toCompletableFuture(),
                            patience);
            try {
                get(ended, patience);
            } catch (TimeoutException slow) {
                return answer; // its head was in time
            }
            return answer;
        } finally {
            // also when it is connected only later, or the end of the answer was not awaited
            request.onSuccess(HttpClientRequest::reset);
        }
    }

    /** Sends unless the attempt has been given up meanwhile, as it then is a failed one. */
    private static Future<HttpClientResponse> post(
            HttpClientRequest request, WebhookMessage message, Patience patience) {
        // the request fails too and is told of; left alone, Vert.x logs pieces of the answer
        request.connection().exceptionHandler(torn -> {});
        return patience.leftNanos() > 0
                ? request.send(Buffer.buffer(message.body()))
                : Future.failedFuture(new TimeoutException());
    }

    /** Reads the body without keeping it; to be called before the event loop goes on. */
    private static void readAway(HttpClientResponse head, CompletableFuture<@Nullable Void> ended) {
        long[] read = {0};
        head.handler(bytes -> {
            read[0] += bytes.length();
            if (read[0] > LONGEST_ANSWER) {
                head.request().reset();
                ended.complete(null);
            }
        });
        head.endHandler(end -> ended.complete(null));
        head.exceptionHandler(torn -> ended.complete(null));
    }

    /** Without a name, so that nothing can look it up again. */
    private static SocketAddress pinned(InetAddress address, int port) {
        try {
            return SocketAddress.inetSocketAddress(
                    new InetSocketAddress(InetAddress.getByAddress(address.getAddress()), port));
        } catch (UnknownHostException impossible) {
            throw new IllegalStateException("an address has the length of one", impossible);
        }
    }

    private MultiMap headers(CallbackTarget target, WebhookMessage message, Instant at) {
        String signature;
        try {
            signature = target.secret().sign(message.id(), at.getEpochSecond(), message.text());
        } catch (WebhookSigningException impossible) {
            throw new IllegalStateException("the JDK has no HmacSHA256", impossible);
        }
        return MultiMap.caseInsensitiveMultiMap()
                .add(HttpHeaders.CONTENT_TYPE, "application/json")
                .add(HttpHeaders.USER_AGENT, userAgent)
                .add("webhook-id", message.id())
                .add("webhook-timestamp", Long.toString(at.getEpochSecond()))
                .add("webhook-signature", signature);
    }

    private static <T extends @Nullable Object> T get(
            CompletableFuture<T> future, Patience patience)
            throws InterruptedException, ExecutionException, TimeoutException {
        return future.get(patience.leftNanos(), TimeUnit.NANOSECONDS);
    }

    /**
     * A failure in words of our own: the messages of the libraries may have addresses and bytes of
     * the answer in them.
     */
    private static String words(Throwable failure) {
        return switch (failure) {
            case UnknownHostException _ -> "the host has no address";
            case NotPublic _ -> "the host has an address that is not public";
            case SSLException tls -> "the TLS handshake failed" + certificate(tls);
            case ConnectException _ -> "nobody can be connected to at the host's address";
            case SocketException _ -> "the connection was reset";
            default ->
                    "there was no answer in HTTP (%s)"
                            .formatted(failure.getClass().getSimpleName());
        };
    }

    /** What is wrong with the receiver's certificate, if that is why. */
    private static String certificate(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof CertPathBuilderException) {
                return ": the receiver's certificate is not trusted";
            }
            if (cause instanceof CertificateException && cause.getCause() == null) {
                return ": the receiver's certificate is not for this host or not for today";
            }
        }
        return "";
    }

    /** The host has an address that is none of the public internet. */
    private static final class NotPublic extends IOException {
        private static final long serialVersionUID = 1;
    }

    /** The time of one attempt. */
    private static final class Patience {
        private final long start = System.nanoTime();
        private final long nanos;

        Patience(Duration whole) {
            nanos = whole.toNanos();
        }

        long leftNanos() {
            return Math.max(0, nanos - (System.nanoTime() - start));
        }

        Duration spent() {
            return Duration.ofNanos(System.nanoTime() - start);
        }
    }
}
