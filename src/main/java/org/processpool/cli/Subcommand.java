package org.processpool.cli;

/** A command that asks the server something and shows the answer. */
abstract class Subcommand extends BasicCommand {

    @Override
    public final Integer call() throws CommandFailed, InterruptedException {
        Output out = root().output();
        try (Server server = root().server(spec())) {
            return run(server, out);
        } finally {
            out.flush();
        }
    }

    /**
     * Does it. Blocks until the server has answered.
     *
     * @return the exit code
     */
    abstract int run(Server server, Output out) throws CommandFailed, InterruptedException;
}
