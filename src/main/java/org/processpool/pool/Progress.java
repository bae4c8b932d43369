package org.processpool.pool;

import org.jspecify.annotations.Nullable;

/**
 * How far a call is, as its task told.
 *
 * @param done units done so far
 * @param total all units, or 0 if unknown
 * @param message a short text, or null
 */
public record Progress(long done, long total, @Nullable String message) {}
