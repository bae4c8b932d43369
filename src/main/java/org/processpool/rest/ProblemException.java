package org.processpool.rest;

import java.util.Map;

/** Ends a request with a problem that is the client's or the moment's, not ours: no log line. */
final class ProblemException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final transient Problem problem;
    private final transient Map<String, String> headers;

    ProblemException(Problem problem) {
        this(problem, Map.of());
    }

    ProblemException(Problem problem, Map<String, String> headers) {
        super(problem.detail().toString(), null, false, false);
        this.problem = problem;
        this.headers = Map.copyOf(headers);
    }

    Problem problem() {
        return problem;
    }

    /** Headers besides those that such problems always have. */
    Map<String, String> headers() {
        return headers;
    }
}
