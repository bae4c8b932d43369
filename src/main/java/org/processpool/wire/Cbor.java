package org.processpool.wire;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The handful of CBOR items (RFC 8949) that most values are, by hand: a chunk of a million numbers
 * is read and written several times faster than through a parser. Everything else, and everything
 * that does not fit, is left to the parser. Bytes are the same as the generator's.
 */
final class Cbor {

    /** What stands for an item that is not one of the simple ones. */
    private static final Object OTHER = new Object();

    private static final int UNSIGNED = 0x00;
    private static final int NEGATIVE = 0x20;
    private static final int BYTES = 0x40;
    private static final int TEXT = 0x60;
    private static final int ARRAY = 0x80;
    private static final int FALSE = 0xf4;
    private static final int TRUE = 0xf5;
    private static final int NULL = 0xf6;
    private static final int DOUBLE = 0xfb;

    private final byte[] bytes;
    private int position;

    Cbor(byte[] bytes) {
        this.bytes = bytes;
    }

    /** Where the next item begins. */
    int position() {
        return position;
    }

    boolean atEnd() {
        return position == bytes.length;
    }

    /**
     * Writes one of the simple values.
     *
     * @return false if it is none; then nothing was written
     */
    @SuppressWarnings("IfChainToSwitch") // a pattern switch is linked at a cost that start-up feels
    static boolean write(@Nullable Object value, ByteSink out) {
        if (value instanceof Integer number) {
            writeWhole(number, out);
        } else if (value instanceof String text) {
            byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
            writeHead(TEXT, utf8.length, out);
            out.write(utf8, 0, utf8.length);
        } else if (value instanceof Long number) {
            writeWhole(number, out);
        } else if (value instanceof Double number) {
            out.write(DOUBLE);
            out.putLong(Double.doubleToRawLongBits(number));
        } else if (value instanceof Boolean truth) {
            out.write(truth ? TRUE : FALSE);
        } else if (value == null) {
            out.write(NULL);
        } else {
            return false;
        }
        return true;
    }

    static void writeArrayHead(int length, ByteSink out) {
        writeHead(ARRAY, length, out);
    }

    static void writeBytes(byte[] value, ByteSink out) {
        writeHead(BYTES, value.length, out);
        out.write(value, 0, value.length);
    }

    private static void writeWhole(long value, ByteSink out) {
        if (value >= 0) {
            writeHead(UNSIGNED, value, out);
        } else {
            writeHead(NEGATIVE, -1 - value, out);
        }
    }

    private static void writeHead(int major, long argument, ByteSink out) {
        if (argument < 24) {
            out.write(major | (int) argument);
        } else if (argument < 0x100) {
            out.write(major | 24);
            out.write((int) argument);
        } else if (argument < 0x1_0000) {
            out.write(major | 25);
            out.write((int) argument >>> 8);
            out.write((int) argument);
        } else if (argument < 0x1_0000_0000L) {
            out.write(major | 26);
            out.putInt((int) argument);
        } else {
            out.write(major | 27);
            out.putLong(argument);
        }
    }

    /**
     * Reads one simple item for a shape and moves behind it.
     *
     * @return the value, or something that is {@link #other}, and then the position is where it was
     */
    @Nullable Object read(Shape wanted) {
        int start = position;
        Object value = item(wanted instanceof PrimitiveShape(Scalar scalar) ? scalar : wanted);
        if (other(value) || (value == null && wanted.required())) {
            position = start;
            return OTHER;
        }
        return value;
    }

    /** Whether {@link #read} left the item to the parser. */
    @SuppressWarnings("ReferenceEquality") // there is only one
    static boolean other(@Nullable Object value) {
        return value == OTHER;
    }

    private @Nullable Object item(Shape wanted) {
        if (position == bytes.length) {
            return OTHER;
        }
        boolean any = wanted instanceof AnyShape;
        int head = bytes[position++] & 0xff;
        return switch (head & 0xe0) {
            case UNSIGNED, NEGATIVE -> whole(head, wanted, any);
            case TEXT -> text(head, wanted, any);
            default -> simple(head, wanted, any);
        };
    }

    private Object whole(int head, Shape wanted, boolean any) {
        long argument = argument(head);
        if (argument < 0) {
            return OTHER;
        }
        long value = head < NEGATIVE ? argument : -1 - argument;
        if (value == (int) value && (any || wanted == Scalar.INT)) {
            return (int) value;
        }
        if (any || wanted == Scalar.LONG) {
            return value;
        }
        return wanted == Scalar.DOUBLE ? (Object) (double) value : OTHER;
    }

    private Object text(int head, Shape wanted, boolean any) {
        long length = argument(head);
        if ((!any && wanted != Scalar.STRING) || length < 0 || length > bytes.length - position) {
            return OTHER;
        }
        int start = position;
        position += (int) length;
        return new String(bytes, start, (int) length, StandardCharsets.UTF_8);
    }

    private @Nullable Object simple(int head, Shape wanted, boolean any) {
        if (head == DOUBLE && (any || wanted == Scalar.DOUBLE) && bytes.length - position >= 8) {
            position += 8;
            return Double.longBitsToDouble(BigEndian.getLong(bytes, position - 8));
        }
        if ((head == TRUE || head == FALSE) && (any || wanted == Scalar.BOOLEAN)) {
            return head == TRUE;
        }
        return head == NULL && (any || wanted instanceof Scalar) ? null : OTHER;
    }

    /** The argument of an item's head, or a negative number if it is not there or over 2^63. */
    private long argument(int head) {
        int info = head & 0x1f;
        if (info < 24) {
            return info;
        }
        int size = 1 << (info - 24);
        if (info > 27 || bytes.length - position < size) {
            return -1;
        }
        position += size;
        return switch (size) {
            case 1 -> bytes[position - 1] & 0xff;
            case 2 -> (bytes[position - 2] & 0xff) << 8 | (bytes[position - 1] & 0xff);
            case 4 -> BigEndian.getInt(bytes, position - 4) & 0xffff_ffffL;
            default -> BigEndian.getLong(bytes, position - 8);
        };
    }
}
