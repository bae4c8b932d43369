package org.processpool.sample;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.zip.GZIPInputStream;
import org.processpool.task.Task;
import org.processpool.task.TaskContext;
import org.processpool.task.TaskDefinition;

/**
 * Unpacks gzip data (RFC 1952) in memory, without any limit of its own; in JSON the bytes are
 * Base64.
 *
 * <p>Deserves a process because of that missing limit: a kilobyte can unpack to a megabyte, a
 * megabyte to a gigabyte. Such a bomb meets the memory limit of its worker and harms nobody else.
 */
@TaskDefinition(
        name = "gunzip",
        summary = "Unpacks gzip data",
        example = "\"H4sIAAAAAAACA8tIzcnJBwCGphA2BQAAAA==\"")
public final class Gunzip implements Task<byte[], byte[]> {

    @Override
    public byte[] run(byte[] gzip, TaskContext context) throws IOException {
        try (var unpacked = new GZIPInputStream(new ByteArrayInputStream(gzip))) {
            return unpacked.readAllBytes();
        }
    }
}
