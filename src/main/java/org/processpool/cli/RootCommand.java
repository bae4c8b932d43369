package org.processpool.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.TypeConversionException;

/** What all commands share: where the server is and how answers are shown. */
@Command(
        name = "process-pool",
        scope = ScopeType.INHERIT,
        mixinStandardHelpOptions = true,
        versionProvider = RootCommand.Version.class,
        sortOptions = false,
        usageHelpAutoWidth = true,
        header = "Has tasks run by a Process Pool service.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            TasksCommand.class,
            ApplyCommand.class,
            MapCommand.class,
            SubmitCommand.class,
            JobsCommand.class,
            JobCommand.class,
            LogsCommand.class,
            CancelCommand.class,
            PoolsCommand.class,
            WorkersCommand.class,
            ChatCommand.class,
            WhoamiCommand.class,
            TokenCommand.class,
            CompletionCommand.class,
            HelpCommand.class
        },
        footerHeading = "%nExit codes:%n",
        footer = {
            "    0  all went well",
            "    1  the call, the job or an item failed",
            "    2  the command line makes no sense",
            "    3  the server cannot be reached, or the connection broke",
            "    4  the server refused (4xx)",
            "    5  the server is in trouble, for which the task cannot be blamed (5xx)",
            "  124  not ended in the time that was to be waited",
            "  130  interrupted; a call or map that ran is cancelled"
        })
final class RootCommand {

    /** Where the server is when nobody says. */
    static final String DEFAULT_SERVER = "http://localhost:8080";

    /** The variable that says where it is. */
    static final String SERVER_VARIABLE = "PROCESS_POOL_URL";

    /** The variable that holds the token. */
    static final String TOKEN_VARIABLE = "PROCESS_POOL_TOKEN";

    private static final int LONGEST_TOKEN = 1 << 14;

    private final Terminal terminal;

    @Option(
            names = "--server",
            paramLabel = "URL",
            scope = ScopeType.INHERIT,
            description =
                    "Where the service is; else $PROCESS_POOL_URL, else http://localhost:8080.")
    private @Nullable String server;

    @Option(
            names = "--token-file",
            paramLabel = "FILE",
            scope = ScopeType.INHERIT,
            description =
                    "The file with the token that signs you in; else it is in $PROCESS_POOL_TOKEN.")
    private @Nullable Path tokenFile;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "text|json",
            scope = ScopeType.INHERIT,
            converter = FormatWord.class,
            description = "Tables for people (text, the default) or the service's JSON.")
    private Output.Format format = Output.Format.TEXT;

    @Option(
            names = "--no-color",
            scope = ScopeType.INHERIT,
            description = "No colours, as with $NO_COLOR; there are none without a terminal.")
    private boolean noColours;

    @Option(
            names = "--verbose",
            scope = ScopeType.INHERIT,
            description = "Tell the requests, the answers' status and all that a problem says.")
    private boolean verbose;

    private @Nullable Output output;

    RootCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    Terminal terminal() {
        return terminal;
    }

    boolean isVerbose() {
        return verbose;
    }

    /** Whether the command line says where the server is. */
    boolean namesServer() {
        return server != null;
    }

    /** Standard output; known once the options have been read. */
    Output output() {
        if (output == null) {
            output = new Output(terminal.out(), format, terminal.showsColours() && !noColours);
        }
        return output;
    }

    /**
     * The server; it is not connected to yet.
     *
     * @throws ParameterException if its address is none
     */
    Server server(CommandSpec command) {
        String address =
                Optional.ofNullable(server)
                        .or(() -> Optional.ofNullable(terminal.environment().get(SERVER_VARIABLE)))
                        .filter(text -> !text.isBlank())
                        .orElse(DEFAULT_SERVER)
                        .strip();
        PrintWriter err = command.commandLine().getErr();
        URI uri = uri(command, address);
        Optional<AccessToken> token = token(command);
        if (token.isPresent() && !"https".equalsIgnoreCase(uri.getScheme())) {
            warnOfListeners(command, uri.getHost());
        }
        return new Server(uri, token, verbose ? err::println : _ -> {});
    }

    /**
     * The token that signs in; empty if none was given.
     *
     * @throws ParameterException if its file cannot be read or holds none
     */
    Optional<AccessToken> token(CommandSpec command) {
        String source = tokenFile == null ? "$" + TOKEN_VARIABLE : tokenFile.toString();
        try {
            String text =
                    tokenFile == null
                            ? terminal.environment().getOrDefault(TOKEN_VARIABLE, "").strip()
                            : read(tokenFile);
            return text.isEmpty() && tokenFile == null
                    ? Optional.empty()
                    : Optional.of(new AccessToken(text));
        } catch (IOException | IllegalArgumentException none) {
            throw new ParameterException(
                    command.commandLine(),
                    "there is no token in %s: %s"
                            .formatted(
                                    source,
                                    none instanceof IOException
                                            ? none.toString()
                                            : none.getMessage()),
                    none);
        }
    }

    private static String read(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            // a token is ASCII, and other bytes are refused whatever they mean
            return new String(in.readNBytes(LONGEST_TOKEN), StandardCharsets.ISO_8859_1).strip();
        }
    }

    /** Says that the token can be read on its way, unless it stays on this machine. */
    void warnOfListeners(CommandSpec command, String host) {
        if (!isLoopback(host)) {
            command.commandLine()
                    .getErr()
                    .println(
                            "warning: the token goes to %s unencrypted; whoever listens on the way can use it"
                                    .formatted(Style.plain(host)));
        }
    }

    /** Whether a host is this machine for sure; no name is looked up. */
    private static boolean isLoopback(String host) {
        String name = host.toLowerCase(Locale.ROOT);
        if (name.equals("localhost") || name.endsWith(".localhost")) {
            return true;
        }
        try {
            return InetAddress.ofLiteral(name.replaceAll("[\\[\\]]", "")).isLoopbackAddress();
        } catch (IllegalArgumentException other) {
            return false; // a name
        }
    }

    private static URI uri(CommandSpec command, String address) {
        try {
            URI uri = new URI(address.contains("://") ? address : "http://" + address);
            String scheme = String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT);
            if (uri.getHost() != null
                    && uri.getQuery() == null
                    && (scheme.equals("http") || scheme.equals("https"))) {
                return uri;
            }
        } catch (URISyntaxException none) {
            // said below
        }
        throw new ParameterException(
                command.commandLine(),
                "the server must be a URL such as %s, was '%s'".formatted(DEFAULT_SERVER, address));
    }

    /** {@code text} or {@code json}. */
    private static final class FormatWord implements ITypeConverter<Output.Format> {
        @Override
        public Output.Format convert(String word) {
            return switch (word) {
                case "text" -> Output.Format.TEXT;
                case "json" -> Output.Format.JSON;
                default ->
                        throw new TypeConversionException(
                                "must be text or json, was '%s'".formatted(word));
            };
        }
    }

    /** What {@code --version} says. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() throws IOException {
            var properties = new Properties();
            try (InputStream file = RootCommand.class.getResourceAsStream("version.properties")) {
                if (file != null) {
                    properties.load(file);
                }
            }
            return new String[] {
                "process-pool %s (Java %s)"
                        .formatted(properties.getProperty("version", "unknown"), Runtime.version())
            };
        }
    }
}
