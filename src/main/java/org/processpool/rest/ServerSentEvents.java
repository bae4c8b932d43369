package org.processpool.rest;

import static java.nio.charset.StandardCharsets.UTF_8;

import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.StreamingOutput;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A stream of events as the WHATWG HTML standard has it. For one thread, which waits while the
 * reader is slow: what is not written yet stays where it came from.
 */
final class ServerSentEvents {

    static final String MEDIA_TYPE = "text/event-stream";

    /** After so long without an event a comment shows both sides that the other is there. */
    static final Duration HEARTBEAT = Duration.ofSeconds(15);

    private final OutputStream out;

    private ServerSentEvents(OutputStream out) {
        this.out = out;
    }

    /** Whoever writes them; returns at the end of the stream. */
    interface Source {
        void writeTo(ServerSentEvents events) throws IOException, InterruptedException;
    }

    /** The answer that carries them. */
    static Response answer(Source source) {
        StreamingOutput body =
                to -> {
                    try {
                        ServerSentEvents events = new ServerSentEvents(to);
                        events.comment("process-pool"); // the headers go out before the first event
                        source.writeTo(events);
                    } catch (InterruptedException stopped) {
                        Thread.currentThread().interrupt();
                    }
                };
        return Response.ok(body, MEDIA_TYPE)
                .header(HttpHeaders.CACHE_CONTROL, "no-store")
                .header("X-Accel-Buffering", "no")
                .build();
    }

    /**
     * Writes an event.
     *
     * @param name its type, without newline
     * @param id what a client sends as Last-Event-ID to go on behind it, or null
     * @param data one line of text
     */
    void event(String name, @Nullable String id, String data) throws IOException {
        StringBuilder text = new StringBuilder("event: ").append(name).append('\n');
        if (id != null) {
            text.append("id: ").append(id).append('\n');
        }
        text.append("data: ").append(data).append("\n\n");
        out.write(text.toString().getBytes(UTF_8));
        out.flush();
    }

    /** Writes what a client passes over. */
    void comment(String text) throws IOException {
        out.write((": " + text + "\n\n").getBytes(UTF_8));
        out.flush();
    }
}
