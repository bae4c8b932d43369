package org.processpool.cli;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** A command below the root, with what picocli knows of it. */
abstract class BasicCommand implements Callable<Integer> {

    @ParentCommand private @Nullable RootCommand root;

    @Spec private @Nullable CommandSpec spec;

    final RootCommand root() {
        return set(root);
    }

    final CommandSpec spec() {
        return set(spec);
    }

    final Terminal terminal() {
        return root().terminal();
    }

    /** Standard error, which is flushed at the end of each line. */
    final PrintWriter err() {
        return spec().commandLine().getErr();
    }

    /** A line for people that is no part of the answer. */
    final void note(String text) {
        err().println(text);
    }

    /** The complaint about a command line that can be parsed but makes no sense. */
    final ParameterException senseless(String why) {
        return new ParameterException(spec().commandLine(), why);
    }

    private static <T> T set(@Nullable T injected) {
        if (injected == null) {
            throw new IllegalStateException("a command is run by picocli, which sets its fields");
        }
        return injected;
    }
}
