package org.processpool.chat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.exc.InvalidTypeIdException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.type.LogicalType;

/** Frames as JSON. What a client sends is read strictly, so that a typo is seen. */
final class FrameJson {

    private static final int DEPTH = 8;

    private static final JsonMapper MAPPER =
            JsonMapper.builder(
                            JsonFactory.builder()
                                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                                    .streamReadConstraints(
                                            StreamReadConstraints.builder()
                                                    .maxNestingDepth(DEPTH)
                                                    .build())
                                    .build())
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
                    .withCoercionConfig(
                            LogicalType.Textual,
                            config -> {
                                config.setCoercion(CoercionInputShape.Integer, CoercionAction.Fail);
                                config.setCoercion(CoercionInputShape.Float, CoercionAction.Fail);
                                config.setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail);
                            })
                    .withCoercionConfig(
                            LogicalType.Boolean,
                            config -> {
                                config.setCoercion(CoercionInputShape.Integer, CoercionAction.Fail);
                                config.setCoercion(CoercionInputShape.String, CoercionAction.Fail);
                            })
                    .withCoercionConfig(
                            LogicalType.Integer,
                            config -> {
                                config.setCoercion(CoercionInputShape.Float, CoercionAction.Fail);
                                config.setCoercion(CoercionInputShape.String, CoercionAction.Fail);
                            })
                    .build();

    private static final ObjectReader READER = MAPPER.readerFor(ChatFrame.FromClient.class);
    private static final ObjectWriter WRITER = MAPPER.writerFor(ChatFrame.ToClient.class);

    private FrameJson() {}

    /** A text that is no frame; the message says why and can be shown to the client. */
    static final class NoFrame extends Exception {
        private static final long serialVersionUID = 1;

        NoFrame(String why) {
            super(why, null, false, false);
        }

        /** What is wrong with it. */
        String why() {
            return String.valueOf(getMessage());
        }
    }

    static byte[] write(ChatFrame.ToClient frame) throws JsonProcessingException {
        return WRITER.writeValueAsBytes(frame);
    }

    static ChatFrame.FromClient read(String text) throws NoFrame {
        ChatFrame.FromClient frame;
        try {
            frame = READER.readValue(text);
        } catch (UnrecognizedPropertyException unknown) {
            throw new NoFrame("unknown member \"%s\"".formatted(unknown.getPropertyName()));
        } catch (InvalidTypeIdException none) {
            throw new NoFrame(
                    none.getTypeId() == null
                            ? "\"type\" is missing"
                            : "unknown type \"%s\"".formatted(none.getTypeId()));
        } catch (JsonMappingException unfit) {
            throw new NoFrame(
                    unfit.getPath().isEmpty()
                            ? "not an object with the members of a frame"
                            : "member \"%s\" is not as it must be"
                                    .formatted(unfit.getPath().getLast().getFieldName()));
        } catch (JsonProcessingException broken) {
            throw new NoFrame("not JSON: " + broken.getOriginalMessage());
        }
        if (frame == null) {
            throw new NoFrame("not an object");
        }
        return frame;
    }
}
