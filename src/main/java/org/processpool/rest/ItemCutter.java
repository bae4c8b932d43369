package org.processpool.rest;

import org.jspecify.annotations.Nullable;

/**
 * Cuts a body into items while it arrives, each exactly one JSON value and otherwise unopened.
 * Holds one piece and the beginning of one item. For one thread; never blocks.
 */
interface ItemCutter {

    /** Takes the next piece of the body, once {@link #next} has found no more in those before. */
    void feed(byte[] piece);

    /**
     * The next item that has arrived whole, or null.
     *
     * @throws ProblemException if the body is malformed or an item too large; nothing is to be
     *     asked of this cutter any more
     */
    byte @Nullable [] next();

    /**
     * The body has ended: the item that had no end but that one, if there is one.
     *
     * @throws ProblemException if the body is malformed
     */
    byte @Nullable [] end();
}
