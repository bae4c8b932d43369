package org.processpool.chat;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.vertx.core.buffer.Buffer;
import org.jspecify.annotations.Nullable;

/** A frame for any number of clients, written down once. */
final class Shared {

    private final ChatFrame.ToClient frame;
    private volatile @Nullable Buffer json;

    Shared(ChatFrame.ToClient frame) {
        this.frame = frame;
    }

    ChatFrame.ToClient frame() {
        return frame;
    }

    /** As JSON; nobody may change the bytes. */
    Buffer json() {
        Buffer written = json;
        if (written == null) {
            try {
                written = Buffer.buffer(FrameJson.write(frame));
            } catch (JsonProcessingException impossible) {
                throw new IllegalStateException(impossible); // records of strings and numbers
            }
            json = written;
        }
        return written;
    }
}
