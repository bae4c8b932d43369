package org.processpool.pool;

import java.util.Optional;

/** Names of signals, as a process that died of one shows them in its exit code. */
final class Signals {

    private static final String[] NAMES = {
        "",
        "SIGHUP",
        "SIGINT",
        "SIGQUIT",
        "SIGILL",
        "SIGTRAP",
        "SIGABRT",
        "SIGBUS",
        "SIGFPE",
        "SIGKILL",
        "SIGUSR1",
        "SIGSEGV",
        "SIGUSR2",
        "SIGPIPE",
        "SIGALRM",
        "SIGTERM",
        "SIGSTKFLT",
        "SIGCHLD",
        "SIGCONT",
        "SIGSTOP",
        "SIGTSTP",
        "SIGTTIN",
        "SIGTTOU",
        "SIGURG",
        "SIGXCPU",
        "SIGXFSZ",
        "SIGVTALRM",
        "SIGPROF",
        "SIGWINCH",
        "SIGIO",
        "SIGPWR",
        "SIGSYS"
    };

    private Signals() {}

    /**
     * The signal behind an exit code of 128 + n, with Linux's numbers (signal(7)); empty for any
     * other code. A process may also choose such a code itself.
     */
    static Optional<String> name(int exitCode) {
        int signal = exitCode - 128;
        return signal > 0 && signal < NAMES.length ? Optional.of(NAMES[signal]) : Optional.empty();
    }
}
