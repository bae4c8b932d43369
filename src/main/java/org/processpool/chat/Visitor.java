package org.processpool.chat;

import io.github.bucket4j.Bandwidth;
import io.github.bucket4j.Bucket;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.processpool.chat.ChatFrame.FromClient;
import org.processpool.chat.ChatFrame.Hello;
import org.processpool.security.Caller;

/**
 * One WebSocket, from its upgrade to its end: whom it belongs to, and whether what it sends can be
 * heard at all.
 *
 * <p>Reading stops while {@value #AHEAD} frames wait to be dealt with, so a client that sends
 * faster than it is served waits itself.
 */
final class Visitor implements TextSocket.Listener, Connection {

    private static final int AHEAD = 32;

    /** Frames that are no frames until the connection is closed. */
    private static final int MOST_BAD = 3;

    /** The code of a connection that ended without one (RFC 6455, 7.1.5). */
    private static final int BROKEN = 1006;

    private final Chat chat;
    private final Caller caller;
    private final Tongue tongue;

    /** How plain lines are read and written; empty if it speaks JSON. Guarded by itself. */
    private final Optional<Lines> lines;

    private final Optional<Bucket> quota;
    private final AtomicInteger unheard = new AtomicInteger();
    private final AtomicBoolean ended = new AtomicBoolean();
    private @Nullable TextSocket socket;
    private volatile @Nullable Member member;

    // the event loop's own
    private int bad;
    private Runnable helloAlarm = () -> {};

    Visitor(Chat chat, Caller caller, Tongue tongue, boolean plain) {
        this.chat = chat;
        this.caller = caller;
        this.tongue = tongue;
        lines = plain ? Optional.of(new Lines(tongue)) : Optional.empty();
        int perSecond = chat.config().framesPerSecond();
        quota =
                perSecond == 0
                        ? Optional.empty()
                        : Optional.of(
                                Bucket.builder()
                                        .addLimit(
                                                Bandwidth.builder()
                                                        .capacity(5L * perSecond)
                                                        .refillGreedy(
                                                                perSecond, Duration.ofSeconds(1))
                                                        .build())
                                        .build());
    }

    /** Begins to listen; on the socket's event loop. */
    void open(TextSocket opened) {
        socket = opened;
        opened.start();
        if (lines.isPresent()) {
            enter(new Hello(null, null, null, null, null), tongue);
        } else {
            chat.nameless(this, true);
            helloAlarm =
                    chat.alarm()
                            .in(
                                    chat.config().helloTimeout(),
                                    () -> {
                                        if (member == null) {
                                            close(CloseCode.NO_HELLO, "no hello");
                                        }
                                    });
        }
    }

    private TextSocket socket() {
        TextSocket opened = socket;
        if (opened == null) {
            throw new IllegalStateException("not open yet");
        }
        return opened;
    }

    /** Nothing is read until it is clear whose connection this is. */
    private void enter(Hello hello, Tongue spoken) {
        socket().pause();
        chat.enter(
                hello,
                this,
                spoken,
                entered -> {
                    member = entered;
                    if (ended.get()) {
                        entered.disconnected(this, BROKEN);
                    }
                    socket().resume();
                });
    }

    @Override
    public void said(String text) {
        if (lines.isPresent()) {
            saidLines(text, lines.get());
        } else if (mayGoOn()) {
            saidJson(text);
        }
    }

    /** Counts something that was sent; whoever sends too much is cut off. */
    private boolean mayGoOn() {
        if (quota.isEmpty() || quota.get().tryConsume(1)) {
            return true;
        }
        misbehaves(
                CloseCode.FLOODING,
                "more than %d frames a second".formatted(chat.config().framesPerSecond()));
        return false;
    }

    private void saidLines(String text, Lines plain) {
        for (var left = text.lines().filter(line -> !line.isBlank()).iterator();
                left.hasNext() && mayGoOn(); ) {
            synchronized (plain) {
                Lines.Meaning meaning = plain.read(left.next());
                meaning.answer().ifPresent(answer -> socket().send(answer));
                meaning.frame().ifPresent(this::hand);
            }
        }
    }

    private void saidJson(String text) {
        FromClient frame;
        try {
            frame = FrameJson.read(text);
        } catch (FrameJson.NoFrame none) {
            bad++;
            if (bad >= MOST_BAD) {
                misbehaves(CloseCode.BAD_FRAMES, "three frames that are none");
            } else {
                send(
                        new Shared(
                                new ChatFrame.Failure(
                                        null,
                                        Slug.BAD_MESSAGE.says(
                                                Words.BAD_FRAME.in(tongue, none.why())))));
            }
            return;
        }
        if (member != null) {
            hand(frame);
        } else if (frame instanceof Hello hello) {
            helloAlarm.run();
            chat.nameless(this, false);
            enter(hello, hello.lang() == null ? tongue : Tongue.of(hello.lang()));
        } else {
            close(CloseCode.NO_HELLO, "say hello first");
        }
    }

    private void hand(FromClient frame) {
        Member speaker = member;
        if (speaker == null) {
            return; // closed while it was to enter
        }
        if (unheard.incrementAndGet() >= AHEAD) {
            socket().pause();
            if (unheard.get() < AHEAD) { // what was ahead was dealt with in this very moment
                socket().resume();
            }
        }
        speaker.said(
                this,
                frame,
                () -> {
                    if (unheard.getAndDecrement() == AHEAD) {
                        socket().resume();
                    }
                });
    }

    private void misbehaves(CloseCode code, String why) {
        close(code, why);
        Member speaker = member;
        if (speaker != null) {
            speaker.misbehaved(this, code, why);
        }
    }

    @Override
    public void ended(int code) {
        ended.set(true);
        helloAlarm.run();
        chat.nameless(this, false);
        chat.released();
        Member speaker = member;
        if (speaker != null) {
            speaker.disconnected(this, code);
        }
    }

    @Override
    public Caller caller() {
        return caller;
    }

    @Override
    public void send(Shared frame) {
        if (lines.isEmpty()) {
            boolean _ = socket().send(frame.json());
            return;
        }
        Lines plain = lines.get();
        synchronized (plain) {
            List<String> written = plain.write(frame.frame());
            if (!written.isEmpty()) {
                boolean _ = socket().send(String.join("\n", written));
            }
        }
    }

    @Override
    public void close(CloseCode code, String reason) {
        socket().close(code.number(), reason);
    }
}
