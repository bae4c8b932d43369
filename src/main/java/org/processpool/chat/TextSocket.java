package org.processpool.chat;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CorruptedWebSocketFrameException;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.http.WebSocketFrame;
import io.vertx.core.http.WebSocketFrameType;
import io.vertx.core.http.impl.WebSocketInternal;
import io.vertx.core.http.impl.ws.WebSocketFrameImpl;
import io.vertx.core.net.impl.ConnectionBase;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The server's side of a WebSocket that carries text: whole messages in and out of RFC 6455 frames,
 * and nothing else.
 *
 * <p>What Vert.x leaves undone is done here: UTF-8 is checked on the bytes of the frames as they
 * come (1007), the size of a message over all its frames (1009); a broken protocol is answered with
 * a close frame (1002) before the connection ends; what waits for a slow reader is bounded, and so
 * is the wait for a peer that fell silent or does not answer a close.
 *
 * <p>The server must have been opened with both WebSocket compressions off, as they let reserved
 * bits pass, and with a largest frame of the largest message.
 */
final class TextSocket {
    /** How long the peer may take to answer a close frame. */
    static final Duration PATIENCE = Duration.ofSeconds(5);

    /** What a message waiting to be written costs beside its bytes, roughly. */
    static final int COST_OF_A_MESSAGE = 128;

    private static final int NOT_TAKEN = 1003;
    private static final int NO_CODE = 1005;
    private static final int BROKEN = 1006;
    private static final int NOT_UTF_8 = 1007;
    private static final int TOO_BIG = 1009;
    private static final int OUR_BUG = 1011;
    private static final int LONGEST_REASON = 123;

    /** Told on the socket's event loop, one after the other. What it throws closes with 1011. */
    interface Listener {
        /** A whole, valid text message. */
        void said(String message);

        /** A whole binary message; false, as by default, to have it refused with 1003. */
        default boolean sent(byte[] binary) {
            return false;
        }

        /** All that was to be sent has been written, after it was not. */
        default void drained() {}

        /**
         * The end, told exactly once and as the last.
         *
         * @param code of our close frame, if we closed first, else of the peer's; 1005 if the
         *     peer's has none, 1006 if the connection broke or was cut
         */
        void ended(int code);
    }

    private final ServerWebSocket socket;
    private final int maxMessageBytes;
    private final int maxUnsentBytes;
    private final Duration pingEvery;
    private final Listener listener;
    private final ChannelHandlerContext channel;

    /** Our close code, or 1006 once the connection is cut; 0 while it is open. */
    private final AtomicInteger closing = new AtomicInteger();

    private final AtomicLong unsent = new AtomicLong();
    private volatile boolean paused;
    private volatile boolean ended;

    // the rest belongs to the event loop

    private @Nullable Context loop;
    private long pings = -1;
    private int silentIntervals;
    private int peersCode = BROKEN;

    /** Whether a data frame was asked for and has not come. Never more than one is. */
    private boolean asked;

    /** The frame that was asked for before the pause and came in it. */
    private @Nullable WebSocketFrame held;

    /** Whether the listener is about to be told; not within its own call of {@link #send}. */
    private boolean drainTold;

    private @Nullable Buffer message;
    private boolean binary;
    private Utf8Check utf8 = new Utf8Check();

    /**
     * Nothing happens before {@link #start}.
     *
     * @param maxMessageBytes longest message to be taken; at least 1
     * @param maxUnsentBytes most that may wait for a slow reader, each message with 128 bytes more
     *     than its own; at least 1. A message larger than this cuts the connection at once
     * @param pingEvery how often to ask whether the peer is there; at least 1 ms. It is cut when
     *     nothing came of it for two such intervals, unless we have paused reading
     */
    TextSocket(
            ServerWebSocket socket,
            int maxMessageBytes,
            int maxUnsentBytes,
            Duration pingEvery,
            Listener listener) {
        this(
                socket,
                ((WebSocketInternal) socket).channelHandlerContext(),
                maxMessageBytes,
                maxUnsentBytes,
                pingEvery,
                listener);
    }

    /** The same for a socket that a router has wrapped, on the connection of its request. */
    TextSocket(
            ServerWebSocket socket,
            HttpConnection connection,
            int maxMessageBytes,
            int maxUnsentBytes,
            Duration pingEvery,
            Listener listener) {
        this(
                socket,
                ((ConnectionBase) connection).channelHandlerContext(),
                maxMessageBytes,
                maxUnsentBytes,
                pingEvery,
                listener);
    }

    private TextSocket(
            ServerWebSocket socket,
            ChannelHandlerContext channel,
            int maxMessageBytes,
            int maxUnsentBytes,
            Duration pingEvery,
            Listener listener) {
        if (maxMessageBytes < 1 || maxUnsentBytes < 1 || pingEvery.toMillis() < 1) {
            throw new IllegalArgumentException(
                    "all must be positive, were maxMessageBytes=%d maxUnsentBytes=%d pingEvery=%s"
                            .formatted(maxMessageBytes, maxUnsentBytes, pingEvery));
        }
        this.socket = socket;
        this.maxMessageBytes = maxMessageBytes;
        this.maxUnsentBytes = maxUnsentBytes;
        this.pingEvery = pingEvery;
        this.listener = listener;
        this.channel = channel;
    }

    /**
     * Begins to listen. To be called once, on the socket's event loop and before that goes on:
     * frames that come earlier are lost. Before this nothing may be sent.
     */
    void start() {
        Context context = Vertx.currentContext();
        if (context == null || !channel.executor().inEventLoop()) {
            throw new IllegalStateException(
                    "a socket is to be started on its event loop, was on "
                            + Thread.currentThread());
        }
        loop = context;
        if (socket.isClosed()) {
            context.runOnContext(_ -> end());
            return;
        }
        channel.pipeline().addBefore(channel.name(), "text-socket", new Wire());
        socket.setWriteQueueMaxSize(maxUnsentBytes);
        socket.exceptionHandler(_ -> {}); // that it broke is told as the end
        socket.closeHandler(_ -> end());
        socket.frameHandler(this::came);
        pings = context.owner().setPeriodic(pingEvery.toMillis(), _ -> ping());
        socket.pause();
        ask();
    }

    /**
     * Sends a message, without waiting, from any thread; the order of one caller is kept.
     *
     * @return false if the connection is closed or closing, or was cut by this call since too much
     *     waits already. True does not mean that the message arrives
     */
    boolean send(String text) {
        return send(new WebSocketFrameImpl(WebSocketFrameType.TEXT, text.getBytes(UTF_8), true));
    }

    /** The same with a text already encoded, which is shared with other receivers, not copied. */
    @SuppressWarnings("deprecation") // Vert.x has no other way to a text frame without a copy
    boolean send(Buffer utf8) {
        return send(new WebSocketFrameImpl(WebSocketFrameType.TEXT, utf8.getByteBuf(), true));
    }

    private boolean send(WebSocketFrameImpl frame) {
        if (closing.get() != 0 || ended) {
            return false;
        }
        int cost = frame.length() + COST_OF_A_MESSAGE;
        long waiting = unsent.addAndGet(cost);
        if (waiting > maxUnsentBytes) {
            cut();
            return false;
        }
        socket.writeFrame(frame)
                .onComplete(_ -> {
                    if (unsent.addAndGet(-cost) == 0 && !drainTold) {
                        drainTold = true;
                        onLoop(this::tellDrained);
                    }
                });
        if (waiting > maxUnsentBytes / 2) {
            channel.flush(); // Vert.x keeps back what is written while it reads
        }
        return true;
    }

    private void tellDrained() {
        drainTold = false;
        if (unsent.get() == 0 && isOpen()) {
            listener.drained();
        }
    }

    /**
     * Closes the connection behind what was sent. From any thread; only the first call counts. The
     * connection is cut if the peer does not answer within {@link #PATIENCE}.
     *
     * @param code 1000 to 4999
     * @param reason for people; cut to the 123 bytes that fit
     */
    void close(int code, String reason) {
        if (code < 1000 || code > 4999 || code == NO_CODE || code == BROKEN) {
            throw new IllegalArgumentException("not a code to close with: " + code);
        }
        if (!closing.compareAndSet(0, code)) {
            return;
        }
        if (channel.executor().inEventLoop()) {
            var _ = sayClose(code, reason);
        } else {
            // Vert.x would end the connection without our close frame if the peer's came just now
            onLoop(() -> sayClose(code, reason));
        }
    }

    private Future<Void> sayClose(int code, String reason) {
        if (ended) {
            return Future.succeededFuture();
        }
        held = null;
        message = null;
        ask(); // what comes now is passed over
        cutLater();
        return socket.close((short) code, shortened(reason));
    }

    /** Stops reading. From any thread; at most what is being told right now is still told. */
    void pause() {
        paused = true;
    }

    /** Goes on reading. From any thread. */
    void resume() {
        paused = false;
        onLoop(() -> {
            WebSocketFrame frame = held;
            if (frame != null && !paused) {
                held = null;
                take(frame);
            }
            ask();
        });
    }

    private boolean isOpen() {
        return closing.get() == 0 && !ended;
    }

    private void onLoop(Runnable action) {
        Context context = loop;
        if (context == null) {
            throw new IllegalStateException("not started");
        }
        context.runOnContext(_ -> action.run());
    }

    private void ask() {
        if (!asked && held == null && (!paused || !isOpen())) {
            asked = true;
            socket.fetch(1);
        }
    }

    private void came(WebSocketFrame frame) {
        switch (frame.type()) {
            case TEXT, BINARY, CONTINUATION -> {
                asked = false;
                if (paused && isOpen()) {
                    held = frame;
                    return;
                }
                try {
                    take(frame);
                } finally {
                    ask();
                }
            }
            case PING -> {
                // Vert.x has written the pong already, whether or not the peer reads any
                if (!channel.channel().isWritable()) {
                    channel.flush();
                    if (!channel.channel().isWritable()) {
                        cut();
                    }
                }
            }
            case PONG, CLOSE -> {} // heard in Wire
        }
    }

    private void take(WebSocketFrame frame) {
        if (!isOpen()) {
            return;
        }
        Buffer piece = frame.binaryData();
        if (frame.type() != WebSocketFrameType.CONTINUATION) {
            binary = frame.type() == WebSocketFrameType.BINARY;
        }
        Buffer before = message;
        int length = piece.length() + (before == null ? 0 : before.length());
        if (length > maxMessageBytes) {
            close(TOO_BIG, "a message is at most " + maxMessageBytes + " bytes");
            return;
        }
        if (!binary && (!utf8.accepts(piece) || (frame.isFinal() && !utf8.isWhole()))) {
            close(NOT_UTF_8, "text is to be UTF-8");
            return;
        }
        if (!frame.isFinal()) {
            message = (before == null ? Buffer.buffer() : before).appendBuffer(piece);
            return;
        }
        Buffer whole = before == null ? piece : before.appendBuffer(piece);
        message = null;
        utf8 = new Utf8Check();
        tell(whole);
    }

    private void tell(Buffer whole) {
        boolean taken = false;
        try {
            if (binary) {
                taken = listener.sent(whole.getBytes());
            } else {
                listener.said(whole.toString(UTF_8));
                taken = true;
            }
        } catch (RuntimeException | Error bug) {
            close(OUR_BUG, "the server made a mistake");
            throw bug; // to Vert.x, which logs it
        }
        if (!taken) {
            close(NOT_TAKEN, "only text is taken");
        }
    }

    private void ping() {
        if (!isOpen()) {
            return;
        }
        if (paused) {
            silentIntervals = 0; // who is not listened to cannot be heard
        }
        if (silentIntervals == 2) {
            cut();
        } else {
            silentIntervals++;
            socket.writePing(Buffer.buffer());
        }
    }

    /** Ends the connection without a word and without the system's keeping what was not read. */
    private void cut() {
        closing.compareAndSet(0, BROKEN);
        channel.executor()
                .execute(() -> {
                    if (channel.channel().isActive()) {
                        channel.channel().config().setOption(ChannelOption.SO_LINGER, 0);
                        // the channel itself would have Vert.x write first what waits
                        var _ = channel.close();
                    }
                });
    }

    private void cutLater() {
        Context context = loop;
        if (context != null && channel.channel().isActive()) {
            context.owner().setTimer(PATIENCE.toMillis(), _ -> cut());
        }
    }

    private void end() {
        if (ended) {
            return;
        }
        ended = true;
        Context context = loop;
        if (context != null) {
            context.owner().cancelTimer(pings);
        }
        held = null;
        message = null;
        cutLater(); // if Vert.x cannot write its answer to the peer's close
        int ours = closing.get();
        listener.ended(ours == 0 ? peersCode : ours);
    }

    private static String shortened(String reason) {
        byte[] bytes = reason.getBytes(UTF_8);
        if (bytes.length <= LONGEST_REASON) {
            return reason;
        }
        int end = LONGEST_REASON;
        while ((bytes[end] & 0xC0) == 0x80) { // within a character
            end--;
        }
        return new String(bytes, 0, end, UTF_8);
    }

    /**
     * Between Netty's decoder and Vert.x, which would drop the connection when frames are broken.
     */
    private final class Wire extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext context, Object read) {
            silentIntervals = 0;
            if (read instanceof CloseWebSocketFrame close) {
                int code = close.statusCode();
                peersCode = code == -1 ? NO_CODE : code;
            }
            context.fireChannelRead(read);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            if (!(cause instanceof CorruptedWebSocketFrameException corrupted)) {
                context.fireExceptionCaught(cause);
                return;
            }
            int code = corrupted.closeStatus().code();
            if (!closing.compareAndSet(0, code)) {
                cut(); // it was to answer our close and did not
                return;
            }
            // the decoder is of no use any more: all that can be known is that the peer goes, and
            // it should read our close frame before
            sayClose(code, String.valueOf(corrupted.getMessage())).onComplete(_ -> stopWriting());
        }

        private void stopWriting() {
            if (channel.channel() instanceof DuplexChannel duplex && !socket.isSsl()) {
                var _ = duplex.shutdownOutput();
            }
        }
    }
}
