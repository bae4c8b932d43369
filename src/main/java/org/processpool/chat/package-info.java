/**
 * Conversations of people with worker processes, and with each other through them.
 *
 * <p>Start reading at {@link org.processpool.chat.Chat}, where somebody who has connected becomes a
 * {@code Member} of a {@code Room}. {@code Seats} is the one line in which everybody waits for a
 * worker, whichever door was taken: {@code ChatSocket} is the WebSocket's, {@link
 * org.processpool.chat.ChatServer} that of plain TCP. All that can be said stands in {@code
 * ChatFrame}. The room must not know of REST, of jobs or of how pools are configured.
 */
@NullMarked
package org.processpool.chat;

import org.jspecify.annotations.NullMarked;
