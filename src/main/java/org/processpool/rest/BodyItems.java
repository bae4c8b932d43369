package org.processpool.rest;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.processpool.pool.ItemSource;
import org.processpool.task.Payload;

/**
 * The body of a request as items, while it arrives. At most {@link #PIECES} pieces of it are taken
 * from the connection before they are asked for, so whoever asks for no more items stops the
 * client.
 *
 * <p>Pieces, the end and the wake-up are guarded by this object's lock, since the connection's
 * thread brings them; everything else belongs to the thread that consumes the items.
 */
final class BodyItems implements ItemSource<Payload> {

    /** A piece has 8 KiB at most, as {@code quarkus.http.limits.max-chunk-size} says. */
    private static final int PIECES = 16;

    /** Looks at each item before it is run. */
    interface Check {
        /**
         * The input of a task that an item means.
         *
         * @param item one JSON value
         * @throws ProblemException if it does not fit; then it fails by itself and is not run
         */
        Payload input(byte[] item);
    }

    /** An item that a {@link Check} found to be wrong. */
    static final class InvalidItemException extends RefusedItemException {
        private static final long serialVersionUID = 1;
        private final transient Problem problem;

        InvalidItemException(Problem problem) {
            super(problem.detail().toString());
            this.problem = problem;
        }

        Problem problem() {
            return problem;
        }
    }

    private final HttpServerRequest request;
    private final ItemCutter cutter;
    private final Check check;

    private final ArrayDeque<Buffer> arrived = new ArrayDeque<>();
    private boolean arrivedAll;
    private boolean cut;
    private @Nullable Runnable wake;

    private byte @Nullable [] item;
    private boolean over;
    private long fed;
    private @Nullable ProblemException failure;

    /**
     * @param request paused, and nobody else reads it
     */
    BodyItems(HttpServerRequest request, ItemCutter cutter, Check check) {
        this.request = request;
        this.cutter = cutter;
        this.check = check;
    }

    /** Begins to read; to be called once. */
    void start() {
        request.exceptionHandler(_ -> cut());
        request.endHandler(_ -> end());
        request.handler(this::arrive);
        if ("100-continue".equalsIgnoreCase(request.getHeader(HttpHeaders.EXPECT))) {
            request.response().writeContinue();
        }
        request.fetch(PIECES);
    }

    private void arrive(Buffer piece) {
        Runnable whom;
        synchronized (this) {
            arrived.add(piece);
            whom = takeWake();
        }
        whom.run();
    }

    private void end() {
        Runnable whom;
        synchronized (this) {
            arrivedAll = true;
            whom = takeWake();
        }
        whom.run();
    }

    /**
     * No more will arrive; what has arrived can still be read. On any thread, any number of times.
     */
    void cut() {
        Runnable whom;
        synchronized (this) {
            cut |= !arrivedAll;
            whom = takeWake();
        }
        whom.run();
    }

    /** Whom to run once the lock is free. */
    private Runnable takeWake() {
        Runnable whom = wake;
        wake = null;
        return whom == null ? BodyItems::wakeNobody : whom;
    }

    private static void wakeNobody() {}

    @Override
    public void onReady(Runnable whom) {
        synchronized (this) {
            if (arrived.isEmpty() && !arrivedAll && !cut) {
                wake = whom;
                return;
            }
        }
        whom.run();
    }

    @Override
    public boolean ready() {
        while (item == null && failure == null && !over) {
            try {
                item = cutter.next();
                if (item == null && !feed()) {
                    return false;
                }
            } catch (ProblemException malformed) {
                failure = malformed;
            }
        }
        return true;
    }

    /**
     * Gives the cutter the next piece, or tells it of the end.
     *
     * @return whether there was one or the other
     */
    private boolean feed() {
        Buffer piece;
        boolean whole;
        synchronized (this) {
            piece = arrived.poll();
            whole = arrivedAll;
            if (piece == null && !whole && !cut) {
                return false;
            }
        }
        if (piece != null) {
            if (!whole) {
                fetchOne();
            }
            fed += piece.length();
            cutter.feed(piece.getBytes());
        } else if (whole) {
            item = cutter.end();
            over = true;
        } else {
            throw new ProblemException(new Problem(ProblemType.INVALID_REQUEST, Phrase.BODY_CUT));
        }
        return true;
    }

    private void fetchOne() {
        try {
            request.fetch(1);
        } catch (IllegalStateException ended) {
            // HTTP/2 says so if the end has arrived meanwhile; then there is nothing to fetch
        }
    }

    /**
     * All items, once they have arrived; blocks until then.
     *
     * @param limit most bytes the body may have
     * @param most most items
     * @throws ProblemException if they have more, or the body is malformed or cut
     */
    List<byte[]> all(long limit, int most) throws InterruptedException {
        List<byte[]> all = new ArrayList<>();
        while (true) {
            boolean ready = ready();
            if (fed > limit) {
                throw new ProblemException(
                        new Problem(ProblemType.CONTENT_TOO_LARGE, Phrase.BODY_OVER_LIMIT, limit)
                                .with("limitBytes", limit),
                        Map.of("Connection", "close"));
            }
            if (!ready) {
                var more = new CountDownLatch(1);
                onReady(more::countDown);
                more.await();
                continue;
            }
            if (!hasNext()) {
                return all;
            }
            if (all.size() == most) {
                throw JobRequest.tooMany(most);
            }
            all.add(next().bytes());
        }
    }

    /** What is wrong with the body, once that has been found. */
    @Nullable ProblemException failure() {
        return failure;
    }

    /**
     * @throws ProblemException if the body is malformed behind the items so far
     */
    @Override
    public boolean hasNext() {
        if (!ready()) {
            throw new IllegalStateException("nobody knows yet");
        }
        if (item == null && failure != null) {
            throw failure;
        }
        return item != null;
    }

    @Override
    public Payload next() {
        byte[] found = item;
        if (found == null) {
            throw new NoSuchElementException("the body has no more items");
        }
        item = null;
        try {
            return check.input(found);
        } catch (ProblemException unfit) {
            throw new InvalidItemException(unfit.problem());
        }
    }
}
