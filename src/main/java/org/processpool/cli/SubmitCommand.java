package org.processpool.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Leaves a job with the service. */
@Command(
        name = "submit",
        header = "Stores a job to be run and prints its id.",
        description = "A job outlives this command and a restart of the service.")
final class SubmitCommand extends Subcommand {

    @Mixin private CallInput input = new CallInput();

    @Option(
            names = "--wait",
            arity = "0..1",
            paramLabel = "TIME",
            fallbackValue = Patience.FOR_EVER,
            preprocessor = Patience.Attached.class,
            converter = Patience.class,
            description = "Wait for its end, at most so long, and show the job instead of its id.")
    private @Nullable Duration wait;

    @Option(
            names = "--label",
            paramLabel = "NAME=VALUE",
            description = "A label to find it by; may be repeated.")
    private Map<String, String> labels = new LinkedHashMap<>();

    @Option(
            names = "--idempotency-key",
            paramLabel = "KEY",
            description = "Submitted again with the same key, it is the same job.")
    private @Nullable String idempotencyKey;

    @Option(
            names = "--retries",
            paramLabel = "N",
            description = "How often it is tried again when it fails.")
    private @Nullable Integer retries;

    @Option(
            names = "--priority",
            paramLabel = "N",
            description = "0 to 9; a higher one is run before those that wait.")
    private @Nullable Integer priority;

    @Option(names = "--pool", paramLabel = "POOL", description = "The pool to run it in.")
    private @Nullable String pool;

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            converter = Patience.class,
            description = "The longest it may run, such as 30, 500ms or 2m.")
    private @Nullable Duration timeout;

    @Override
    int run(Server server, Output out) throws CommandFailed, InterruptedException {
        HttpRequest.Builder request = server.post("/v1/jobs", body());
        if (idempotencyKey != null) {
            if (!idempotencyKey.matches("[\\x20\\x21\\x23-\\x5b\\x5d-\\x7e]+")) {
                throw senseless("--idempotency-key must be of ASCII without quotes");
            }
            request.setHeader("Idempotency-Key", '"' + idempotencyKey + '"');
        }
        Server.Answer answer = server.send(request);
        JsonNode job = answer.json();
        if (wait != null) {
            return new JobView(server, job.path("id").asText()).showEnd(wait, out);
        }
        if (out.isJson()) {
            out.document(answer.body());
        } else {
            out.line(Words.text(job.path("id")));
        }
        return ExitCode.OK;
    }

    private byte[] body() {
        var body = new ByteArrayOutputStream();
        try (JsonGenerator json = Json.MAPPER.createGenerator(body)) {
            json.writeStartObject();
            json.writeStringField("task", input.task());
            writeInput(json);
            if (pool != null) {
                json.writeStringField("pool", pool);
            }
            if (timeout != null) {
                json.writeNumberField("timeoutMillis", timeout.toMillis());
            }
            if (retries != null) {
                json.writeNumberField("retries", retries);
            }
            if (priority != null) {
                json.writeNumberField("priority", priority);
            }
            if (!labels.isEmpty()) {
                json.writeObjectField("labels", labels);
            }
            json.writeEndObject();
        } catch (IOException impossible) {
            throw new IllegalStateException("memory cannot fail to be written", impossible);
        }
        return body.toByteArray();
    }

    /** An array is the positional arguments and an object the named ones, as with apply. */
    private void writeInput(JsonGenerator json) throws IOException {
        if (input.hasNamed() && input.file().isEmpty() && !input.values().isEmpty()) {
            raw(json, "args", input.positional(this));
            raw(json, "kwargs", input.kwargs());
            return;
        }
        Optional<byte[]> whole = input.json(this);
        if (whole.isEmpty()) {
            return;
        }
        String text = new String(whole.get(), UTF_8).strip();
        Json.fault(text)
                .ifPresent(fault -> {
                    throw senseless("the input is no JSON: " + fault);
                });
        switch (text.charAt(0)) {
            case '[' -> raw(json, "args", text);
            case '{' -> raw(json, "kwargs", text);
            default -> raw(json, "args", "[" + text + "]");
        }
    }

    private static void raw(JsonGenerator json, String name, String value) throws IOException {
        json.writeFieldName(name);
        json.writeRawValue(value);
    }
}
