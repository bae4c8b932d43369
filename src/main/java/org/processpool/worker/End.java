package org.processpool.worker;

/** Why a worker's loop has ended, with the exit code of its process. */
enum End {
    /** The parent said so. */
    STOPPED(0),
    /** The initializer failed, or the parent speaks another protocol. */
    INIT_FAILED(70),
    /** The parent's bytes were no message, or not one that may come now. */
    BROKEN(71),
    /** The stream ended, or was torn: the parent is gone. */
    ABANDONED(72);

    private final int exitCode;

    End(int exitCode) {
        this.exitCode = exitCode;
    }

    int exitCode() {
        return exitCode;
    }
}
