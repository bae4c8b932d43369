package org.processpool.quarkus;

import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.annotations.QuarkusMain;
import org.processpool.cli.Client;

/** Where the jar starts: without arguments as the service, with them as its client. */
@QuarkusMain
public class Main {

    /**
     * Runs the service until it is told to end, or one command of the client, which ends the JVM
     * with its exit code and starts nothing of the service.
     *
     * @param args a command and what belongs to it, or nothing
     */
    public static void main(String... args) {
        if (args.length == 0) {
            Quarkus.run();
        } else {
            System.exit(Client.run(args)); // not loaded by a start as the service
        }
    }
}
