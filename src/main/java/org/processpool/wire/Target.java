package org.processpool.wire;

import org.processpool.task.TaskName;

/** Which code a call means. */
public sealed interface Target {

    /** A registered task. */
    record Named(TaskName name) implements Target {
        @Override
        public String toString() {
            return name.value();
        }
    }

    /**
     * A method, as a method reference or a lambda that captures nothing names it.
     *
     * @param owner binary name of the class that declares it, such as {@code com.acme.Pdf}
     * @param name its name, {@code <init>} for a constructor
     * @param descriptor its descriptor (JVMS 4.3.3)
     * @param kind how it is invoked
     */
    record Method(String owner, String name, String descriptor, Kind kind) implements Target {
        @Override
        public String toString() {
            return owner.substring(owner.lastIndexOf('.') + 1) + "::" + name;
        }
    }

    /** How a {@link Method} is invoked. The order is the number on the wire: only append. */
    enum Kind {
        /** A static method; all arguments are its parameters. */
        STATIC,
        /** An instance method; the first argument is the receiver. */
        VIRTUAL,
        /** A constructor. */
        CONSTRUCTOR
    }
}
