package org.processpool.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * Prints how this pool compares with Python's: {@code ./mvnw -Pbench verify}.
 *
 * <p>Progress goes to stderr, the table to stdout. Exits with 0 whether or not targets are met,
 * with 1 if a scenario could not be measured, and with 2 if the command line is wrong.
 */
public final class Bench {

    private Bench() {}

    /** Everything that is worth keeping of a run. */
    private record Report(
            String ended, String java, int processors, List<Comparison> comparisons) {}

    public static void main(String... args) throws Exception {
        Options options;
        try {
            options = Options.of(args);
        } catch (IllegalArgumentException wrong) {
            System.err.printf("%s%n%n%s%n", wrong.getMessage(), Options.USAGE);
            System.exit(2);
            return;
        }
        if (options.help()) {
            System.out.println(Options.USAGE);
            return;
        }
        List<Comparison> comparisons = new ArrayList<>();
        List<Scenario> failed = new ArrayList<>();
        for (Scenario scenario : options.scenarios()) {
            try {
                comparisons.addAll(Comparison.of(scenario, options.rounds()));
            } catch (Exception cause) {
                System.err.printf("'%s' failed:%n", scenario);
                cause.printStackTrace();
                failed.add(scenario);
            }
        }
        System.out.println(Table.of(comparisons));
        if (options.json().isPresent()) {
            new ObjectMapper()
                    .writerWithDefaultPrettyPrinter()
                    .writeValue(
                            options.json().get().toFile(),
                            new Report(
                                    Instant.now().toString(),
                                    Runtime.version().toString(),
                                    Runtime.getRuntime().availableProcessors(),
                                    comparisons));
        }
        if (!failed.isEmpty()) {
            System.out.printf("could not be measured: %s%n", failed);
            System.exit(1);
        }
    }
}
