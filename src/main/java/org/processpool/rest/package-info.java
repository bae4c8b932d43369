/**
 * HTTP in and out: tasks to apply, pools to look at, and a problem (RFC 9457) for whatever goes
 * wrong.
 *
 * <p>Start reading at {@link org.processpool.rest.TaskResource}; {@link
 * org.processpool.rest.Problems} says which end of a call is which status. The room must not know
 * how pools are configured, and decides nothing about the business: it checks what comes in, makes
 * a call of it and an answer of its outcome.
 */
@NullMarked
package org.processpool.rest;

import org.jspecify.annotations.NullMarked;
