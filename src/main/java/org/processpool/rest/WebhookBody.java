package org.processpool.rest;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.time.Instant;
import java.util.regex.Pattern;

/** What a webhook says, as Standard Webhooks recommends it. */
public final class WebhookBody {

    private static final Pattern TYPE = Pattern.compile("[a-z]+(\\.[a-z]+)*");

    private WebhookBody() {}

    /**
     * The body {@code {"type":…,"timestamp":…,"data":…}}.
     *
     * @param type what happened, such as {@code job.succeeded}: words of small letters with full
     *     stops between them
     * @param timestamp when it happened, which may be long before it is sent
     * @param data one JSON value in UTF-8; taken as it is
     * @return JSON in UTF-8
     */
    public static byte[] of(String type, Instant timestamp, byte[] data) {
        if (!TYPE.matcher(type).matches()) {
            throw new IllegalArgumentException(
                    "type must be words of small letters with full stops between them, was '%s'"
                            .formatted(type));
        }
        var body = new ByteArrayOutputStream(data.length + 100);
        body.writeBytes(
                "{\"type\":\"%s\",\"timestamp\":\"%s\",\"data\":"
                        .formatted(type, timestamp)
                        .getBytes(UTF_8));
        body.writeBytes(data);
        body.write('}');
        return body.toByteArray();
    }
}
