package org.processpool.worker;

import org.jspecify.annotations.Nullable;

/** The worker has no such task, class or method, or cannot run it. */
final class TargetException extends Exception {
    private static final long serialVersionUID = 1;

    TargetException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
