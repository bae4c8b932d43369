package org.processpool.sample;

import org.processpool.task.Task;
import org.processpool.task.TaskContext;
import org.processpool.task.TaskDefinition;

/**
 * SHA-256 of bytes as they are, as 64 lower case hexadecimal digits; in JSON the bytes are Base64.
 *
 * <p>Deserves a process for the reason {@link Sha256} does.
 */
@TaskDefinition(
        name = "sha256-bytes",
        summary = "SHA-256 of bytes, in hexadecimal digits",
        example = "\"YWJj\"")
public final class Sha256Bytes implements Task<byte[], String> {

    @Override
    public String run(byte[] bytes, TaskContext context) {
        return Sha256.hex(bytes);
    }
}
