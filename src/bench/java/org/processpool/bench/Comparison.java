package org.processpool.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * A row with its figures.
 *
 * @param row what was measured
 * @param ours our figure in each round
 * @param python Python's figure in each round
 * @param ratio how many times as good as Python we were in each round
 */
record Comparison(Row row, Numbers ours, Numbers python, Numbers ratio) {

    /**
     * Our first runs are left out, as the JIT compiles; Python has none, it only starts its
     * workers.
     */
    private static final int OUR_WARM_UPS = 8;

    /**
     * Measures a scenario: we and Python in turn, so that whatever else the machine does hits both.
     *
     * @param rounds how often; at least 1
     * @return one for each of its rows
     */
    static List<Comparison> of(Scenario scenario, int rounds) throws Exception {
        List<Map<String, Double>> ours = new ArrayList<>();
        List<Map<String, Double>> python = new ArrayList<>();
        try (Side us = new ThisPool();
                Side them = new PythonPool()) {
            for (int i = 0; i < OUR_WARM_UPS; i++) {
                us.run(scenario);
            }
            them.run(scenario);
            for (int round = 1; round <= rounds; round++) {
                ours.add(us.run(scenario));
                python.add(them.run(scenario));
                System.err.printf(
                        "%s %d/%d: ours %s, Python %s%n",
                        scenario, round, rounds, ours.getLast(), python.getLast());
            }
        }
        return scenario.rows().stream().map(row -> of(row, ours, python)).toList();
    }

    private static Comparison of(
            Row row, List<Map<String, Double>> ours, List<Map<String, Double>> python) {
        Numbers us = figure(row.ours(), ours);
        Numbers them = figure(row.python(), python);
        List<Double> ratios =
                IntStream.range(0, ours.size())
                        .mapToObj(round ->
                                row.ratio(us.values().get(round), them.values().get(round)))
                        .toList();
        return new Comparison(row, us, them, new Numbers(ratios));
    }

    private static Numbers figure(String name, List<Map<String, Double>> rounds) {
        return new Numbers(rounds.stream().map(figures -> figures.get(name)).toList());
    }

    /** Whether the target is reached, in a word. */
    String met() {
        return row.target().met(ours.median(), ratio.median());
    }
}
