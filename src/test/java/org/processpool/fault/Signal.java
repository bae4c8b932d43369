package org.processpool.fault;

import java.io.IOException;

/** What the kernel, an operator or a container runtime may send to a worker at any time. */
enum Signal {
    KILL,
    TERM,
    INT,
    STOP,
    CONT;

    /** Sends it; a process that is gone already is no failure. */
    void sendTo(long pid) throws IOException, InterruptedException {
        if (this == KILL) {
            ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
        } else {
            new ProcessBuilder("sh", "-c", "kill -s %s %d 2>/dev/null".formatted(this, pid))
                    .start()
                    .waitFor();
        }
    }
}
