package org.processpool.cli;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** Prints what a shell needs to complete commands and options. */
@Command(
        name = "generate-completion",
        header = "Prints the completion script for bash and zsh.",
        description = "To be read by the shell: source <(process-pool generate-completion)")
final class CompletionCommand implements Callable<Integer> {

    @ParentCommand private @Nullable RootCommand root;

    @Spec private @Nullable CommandSpec spec;

    @Override
    public Integer call() {
        if (root == null || spec == null) {
            throw new IllegalStateException("a command is run by picocli, which sets its fields");
        }
        CommandLine all = spec.root().commandLine();
        root.output().line(AutoComplete.bash(all.getCommandName(), all));
        root.output().flush();
        return ExitCode.OK;
    }
}
