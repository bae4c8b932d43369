package org.processpool.chat;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.impl.NetSocketInternal;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.processpool.pool.AsyncResult;
import org.processpool.pool.OpenConversation;
import org.processpool.pool.PoolRejectedException;
import org.processpool.task.Payload;
import org.processpool.task.TaskName;

/**
 * Somebody who chats over plain TCP.
 *
 * <p>What comes is held until the worker has answered what came before and that answer is written;
 * then all that is held goes to the worker. Reading stops while enough is held, so neither a client
 * that only writes nor one that never reads can fill our memory.
 *
 * <p>What happens is put into a mailbox and done there, one after the other: talking to a worker
 * may have to wait, which an event loop must not.
 */
final class TcpGuest {

    private static final Logger LOG = Logger.getLogger(TcpGuest.class);

    /** From so many held bytes on reading stops, and no more go to the worker at once. */
    static final int ENOUGH = 1 << 16;

    /** Most bytes of the line that says who it is. */
    private static final int LONGEST_LINE = 8 << 10;

    private static final String AUTH = "AUTH ";

    private final NetSocketInternal socket;
    private final ChannelHandlerContext context;
    private final Channel channel;
    private final Seats seats;
    private final TaskName conversation;
    private final Duration idle;
    private final Duration writeTimeout;
    private final Optional<TcpDoor> door;
    private final Runnable joinInOrder;
    private final Mailbox mailbox = new Mailbox("process-pool-chat-tcp");
    private final CompletableFuture<@Nullable Void> ended = new CompletableFuture<>();
    private final Object lock = new Object();

    // guarded by the lock
    private Buffer held = Buffer.buffer();
    private boolean reading = true;

    /** Changed in the mailbox only. */
    private volatile State state;

    // touched in the mailbox only
    private Stay stay = new Stay();
    private boolean saidAll;
    private boolean leaving;

    /**
     * Where it is:
     *
     * <pre>
     * Unknown → Waiting ⇄ Listening → Answering → Writing → Listening
     *    └─────────┴───────────┴──────────┴──────────┴──→ Gone
     * </pre>
     */
    private sealed interface State {
        /** Has not said who it is. */
        record Unknown(TcpDoor door, long since) implements State {}

        /** In line. */
        record Waiting() implements State {}

        /** Its worker has answered everything. */
        record Listening(OpenConversation worker, long since) implements State {}

        /** What it said is with its worker. */
        record Answering(OpenConversation worker) implements State {}

        /** The answer is on its way. */
        record Writing(OpenConversation worker, long since) implements State {}

        /** Its connection is closed or being closed, and others get its worker. */
        record Gone() implements State {}
    }

    /**
     * @param door what it has to pass before it joins the line; empty if all may join
     * @param joinInOrder has {@link #join} called when it is its turn
     */
    TcpGuest(
            NetSocketInternal socket,
            Seats seats,
            TaskName conversation,
            Duration idle,
            Duration writeTimeout,
            Optional<TcpDoor> door,
            Consumer<TcpGuest> joinInOrder) {
        this.socket = socket;
        this.context = socket.channelHandlerContext();
        this.channel = context.channel();
        this.seats = seats;
        this.conversation = conversation;
        this.idle = idle;
        this.writeTimeout = writeTimeout;
        this.door = door;
        this.joinInOrder = () -> joinInOrder.accept(this);
        this.state =
                door.isPresent()
                        ? new State.Unknown(door.get(), System.nanoTime())
                        : new State.Waiting();
    }

    /** Begins to read. On the event loop of the socket, before that reads. */
    void listen() {
        // that nothing more will be said does not mean that no answer is wanted
        channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
        socket.exceptionHandler(_ -> {}); // that it broke is told as its end
        socket.eventHandler(event -> {
            if (event instanceof ChannelInputShutdownEvent) {
                mailbox.execute(this::heardAll);
            }
        });
        socket.handler(this::came);
        var _ = channel.closeFuture().addListener(_ -> mailbox.execute(this::closed));
        if (door.isEmpty()) {
            joinInOrder.run();
        }
    }

    /** Joins the line. From any thread; those who are to be served first have to join first. */
    void join() {
        stay.begin(false);
    }

    /** Closes when what is with the worker has been answered. From any thread. */
    void goodbye() {
        mailbox.execute(() -> {
            leaving = true;
            goOn();
        });
    }

    /** Breaks the connection, with whatever was not read yet. From any thread. */
    void cut() {
        mailbox.execute(this::breakOff);
    }

    /** Completed when the connection is closed and others have its worker. */
    CompletableFuture<@Nullable Void> ended() {
        return ended;
    }

    /** Ends it if something takes too long. To be called now and then; does not block. */
    void look(long now) {
        if (isLate(now)) {
            mailbox.execute(() -> {
                if (isLate(System.nanoTime())) {
                    if (state instanceof State.Writing) {
                        breakOff();
                    } else {
                        leave();
                    }
                }
            });
        }
    }

    private boolean isLate(long now) {
        return switch (state) {
            case State.Unknown(TcpDoor asks, long since) -> now - since > asks.patience().toNanos();
            case State.Listening(_, long since) ->
                    idle.isPositive() && now - since > idle.toNanos();
            case State.Writing(_, long since) -> now - since > writeTimeout.toNanos();
            case State.Waiting _, State.Answering _, State.Gone _ -> false;
        };
    }

    private void came(Buffer bytes) {
        if (state instanceof State.Gone) {
            return;
        }
        boolean first;
        synchronized (lock) {
            first = held.length() == 0 || state instanceof State.Unknown;
            held.appendBuffer(bytes);
            readIfRoom();
        }
        if (first) {
            mailbox.execute(this::goOn); // behind bytes that are held already it goes on anyway
        }
    }

    /** The next bytes for the worker; none if none are held. */
    private byte[] take() {
        synchronized (lock) {
            int length = Math.min(held.length(), ENOUGH);
            byte[] bytes = held.getBytes(0, length);
            held = Buffer.buffer().appendBuffer(held, length, held.length() - length);
            readIfRoom();
            return bytes;
        }
    }

    private void putBack(byte[] bytes) {
        synchronized (lock) {
            held = Buffer.buffer(bytes).appendBuffer(held);
            readIfRoom();
        }
    }

    private boolean holdsNothing() {
        synchronized (lock) {
            return held.length() == 0;
        }
    }

    /** Under the lock. Not by pausing the socket, which would first fill a buffer of its own. */
    private void readIfRoom() {
        boolean room = held.length() < ENOUGH;
        if (room != reading) {
            reading = room;
            channel.config().setAutoRead(room);
        }
    }

    // all below is in the mailbox

    private void heardAll() {
        saidAll = true;
        goOn();
    }

    /** Does what can be done now. */
    private void goOn() {
        boolean done = leaving || (saidAll && holdsNothing());
        switch (state) {
            case State.Unknown(TcpDoor asks, _) -> {
                if (leaving) {
                    leave();
                } else {
                    readLine(asks);
                }
            }
            case State.Waiting _ -> {
                if (done) {
                    leave();
                }
            }
            case State.Listening(OpenConversation worker, _) -> {
                if (done) {
                    leave();
                } else if (worker.lost()) {
                    waitAgain();
                } else {
                    byte[] bytes = take();
                    if (bytes.length > 0) {
                        say(bytes, worker);
                    }
                }
            }
            case State.Answering _, State.Writing _, State.Gone _ -> {}
        }
    }

    /** Reads the line that says who it is, once all of it is there. */
    private void readLine(TcpDoor asks) {
        Optional<byte[]> line;
        boolean hopeless;
        synchronized (lock) {
            line = takeLine();
            hopeless = line.isEmpty() && (saidAll || held.length() >= LONGEST_LINE);
            readIfRoom();
        }
        if (line.isPresent()) {
            String text = new String(line.get(), UTF_8).strip();
            if (text.startsWith(AUTH) && asks.admits(text.substring(AUTH.length()).strip())) {
                state = new State.Waiting();
                joinInOrder.run();
            } else {
                LOG.debug("a connection of the chat is closed, as it does not say who it is");
                leave();
            }
        } else if (hopeless) {
            leave();
        }
    }

    /** Under the lock. */
    private Optional<byte[]> takeLine() {
        int most = Math.min(held.length(), LONGEST_LINE);
        for (int end = 0; end < most; end++) {
            if (held.getByte(end) == '\n') {
                byte[] line = held.getBytes(0, end);
                held = Buffer.buffer().appendBuffer(held, end + 1, held.length() - end - 1);
                return Optional.of(line);
            }
        }
        return Optional.empty();
    }

    private void seated(OpenConversation worker) {
        worker.onLost(() -> mailbox.execute(this::goOn));
        listenTo(worker);
    }

    private void listenTo(OpenConversation worker) {
        state = new State.Listening(worker, System.nanoTime());
        goOn();
    }

    private void waitAgain() {
        stay.leave();
        state = new State.Waiting();
        stay = new Stay();
        stay.begin(true);
    }

    private void say(byte[] bytes, OpenConversation worker) {
        AsyncResult<Payload> answer;
        try {
            answer = worker.sayAsync(bytes, null);
        } catch (PoolRejectedException refused) {
            leave(refused);
            return;
        } catch (IllegalStateException lost) {
            putBack(bytes); // it has died in this moment and got nothing of them
            waitAgain();
            return;
        }
        state = new State.Answering(worker);
        answer.callback(
                reply -> mailbox.execute(() -> write(reply.bytes(), worker)),
                failure -> mailbox.execute(() -> leave(failure)));
    }

    private void write(byte[] bytes, OpenConversation worker) {
        if (state instanceof State.Gone) {
            return;
        }
        if (bytes.length == 0) {
            listenTo(worker);
            return;
        }
        state = new State.Writing(worker, System.nanoTime());
        socket.write(Buffer.buffer(bytes))
                .onComplete(written ->
                        mailbox.execute(() -> {
                            if (state instanceof State.Writing && written.succeeded()) {
                                listenTo(worker);
                            } // else the connection is broken, which is told by itself
                        }));
    }

    private void leave(RuntimeException why) {
        if (!(state instanceof State.Gone)) {
            LOG.debugf(why, "a connection of the chat is closed");
            leave();
        }
    }

    /** Nothing is unwritten when this is called. */
    private void leave() {
        giveWay();
        socket.close();
    }

    private void breakOff() {
        giveWay();
        context.executor()
                .execute(() -> {
                    if (channel.isOpen()) {
                        channel.config().setOption(ChannelOption.SO_LINGER, 0);
                        var _ = context.close(); // else Vert.x would first write what waits
                    }
                });
    }

    private void giveWay() {
        state = new State.Gone();
        stay.leave();
    }

    private void closed() {
        giveWay();
        ended.complete(null);
    }

    /** A place in line, and at a worker, until the worker is lost or the guest leaves. */
    private final class Stay implements Seats.Guest {

        // touched in the mailbox only
        private Seats.@Nullable Seat seat;
        private boolean left;

        /** From any thread. */
        void begin(boolean again) {
            try {
                Seats.Seat taken = seats.take(conversation, again, this);
                mailbox.execute(() -> sit(taken));
            } catch (LineFullException | PoolRejectedException | IllegalStateException none) {
                refused(none);
            }
        }

        private void sit(Seats.Seat taken) {
            seat = taken;
            if (left) {
                taken.leave();
            }
        }

        void leave() {
            left = true;
            if (seat != null) {
                seat.leave();
            }
        }

        @Override
        public void seated(OpenConversation worker, Duration waited) {
            mailbox.execute(() -> {
                if (!left) {
                    TcpGuest.this.seated(worker);
                }
            });
        }

        @Override
        public void refused(RuntimeException why) {
            mailbox.execute(() -> {
                if (!left) {
                    TcpGuest.this.leave(why);
                }
            });
        }
    }
}
