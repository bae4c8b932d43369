/**
 * What must hold when things go wrong: real worker processes, killed, stopped, hung and garbled on
 * purpose.
 *
 * <p>Start reading at {@link org.processpool.fault.KilledWorkerFaultIT}. Every class here is a
 * {@link org.processpool.fault.FaultTest}: whatever it did, nothing of ours may be left afterwards.
 * What workers are made to do is either a trouble maker of the room {@code sample} or one of {@link
 * org.processpool.fault.Deeds}.
 */
package org.processpool.fault;
