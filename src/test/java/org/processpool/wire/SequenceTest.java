package org.processpool.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.processpool.task.Payload;
import org.processpool.task.Payload.Encoding;

class SequenceTest {

    record Point(int x, int y) {}

    private static Payload sequence(Encoding family, Object... items) {
        var writer = new SequenceWriter(family, 0);
        for (Object item : items) {
            writer.add(item);
        }
        return writer.payload();
    }

    @ParameterizedTest
    @EnumSource(names = {"JSON", "CBOR"})
    void items_of_all_kinds_come_back_in_order(Encoding family) {
        Object[] items = {
            1,
            -1,
            23,
            24,
            -25,
            255,
            256,
            65_536,
            Integer.MIN_VALUE,
            Long.MAX_VALUE,
            Long.MIN_VALUE,
            0.1,
            true,
            false,
            null,
            "",
            "grün\n",
            List.of(1, "x"),
            1e300,
            "x".repeat(70_000)
        };
        var reader = SequenceReader.of(sequence(family, items), Object.class);
        for (Object item : items) {
            assertThat(reader.next()).isEqualTo(item);
        }
        assertThatThrownBy(reader::next).hasMessage("the sequence has fewer items than announced");
    }

    @Test
    void short_cuts_write_the_bytes_the_generator_writes() {
        for (Object item :
                List.of(
                        0,
                        23,
                        24,
                        255,
                        256,
                        65_535,
                        65_536,
                        Integer.MAX_VALUE,
                        -1,
                        -24,
                        -25,
                        -257,
                        Integer.MIN_VALUE,
                        1L << 32,
                        Long.MIN_VALUE,
                        Long.MAX_VALUE,
                        0.5,
                        true,
                        "",
                        "abc",
                        "ü".repeat(300))) {
            var sink = new ByteSink(16);
            Codec.write(item, Formats.CBOR, sink);
            assertThat(sequence(Encoding.CBOR, item).bytes()).isEqualTo(sink.take());
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"JSON", "CBOR"})
    void an_item_that_does_not_fit_is_refused_by_itself(Encoding family) {
        var reader =
                SequenceReader.of(
                        sequence(family, 1, "x", 2, List.of(List.of(), 1), 3, 1L << 40, 4, null, 5),
                        int.class);
        assertThat(reader.next()).isEqualTo(1);
        for (int expected = 2; expected <= 5; expected++) {
            assertThatThrownBy(reader::next).isInstanceOf(DecodingException.class);
            assertThat(reader.next()).isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"JSON", "CBOR"})
    void an_item_that_cannot_travel_leaves_no_trace(Encoding family) {
        var writer = new SequenceWriter(family, 0);
        writer.add(new Point(1, 2));
        int size = writer.size();
        assertThatThrownBy(() -> writer.add(List.of(1, new Thread())))
                .isInstanceOf(EncodingException.class)
                .hasMessageStartingWith("at /1: java.lang.Thread cannot travel");
        assertThat(writer.size()).isEqualTo(size);
        assertThat(writer.count()).isEqualTo(1);
        writer.add(new Point(3, 4));
        var reader = SequenceReader.of(writer.payload(), Point.class);
        assertThat(reader.next()).isEqualTo(new Point(1, 2));
        assertThat(reader.next()).isEqualTo(new Point(3, 4));
    }

    @ParameterizedTest
    @EnumSource(names = {"JSON", "CBOR"})
    void items_can_be_arguments_and_can_be_skipped(Encoding family) {
        var reader =
                SequenceReader.ofArguments(
                        sequence(family, List.of(1, "a"), List.of(2), null, List.of(3, "c")),
                        List.of(int.class, String.class));
        assertThat((Object[]) reader.next()).containsExactly(1, "a");
        assertThatThrownBy(reader::next).hasMessage("expected 2 arguments, got 1");
        reader.skip();
        assertThat((Object[]) reader.next()).containsExactly(3, "c");
    }

    @Test
    void json_items_go_through_without_being_parsed() {
        var writer = new SequenceWriter(Encoding.JSON, 0);
        writer.addJson("{\n \"a\" : 1\r\n}".getBytes(java.nio.charset.StandardCharsets.UTF_8));
        writer.add("b");
        Payload payload = writer.payload();
        assertThat(payload.text()).isEqualTo("{  \"a\" : 1  }\n\"b\"");
        var reader = SequenceReader.of(payload, Payload.class);
        assertThat(reader.next()).isEqualTo(Payload.json("{  \"a\" : 1  }"));
        assertThat(reader.nextJson()).isEqualTo(Payload.json("\"b\""));
    }

    @Test
    void payload_items_of_cbor_keep_their_value() {
        var reader =
                SequenceReader.of(
                        sequence(Encoding.CBOR, 5, null, List.of("x"), new byte[] {1}),
                        Payload.class);
        assertThat(Codec.decode((Payload) reader.next(), int.class)).isEqualTo(5);
        assertThat(Codec.decode((Payload) reader.next(), Object.class)).isNull();
        assertThat(Codec.decode((Payload) reader.next(), Object.class)).isEqualTo(List.of("x"));
        assertThat(reader.next()).isEqualTo(Payload.bytes(new byte[] {1}));
    }

    @Test
    void malformed_items_of_cbor_end_in_refusals_only() {
        var random = new java.util.Random(42);
        byte[] good =
                sequence(Encoding.CBOR, 1, "abc", List.of(1, 2), 0.5, new Point(1, 2)).bytes();
        for (int i = 0; i < 20_000; i++) {
            byte[] bad = good.clone();
            bad[random.nextInt(bad.length)] = (byte) random.nextInt();
            byte[] cut = Arrays.copyOf(bad, 1 + random.nextInt(bad.length));
            var reader = SequenceReader.of(new Payload(Encoding.CBOR, cut), Object.class);
            for (int k = 0; k < 6; k++) {
                try {
                    reader.next();
                } catch (DecodingException expected) {
                    assertThat(expected.getMessage()).isNotEmpty();
                }
            }
        }
    }

    @Test
    void text_is_no_sequence() {
        assertThatThrownBy(() -> SequenceReader.of(Codec.encode("x"), String.class))
                .isInstanceOf(DecodingException.class);
    }
}
