package org.processpool.bench;

import static org.processpool.bench.Row.less;
import static org.processpool.bench.Row.more;
import static org.processpool.bench.Target.atLeast;
import static org.processpool.bench.Target.atMost;
import static org.processpool.bench.Target.none;
import static org.processpool.bench.Target.timesPython;

import java.util.Arrays;
import java.util.List;

/**
 * What is measured, in the order of the table. Each side has two workers and takes the size from
 * here, so both do the same work.
 */
enum Scenario {
    /** Size: calls, one after the other. */
    APPLY(
            "apply",
            5_000,
            less("no-op apply, round trip p50", "µs", "p50", timesPython(3.0, 20.0)),
            less("no-op apply, round trip p99", "µs", "p99", none())),
    /** Size: calls, all submitted before the first result is fetched. */
    APPLY_ASYNC(
            "apply-async",
            100_000,
            more("no-op applyAsync, 100,000 calls", "calls/s", "rate", timesPython(15.0, 50.0))),
    /** Size: items, which are ints; their results are added up. */
    MAP(
            "map",
            1_000_000,
            more("map of 1,000,000 ints, default chunk", "items/s", "rate", timesPython(2.0, 5.0))),
    /** Size: items, as above. */
    MAP_CHUNK_1(
            "map-chunk-1",
            100_000,
            more("map of 100,000, chunk 1", "items/s", "rate", timesPython(10.0, 30.0))),
    /** Size: items, as above. */
    IMAP_UNORDERED(
            "imap-unordered",
            100_000,
            more("imapUnordered, 100,000, chunk 1", "items/s", "rate", timesPython(10.0, 30.0))),
    /** Size: bytes of one argument and of its result; 100 MB are sent in all. */
    BYTES_1_MB(
            "bytes-1mb",
            1_000_000,
            less("1 MB bytes there and back", "ms", "time", timesPython(5.0, 20.0))),
    /** Size: as above. */
    BYTES_100_MB(
            "bytes-100mb",
            100_000_000,
            less("100 MB bytes there and back", "ms", "time", timesPython(3.0, 10.0))),
    /** Size: pools, one after the other. */
    START(
            "start",
            5,
            less("pool of 2 to first result, P = spawn", "ms", "start", timesPython(1.0, 2.0))
                    .against("spawn"),
            less("pool of 2 to first result, P = fork", "ms", "start", none()).against("fork")),
    /** Size: calls, each in a process of its own. */
    RECYCLE(
            "recycle",
            60,
            more("maxTasksPerChild=1, P = spawn", "calls/s", "rate", timesPython(3.0))
                    .against("spawn"),
            more("maxTasksPerChild=1, P = fork", "calls/s", "rate", timesPython(1.0))
                    .against("fork")),
    /** Size: workers, of which the mean is taken. */
    IDLE("idle", 2, less("idle worker, PSS, P = fork", "MiB", "pss", atMost(40.0, 26.0))),
    /** Size: calls that wait, each with a payload of 100 bytes that is not counted. */
    WAITING(
            "waiting",
            10_000,
            less("10,000 calls waiting, parent heap", "bytes/call", "heap", atMost(1024.0))),
    /** Size: tasks for each worker. */
    SCALING(
            "scaling",
            1_000,
            more(
                    "speed-up from 1 to all cores, 1 ms tasks",
                    "× cores",
                    "efficiency",
                    atLeast(0.95)));

    private final String label;
    private final int size;
    private final List<Row> rows;

    Scenario(String label, int size, Row... rows) {
        this.label = label;
        this.size = size;
        this.rows = List.of(rows);
    }

    /**
     * The scenario of that name.
     *
     * @throws IllegalArgumentException if there is none
     */
    static Scenario named(String name) {
        return Arrays.stream(values())
                .filter(scenario -> scenario.label.equals(name))
                .findFirst()
                .orElseThrow(() ->
                        new IllegalArgumentException(
                                "unknown scenario '%s', there are %s"
                                        .formatted(name, Arrays.toString(values()))));
    }

    int size() {
        return size;
    }

    List<Row> rows() {
        return rows;
    }

    /** Its name on the command line and in bench.py. */
    @Override
    public String toString() {
        return label;
    }
}
