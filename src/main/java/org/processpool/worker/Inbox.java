package org.processpool.worker;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.processpool.wire.Channel;
import org.processpool.wire.Codec;
import org.processpool.wire.Message;
import org.processpool.wire.Message.Open;
import org.processpool.wire.Message.Run;
import org.processpool.wire.Message.RunChunk;
import org.processpool.wire.Message.Say;
import org.processpool.wire.Message.Stop;
import org.processpool.wire.Message.ToParent;
import org.processpool.wire.Message.ToWorker;
import org.processpool.wire.ProtocolException;

/**
 * Where the main thread gets its next message from.
 *
 * <p>Waking a thread costs up to 80 µs, so usually there is one thread: the main thread reads a
 * message, runs the call, writes the answer and reads the next. Only when a call has been running
 * for {@link #PATIENCE} does a standby thread take over reading: it acts on what must not wait (see
 * {@link Control}), keeps everything else for the main thread, and notices that the parent is gone.
 *
 * <p>Invariant: exactly one thread holds the reading role, and only the holder calls {@code
 * receive}.
 *
 * <pre>
 *             a call runs for 20 ms (done by the standby)
 *      MAIN ───────────────────────────────────────────────► STANDBY
 *           ◄───────────────────────────────────────────────
 *             a message has come and no call runs (done by the standby)
 * </pre>
 *
 * <p>Both steps are taken by the standby under the lock. The first needs a running call, and the
 * main thread does not receive from {@link #begin} to {@link #end}; the second is taken between two
 * receives of the standby; the main thread receives only after it has seen {@code MAIN} with no
 * call running. Hence nobody's receive is under way when the role changes hands.
 *
 * <p>While there is little to do the standby sleeps without a timer; a call then wakes it once.
 */
final class Inbox {

    /** Acts on messages that must not wait until a call has ended. */
    interface Control {

        /**
         * Acts on the message if it is such a one. Called by the holder of the reading role.
         *
         * @return false if it has to wait for its turn
         * @throws IOException the parent cannot be answered
         */
        boolean handle(ToWorker message) throws IOException;
    }

    private enum Reader {
        MAIN,
        STANDBY
    }

    /** How long a call runs before the standby reads. */
    private static final long PATIENCE = 20_000_000;

    /** How long after the last call the standby goes on looking. */
    private static final long RECENT = 1_000_000_000;

    private final Channel<ToParent, ToWorker> channel;
    private final Control control;
    private final Host host;
    private final Spinning spinning = new Spinning();
    private final Thread main = Thread.currentThread();
    private final Thread standby = new Thread(this::standBy, "process-pool-standby");

    /** Whether the codec's rarer parts are warm; used by the standby alone. */
    private boolean warm;

    /** Whether Stop was read, and from whom; used by the standby alone. */
    private boolean stopping;

    private Optional<ProcessHandle> stoppedBy = Optional.empty();

    // guarded by this
    private Reader reader = Reader.MAIN;
    private final ArrayDeque<ToWorker> waiting = new ArrayDeque<>();
    private int skipping;
    private @Nullable CallContext running;
    private long lastEnd = System.nanoTime();
    private boolean asleep;
    private @Nullable End end;

    /** To be made by the main thread. */
    Inbox(Channel<ToParent, ToWorker> channel, Control control, Host host) {
        this.channel = channel;
        this.control = control;
        this.host = host;
        standby.setDaemon(true);
    }

    /**
     * Starts the standby.
     *
     * @param spinNanos how long waiting for a message may begin with spinning
     */
    void open(long spinNanos) {
        spinning.allow(spinNanos);
        lastEnd = System.nanoTime();
        standby.start();
    }

    /** The standby is not needed any more. */
    synchronized void close() {
        if (end == null) {
            end = End.STOPPED;
        }
        asleep = false;
        LockSupport.unpark(standby);
    }

    /**
     * The next message; main thread only.
     *
     * @return null if none will come
     * @throws IOException as {@link Channel#receive}
     */
    @Nullable ToWorker next() throws IOException {
        synchronized (this) {
            while (skipping > 0 || (waiting.isEmpty() && reader == Reader.STANDBY && end == null)) {
                try {
                    wait();
                } catch (InterruptedException stray) {
                    // meant for a call that is over: nobody stops an idle worker this way
                }
            }
            ToWorker message = waiting.poll();
            if (message != null || end != null) {
                return message;
            }
        }
        return spinning.receive(channel);
    }

    /** A call begins; main thread only. */
    synchronized void begin(CallContext call) {
        running = call;
        if (asleep) {
            asleep = false;
            LockSupport.unpark(standby);
        }
    }

    /** The call has ended; an interrupt that was meant for it does not reach the next. */
    synchronized void end() {
        running = null;
        lastEnd = System.nanoTime();
        Thread.interrupted();
    }

    /**
     * Asks a running call to end, or takes one out of the line.
     *
     * @return whether it was taken out of the line
     */
    synchronized boolean cancel(long callId) {
        CallContext call = running;
        if (call != null && call.callId() == callId) {
            call.cancel();
            main.interrupt();
            return false;
        }
        return recall(callId);
    }

    /**
     * Takes a call out of the line. Until {@link #skipped} the main thread gets no other call: the
     * parent expects answers in the order it gave the calls, so it has to hear first that this one
     * is skipped.
     *
     * @return whether it was there
     */
    synchronized boolean recall(long callId) {
        for (Iterator<ToWorker> each = waiting.iterator(); each.hasNext(); ) {
            if (isCall(each.next(), callId)) {
                each.remove();
                skipping++;
                return true;
            }
        }
        return false;
    }

    /** The parent was told that a call is skipped, or can be told nothing any more. */
    synchronized void skipped() {
        skipping--;
        notifyAll();
    }

    private static boolean isCall(ToWorker message, long callId) {
        return (message instanceof Run run && run.callId() == callId)
                || (message instanceof RunChunk chunk && chunk.callId() == callId)
                || (message instanceof Say say && say.callId() == callId)
                || (message instanceof Open open && open.callId() == callId)
                || (message instanceof Message.End ending && ending.callId() == callId);
    }

    /** Why no message will come; null while some may. */
    synchronized @Nullable End ended() {
        return end;
    }

    private void standBy() {
        while (takeOver() && lead()) {
            // and again when the next call takes long
        }
    }

    /** Waits until there is reason to read, and takes the role; false if there never will be. */
    private boolean takeOver() {
        while (true) {
            boolean sleep;
            synchronized (this) {
                if (end != null) {
                    return false;
                }
                if (running != null && running.age() >= PATIENCE) {
                    reader = Reader.STANDBY;
                    return true;
                }
                asleep = running == null && System.nanoTime() - lastEnd >= RECENT;
                sleep = asleep;
            }
            if (sleep && !warm) {
                warm = true;
                Codec.warmUp(); // not while starts or calls need the processor
            } else if (sleep) {
                LockSupport.park(this);
            } else {
                LockSupport.parkNanos(this, PATIENCE);
            }
        }
    }

    /** Reads until the main thread can do so again; false if nothing more will come. */
    private boolean lead() {
        try {
            for (ToWorker message; (message = channel.receive()) != null; ) {
                if (message instanceof Stop) {
                    stopping = true;
                    stoppedBy = host.parent();
                }
                if (handOver(message)) {
                    return true;
                }
            }
            if (stopping) {
                // what runs may finish, but not if nobody is left to hear of it
                if (stoppedBy.isEmpty()) {
                    return false;
                }
                stoppedBy.get().onExit().join();
            }
            over(End.ABANDONED);
        } catch (ProtocolException broken) {
            over(End.BROKEN);
        } catch (IOException torn) {
            over(End.ABANDONED);
        }
        return false;
    }

    /** Acts on the message or keeps it; then gives the role back if the main thread is free. */
    private boolean handOver(ToWorker message) throws IOException {
        boolean handled = control.handle(message);
        synchronized (this) {
            if (!handled) {
                waiting.add(message);
            }
            if (running == null) {
                reader = Reader.MAIN;
            }
            notifyAll();
            return reader == Reader.MAIN;
        }
    }

    private void over(End why) {
        host.abandoned(why);
        synchronized (this) {
            end = why;
            if (running != null) {
                running.cancel();
                main.interrupt();
            }
            notifyAll();
        }
    }
}
