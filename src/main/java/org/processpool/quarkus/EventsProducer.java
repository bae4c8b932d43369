package org.processpool.quarkus;

import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import org.processpool.job.JobEvents;

/** What happened lately, which pools and jobs tell and clients hear. */
@Singleton
class EventsProducer {

    @Produces
    @Singleton
    JobEvents events() {
        return new JobEvents();
    }
}
