package org.processpool.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Makes a token and the line of the tokens file that makes the service know it. */
@Command(
        name = "token",
        header = "Makes a token and its line for the service's tokens file.",
        description = {
            "The token, which is a secret, is printed on standard output and kept nowhere else.",
            "The line holds only its SHA-256: name:role:sha256[:tenant]. It is no secret."
        })
final class TokenCommand extends BasicCommand {

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._@-]{1,64}");

    @Option(
            names = "--name",
            paramLabel = "NAME",
            defaultValue = "${sys:user.name}",
            description = {
                "Whose token it is: 1 to 64 letters, digits and ._@-;",
                "your own name on this machine if not told."
            })
    private String name = "";

    @Option(
            names = "--role",
            paramLabel = "read|submit|operate",
            description = "What it allows; submit if not told.")
    private Role role = Role.SUBMIT;

    @Option(
            names = "--tenant",
            paramLabel = "TENANT",
            description =
                    "Whose jobs it is for: 1 to 64 letters, digits and ._@-; none if not told.")
    private @Nullable String tenant;

    @Option(
            names = "--line-to",
            paramLabel = "FILE",
            description = "Append the line to this file instead of showing it on standard error.")
    private @Nullable Path file;

    /** What a token allows; each allows what those before it do. */
    enum Role {
        READ,
        SUBMIT,
        OPERATE;

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    @Override
    public Integer call() throws CommandFailed {
        check("--name", name);
        if (tenant != null) {
            check("--tenant", tenant);
        }
        AccessToken token = AccessToken.random();
        String line =
                "%s:%s:%s%s"
                        .formatted(
                                name,
                                role.word(),
                                token.sha256(),
                                tenant == null ? "" : ":" + tenant);
        if (file != null) {
            append(line, file); // first, as a token that no service knows is of no use
        }
        Output out = root().output();
        if (out.isJson()) {
            out.json(json(token, line));
        } else {
            tell(line);
            out.line(token.value());
        }
        out.flush();
        return ExitCode.OK;
    }

    private void check(String option, String value) {
        if (!NAME.matcher(value).matches()) {
            throw senseless(
                    "%s must be 1 to 64 letters, digits and ._@-, was '%s'"
                            .formatted(option, Style.plain(value)));
        }
    }

    private void tell(String line) {
        if (file == null) {
            note("The line for the service's tokens file:");
            note("  " + line);
        } else {
            note("The line of %s is in %s.".formatted(name, file));
        }
        note("The token, which is shown only now:");
    }

    private ObjectNode json(AccessToken token, String line) {
        ObjectNode json =
                JsonNodeFactory.instance
                        .objectNode()
                        .put("token", token.value())
                        .put("name", name)
                        .put("role", role.word());
        if (tenant != null) {
            json.put("tenant", tenant);
        }
        return json.put("line", line);
    }

    /** Adds a line, also to a file whose last line has no end. */
    private static void append(String line, Path file) throws CommandFailed {
        try (FileChannel channel =
                FileChannel.open(
                        file,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE)) {
            long end = channel.size();
            String before = end == 0 || byteAt(channel, end - 1) == '\n' ? "" : "\n";
            ByteBuffer bytes = UTF_8.encode(before + line + "\n");
            for (long at = end; bytes.hasRemaining(); ) {
                at += channel.write(bytes, at);
            }
        } catch (IOException failed) {
            throw new CommandFailed(
                    ExitCode.FAILED,
                    new Problem(
                            "Not written",
                            "cannot add the line to %s (%s); no token was made"
                                    .formatted(file, failed)));
        }
    }

    private static byte byteAt(FileChannel channel, long position) throws IOException {
        ByteBuffer one = ByteBuffer.allocate(1);
        channel.read(one, position);
        return one.get(0);
    }
}
