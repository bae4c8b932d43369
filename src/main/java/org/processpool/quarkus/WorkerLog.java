package org.processpool.quarkus;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.jboss.logging.MDC;
import org.processpool.pool.PoolListener;
import org.processpool.pool.RunningCall;

/**
 * Passes what workers print to the log, category {@code org.processpool.worker}, with fields that
 * say which worker it was and what it ran.
 */
final class WorkerLog implements PoolListener {

    private static final Logger LOG = Logger.getLogger("org.processpool.worker");

    @Override
    public void workerSaid(String worker, long pid, Optional<RunningCall> call, String line) {
        Map<String, String> fields = new HashMap<>();
        fields.put("workerPid", Long.toString(pid));
        call.ifPresent(running -> {
            fields.put("task", running.target().toString());
            fields.put("attempt", Integer.toString(running.attempt()));
            fields.putAll(running.labels());
        });
        fields.forEach(MDC::put);
        try {
            LOG.infof("%s (pid %d): %s", worker, pid, PrintableLog.printable(line));
        } finally {
            fields.keySet().forEach(MDC::remove);
        }
    }
}
