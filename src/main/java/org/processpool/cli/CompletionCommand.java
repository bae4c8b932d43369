package org.processpool.cli;

import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** Prints what a shell needs to complete commands and options. */
@Command(
        name = "generate-completion",
        header = "Prints the completion script for bash and zsh.",
        description = "To be read by the shell: source <(process-pool generate-completion)")
final class CompletionCommand extends BasicCommand {

    @Override
    public Integer call() {
        CommandLine all = spec().root().commandLine();
        root().output().line(AutoComplete.bash(all.getCommandName(), all));
        root().output().flush();
        return ExitCode.OK;
    }
}
