package org.processpool.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;
import java.util.regex.Pattern;

/**
 * What shows the service who asks: a token of its tokens file or one of an identity provider.
 *
 * @param value as RFC 6750 has it: letters, digits and {@code -._~+/}, then perhaps {@code =}
 */
record AccessToken(String value) {

    private static final Pattern SYNTAX = Pattern.compile("[A-Za-z0-9._~+/-]+=*");
    private static final String PREFIX = "pp_";
    private static final int RANDOM_BYTES = 32;

    /**
     * @throws IllegalArgumentException if the value is none; the message does not repeat it
     */
    AccessToken {
        if (!SYNTAX.matcher(value).matches()) {
            throw new IllegalArgumentException(
                    "a token is one word of letters, digits and -._~+/=, and here are %d characters of which some are others"
                            .formatted(value.length()));
        }
    }

    /**
     * One that nobody can guess: 256 random bits behind a prefix that scanners for secrets find.
     */
    static AccessToken random() {
        byte[] bytes = new byte[RANDOM_BYTES];
        new SecureRandom().nextBytes(bytes);
        return new AccessToken(
                PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes));
    }

    /** What the tokens file has in its place: SHA-256 in lower-case hexadecimal digits. */
    String sha256() {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(value.getBytes(UTF_8)));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every Java has SHA-256", impossible);
        }
    }

    /** The value of the header {@code Authorization}. */
    String bearer() {
        return "Bearer " + value;
    }

    /** Not the value, as this ends in logs. */
    @Override
    public String toString() {
        return "AccessToken[%d characters]".formatted(value.length());
    }
}
