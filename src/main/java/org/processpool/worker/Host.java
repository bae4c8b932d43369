package org.processpool.worker;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The process a loop runs in, if it is the loop's own. */
interface Host {

    /**
     * The parent is gone or talks nonsense while user code may be running. A process of its own
     * ends here and now and does not return.
     */
    void abandoned(End end);

    /** A large payload has come or goes: the way may be made wider. */
    void largePayload();

    /** A call begins: what was printed before is not of it. */
    void callBegins();

    /** From now on what user code prints goes to that transcript, too; null to none. */
    void transcribe(@Nullable Transcript transcript);

    /** The parent's process, if this is not it. */
    Optional<ProcessHandle> parent();
}
