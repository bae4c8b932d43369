/**
 * Tasks and conversations to try things with, small enough to copy from.
 *
 * <p>Start reading at {@link org.processpool.sample.WordCount}, the plainest task; {@link
 * org.processpool.sample.Primes} shows progress and cancellation, {@link
 * org.processpool.sample.Talk} a conversation. The second half of the room makes trouble on
 * purpose: every way a worker can fail has a task that fails that way, offered only by workers that
 * were told to. {@link org.processpool.sample.JavaShell} runs whatever Java it is told, also only
 * where that was asked for. Workers find all of them by {@link java.util.ServiceLoader}; the room
 * knows {@code task} and the JDK and must not know how it is called.
 */
@NullMarked
package org.processpool.sample;

import org.jspecify.annotations.NullMarked;
