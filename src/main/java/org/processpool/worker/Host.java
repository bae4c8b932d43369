package org.processpool.worker;

import java.util.Optional;

/** The process a loop runs in, if it is the loop's own. */
interface Host {

    /**
     * The parent is gone or talks nonsense while user code may be running. A process of its own
     * ends here and now and does not return.
     */
    void abandoned(End end);

    /** A large payload has come or goes: the way may be made wider. */
    void largePayload();

    /** The parent's process, if this is not it. */
    Optional<ProcessHandle> parent();
}
