package org.processpool.chat;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.buffer.Buffer;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class Utf8CheckTest {

    /** One of each kind and each side of each border. */
    private static final int[] TELLING = {
        0x00, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1,
        0xEC, 0xED, 0xEE, 0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xF7, 0xF8, 0xFC, 0xFE, 0xFF
    };

    private static final CharsetDecoder JDK = UTF_8.newDecoder();

    private static boolean isUtf8(byte[] bytes) {
        var check = new Utf8Check();
        return check.accepts(Buffer.buffer(bytes)) && check.isWhole();
    }

    private static boolean isUtf8ByteByByte(byte[] bytes) {
        var check = new Utf8Check();
        for (byte each : bytes) {
            if (!check.accepts(Buffer.buffer(new byte[] {each}))) {
                return false;
            }
        }
        return check.isWhole();
    }

    private static boolean isUtf8ByTheJdk(byte[] bytes) {
        CharBuffer out = CharBuffer.allocate(bytes.length);
        return !JDK.reset().decode(ByteBuffer.wrap(bytes), out, true).isError();
    }

    private static void compare(byte[] bytes) {
        boolean expected = isUtf8ByTheJdk(bytes);
        if (isUtf8(bytes) != expected || isUtf8ByteByByte(bytes) != expected) {
            throw new AssertionError(
                    HexFormat.of().formatHex(bytes) + (expected ? " is" : " is not") + " UTF-8");
        }
    }

    @Test
    void agrees_with_the_jdk_on_every_pair_of_bytes() {
        for (int pair = 0; pair < 0x10000; pair++) {
            compare(new byte[] {(byte) (pair >> 8), (byte) pair});
        }
    }

    @Test
    void agrees_with_the_jdk_on_every_five_telling_bytes() {
        byte[] five = new byte[5];
        for (int a : TELLING) {
            for (int b : TELLING) {
                for (int c : TELLING) {
                    for (int d : TELLING) {
                        five[0] = (byte) a;
                        five[1] = (byte) b;
                        five[2] = (byte) c;
                        five[3] = (byte) d;
                        five[4] = 'x';
                        compare(five);
                        compare(Arrays.copyOf(five, 4));
                    }
                }
            }
        }
    }

    @Test
    void accepts_every_character() {
        for (int point = 0; point <= Character.MAX_CODE_POINT; point++) {
            if (point < Character.MIN_SURROGATE || point > Character.MAX_SURROGATE) {
                byte[] bytes = Character.toString(point).getBytes(UTF_8);
                if (!isUtf8(bytes)) {
                    throw new AssertionError("U+%04X".formatted(point));
                }
            }
        }
    }

    @Test
    void finds_a_wrong_byte_in_the_piece_it_is_in() {
        var check = new Utf8Check();
        assertThat(check.accepts(Buffer.buffer(HexFormat.of().parseHex("41f4")))).isTrue();
        assertThat(check.isWhole()).isFalse();
        assertThat(check.accepts(Buffer.buffer(HexFormat.of().parseHex("90")))).isFalse();
    }
}
