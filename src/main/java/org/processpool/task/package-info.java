/**
 * What a user writes: tasks, conversations and the little they may know of where they run.
 *
 * <p>Start reading at {@link org.processpool.task.Task}. This room is on the class path of every
 * worker and of every caller, so it knows nothing but the JDK: no pool, no wire, no framework.
 */
@NullMarked
package org.processpool.task;

import org.jspecify.annotations.NullMarked;
