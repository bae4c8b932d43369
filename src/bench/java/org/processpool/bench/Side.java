package org.processpool.bench;

import java.io.IOException;
import java.util.Map;

/**
 * One of the two that are compared, for the rounds of one scenario. What it starts it keeps between
 * rounds, idle.
 */
interface Side extends AutoCloseable {

    /** Runs the scenario once and gives its figures by the names that its rows use. */
    Map<String, Double> run(Scenario scenario) throws Exception;

    @Override
    void close() throws IOException;
}
