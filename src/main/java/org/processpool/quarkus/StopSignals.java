package org.processpool.quarkus;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/**
 * The signals that ask this process to end. Left to itself the JVM runs its shutdown hooks at the
 * first one, is deaf to the second, and exits with 143.
 */
enum StopSignals {
    TERM(15),
    INT(2);

    private static final Logger LOG = Logger.getLogger(StopSignals.class);

    private final int number;

    StopSignals(int number) {
        this.number = number;
    }

    /** What a process exits with that this signal has ended. */
    int exitCode() {
        return 128 + number;
    }

    /**
     * Hears each of them from now on, on a thread of its own.
     *
     * @return whether that is possible; not where the JVM was told to leave signals alone (-Xrs)
     */
    static boolean hear(Consumer<StopSignals> listener) {
        try {
            // by reflection, as the compiler warns of this class and can be told by nobody not to
            Class<?> type = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Method handle = type.getMethod("handle", type, handler);
            for (StopSignals each : values()) {
                InvocationHandler heard =
                        (_, method, arguments) -> {
                            if (method.getDeclaringClass().equals(Object.class)) {
                                return method.invoke(each, arguments);
                            }
                            listener.accept(each);
                            return null;
                        };
                handle.invoke(
                        null,
                        type.getConstructor(String.class).newInstance(each.name()),
                        Proxy.newProxyInstance(
                                StopSignals.class.getClassLoader(),
                                new Class<?>[] {handler},
                                heard));
            }
            return true;
        } catch (ReflectiveOperationException | IllegalArgumentException unable) {
            LOG.debugf(unable, "signals cannot be heard");
            return false;
        }
    }
}
