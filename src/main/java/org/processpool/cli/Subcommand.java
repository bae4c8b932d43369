package org.processpool.cli;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** A command that asks the server something and shows the answer. */
abstract class Subcommand implements Callable<Integer> {

    @ParentCommand private @Nullable RootCommand root;

    @Spec private @Nullable CommandSpec spec;

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

    final RootCommand root() {
        return set(root);
    }

    final Terminal terminal() {
        return root().terminal();
    }

    /** A line for people that is no part of the answer. */
    final void note(String text) {
        spec().commandLine().getErr().println(text);
    }

    /** The complaint about a command line that can be parsed but makes no sense. */
    final ParameterException senseless(String why) {
        return new ParameterException(spec().commandLine(), why);
    }

    private CommandSpec spec() {
        return set(spec);
    }

    private static <T> T set(@Nullable T injected) {
        if (injected == null) {
            throw new IllegalStateException("a command is run by picocli, which sets its fields");
        }
        return injected;
    }
}
