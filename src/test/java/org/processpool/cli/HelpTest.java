package org.processpool.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;

/** Nobody has to guess: every command and option says what it is for. */
class HelpTest {

    private static final List<String> COMMANDS =
            List.of(
                    "tasks",
                    "apply",
                    "map",
                    "submit",
                    "jobs",
                    "job",
                    "logs",
                    "cancel",
                    "pools",
                    "workers",
                    "chat",
                    "whoami",
                    "token",
                    "generate-completion",
                    "help");

    static Stream<CommandSpec> commands() {
        CommandLine root =
                Client.commandLine(
                        new Terminal(
                                null,
                                System.out,
                                System.err,
                                false,
                                false,
                                false,
                                java.util.Map.of()));
        return Stream.concat(
                Stream.of(root.getCommandSpec()),
                root.getSubcommands().values().stream().map(CommandLine::getCommandSpec));
    }

    @Test
    void has_the_commands_it_promises() {
        assertThat(commands().skip(1).map(CommandSpec::name)).containsExactlyElementsOf(COMMANDS);
    }

    @ParameterizedTest
    @MethodSource("commands")
    void every_option_and_argument_is_described(CommandSpec command) {
        assertThat(command.usageMessage().header()).as(command.name()).isNotEmpty();
        for (ArgSpec argument : command.args()) {
            assertThat(String.join("", argument.description()))
                    .as("%s of %s", argument, command.name())
                    .isNotBlank()
                    .endsWith(".");
        }
    }

    @ParameterizedTest
    @MethodSource("commands")
    void help_is_printed_for_each_command_with_the_exit_codes(CommandSpec command) {
        String[] line =
                command.parent() == null
                        ? new String[] {"--help"}
                        : new String[] {command.name(), "--help"};

        Shell.Ran ran = Shell.without().run(line);

        assertThat(ran.code()).isZero();
        assertThat(ran.err()).isEmpty();
        assertThat(ran.out())
                .contains("Usage: " + command.qualifiedName())
                .contains("Exit codes:")
                .contains("124  not ended in the time that was to be waited")
                .doesNotContain("\033");
    }

    @Test
    void help_is_a_command_too() {
        assertThat(Shell.without().run("help").out()).contains("Usage: process-pool [");
        assertThat(Shell.without().run("help", "map").out()).contains("--results-only");
    }

    @Test
    void the_version_is_told() {
        assertThat(Shell.without().run("--version").out())
                .matches("process-pool \\d\\S+ \\(Java .*\\)\n");
        assertThat(Shell.without().run("-V").code()).isZero();
    }

    @Test
    void the_completion_script_knows_commands_and_options() {
        Shell.Ran ran = Shell.without().run("generate-completion");

        assertThat(ran.code()).isZero();
        assertThat(ran.out()).startsWith("#!/usr/bin/env bash").contains("zsh");
        assertThat(ran.out()).contains(COMMANDS).contains("--results-only", "--idempotency-key");
    }

    @Test
    void the_completion_script_is_one_that_bash_can_read() throws Exception {
        Process bash = new ProcessBuilder("bash", "-n").redirectErrorStream(true).start();
        try (var in = bash.getOutputStream()) {
            in.write(Shell.without().run("generate-completion").bytes());
        }

        assertThat(
                        new String(
                                bash.getInputStream().readAllBytes(),
                                java.nio.charset.StandardCharsets.UTF_8))
                .isEmpty();
        assertThat(bash.waitFor()).isZero();
    }
}
