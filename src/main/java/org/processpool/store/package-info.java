/**
 * Jobs on a real database: SQLite in the box, PostgreSQL for many machines, the same code.
 *
 * <p>Start reading at {@link org.processpool.store.Store}, which opens the database and hands out
 * its two sides: {@code SqlJobStore} writes down what jobs are, {@code SchedulerQueue} says when
 * they are due. Whatever changes a job passes {@code GroupWriter}, which puts what is asked at the
 * same time into one transaction. The room must not know of HTTP, of workers or of configuration.
 */
@NullMarked
package org.processpool.store;

import org.jspecify.annotations.NullMarked;
