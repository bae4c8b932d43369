/**
 * Who comes in, and what they may do. Start reading at {@link org.processpool.security.Caller}: one
 * who was let in, with a {@link org.processpool.security.Role}, found by a token ({@link
 * org.processpool.security.TokenFile}) or by a ticket that was bought with one ({@link
 * org.processpool.security.Tickets}). {@link org.processpool.security.Origins} tells requests that
 * a foreign web page had a browser send.
 *
 * <p>This room knows nothing of HTTP, of jobs or of chats: those ask it.
 */
@NullMarked
package org.processpool.security;

import org.jspecify.annotations.NullMarked;
