package org.processpool.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * What went wrong (RFC 9457), as the server said it or as we say it in its place.
 *
 * @param json the whole
 */
record Problem(JsonNode json) {

    /** What can be blamed on the call. */
    private static final Set<String> OF_THE_CALL =
            Set.of(
                    "task-failed",
                    "task-timeout",
                    "worker-crashed",
                    "memory-limit",
                    "invalid-result",
                    "job-cancelled");

    private static final int UNAUTHORIZED = 401;
    private static final int SHOWN_OF_A_STRANGER = 200;

    /** One of ours. */
    Problem(String title, String detail) {
        this(object(title, detail));
    }

    private static ObjectNode object(String title, String detail) {
        return JsonNodeFactory.instance.objectNode().put("title", title).put("detail", detail);
    }

    /** What an answer with this status says; it need not be a problem, nor ours. */
    static Problem ofAnswer(int status, byte[] body) {
        return Json.read(body)
                .filter(json -> json.hasNonNull("title"))
                .map(Problem::new)
                .orElseGet(() -> {
                    String text = new String(body, StandardCharsets.UTF_8).strip();
                    ObjectNode json =
                            object(
                                    "HTTP status " + status,
                                    text.isEmpty()
                                            ? "with no body; is this a Process Pool?"
                                            : text.substring(
                                                    0,
                                                    Math.min(text.length(), SHOWN_OF_A_STRANGER)));
                    return new Problem(json.put("status", status));
                });
    }

    /** The exit code of a command that meets it. */
    int exitCode() {
        String type = slug();
        if (type.equals("wait-exceeded")) {
            return ExitCode.WAIT_EXCEEDED;
        }
        if (OF_THE_CALL.contains(type)) {
            return ExitCode.FAILED;
        }
        return json.path("status").asInt() < 500 ? ExitCode.REFUSED : ExitCode.TROUBLE;
    }

    /** The last part of its type, such as {@code task-failed}. */
    String slug() {
        String type = json.path("type").asText();
        return type.substring(type.lastIndexOf('/') + 1);
    }

    /** Says it: for people in lines, for programs as JSON. */
    void print(PrintWriter err, boolean asJson, boolean verbose) {
        if (asJson) {
            err.println(json);
        } else {
            lines(verbose).forEach(err::println);
        }
        err.flush();
    }

    private List<String> lines(boolean verbose) {
        var lines = new ArrayList<String>();
        lines.add(toString());
        for (JsonNode violation : json.path("violations")) {
            String pointer = violation.path("pointer").asText();
            lines.add(
                    "  %s: %s"
                            .formatted(
                                    pointer.isEmpty() ? "the input" : Style.plain(pointer),
                                    Style.plain(violation.path("message").asText())));
        }
        if (!json.path("suggestions").isEmpty()) {
            var names = new ArrayList<String>();
            json.path("suggestions").forEach(name -> names.add(Style.plain(name.asText())));
            lines.add("  did you mean %s?".formatted(String.join(" or ", names)));
        }
        if (json.path("status").asInt() == UNAUTHORIZED) {
            lines.add(
                    "  sign in by a token that it knows: --token-file FILE or $PROCESS_POOL_TOKEN");
        } else if (json.hasNonNull("requiredRole")) {
            lines.add(
                    "  it takes the role %s; 'process-pool whoami' shows yours"
                            .formatted(Style.plain(json.path("requiredRole").asText())));
        }
        if (verbose) {
            json.properties().stream()
                    .filter(member ->
                            !Set.of("title", "detail", "violations", "suggestions")
                                    .contains(member.getKey()))
                    .forEach(member ->
                            lines.add("  %s: %s".formatted(member.getKey(), member.getValue())));
        }
        return lines;
    }

    /** Title and detail. */
    @Override
    public String toString() {
        String title = Style.plain(json.path("title").asText());
        String detail = Style.plain(json.path("detail").asText());
        return detail.isEmpty() ? title : title + ": " + detail;
    }
}
