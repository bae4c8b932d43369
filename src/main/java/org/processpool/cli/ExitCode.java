package org.processpool.cli;

/** What the exit code of a command says. */
final class ExitCode {

    /** All went well. */
    static final int OK = 0;

    /** The call, the job or an item of a map failed. */
    static final int FAILED = 1;

    /** The command line makes no sense. */
    static final int USAGE = 2;

    /** The server cannot be reached, or the connection broke. */
    static final int UNREACHABLE = 3;

    /** The server refused (4xx). */
    static final int REFUSED = 4;

    /** The server is in trouble, for which the task cannot be blamed (5xx). */
    static final int TROUBLE = 5;

    /** Not ended in the time that was to be waited. */
    static final int WAIT_EXCEEDED = 124;

    private ExitCode() {}
}
