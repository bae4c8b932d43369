package org.processpool.quarkus;

import io.quarkus.runtime.LaunchMode;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.io.ObjectInputFilter;

/**
 * Has this process read no serialized Java objects, as its workers read none: nothing here needs
 * any, and bytes that make objects have made many a program do what it was not for. Whoever needs
 * some all the same, such as for JMX from afar, says which by the system property {@code
 * jdk.serialFilter}.
 */
@Singleton
final class RefusedObjects {

    private static final String ALL = "!*";

    /** Before anybody can connect. Tests and dev mode share their process with others. */
    void begin(@Observes StartupEvent event) {
        if (LaunchMode.current() == LaunchMode.NORMAL) {
            refuse();
        }
    }

    /** From now on, unless somebody has decided otherwise before. */
    static void refuse() {
        if (ObjectInputFilter.Config.getSerialFilter() == null) {
            ObjectInputFilter.Config.setSerialFilter(ObjectInputFilter.Config.createFilter(ALL));
        }
    }
}
