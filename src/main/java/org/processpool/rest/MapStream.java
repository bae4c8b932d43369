package org.processpool.rest;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.core.StreamingOutput;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.NoSuchElementException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.processpool.pool.CallException;
import org.processpool.pool.PoolRejectedException;
import org.processpool.pool.ResultIterator;
import org.processpool.task.Payload;

/**
 * The results of a map, written as they come. One thread takes them and writes them; a client that
 * reads slowly stops it, and with it the reading of the items. The connection's thread only tells
 * that the client has gone, which interrupts the other unless it is to go on.
 */
final class MapStream implements StreamingOutput {

    /** Small results that are there are written together, up to so many bytes. */
    private static final int GATHERED = 32 << 10;

    private static final Duration FOR_EVER = Duration.ofDays(3650);

    private static final byte[] INDEX = "{\"index\":".getBytes(US_ASCII);
    private static final byte[] RESULT = ",\"ok\":true,\"result\":".getBytes(US_ASCII);
    private static final byte[] ERROR = ",\"ok\":false,\"error\":".getBytes(US_ASCII);

    private final Audience audience;
    private final MapQuery query;
    private final ResultFormat format;
    private final Problems problems;
    private final BodyItems items;
    private final ResultIterator<Payload> results;
    private final Duration patience;
    private final Thread thread = Thread.currentThread();

    private final ByteArrayOutputStream lines = new ByteArrayOutputStream(2 * GATHERED);
    private long succeeded;
    private long failed;
    private boolean stopped;
    private boolean over;
    private @Nullable Problem ending;

    /** Guarded by this object's lock: after that nobody is interrupted any more. */
    private boolean finished;

    private volatile boolean gone;

    /**
     * To be made by the thread that will write.
     *
     * @param audience who reads the problems of items
     * @param results belongs to this from now on, and reads {@code items}
     */
    MapStream(
            Audience audience,
            MapQuery query,
            ResultFormat format,
            Problems problems,
            BodyItems items,
            ResultIterator<Payload> results) {
        this.audience = audience;
        this.query = query;
        this.format = format;
        this.problems = problems;
        this.items = items;
        this.results = results;
        this.patience = format.signOfLife().length > 0 ? ServerSentEvents.HEARTBEAT : FOR_EVER;
    }

    /**
     * Begins to read and waits for the first result, so that what is wrong before is told as a
     * problem and not within a stream.
     *
     * @throws ProblemException if the items so far are malformed
     * @throws PoolRejectedException if the pool does not take them
     */
    void begin(RoutingContext exchange) {
        boolean begun = false;
        try {
            exchange.addEndHandler(_ -> left());
            items.start();
            if (exchange.response().closed()) {
                left();
            }
            step();
            ProblemException malformed = items.failure();
            if (malformed != null && !gone) {
                throw malformed;
            }
            if (ending != null && !gone) {
                throw new ProblemException(ending);
            }
            begun = true;
        } catch (CancellationException nobodyListens) {
            throw new ProblemException(new Problem(ProblemType.JOB_CANCELLED, Phrase.CLIENT_GONE));
        } finally {
            if (!begun) {
                finish();
            }
        }
    }

    @Override
    public void write(OutputStream out) {
        try {
            while (!over) {
                if (lines.size() >= GATHERED || !results.ready()) {
                    flush(out);
                }
                step();
            }
            appendEnd();
            flush(out);
        } catch (CancellationException nobodyListens) {
            // the client has gone and what it asked for is not to go on
        } finally {
            finish();
        }
    }

    /** Ends what is under way; a thread that comes later to interrupt this one does not. */
    private void finish() {
        results.close();
        synchronized (this) {
            finished = true;
            if (Thread.interrupted()) {
                gone = true; // and the thread has nothing more to do with it
            }
        }
    }

    /** The exchange has ended; before {@link #finish} that means that the client has gone. */
    private void left() {
        synchronized (this) {
            if (!finished) {
                gone = true;
                items.cut();
                if (!query.detached()) {
                    thread.interrupt();
                }
            }
        }
    }

    /** Takes the next result, or the end. */
    private void step() {
        try {
            Payload result = results.next(patience);
            succeed(CallAnswer.json(result));
        } catch (CallException ended) {
            fail(problems.of(ended.outcome()));
        } catch (BodyItems.InvalidItemException invalid) {
            fail(invalid.problem());
        } catch (TimeoutException quiet) {
            lines.writeBytes(format.signOfLife());
        } catch (NoSuchElementException end) {
            over = true;
        } catch (PoolRejectedException refused) {
            end(problems.of(refused));
        } catch (CancellationException interrupted) {
            throw interrupted;
        } catch (ProblemException malformed) {
            end(malformed.problem());
        } catch (RuntimeException bug) {
            end(problems.ofBug(bug));
        }
    }

    private void end(Problem why) {
        over = true;
        ending = why;
    }

    private void succeed(byte[] result) {
        succeeded++;
        append(RESULT, result);
    }

    private void fail(Problem why) {
        failed++;
        append(ERROR, why.json(audience));
        if (query.stops()) {
            over = true;
            stopped = true;
        }
    }

    private void append(byte[] kind, byte[] value) {
        lines.writeBytes(format.item());
        lines.writeBytes(INDEX);
        lines.writeBytes(Long.toString(results.index()).getBytes(US_ASCII));
        lines.writeBytes(kind);
        lines.writeBytes(value);
        lines.write('}');
        lines.writeBytes(format.close());
    }

    private void appendEnd() {
        lines.writeBytes(format.end());
        lines.writeBytes(
                "{\"end\":true,\"total\":%d,\"succeeded\":%d,\"failed\":%d%s"
                        .formatted(
                                succeeded + failed,
                                succeeded,
                                failed,
                                stopped ? ",\"stopped\":true" : "")
                        .getBytes(US_ASCII));
        Problem why = ending;
        if (why != null) {
            lines.writeBytes(",\"error\":".getBytes(US_ASCII));
            lines.writeBytes(why.json(audience));
        }
        lines.write('}');
        lines.writeBytes(format.close());
    }

    /**
     * Writes what was gathered, and waits while the client does not read.
     *
     * @throws CancellationException if the client has gone and the items are not to go on
     */
    private void flush(OutputStream out) {
        if (lines.size() > 0 && !gone) {
            try {
                lines.writeTo(out);
                out.flush();
            } catch (IOException torn) {
                gone = true;
            }
        }
        lines.reset();
        if (gone && !query.detached()) {
            throw new CancellationException("the client has gone");
        }
    }
}
