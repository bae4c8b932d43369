package org.processpool.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.http.HttpRequest;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Has a task run once and waits for the result. */
@Command(
        name = "apply",
        header = "Runs a task and prints its result.",
        description = {
            "Nothing is stored: to interrupt the command, or a lost connection, cancels the call."
        })
final class ApplyCommand extends Subcommand {

    @Mixin private CallInput input = new CallInput();

    @Option(
            names = "--text",
            description = "The input is text and no JSON: the value, the file or standard input.")
    private boolean text;

    @Option(
            names = "--bytes",
            paramLabel = "FILE",
            description = "The input is the bytes of a file; - is standard input.")
    private @Nullable String bytes;

    @Option(
            names = "--wait",
            paramLabel = "TIME",
            converter = Patience.class,
            description =
                    "Have the service wait at most so long, then cancel the call (exit code 124);"
                            + " such as 30, 500ms or 2m.")
    private @Nullable Duration wait;

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            converter = Patience.class,
            description =
                    "Wait at most so long for the service's answer, then give up the call"
                            + " (exit code 124).")
    private @Nullable Duration timeout;

    /** An input with its media type. */
    private record Body(String type, HttpRequest.BodyPublisher content) {
        Body(String type, byte[] content) {
            this(type, HttpRequest.BodyPublishers.ofByteArray(content));
        }
    }

    @Override
    int run(Server server, Output out) throws CommandFailed, InterruptedException {
        Body body = body();
        HttpRequest.Builder request =
                server.post(
                                "/v1/tasks/%s:apply".formatted(Server.encoded(input.task())),
                                body.type(),
                                body.content())
                        .setHeader(Server.ACCEPT, "*/*");
        if (wait != null) {
            request.setHeader(Server.PREFER, "wait=" + Patience.seconds(wait));
        }
        if (timeout != null) {
            if (timeout.isZero()) {
                throw senseless("--timeout must be longer than nothing");
            }
            request.timeout(timeout);
        }
        Server.Answer answer = server.send(request);
        if (answer.isText()) {
            out.document(answer.body());
        } else {
            out.bytes(answer.body());
        }
        return ExitCode.OK;
    }

    private Body body() {
        if (bytes != null) {
            if (text || input.hasNamed() || input.file().isPresent() || !input.values().isEmpty()) {
                throw senseless("--bytes is the whole input");
            }
            return new Body("application/octet-stream", CallInput.bytes(this, bytes));
        }
        if (!text) {
            return new Body(Server.JSON, input.json(this).orElseGet(() -> new byte[0]));
        }
        if (input.hasNamed()) {
            throw senseless("--text is the whole input");
        }
        if (input.file().isPresent()) {
            return new Body("text/plain", CallInput.bytes(this, input.file().get()));
        }
        if (input.values().size() != 1) {
            throw senseless("--text wants one text, there are %d".formatted(input.values().size()));
        }
        return new Body("text/plain", input.values().getFirst().getBytes(UTF_8));
    }
}
