/**
 * Benchmarks: this pool and CPython's {@code multiprocessing.Pool} do the same work in turn.
 *
 * <p>Start with {@link org.processpool.bench.Bench}, which prints the table, and {@link
 * org.processpool.bench.Scenario}, which lists what is measured. The other half is {@code
 * src/bench/python/bench.py}. Figures are only compared within one run: the machine may be busy,
 * but it is equally busy for both.
 */
package org.processpool.bench;
