package org.processpool.wire;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.lang.reflect.Array;
import java.util.Arrays;
import java.util.List;

/** An array, also of primitives; {@code byte[]} and {@code char[]} are scalars. */
record ArrayShape(Class<?> component, Shape element) implements Shape {

    @Override
    public Object bind(JsonParser in) throws IOException {
        if (in.currentToken() != JsonToken.START_ARRAY) {
            throw DecodingException.expected(expected(), in);
        }
        if (component == int.class) {
            return ints(in);
        }
        if (component == long.class) {
            return longs(in);
        }
        if (component == double.class) {
            return doubles(in);
        }
        Object array = Array.newInstance(component, 8);
        int count = 0;
        while (in.nextToken() != JsonToken.END_ARRAY) {
            if (count == Array.getLength(array)) {
                array = resized(array, count, 2 * count);
            }
            Array.set(array, count++, element.read(in));
        }
        return resized(array, count, count);
    }

    private Object resized(Object array, int count, int capacity) {
        Object resized = Array.newInstance(component, capacity);
        System.arraycopy(array, 0, resized, 0, count);
        return resized;
    }

    private static int[] ints(JsonParser in) throws IOException {
        int[] array = new int[8];
        int count = 0;
        while (in.nextToken() != JsonToken.END_ARRAY) {
            if (count == array.length) {
                array = Arrays.copyOf(array, 2 * count);
            }
            array[count++] = (int) Scalar.INT.whole(in, Integer.MIN_VALUE, Integer.MAX_VALUE);
        }
        return Arrays.copyOf(array, count);
    }

    private static long[] longs(JsonParser in) throws IOException {
        long[] array = new long[8];
        int count = 0;
        while (in.nextToken() != JsonToken.END_ARRAY) {
            if (count == array.length) {
                array = Arrays.copyOf(array, 2 * count);
            }
            array[count++] = Scalar.LONG.whole(in, Long.MIN_VALUE, Long.MAX_VALUE);
        }
        return Arrays.copyOf(array, count);
    }

    private static double[] doubles(JsonParser in) throws IOException {
        double[] array = new double[8];
        int count = 0;
        while (in.nextToken() != JsonToken.END_ARRAY) {
            if (count == array.length) {
                array = Arrays.copyOf(array, 2 * count);
            }
            array[count++] = Scalar.DOUBLE.fraction(in);
        }
        return Arrays.copyOf(array, count);
    }

    @Override
    public void put(Object value, JsonGenerator out) throws IOException {
        switch (value) {
            case int[] ints -> out.writeArray(ints, 0, ints.length);
            case long[] longs -> out.writeArray(longs, 0, longs.length);
            case double[] doubles -> out.writeArray(doubles, 0, doubles.length);
            default -> {
                int length = Array.getLength(value);
                out.writeStartArray(value, length);
                for (int i = 0; i < length; i++) {
                    element.write(Array.get(value, i), out, i);
                }
                out.writeEndArray();
            }
        }
    }

    @Override
    public void describe(SchemaWriter schema) throws IOException {
        schema.open();
        schema.text("type", "array");
        schema.shape("items", element);
        schema.close();
    }

    @Override
    public String expected() {
        return "an array";
    }

    @Override
    public List<Shape> parts() {
        return List.of(element);
    }
}
