package org.processpool.sample;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.processpool.task.Task;
import org.processpool.task.TaskContext;
import org.processpool.task.TaskDefinition;

/**
 * SHA-256 of a text in UTF-8, as 64 lower case hexadecimal digits. {@link Sha256Bytes} does the
 * same for bytes.
 *
 * <p>Deserves a process when there are many: hashing is pure processor work, and a pool spreads
 * {@code map} over all of them.
 */
@TaskDefinition(
        name = "sha256",
        summary = "SHA-256 of a text in UTF-8, in hexadecimal digits",
        example = "\"abc\"")
public final class Sha256 implements Task<String, String> {

    @Override
    public String run(String text, TaskContext context) {
        return hex(text.getBytes(StandardCharsets.UTF_8));
    }

    /** SHA-256 of some bytes, as 64 lower case hexadecimal digits. */
    public static String hex(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException impossible) {
            throw new AssertionError("every Java platform has SHA-256", impossible);
        }
    }
}
