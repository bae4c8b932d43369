package org.processpool.pool;

import java.util.Map;
import org.processpool.wire.Target;

/**
 * The call a worker has at a moment.
 *
 * @param target which code it runs
 * @param attempt 1 for the first run, 2 for the first retry, and so on
 * @param labels what its caller calls it, see {@link CallOptions#labels}
 */
public record RunningCall(Target target, int attempt, Map<String, String> labels) {

    public RunningCall {
        labels = Map.copyOf(labels);
    }
}
