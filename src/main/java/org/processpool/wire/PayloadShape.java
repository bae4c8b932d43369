package org.processpool.wire;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.cbor.CBORParser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.processpool.task.Payload;

/** A payload inside another value: anything, copied without binding it. */
record PayloadShape() implements Shape {

    static final PayloadShape PAYLOAD = new PayloadShape();

    @Override
    public Payload bind(JsonParser in) throws IOException {
        boolean cbor = in instanceof CBORParser;
        if (cbor && in.currentToken() == JsonToken.VALUE_STRING) {
            return new Payload(
                    Payload.Encoding.TEXT, in.getText().getBytes(StandardCharsets.UTF_8));
        }
        if (cbor && in.currentToken() == JsonToken.VALUE_EMBEDDED_OBJECT) {
            return Payload.bytes(in.getBinaryValue());
        }
        ByteSink copy = new ByteSink(256);
        try (JsonGenerator out = (cbor ? Formats.CBOR : Formats.JSON).generator(copy)) {
            out.copyCurrentStructure(in);
        }
        return new Payload(cbor ? Payload.Encoding.CBOR : Payload.Encoding.JSON, copy.take());
    }

    @Override
    public Object read(JsonParser in) throws IOException {
        return bind(in); // null is a payload too
    }

    @Override
    public void put(Object value, JsonGenerator out) throws IOException {
        Payload payload = (Payload) value;
        switch (payload.encoding()) {
            case TEXT -> out.writeString(payload.text());
            case BYTES -> out.writeBinary(payload.bytes());
            case JSON -> copy(payload.bytes(), Formats.JSON, out);
            case CBOR -> copy(payload.bytes(), Formats.CBOR, out);
        }
    }

    private static void copy(byte[] bytes, Formats format, JsonGenerator out) throws IOException {
        try (JsonParser in = format.parser(bytes, 0, bytes.length)) {
            if (in.nextToken() == null) {
                throw new EncodingException("an empty " + format + " payload");
            }
            out.copyCurrentStructure(in);
            if (in.nextToken() != null) {
                throw new EncodingException("a " + format + " payload of more than one value");
            }
        } catch (JsonProcessingException malformed) {
            throw new EncodingException(
                    String.valueOf(
                            DecodingException.malformed(format.name(), malformed).getMessage()),
                    malformed);
        }
    }

    @Override
    public void describe(SchemaWriter schema) throws IOException {
        schema.open();
        schema.close();
    }

    @Override
    public String expected() {
        return "a value";
    }
}
