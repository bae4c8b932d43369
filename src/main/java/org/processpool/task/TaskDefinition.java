package org.processpool.task;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** How a registered {@link Task} or {@link Conversation} is called and described to others. */
@Documented
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
public @interface TaskDefinition {

    /** The name, in the form of {@link TaskName}; unique among the tasks of a worker. */
    String name();

    /** One sentence for the list of tasks. */
    String summary() default "";

    /** An input to try the task with, as JSON; empty if there is none. */
    String example() default "";

    /**
     * Longest run of one call over REST, as an ISO-8601 duration such as {@code PT5S}; empty for
     * the pool's own limit.
     */
    String timeout() default "";

    /** Media type of a {@code byte[]} result; everything else is JSON over REST. */
    String produces() default "application/octet-stream";

    /**
     * Whether this exists to make trouble on purpose (crash, hang, eat memory). Such tasks are
     * offered only by workers that were told to.
     */
    boolean trouble() default false;

    /**
     * Whether this gives whoever may call it more power than a list of tasks suggests, such as to
     * run code of his own. It is offered only by workers whose pool was told its name ({@code
     * PoolBuilder.offer}).
     */
    boolean restricted() default false;
}
