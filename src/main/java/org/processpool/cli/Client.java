package org.processpool.cli;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** The client: one command per run. */
public final class Client {

    private Client() {}

    /**
     * Runs one command on the terminal of this process. Blocks until it has ended.
     *
     * @param args the command and what belongs to it
     * @return the exit code, see {@code --help}
     */
    public static int run(String... args) {
        return run(Terminal.ofProcess(), Terminal.decoded(args));
    }

    static int run(Terminal terminal, String... args) {
        return commandLine(terminal, args).execute(args);
    }

    static CommandLine commandLine(Terminal terminal, String... args) {
        var root = new RootCommand(terminal);
        var commands = new CommandLine(root);
        // Help is asked for before options are known, so the colours are decided by looking.
        boolean colours = terminal.showsColours() && !List.of(args).contains("--no-color");
        return commands.setOut(writer(new HelpOutput(terminal.out())))
                .setErr(writer(terminal.err()))
                .setColorScheme(CommandLine.Help.defaultColorScheme(colours ? Ansi.ON : Ansi.OFF))
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler(Client::refuse)
                .setExecutionExceptionHandler(
                        (thrown, command, _) -> report(root, command, thrown));
    }

    private static PrintWriter writer(OutputStream stream) {
        return new PrintWriter(stream, true, StandardCharsets.UTF_8);
    }

    /** Says what is wrong with the command line and how it is meant. */
    private static int refuse(ParameterException wrong, String[] args) {
        CommandLine command = wrong.getCommandLine();
        CommandSpec spec = command.getCommandSpec();
        PrintWriter err = command.getErr();
        boolean noCommand =
                spec.parent() == null
                        && wrong instanceof UnmatchedArgumentException unmatched
                        && !unmatched.isUnknownOption();
        err.println(
                noCommand
                        ? "there is no command '%s'"
                                .formatted(
                                        ((UnmatchedArgumentException) wrong)
                                                .getUnmatched()
                                                .getFirst())
                        : wrong.getMessage());
        UnmatchedArgumentException.printSuggestions(wrong, err);
        err.println();
        if (spec.parent() == null) {
            command.usage(err);
        } else {
            err.print(command.getHelp().fullSynopsis());
            err.printf("'%s --help' says more%n", spec.qualifiedName());
        }
        err.flush();
        return ExitCode.USAGE;
    }

    private static int report(RootCommand root, CommandLine command, Exception thrown)
            throws Exception {
        if (thrown instanceof Terminal.ReaderGone) {
            return ExitCode.OK; // as with head: it has seen enough
        }
        if (thrown instanceof Terminal.NotWritten) {
            command.getErr().println(thrown.getMessage());
            return ExitCode.FAILED;
        }
        if (!(thrown instanceof CommandFailed failed)) {
            throw thrown; // our bug, which picocli prints
        }
        failed.problem().print(command.getErr(), root.output().isJson(), root.isVerbose());
        return failed.exitCode();
    }

    /** Where picocli prints help; a reader that has seen enough of it is nothing to talk about. */
    private static final class HelpOutput extends FilterOutputStream {

        HelpOutput(OutputStream out) {
            super(out);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            try {
                out.write(bytes, offset, length);
            } catch (UncheckedIOException failed) {
                throw failed.getCause(); // which a PrintWriter takes for its end
            }
        }
    }
}
