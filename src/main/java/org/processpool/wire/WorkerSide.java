package org.processpool.wire;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * The far end of a channel inside the calling process, for pools that start no processes. Found
 * with {@link java.util.ServiceLoader}, so that the room that hands calls out need not know the
 * room that runs them.
 */
public interface WorkerSide {

    /**
     * Does what a worker process does, on the calling thread: hears the parent's frames, runs user
     * code and answers, until {@link Message.Stop} or the end of the stream. Never exits the JVM
     * and leaves its standard streams alone.
     *
     * @param in what the parent says; reading must not be disturbed by an interrupt of the thread
     * @param out what the parent hears; writing must not be disturbed by an interrupt either
     * @throws IOException a stream is torn or the parent broke the protocol
     */
    void serve(InputStream in, OutputStream out) throws IOException;
}
