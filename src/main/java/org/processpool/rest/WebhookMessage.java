package org.processpool.rest;

import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What is to be sent, the same at each attempt.
 *
 * @param id by which the receiver knows that it has had it already: 1 to 128 letters, digits,
 *     dashes and underscores
 * @param url where to
 * @param secretRef the name of the secret that signs it; null for {@code default}
 * @param body JSON in UTF-8; never changed
 */
@SuppressWarnings("ArrayRecordComponent") // equals, hashCode and toString below know the array
public record WebhookMessage(String id, URI url, @Nullable String secretRef, byte[] body) {

    /** No full stop, which separates what is signed. */
    private static final Pattern ID = Pattern.compile("[A-Za-z0-9_-]{1,128}");

    public WebhookMessage {
        if (!ID.matcher(id).matches()) {
            throw new IllegalArgumentException(
                    "id must be 1 to 128 letters, digits, dashes and underscores, was '%s'"
                            .formatted(id));
        }
        text(body);
    }

    /** The body as it is signed. */
    String text() {
        return text(body);
    }

    private static String text(byte[] body) {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString();
        } catch (CharacterCodingException wrong) {
            throw new IllegalArgumentException("body must be UTF-8", wrong);
        }
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof WebhookMessage(var otherId, var otherUrl, var ref, var otherBody)
                && id.equals(otherId)
                && url.equals(otherUrl)
                && Objects.equals(secretRef, ref)
                && Arrays.equals(body, otherBody);
    }

    @Override
    public int hashCode() {
        return Objects.hash(id, url, secretRef, Arrays.hashCode(body));
    }

    /** Without body, path and query, which are nobody's business. */
    @Override
    public String toString() {
        return "webhook %s to %s, %,d bytes".formatted(id, url.getHost(), body.length);
    }
}
