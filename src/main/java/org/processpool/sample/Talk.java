package org.processpool.sample;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import org.processpool.task.Conversation;
import org.processpool.task.Payload;
import org.processpool.task.TaskContext;
import org.processpool.task.TaskDefinition;

/**
 * Says back what it is told, byte for byte, and prints who heard it: one line per message, in which
 * control characters become spaces so that no message looks like two. What is said again to a
 * worker that took over is not printed again.
 *
 * <p>Bytes are printed as UTF-8. As they may be pieces of a text, a character whose first bytes end
 * one message is printed with the next.
 */
@TaskDefinition(name = "talk", summary = "Says back what it is told", example = "\"你好\"")
public final class Talk implements Conversation<Payload, Payload> {

    private final CharsetDecoder decoder =
            StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPLACE)
                    .onUnmappableCharacter(CodingErrorAction.REPLACE);

    /** The beginning of a character. */
    private ByteBuffer begun = ByteBuffer.allocate(0);

    @Override
    public Payload reply(Payload message, TaskContext context) {
        String text = text(message);
        boolean isWithinCharacter = text.isEmpty() && message.size() > 0;
        if (context.attempt() == 1 && !isWithinCharacter) {
            System.out.println(
                    "进程(%d)来自客户端的消息:%s"
                            .formatted(context.workerPid(), text.replaceAll("\\p{Cc}", " ")));
        }
        return message;
    }

    private String text(Payload message) {
        return switch (message.encoding()) {
            case TEXT, JSON -> message.text();
            case BYTES -> next(message.bytes());
            case CBOR -> message.toString();
        };
    }

    /** The characters that are whole with these bytes. */
    private String next(byte[] piece) {
        ByteBuffer bytes =
                ByteBuffer.allocate(begun.remaining() + piece.length).put(begun).put(piece).flip();
        CharBuffer text = CharBuffer.allocate(bytes.remaining()); // no byte makes two characters
        decoder.decode(bytes, text, false);
        begun = bytes;
        return text.flip().toString();
    }
}
