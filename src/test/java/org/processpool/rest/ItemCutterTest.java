package org.processpool.rest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Items come out as they are, wherever the body is cut on its way. */
class ItemCutterTest {

    private static ItemCutter lines() {
        return new LineCutter(1000);
    }

    private static ItemCutter array() {
        return new ArrayCutter(1000);
    }

    record Sample(Supplier<ItemCutter> cutter, String body, List<String> items) {
        @Override
        public String toString() {
            return body;
        }
    }

    static Stream<Sample> samples() {
        return Stream.of(
                new Sample(
                        ItemCutterTest::lines,
                        "\uFEFF1\n\r\n  \n{\"a\": \"进程\\n\"}\r\n[1, 2]\n\t null \n\"last\"",
                        List.of("1", "{\"a\": \"进程\\n\"}", "[1, 2]", "null", "\"last\"")),
                new Sample(ItemCutterTest::lines, "", List.of()),
                new Sample(ItemCutterTest::lines, "\n\r\n", List.of()),
                new Sample(ItemCutterTest::lines, "7\n", List.of("7")),
                new Sample(
                        ItemCutterTest::array,
                        "\uFEFF [ 1 ,\"a,]\\\"\\\\\",\n[1,[2]] , {\"k]\":[\"}\"]},\n-0.5e3, null\n]\r\n",
                        List.of(
                                "1",
                                "\"a,]\\\"\\\\\"",
                                "[1,[2]]",
                                "{\"k]\":[\"}\"]}",
                                "-0.5e3",
                                "null")),
                new Sample(ItemCutterTest::array, "[]", List.of()),
                new Sample(ItemCutterTest::array, " [ \"进程\" ] ", List.of("\"进程\"")));
    }

    private static List<String> cut(ItemCutter cutter, byte[]... pieces) {
        List<String> items = new ArrayList<>();
        for (byte[] piece : pieces) {
            cutter.feed(piece);
            for (byte[] item; (item = cutter.next()) != null; ) {
                items.add(new String(item, UTF_8));
            }
            assertThat(cutter.next()).as("asked once more").isNull();
        }
        byte[] last = cutter.end();
        if (last != null) {
            items.add(new String(last, UTF_8));
        }
        return items;
    }

    @ParameterizedTest
    @MethodSource("samples")
    void finds_the_items_wherever_the_body_is_split_in_two(Sample sample) {
        byte[] body = sample.body().getBytes(UTF_8);
        for (int at = 0; at <= body.length; at++) {
            assertThat(
                            cut(
                                    sample.cutter().get(),
                                    Arrays.copyOfRange(body, 0, at),
                                    Arrays.copyOfRange(body, at, body.length)))
                    .as("split at %d", at)
                    .isEqualTo(sample.items());
        }
    }

    @ParameterizedTest
    @MethodSource("samples")
    void finds_the_items_if_each_byte_comes_by_itself(Sample sample) {
        byte[] body = sample.body().getBytes(UTF_8);
        byte[][] single = new byte[body.length][];
        for (int i = 0; i < body.length; i++) {
            single[i] = new byte[] {body[i]};
        }
        assertThat(cut(sample.cutter().get(), single)).isEqualTo(sample.items());
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void finds_many_items_in_pieces_of_any_size(long seed) {
        var random = new Random(seed);
        List<String> items = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            items.add(
                    switch (random.nextInt(4)) {
                        case 0 -> Integer.toString(random.nextInt(1_000_000));
                        case 1 -> "\"" + "é]\\\"".repeat(random.nextInt(20)) + "\"";
                        case 2 -> "{\"n\":[" + random.nextInt() + ",{}]}";
                        default -> "[\"" + "x".repeat(random.nextInt(300)) + "\"]";
                    });
        }
        assertThat(cut(new LineCutter(1000), pieces(String.join("\n", items), random)))
                .as("lines, seed %d", seed)
                .isEqualTo(items);
        String array = "[" + String.join(" ,\n", items) + "]";
        assertThat(cut(new ArrayCutter(1000), pieces(array, random)))
                .as("array, seed %d", seed)
                .isEqualTo(items);
    }

    private static byte[][] pieces(String body, Random random) {
        byte[] bytes = body.getBytes(UTF_8);
        List<byte[]> pieces = new ArrayList<>();
        for (int at = 0; at < bytes.length; ) {
            int end = Math.min(bytes.length, at + random.nextInt(200));
            pieces.add(Arrays.copyOfRange(bytes, at, end));
            at = end;
        }
        return pieces.toArray(byte[][]::new);
    }

    @Test
    void an_item_is_there_as_soon_as_its_end_is() {
        var lines = new LineCutter(10);
        lines.feed("1\n2".getBytes(UTF_8));
        assertThat(lines.next()).isEqualTo("1".getBytes(UTF_8));
        assertThat(lines.next()).isNull();
        var array = new ArrayCutter(10);
        array.feed("[1,2".getBytes(UTF_8));
        assertThat(array.next()).isEqualTo("1".getBytes(UTF_8));
        assertThat(array.next()).isNull();
    }

    // Malformed

    private static Problem problem(ItemCutter cutter, byte[] body) {
        ProblemException thrown =
                catchThrowableOfType(ProblemException.class, () -> cut(cutter, body));
        assertThat(thrown).as("problem of %s", new String(body, UTF_8)).isNotNull();
        return thrown.problem();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {"1;2;oops;3 | 3 | 1", "1;;[1,] | 3 | 4", "1 2 | 1 | 3", "[1;2] | 1 | 3"})
    void says_which_line_is_malformed(String body, long lineNumber, int column) {
        Problem problem = problem(lines(), body.replace(';', '\n').getBytes(UTF_8));
        assertThat(problem.type()).isEqualTo(ProblemType.MALFORMED_LINE);
        assertThat(problem.extensions())
                .containsEntry("lineNumber", lineNumber)
                .extractingByKey("column")
                .asString()
                .satisfies(at -> assertThat(Integer.parseInt(at)).isBetween(column, column + 4));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "1 | 1 | 1",
                "{} | 1 | 1",
                "[1,,2] | 1 | 4",
                "[1,] | 1 | 4",
                "[,1] | 1 | 2",
                "[1;,2}] | 2 | 3",
                "[1,;  oops] | 2 | 3",
                "[1] 2 | 1 | 5",
                "[1 2] | 1 | 4",
                "[1,2 | 1 | 5",
                "[{]} | 1 | 2"
            })
    void says_where_an_array_is_malformed(String body, int line, int column) {
        Problem problem = problem(array(), body.replace(';', '\n').getBytes(UTF_8));
        assertThat(problem.type()).isEqualTo(ProblemType.MALFORMED_JSON);
        assertThat(((Number) problem.extensions().get("line")).intValue()).isEqualTo(line);
        assertThat(((Number) problem.extensions().get("column")).intValue())
                .isBetween(column, column + 4);
    }

    @Test
    void a_blank_body_has_no_lines_but_is_no_array() {
        assertThat(cut(lines(), " \r\n".getBytes(UTF_8))).isEmpty();
        assertThat(problem(array(), " \r\n".getBytes(UTF_8)).detail().toString())
                .isEqualTo("the body is blank");
    }

    static Stream<byte[]> otherThanUtf8() {
        return Stream.of(
                new byte[] {'"', (byte) 0xff, '"'},
                new byte[] {'"', (byte) 0xc0, (byte) 0x80, '"'}, // overlong
                new byte[] {'"', (byte) 0xed, (byte) 0xa0, (byte) 0x80, '"'}, // a surrogate
                new byte[] {'"', (byte) 0xe8, (byte) 0xbf, '"'}); // cut off
    }

    @ParameterizedTest
    @MethodSource("otherThanUtf8")
    void refuses_what_is_not_utf_8(byte[] item) {
        assertThat(problem(lines(), item).extensions()).containsEntry("lineNumber", 1L);
        var array = new ByteArrayOutputStream();
        array.write('[');
        array.writeBytes(item);
        array.write(']');
        assertThat(problem(array(), array.toByteArray()).type())
                .isEqualTo(ProblemType.MALFORMED_JSON);
    }

    @Test
    void refuses_an_item_over_the_limit_and_takes_one_at_it() {
        String item = "\"" + "x".repeat(98) + "\"";
        assertThat(cut(new LineCutter(100), (item + "\n").getBytes(UTF_8))).containsExactly(item);
        assertThat(cut(new ArrayCutter(100), ("[" + item + "]").getBytes(UTF_8)))
                .containsExactly(item);
        assertThat(problem(new LineCutter(99), ("1\n" + item).getBytes(UTF_8)))
                .returns(ProblemType.CONTENT_TOO_LARGE, Problem::type)
                .returns(Map.of("limitBytes", 99, "lineNumber", 2L), Problem::extensions);
        assertThat(problem(new ArrayCutter(99), ("[1," + item + "]").getBytes(UTF_8)))
                .returns(ProblemType.CONTENT_TOO_LARGE, Problem::type)
                .returns(Map.of("limitBytes", 99, "index", 1L), Problem::extensions);
    }

    @Test
    void holds_no_more_of_an_endless_line_than_the_limit() {
        var lines = new LineCutter(1000);
        lines.feed("x".repeat(900).getBytes(UTF_8));
        assertThat(lines.next()).isNull();
        lines.feed("x".repeat(900).getBytes(UTF_8));
        assertThat(catchThrowableOfType(ProblemException.class, lines::next).problem().type())
                .isEqualTo(ProblemType.CONTENT_TOO_LARGE);
    }

    @Test
    void refuses_what_is_nested_too_deep() {
        String deep = "[".repeat(10_000) + "]".repeat(10_000);
        assertThat(problem(new LineCutter(100_000), deep.getBytes(UTF_8)).type())
                .isEqualTo(ProblemType.MALFORMED_LINE);
        assertThat(problem(new ArrayCutter(100_000), deep.getBytes(UTF_8)).type())
                .isEqualTo(ProblemType.MALFORMED_JSON);
    }
}
