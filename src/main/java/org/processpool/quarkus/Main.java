package org.processpool.quarkus;

import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.annotations.QuarkusMain;
import java.io.IOException;
import java.util.Arrays;
import org.processpool.cli.Client;
import org.processpool.pool.WorkerCommand;
import org.processpool.worker.WorkerMain;

/**
 * Where the program starts: without arguments as the service, with the word {@code worker} as a
 * worker of it, with other words as its client.
 */
@QuarkusMain
public class Main {

    /**
     * Runs the service until it is told to end; or a worker, which is how a native executable
     * starts its own; or one command of the client. The latter two end the process with their exit
     * code and start nothing of the service.
     *
     * @param args {@code worker} and its properties, a command and what belongs to it, or nothing
     * @throws IOException a worker was started by somebody who does not speak to it
     */
    public static void main(String... args) throws IOException {
        if (args.length == 0) {
            Quarkus.run();
        } else if (args[0].equals(WorkerCommand.Native.WORKER) && args.length > 1) {
            WorkerMain.main(Arrays.copyOfRange(args, 1, args.length));
        } else {
            System.exit(Client.run(args)); // not loaded by a start as the service
        }
    }
}
