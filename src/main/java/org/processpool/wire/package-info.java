/**
 * Everything parent and worker can say to each other, and its bytes.
 *
 * <p>Start reading at {@link org.processpool.wire.Message}; {@link org.processpool.wire.FrameCodec}
 * turns messages into frames, {@link org.processpool.wire.Codec} turns Java values into payloads,
 * {@link org.processpool.wire.Channel} carries frames. The room must not know how calls are queued
 * or workers are kept alive.
 */
@NullMarked
package org.processpool.wire;

import org.jspecify.annotations.NullMarked;
