package org.processpool.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/**
 * What the command line asks for.
 *
 * @param help whether it only asks what it may ask for
 * @param rounds how often each scenario is measured; at least 1
 * @param scenarios what is measured, in this order
 * @param json a file for all figures of all rounds
 */
record Options(boolean help, int rounds, List<Scenario> scenarios, Optional<Path> json) {

    static final String USAGE =
            """
            Compares this pool with Python's multiprocessing.Pool, both with 2 workers.

              --rounds N        how often each side runs a scenario, in turn; default 5
              --only SCENARIO   only this one; may be given several times
              --json FILE       also write the figures of all rounds to this file
              --help            this text

            Scenarios: %s\
            """
                    .formatted(Arrays.toString(Scenario.values()));

    Options {
        if (rounds < 1) {
            throw new IllegalArgumentException("rounds must be at least 1, was " + rounds);
        }
    }

    /**
     * @throws IllegalArgumentException if an argument is unknown or has no good value
     */
    static Options of(String... args) {
        boolean help = false;
        int rounds = 5;
        List<Scenario> only = new ArrayList<>();
        Optional<Path> json = Optional.empty();
        for (Iterator<String> rest = List.of(args).iterator(); rest.hasNext(); ) {
            String option = rest.next();
            switch (option) {
                case "--help" -> help = true;
                case "--rounds" -> rounds = Integer.parseInt(value(option, rest));
                case "--only" -> only.add(Scenario.named(value(option, rest)));
                case "--json" -> json = Optional.of(Path.of(value(option, rest)));
                default ->
                        throw new IllegalArgumentException("unknown option '%s'".formatted(option));
            }
        }
        return new Options(
                help,
                rounds,
                only.isEmpty() ? List.of(Scenario.values()) : List.copyOf(only),
                json);
    }

    private static String value(String option, Iterator<String> rest) {
        if (!rest.hasNext()) {
            throw new IllegalArgumentException("%s needs a value".formatted(option));
        }
        return rest.next();
    }
}
