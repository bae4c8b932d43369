package org.processpool.fault;

import static org.processpool.fault.Pools.HANG;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.processpool.pool.CallOptions;
import org.processpool.pool.PoolConfig;
import org.processpool.pool.PoolListener;
import org.processpool.pool.ProcessPool;
import org.processpool.task.Payload;
import org.processpool.wire.Codec;

/**
 * A parent process that is not going to close its pool. It prints the ids of the processes it has
 * brought about, one line of words each time, and then does what it was told to.
 */
final class DoomedParent {

    /** How such a process goes on once its workers are busy. */
    enum Fate {
        /** Waits for SIGKILL. */
        WAIT,
        /** Waits for SIGKILL as soon as its workers are started, before they are ready. */
        WAIT_EARLY,
        /** Ends as a program does whose main method returns. */
        RETURN,
        /** Ends without shutdown hooks. */
        HALT
    }

    private DoomedParent() {}

    public static void main(String[] arguments) throws Exception {
        Fate fate = Fate.valueOf(arguments[0]);
        PoolConfig.Sandbox sandbox = PoolConfig.Sandbox.valueOf(arguments[1]);
        ProcessPool pool = Pools.ofTrouble(2).sandbox(sandbox).listener(new Announcer()).build();
        if (fate != Fate.WAIT_EARLY) {
            keepBusy(pool, sandbox);
        }
        System.out.println("up");
        switch (fate) {
            case WAIT, WAIT_EARLY -> Thread.sleep(Duration.ofDays(1));
            case RETURN -> {}
            case HALT -> Runtime.getRuntime().halt(0);
        }
    }

    /** One worker burns a processor, the other has children: an attached and a detached one. */
    private static void keepBusy(ProcessPool pool, PoolConfig.Sandbox sandbox) throws Exception {
        var burning = pool.applyAsync(HANG, Map.of("busy", true));
        printGrandchild(pool, sandbox, "{\"count\": 1, \"detached\": false, \"then\": \"return\"}");
        printGrandchild(pool, sandbox, "{\"count\": 1, \"detached\": true, \"then\": \"hang\"}");
        if (burning.ready()) {
            throw new IllegalStateException("nothing hangs");
        }
    }

    /** In a sandbox it does not know by which number others know it. */
    private static void printGrandchild(
            ProcessPool pool, PoolConfig.Sandbox sandbox, String input) {
        var part = new CompletableFuture<Payload>();
        var _ =
                pool.with(CallOptions.DEFAULT.onPart(part::complete))
                        .applyAsync(Pools.task("grandchild"), Payload.json(input));
        List<?> pids = (List<?>) Codec.decode(part.join(), Object.class);
        if (sandbox == PoolConfig.Sandbox.NONE) {
            pids.forEach(pid -> System.out.println("grandchild " + pid));
        }
    }

    private static final class Announcer implements PoolListener {
        @Override
        public void workerStarted(String worker, long pid) {
            System.out.println("worker " + pid);
        }
    }
}
