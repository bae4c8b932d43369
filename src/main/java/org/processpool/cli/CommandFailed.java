package org.processpool.cli;

/** A command cannot do what it was told. */
final class CommandFailed extends Exception {

    private static final long serialVersionUID = 1L;

    private final int exitCode;
    private final transient Problem problem;

    CommandFailed(int exitCode, Problem problem) {
        super(problem.toString());
        this.exitCode = exitCode;
        this.problem = problem;
    }

    /** As the problem is that of a call or of a request, it says the exit code. */
    CommandFailed(Problem problem) {
        this(problem.exitCode(), problem);
    }

    int exitCode() {
        return exitCode;
    }

    Problem problem() {
        return problem;
    }
}
