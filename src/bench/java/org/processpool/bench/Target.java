package org.processpool.bench;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What a figure is to reach, in steps: a first target, and perhaps one for later.
 *
 * @param kind what is held against the steps
 * @param steps from the easiest on; none if the figure is only told
 */
record Target(Kind kind, List<Double> steps) {

    enum Kind {
        /** So many times as good as Python. */
        TIMES_PYTHON("≥ %s × P"),
        /** Our own figure, whatever Python's is. */
        AT_MOST("≤ %s"),
        /** Our own figure, whatever Python's is. */
        AT_LEAST("≥ %s");

        private final String format;

        Kind(String format) {
            this.format = format;
        }
    }

    static Target none() {
        return new Target(Kind.TIMES_PYTHON, List.of());
    }

    static Target timesPython(Double... steps) {
        return new Target(Kind.TIMES_PYTHON, Arrays.asList(steps));
    }

    static Target atMost(Double... steps) {
        return new Target(Kind.AT_MOST, Arrays.asList(steps));
    }

    static Target atLeast(Double... steps) {
        return new Target(Kind.AT_LEAST, Arrays.asList(steps));
    }

    /** How many of its steps are reached: all, none, or only the first. */
    String met(double ours, double ratio) {
        long reached =
                steps.stream()
                        .filter(step ->
                                switch (kind) {
                                    case TIMES_PYTHON -> ratio >= step;
                                    case AT_MOST -> ours <= step;
                                    case AT_LEAST -> ours >= step;
                                })
                        .count();
        if (steps.isEmpty()) {
            return "–";
        }
        return reached == steps.size() ? "yes" : reached == 0 ? "no" : "first";
    }

    @Override
    public String toString() {
        return steps.isEmpty()
                ? "–"
                : steps.stream()
                        .map(step -> kind.format.formatted(Numbers.text(step)))
                        .collect(Collectors.joining(", then "));
    }
}
