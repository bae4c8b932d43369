package org.processpool.chat;

import io.vertx.core.Vertx;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.NetSocket;
import io.vertx.core.net.impl.NetSocketInternal;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.jboss.logging.Logger;
import org.processpool.task.TaskName;

/**
 * The chat over plain TCP: bytes go to a worker as they come, and what it says comes back. There is
 * no greeting, no banner and no framing.
 *
 * <p>Everybody is let in at once, or has to say who they are in a first line, and waits in the line
 * of {@link Seats}, first come, first served; until a worker is free the client simply gets no
 * byte. The same worker serves it to the end. If that worker dies while it has nothing to do,
 * another one goes on without a word; if it dies with bytes of the client, the connection is
 * closed, as an answer with a gap would be none. It is closed at once, too, when the line is full.
 *
 * <p>A client that shuts down its side only is still answered, then the connection is closed.
 */
public final class ChatServer {

    private static final Logger LOG = Logger.getLogger(ChatServer.class);

    private static final int HIGHEST_PORT = 65_535;

    /** Connections that the system keeps until we accept them. */
    private static final int BACKLOG = 1024;

    /** For what should take moments: to listen, and to stop listening. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private static final long OFTENEST_LOOK_MILLIS = 10;
    private static final long RAREST_LOOK_MILLIS = 1000;

    private final Vertx vertx;
    private final Seats seats;
    private final TaskName conversation;
    private final String host;
    private final int wanted;
    private final Duration idle;
    private final Duration writeTimeout;
    private final Optional<TcpDoor> asks;
    private final NetServer server;
    private final Set<TcpGuest> guests = ConcurrentHashMap.newKeySet();

    /** Has them join the line in the order in which they were accepted. */
    private final Mailbox door = new Mailbox("process-pool-chat-door");

    private volatile long looks = -1;
    private volatile boolean closing;

    /**
     * Nothing happens before {@link #start}.
     *
     * @param seats where all who chat wait for workers; not closed with this
     * @param conversation what they talk to; replies are written as their bytes are
     * @param host name or address to listen at
     * @param port 0 for any that is free
     * @param idle longest silence of a client that has a worker, after which it is closed; zero for
     *     no limit
     * @param writeTimeout how long a client may leave an answer unread before it is cut off; longer
     *     than zero
     * @param asks what a client has to say first; empty if everybody is let in at once
     */
    public ChatServer(
            Vertx vertx,
            Seats seats,
            TaskName conversation,
            String host,
            int port,
            Duration idle,
            Duration writeTimeout,
            Optional<TcpDoor> asks) {
        if (port < 0 || port > HIGHEST_PORT) {
            throw new IllegalArgumentException(
                    "the port of the chat must be 0 to %d, was %d".formatted(HIGHEST_PORT, port));
        }
        if (idle.isNegative()) {
            throw new IllegalArgumentException(
                    "the longest silence must be at least zero, was " + idle);
        }
        if (!writeTimeout.isPositive()) {
            throw new IllegalArgumentException(
                    "the write time-out must be longer than zero, was " + writeTimeout);
        }
        this.vertx = vertx;
        this.seats = seats;
        this.conversation = conversation;
        this.host = host;
        this.wanted = port;
        this.idle = idle;
        this.writeTimeout = writeTimeout;
        this.asks = asks;
        this.server =
                vertx.createNetServer(
                        new NetServerOptions()
                                .setReuseAddress(true)
                                .setAcceptBacklog(BACKLOG)
                                .setTcpNoDelay(true)
                                .setTcpKeepAlive(true));
    }

    /**
     * Lets people in. Blocks until it listens; to be called once, and not on an event loop.
     *
     * @throws IllegalStateException if it cannot listen there, perhaps because somebody else does
     */
    public void start() {
        server.connectHandler(this::accept);
        try {
            server.listen(wanted, host)
                    .toCompletionStage()
                    .toCompletableFuture()
                    .orTimeout(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
                    .join();
        } catch (CompletionException failed) {
            throw new IllegalStateException(
                    "the chat cannot listen at %s, port %d: %s"
                            .formatted(host, wanted, failed.getCause()),
                    failed.getCause());
        }
        looks = vertx.setPeriodic(looksMillis(), _ -> look());
        LOG.infof("chat listens at %s, port %d", host, port());
    }

    private long looksMillis() {
        long shortest =
                Stream.concat(Stream.of(idle, writeTimeout), asks.map(TcpDoor::patience).stream())
                        .filter(Duration::isPositive)
                        .mapToLong(Duration::toMillis)
                        .min()
                        .orElseThrow(); // the write time-out is
        return Math.clamp(shortest / 4, OFTENEST_LOOK_MILLIS, RAREST_LOOK_MILLIS);
    }

    private void look() {
        long now = System.nanoTime();
        guests.forEach(guest -> guest.look(now));
    }

    /** Where it listens, which it must. */
    public int port() {
        return server.actualPort();
    }

    private void accept(NetSocket socket) {
        if (asks.isPresent() && guests.size() >= asks.get().mostConnections()) {
            socket.close(); // who has not said who it is stands in no line that could be full
            return;
        }
        var guest =
                new TcpGuest(
                        (NetSocketInternal) socket,
                        seats,
                        conversation,
                        idle,
                        writeTimeout,
                        asks,
                        comer -> door.execute(comer::join));
        guests.add(guest);
        var _ = guest.ended().thenRun(() -> guests.remove(guest));
        guest.listen();
        if (closing) {
            guest.goodbye();
        }
    }

    /**
     * Closes all connections, each when the bytes that are with its worker have been answered, and
     * stops listening. Blocks until then. Idempotent.
     *
     * @param grace how long that may take before the connections are cut; zero cuts them at once
     */
    public void close(Duration grace) {
        closing = true;
        guests.forEach(TcpGuest::goodbye);
        if (!haveEnded(grace) && grace.isPositive()) {
            LOG.infof(
                    "%d connections of the chat are cut, as they were not answered within %s",
                    guests.size(), grace);
        }
        guests.forEach(TcpGuest::cut);
        boolean _ = haveEnded(PATIENCE);
        vertx.cancelTimer(looks);
        server.close()
                .toCompletionStage()
                .toCompletableFuture()
                .orTimeout(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
                .join();
    }

    /** Waits until all connections are closed; tells whether they are. */
    private boolean haveEnded(Duration patience) {
        var ends = guests.stream().map(TcpGuest::ended).toArray(CompletableFuture<?>[]::new);
        try {
            CompletableFuture.allOf(ends).get(patience.toNanos(), TimeUnit.NANOSECONDS);
            return true;
        } catch (TimeoutException late) {
            return false;
        } catch (InterruptedException hurry) {
            Thread.currentThread().interrupt(); // whoever wants this over gets the rest at once
            return false;
        } catch (ExecutionException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
