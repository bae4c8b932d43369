package org.processpool.chat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.processpool.pool.CallException;
import org.processpool.pool.CallOptions;
import org.processpool.pool.LeaseRequest;
import org.processpool.pool.OpenConversation;
import org.processpool.pool.PoolRejectedException;
import org.processpool.pool.ProcessPool;
import org.processpool.task.TaskName;

/**
 * The one line in which everybody waits for a worker to talk to, first come, first served; and who
 * has one.
 *
 * <p>Invariants, under the lock:
 *
 * <ul>
 *   <li>A seat is in {@code waiting} or in {@code returning} while the pool's line has it, in
 *       {@code seated} while it has a conversation, else in neither; in one of them at most.
 *   <li>The pool hands out conversations in the order of {@code returning}, then {@code waiting},
 *       as requests are made under the lock and in that order.
 *   <li>In {@code away} are those of {@code seated} whose guest is away; nobody joins the line
 *       without one of them being sent off.
 * </ul>
 */
public final class Seats implements AutoCloseable {

    /** Served before those of the default priority, 5. */
    private static final int RETURNING = 9;

    /** Workers that may die under a guest before it has said a word, until it is refused. */
    private static final int MISFORTUNES = 3;

    /** Conversations that must have ended before a wait can be estimated. */
    private static final int SAMPLES = 3;

    private final ProcessPool fresh;
    private final ProcessPool returned;
    private final int perWorker;
    private final int maxWaiting;

    private final ReentrantLock lock = new ReentrantLock();
    private final Set<Seat> returning = new LinkedHashSet<>();
    private final Set<Seat> waiting = new LinkedHashSet<>();
    private final Set<Seat> seated = new LinkedHashSet<>();
    private final Set<Seat> away = new LinkedHashSet<>();
    private boolean closed;
    private long ended;
    private double meanNanos;

    /** Changes of the line that nobody has been told of yet; whoever counts from 0 tells. */
    private final AtomicInteger untold = new AtomicInteger();

    /** Who wants a worker. Called one after the other for one guest; must not block for long. */
    public interface Guest {

        /** Where it stands; told at each change while it waits. */
        default void waits(Place place) {}

        /** Its turn has come. */
        void seated(OpenConversation conversation, Duration waited);

        /** Its turn will not come: the pool ended, or no worker knows the conversation. */
        void refused(RuntimeException why);

        /** It was away, and its conversation was given to somebody who waits. */
        default void evicted() {}
    }

    /**
     * A place in line.
     *
     * @param position 1 for who is served next
     * @param busy conversations that are held now
     * @param size conversations that can be held at once
     * @param estimate how long it may take, once enough conversations have ended to tell
     */
    public record Place(int position, int busy, int size, Optional<Duration> estimate) {}

    /**
     * An empty line.
     *
     * @param pool whose workers are talked to
     * @param perWorker conversations that one worker holds at once
     * @param maxWaiting most that may wait, at least 1
     * @param turnTimeout longest turn before its worker is killed; zero is no limit
     */
    public Seats(ProcessPool pool, int perWorker, int maxWaiting, Duration turnTimeout) {
        CallOptions options = CallOptions.DEFAULT.timeout(turnTimeout).queueTimeout(Duration.ZERO);
        this.fresh = pool.with(options);
        this.returned = pool.with(options.priority(RETURNING));
        this.perWorker = perWorker;
        this.maxWaiting = maxWaiting;
    }

    /**
     * Takes a place in line; returns at once.
     *
     * @param conversation what to talk to
     * @param again whether the guest had a worker and lost it without fault: then it is served
     *     before those who never had one
     * @throws LineFullException if as many wait as may
     * @throws PoolRejectedException if the pool is closed or broken
     * @throws IllegalStateException once this was closed
     */
    public Seat take(TaskName conversation, boolean again, Guest guest) {
        Seat seat = new Seat(conversation, guest);
        Seat leaving = null;
        LeaseRequest<OpenConversation> request;
        lock.lock();
        try {
            if (closed) {
                throw new IllegalStateException("the chat has ended");
            }
            int inLine = waiting.size() + returning.size();
            if (!again && inLine >= maxWaiting) {
                throw new LineFullException(inLine, maxWaiting);
            }
            request = (again ? returned : fresh).converse(conversation);
            seat.request = request;
            if (request.place() > 0) {
                (again ? returning : waiting).add(seat);
                leaving = longestAway();
            }
        } catch (PoolRejectedException.QueueFull full) {
            throw new LineFullException(full.queued(), full.limit());
        } finally {
            lock.unlock();
        }
        watch(seat, request);
        if (leaving != null) {
            leaving.evict();
        }
        lineChanged();
        return seat;
    }

    private void watch(Seat seat, LeaseRequest<OpenConversation> request) {
        var _ =
                request.toCompletableFuture()
                        .whenComplete((got, failure) -> settled(seat, got, failure));
    }

    /**
     * Asks once more for a guest whose worker died in the moment in which it got it.
     *
     * @return whether it waits again
     */
    private boolean askAgain(Seat seat) {
        LeaseRequest<OpenConversation> request;
        Seat leaving = null;
        lock.lock();
        try {
            if (closed || seat.left || seat.misfortunes++ == MISFORTUNES) {
                return false;
            }
            request = returned.converse(seat.wanted);
            seat.request = request;
            if (request.place() > 0) {
                returning.add(seat);
                leaving = longestAway();
            }
        } catch (PoolRejectedException ended) {
            return false; // the guest is told how the first request failed
        } finally {
            lock.unlock();
        }
        watch(seat, request);
        if (leaving != null) {
            leaving.evict();
        }
        lineChanged();
        return true;
    }

    /** Under the lock: who has been away longest and has a worker; it no longer counts as away. */
    private @Nullable Seat longestAway() {
        Seat first = away.isEmpty() ? null : away.iterator().next();
        if (first != null) {
            away.remove(first);
        }
        return first;
    }

    private void settled(
            Seat seat, @Nullable OpenConversation conversation, @Nullable Throwable failure) {
        boolean unwanted;
        boolean needed = false;
        lock.lock();
        try {
            waiting.remove(seat);
            returning.remove(seat);
            unwanted = seat.left;
            if (conversation != null && !unwanted) {
                seat.conversation = conversation;
                seat.since = System.nanoTime();
                seated.add(seat);
                needed = seat.isAway && isNeededElsewhere(seat);
            }
        } finally {
            lock.unlock();
        }
        if (conversation != null) {
            if (unwanted) {
                conversation.close();
            } else {
                Duration waited = Duration.ofNanos(seat.since - seat.asked);
                seat.tell(() -> seat.guest.seated(conversation, waited));
                if (needed) {
                    seat.evict();
                }
            }
        } else if (failure != null && !unwanted) {
            Throwable cause =
                    failure instanceof CompletionException wrapped && wrapped.getCause() != null
                            ? wrapped.getCause()
                            : failure;
            boolean died =
                    cause instanceof CallException.WorkerCrashed
                            || cause instanceof CallException.Abandoned;
            if (died && askAgain(seat)) {
                return;
            }
            RuntimeException why =
                    cause instanceof RuntimeException known
                            ? known
                            : new IllegalStateException(cause);
            seat.tell(() -> seat.guest.refused(why));
        }
        lineChanged();
    }

    /** Under the lock: whether somebody waits for what this guest, who is away, keeps. */
    private boolean isNeededElsewhere(Seat seat) {
        if (waiting.isEmpty() && returning.isEmpty()) {
            away.add(seat);
            return false;
        }
        return true;
    }

    /** Conversations that are held now. */
    public int talking() {
        lock.lock();
        try {
            return seated.size();
        } finally {
            lock.unlock();
        }
    }

    /** Guests that wait now. */
    public int waiting() {
        lock.lock();
        try {
            return waiting.size() + returning.size();
        } finally {
            lock.unlock();
        }
    }

    /** Conversations that can be held at once. */
    int size() {
        return fresh.snapshot().processes() * perWorker;
    }

    /**
     * Tells all who wait where they stand. Changes that come while it is being told are told
     * together.
     */
    private void lineChanged() {
        if (untold.getAndIncrement() == 0) {
            Thread.ofVirtual().name("process-pool-chat-line").start(this::tellPlaces);
        }
    }

    private void tellPlaces() {
        int known;
        do {
            known = untold.get();
            List<Seat> line;
            int busy;
            Optional<Duration> turn;
            lock.lock();
            try {
                line = Stream.concat(returning.stream(), waiting.stream()).toList();
                busy = seated.size();
                turn =
                        ended < SAMPLES
                                ? Optional.empty()
                                : Optional.of(Duration.ofNanos((long) meanNanos));
            } finally {
                lock.unlock();
            }
            if (!line.isEmpty()) {
                int size = size();
                for (int i = 0; i < line.size(); i++) {
                    int position = i + 1;
                    Optional<Duration> estimate =
                            turn.map(each ->
                                    each.multipliedBy(position).dividedBy(Math.max(1, size)));
                    line.get(i).tellPlace(new Place(position, busy, size, estimate));
                }
            }
        } while (untold.addAndGet(-known) > 0);
    }

    /**
     * Takes no more guests. Those who wait are refused; who has a seat keeps it until it leaves.
     */
    @Override
    public void close() {
        List<Seat> line;
        lock.lock();
        try {
            closed = true;
            line = new ArrayList<>(returning);
            line.addAll(waiting);
        } finally {
            lock.unlock();
        }
        for (Seat seat : line) {
            LeaseRequest<OpenConversation> request = seat.request;
            if (request != null) {
                boolean _ = request.cancel(); // which refuses it
            }
        }
    }

    /** A guest's place in line, then at a worker, until it leaves. Safe for use by any thread. */
    public final class Seat {

        private final TaskName wanted;
        private final Guest guest;
        private final Mailbox told = new Mailbox("process-pool-chat-seat");
        private final long asked = System.nanoTime();

        // guarded by the lock
        private @Nullable LeaseRequest<OpenConversation> request;
        private @Nullable OpenConversation conversation;
        private long since;
        private int misfortunes;
        private boolean isAway;
        private boolean left;

        /** Touched by {@code told} alone. */
        private @Nullable Place lastTold;

        private Seat(TaskName wanted, Guest guest) {
            this.wanted = wanted;
            this.guest = guest;
        }

        /** Leaves the line, or ends the conversation and lets the next one in. Idempotent. */
        public void leave() {
            LeaseRequest<OpenConversation> open;
            OpenConversation held;
            lock.lock();
            try {
                if (left) {
                    return;
                }
                left = true;
                open = request;
                held = conversation;
                away.remove(this);
                waiting.remove(this);
                returning.remove(this);
                if (seated.remove(this)) {
                    long lasted = System.nanoTime() - since;
                    ended++;
                    // the last ones count most
                    meanNanos += (lasted - meanNanos) / Math.min(ended, 20);
                }
            } finally {
                lock.unlock();
            }
            if (held != null) {
                held.close();
            } else if (open != null) {
                boolean _ = open.cancel(); // granted in this moment, the pool closes it
            }
            lineChanged();
        }

        /**
         * Says that the guest is away for a while, or is back. While it is away it keeps its place
         * in line; but as soon as it has a worker and somebody waits, its conversation is ended for
         * the other's sake, and it is told once.
         */
        public void absent(boolean nowAway) {
            boolean needed;
            lock.lock();
            try {
                isAway = nowAway;
                if (left || !isAway) {
                    away.remove(this);
                    return;
                }
                needed = conversation != null && isNeededElsewhere(this);
            } finally {
                lock.unlock();
            }
            if (needed) {
                evict();
            }
        }

        private void evict() {
            leave();
            tell(guest::evicted);
        }

        private void tellPlace(Place place) {
            tell(() -> {
                if (!place.equals(lastTold) && isWaiting()) {
                    lastTold = place;
                    guest.waits(place);
                }
            });
        }

        private boolean isWaiting() {
            lock.lock();
            try {
                return waiting.contains(this) || returning.contains(this);
            } finally {
                lock.unlock();
            }
        }

        private void tell(Runnable news) {
            told.execute(news);
        }
    }
}
