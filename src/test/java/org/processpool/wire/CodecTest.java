package org.processpool.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.Type;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.Period;
import java.time.ZonedDateTime;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.processpool.task.Payload;
import org.processpool.task.Payload.Encoding;

class CodecTest {

    enum Colour {
        RED,
        GREEN {
            @Override
            boolean calm() {
                return true;
            }
        };

        boolean calm() {
            return false;
        }
    }

    record Point(int x, int y) {
        Point {
            if (x < 0) {
                throw new IllegalArgumentException("x must be at least 0, was " + x);
            }
        }
    }

    record Path(List<Point> points, @Nullable String name) {}

    record Node(String value, @Nullable Node next) {}

    record Box<T>(T content) {}

    record Boxes(Box<Point> one, List<Box<Map<Colour, List<Point>>>> many) {}

    record One(int only) {}

    record Envelope(String to, Payload letter) {}

    record Everything(
            boolean truth,
            byte small,
            short medium,
            int whole,
            long large,
            float half,
            double real,
            char letter,
            BigInteger huge,
            BigDecimal exact,
            Colour colour,
            Optional<String> maybe,
            Optional<String> absent,
            OptionalInt anInt,
            OptionalLong aLong,
            OptionalDouble aDouble,
            UUID id,
            URI address,
            Instant instant,
            LocalDate date,
            LocalTime time,
            LocalDateTime dateTime,
            OffsetDateTime offset,
            ZonedDateTime zoned,
            Duration duration,
            Period period,
            Map<UUID, Integer> byId,
            Map<Integer, String> byNumber,
            SortedMap<Colour, Integer> byColour,
            SortedSet<String> sorted,
            Set<Long> set,
            CharSequence text,
            Object anything) {}

    private static final UUID ID = UUID.fromString("01890a5d-ac96-774b-bcce-b302099a8057");

    private static final Everything EVERYTHING =
            new Everything(
                    true,
                    (byte) -128,
                    (short) 32767,
                    Integer.MIN_VALUE,
                    Long.MAX_VALUE,
                    1.1f,
                    Math.PI,
                    'ß',
                    BigInteger.TEN.pow(40),
                    new BigDecimal("1234567890.12345678901234567890"),
                    Colour.GREEN,
                    Optional.of("there"),
                    Optional.empty(),
                    OptionalInt.of(7),
                    OptionalLong.empty(),
                    OptionalDouble.of(0.5),
                    ID,
                    URI.create("https://example.org/a?b=c"),
                    Instant.parse("2025-01-31T12:00:00.123456789Z"),
                    LocalDate.of(2025, 1, 31),
                    LocalTime.of(12, 30),
                    LocalDateTime.of(2025, 1, 31, 12, 30),
                    OffsetDateTime.parse("2025-01-31T12:00:00+02:00"),
                    ZonedDateTime.parse("2025-01-31T12:00:00+01:00[Europe/Berlin]"),
                    Duration.ofMillis(1500),
                    Period.ofMonths(14),
                    Map.of(ID, 1),
                    Map.of(-5, "minus five"),
                    new java.util.TreeMap<>(Map.of(Colour.RED, 1, Colour.GREEN, 2)),
                    new java.util.TreeSet<>(Set.of("b", "a")),
                    Set.of(1L << 40),
                    "chars",
                    List.of(1, "two", Map.of("three", 3.5)));

    /** A generic type, named by the return type of a method. */
    private static Type returnTypeOf(String method) {
        try {
            return CodecTest.class.getDeclaredMethod(method).getGenericReturnType();
        } catch (NoSuchMethodException e) {
            throw new AssertionError(e);
        }
    }

    @SuppressWarnings("unused") // for its type
    static List<? extends Map<String, int[]>> listOfMaps() {
        return List.of();
    }

    @SuppressWarnings("unused") // for its type
    static Box<Box<Point>> boxOfBox() {
        return new Box<>(new Box<>(new Point(0, 0)));
    }

    @SuppressWarnings("unused") // for its type
    static List<Point> @Nullable [] arrayOfLists() {
        return null;
    }

    @SuppressWarnings("unused") // for its type
    static Deque<Integer> deque() {
        return new ArrayDeque<>();
    }

    private static @Nullable Object roundTrip(@Nullable Object value, Encoding family, Type type) {
        return Codec.decode(Codec.encode(value, family), type);
    }

    private static void comesBack(Object value, Type type) {
        assertThat(roundTrip(value, Encoding.CBOR, type)).isEqualTo(value);
        assertThat(roundTrip(value, Encoding.JSON, type)).isEqualTo(value);
    }

    @Test
    void a_record_of_everything_comes_back() {
        comesBack(EVERYTHING, Everything.class);
    }

    @Test
    void records_in_records_and_generics_come_back() {
        comesBack(new Path(List.of(new Point(1, 2)), null), Path.class);
        comesBack(new Node("a", new Node("b", null)), Node.class);
        comesBack(
                new Boxes(
                        new Box<>(new Point(1, 2)),
                        List.of(new Box<>(Map.of(Colour.RED, List.of(new Point(3, 4)))))),
                Boxes.class);
        comesBack(new Box<>(new Box<>(new Point(5, 6))), returnTypeOf("boxOfBox"));
    }

    @Test
    void a_record_local_to_a_method_comes_back() {
        record Local(String text) {}
        comesBack(new Local("x"), Local.class);
    }

    @Test
    void arrays_come_back() {
        for (Encoding family : List.of(Encoding.CBOR, Encoding.JSON)) {
            assertThat((int[]) roundTrip(new int[] {1, -2}, family, int[].class))
                    .containsExactly(1, -2);
            assertThat((long[]) roundTrip(new long[] {1L << 50}, family, long[].class))
                    .containsExactly(1L << 50);
            assertThat((double[]) roundTrip(new double[] {0.5, Double.NaN}, family, double[].class))
                    .containsExactly(0.5, Double.NaN);
            assertThat((boolean[]) roundTrip(new boolean[] {true}, family, boolean[].class))
                    .containsExactly(true);
            assertThat((char[]) roundTrip("ab".toCharArray(), family, char[].class))
                    .containsExactly('a', 'b');
            assertThat((Point[]) roundTrip(new Point[] {new Point(1, 2)}, family, Point[].class))
                    .containsExactly(new Point(1, 2));
            assertThat((int[][]) roundTrip(new int[][] {{1}, {}}, family, int[][].class))
                    .isDeepEqualTo(new int[][] {{1}, {}});
            assertThat((byte[]) roundTrip(new byte[] {1, -1}, family, byte[].class))
                    .containsExactly(1, -1);
            assertThat(
                            (Object[])
                                    roundTrip(
                                            List.of(List.of(new Point(1, 2))),
                                            family,
                                            returnTypeOf("arrayOfLists")))
                    .containsExactly(List.of(new Point(1, 2)));
        }
    }

    @Test
    void wildcards_and_queues_come_back() {
        @SuppressWarnings("unchecked")
        var maps =
                (List<Map<String, int[]>>)
                        roundTrip(
                                List.of(Map.of("a", new int[] {1})),
                                Encoding.CBOR,
                                returnTypeOf("listOfMaps"));
        assertThat(maps.get(0).get("a")).containsExactly(1);
        assertThat((Deque<?>) roundTrip(List.of(1, 2), Encoding.JSON, returnTypeOf("deque")))
                .hasSize(2)
                .isInstanceOf(Deque.class);
    }

    @Test
    void bytes_and_text_travel_raw() {
        byte[] bytes = {1, 2, 3};
        assertThat(Codec.encode(bytes)).isEqualTo(Payload.bytes(bytes));
        assertThat(Codec.encode("grün").encoding()).isEqualTo(Encoding.TEXT);
        assertThat(Codec.encode("grün").text()).isEqualTo("grün");
        assertThat(Codec.encode(bytes, Encoding.JSON)).isEqualTo(Payload.bytes(bytes));
        assertThat(Codec.encode("a\nb", Encoding.JSON)).isEqualTo(Payload.json("\"a\\nb\""));
    }

    @Test
    void a_payload_travels_unopened() {
        Payload payload = Payload.json("{ not even JSON");
        assertThat(Codec.encode(payload)).isSameAs(payload);
        assertThat(Codec.encode(payload, Encoding.JSON)).isSameAs(payload);
        assertThat(Codec.decode(payload, Payload.class)).isSameAs(payload);
    }

    @Test
    void a_payload_inside_a_record_keeps_its_value() {
        var envelope = new Envelope("you", Payload.json("{\"a\":[1,null]}"));
        var back = (Envelope) roundTrip(envelope, Encoding.JSON, Envelope.class);
        assertThat(back).isEqualTo(envelope);
        var cbor = (Envelope) roundTrip(envelope, Encoding.CBOR, Envelope.class);
        assertThat(Codec.decode(cbor.letter(), Object.class))
                .isEqualTo(Codec.decode(envelope.letter(), Object.class));
        var bytes = new Envelope("you", Payload.bytes(new byte[] {7}));
        assertThat(roundTrip(bytes, Encoding.CBOR, Envelope.class)).isEqualTo(bytes);
    }

    @Test
    void malformed_json_inside_a_record_is_refused() {
        assertThatThrownBy(() -> Codec.encode(new Envelope("you", Payload.json("{"))))
                .isInstanceOf(EncodingException.class)
                .hasMessageStartingWith("at /letter");
    }

    @Test
    void an_undeclared_type_gets_the_plainest_values() {
        assertThat(
                        Codec.decode(
                                Payload.json("[1,3000000000,0.5,true,null,\"x\",{\"a\":{}}]"),
                                Object.class))
                .isEqualTo(
                        Arrays.asList(
                                1, 3_000_000_000L, 0.5, true, null, "x", Map.of("a", Map.of())));
        assertThat(Codec.decode(Payload.json("123456789012345678901234567890"), Object.class))
                .isEqualTo(new BigInteger("123456789012345678901234567890"));
        assertThat(roundTrip(0.1f, Encoding.CBOR, Object.class)).isInstanceOf(Double.class);
        assertThat(Codec.decode(Codec.encode("text"), Object.class)).isEqualTo("text");
        assertThat(Codec.decode(Codec.encode(null), Object.class)).isNull();
        assertThat((byte[][]) Codec.decode(Codec.encode(List.of(new byte[] {1})), byte[][].class))
                .isDeepEqualTo(new byte[][] {{1}});
    }

    @Test
    void text_binds_to_what_has_a_form_as_text() {
        assertThat(Codec.decode(Codec.encode("x"), CharSequence.class)).isEqualTo("x");
        assertThat(Codec.decode(Codec.encode("GREEN"), Colour.class)).isEqualTo(Colour.GREEN);
        assertThat(Codec.decode(Codec.encode("2025-01-31"), LocalDate.class))
                .isEqualTo(LocalDate.of(2025, 1, 31));
        refuses(
                Codec.encode("x"),
                Point.class,
                "expected an object or array for Point(int x, int y), got the string \"x\"");
        refuses(
                Codec.encode("5"),
                int.class,
                "expected a whole number of type int, got the string \"5\"");
        refuses(
                Codec.encode(new byte[] {1}),
                Point.class,
                "expected an object or array for Point(int x, int y), got bytes");
    }

    @Test
    void an_array_binds_to_a_record_by_order_and_a_scalar_does_not() {
        assertThat(Codec.decode(Payload.json("[1,2]"), Point.class)).isEqualTo(new Point(1, 2));
        assertThat(Codec.decode(Payload.json("[[[1,2]]]"), Path.class))
                .isEqualTo(new Path(List.of(new Point(1, 2)), null));
        refuses("[1,2,3]", Point.class, "at /2: too many elements: Point has 2 components");
        refuses("7", One.class, "expected an object or array for One(int only), got 7");
    }

    @Test
    void absent_references_are_null_and_absent_primitives_are_refused() {
        assertThat(Codec.decode(Payload.json("{\"points\":[]}"), Path.class))
                .isEqualTo(new Path(List.of(), null));
        refuses(
                "{\"x\":1}",
                Point.class,
                "member \"y\" of Point is missing: expected a whole number of type int");
        refuses(
                "{\"x\":1,\"y\":null}",
                Point.class,
                "at /y: expected a whole number of type int, got null");
    }

    @Test
    void refusals_tell_where_and_what() {
        refuses(
                "{\"points\":[{\"x\":0,\"y\":0},{\"x\":\"abc\",\"y\":0}]}",
                Path.class,
                "at /points/1/x: expected a whole number of type int, got the string \"abc\"");
        refuses("{\"x\":1,\"z\":2}", Point.class, "at /z: unknown member \"z\"; Point has x, y");
        refuses("{\"x\":1,\"x\":2}", Point.class, "at /x: the member is given twice");
        refuses("3000000000", int.class, "expected a whole number of type int, got 3000000000");
        refuses("1.5", int.class, "expected a whole number of type int, got 1.5");
        refuses("1e30", long.class, "expected a whole number of type long, got 1e30");
        refuses("200", byte.class, "expected a whole number of type byte (-128 to 127), got 200");
        refuses("\"PINK\"", Colour.class, "expected one of RED, GREEN, got the string \"PINK\"");
        refuses(
                "\"soon\"",
                Instant.class,
                "expected an instant such as 2025-01-31T12:00:00Z, got the string \"soon\"");
        refuses(
                "\"%%%\"",
                byte[].class, "expected bytes (in JSON a string in base64), got other text");
        refuses(
                "{\"x\":-1,\"y\":0}",
                Point.class,
                "Point refused its components: x must be at least 0, was -1");
        refuses(
                "{\"points\":[[-1,0]]}",
                Path.class,
                "at /points/0: Point refused its components: x must be at least 0, was -1");
        refuses("1 2", int.class, "expected one value, got more behind it");
        refuses("", int.class, "expected a whole number of type int, got nothing");
    }

    @Test
    void a_refusal_of_cbor_tells_where_too() {
        Payload payload = Codec.encode(Map.of("points", List.of(Map.of("x", 1, "y", "abc"))));
        refuses(
                payload,
                Path.class,
                "at /points/0/y: expected a whole number of type int, got the string \"abc\"");
    }

    @Test
    void malformed_json_is_refused_with_its_place() {
        assertThatThrownBy(() -> Codec.decode(Payload.json("{\"x\":\n 1,,}"), Object.class))
                .isInstanceOf(DecodingException.class)
                .hasMessageStartingWith("not well-formed JSON at line 2, column 4");
    }

    @Test
    void malformed_cbor_is_never_another_exception() {
        var random = new java.util.Random(4711);
        byte[] good = Codec.encode(EVERYTHING).bytes();
        for (int i = 0; i < 20_000; i++) {
            byte[] bad = good.clone();
            for (int k = random.nextInt(4); k >= 0; k--) {
                bad[random.nextInt(bad.length)] = (byte) random.nextInt();
            }
            byte[] cut = Arrays.copyOf(bad, random.nextInt(bad.length + 1));
            for (Type type : List.of(Object.class, Everything.class)) {
                try {
                    Codec.decode(new Payload(Encoding.CBOR, cut), type);
                } catch (DecodingException expected) {
                    assertThat(expected.getMessage()).isNotEmpty();
                }
            }
        }
    }

    @Test
    void deep_nesting_is_refused_both_ways() {
        String deep = "[".repeat(1001) + "]".repeat(1001);
        assertThatThrownBy(() -> Codec.decode(Payload.json(deep), Object.class))
                .isInstanceOf(DecodingException.class);
        List<Object> itself = new ArrayList<>();
        itself.add(itself);
        for (Encoding family : List.of(Encoding.CBOR, Encoding.JSON)) {
            assertThatThrownBy(() -> Codec.encode(itself, family))
                    .isInstanceOf(EncodingException.class)
                    .hasMessageContaining("does it contain itself?");
        }
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("me", Optional.of(map));
        assertThatThrownBy(() -> Codec.encode(map)).hasMessageContaining("does it contain itself?");
    }

    @Test
    void what_cannot_travel_is_refused_with_its_place_and_advice() {
        assertThatThrownBy(() -> Codec.encode(Map.of("a", List.of(1, new Thread()))))
                .isInstanceOf(EncodingException.class)
                .hasMessageStartingWith("at /a/1: java.lang.Thread cannot travel")
                .hasMessageContaining("make it a record");
        assertThatThrownBy(() -> Codec.encode(Map.of(List.of(), 1)))
                .hasMessageContaining("a map's key must be");
        assertThatThrownBy(() -> Codec.encode(new Object()))
                .hasMessageContaining("java.lang.Object cannot travel");
        refuses(
                "{}",
                Thread.class,
                "java.lang.Thread cannot travel between processes: make it a record, or use numbers, text, byte[], enums, java.time, UUID, URI, optionals, arrays, lists, sets, maps, records of these or Payload");
    }

    @Test
    void arguments_bind_to_parameters() {
        Payload arguments = Codec.encodeArguments(List.of(1, "two", new Point(3, 4)));
        List<Type> types = List.of(int.class, String.class, Point.class);
        assertThat(Codec.decodeArguments(arguments, types))
                .containsExactly(1, "two", new Point(3, 4));
        assertThat(Codec.decodeArguments(Codec.encodeArguments(List.of()), List.of())).isEmpty();
        assertThatThrownBy(() -> Codec.decodeArguments(Payload.json("[1]"), types))
                .hasMessage("expected 3 arguments, got 1");
        assertThatThrownBy(() -> Codec.decodeArguments(Payload.json("[1,2,3]"), types))
                .hasMessage("at /1: expected a string, got 2");
        assertThatThrownBy(() -> Codec.decodeArguments(Payload.json("[1]"), List.of()))
                .hasMessage("at /0: too many: expected 0 arguments");
        assertThatThrownBy(() -> Codec.decodeArguments(Codec.encode("x"), types))
                .hasMessageStartingWith("expected an array of 3 arguments");
    }

    @Test
    void long_strings_travel() {
        String text = "x".repeat(30_000_000);
        assertThat(Codec.decode(Payload.json('"' + text + '"'), String.class)).isEqualTo(text);
        assertThat(Codec.decode(Codec.encode(List.of(text)), Object.class))
                .isEqualTo(List.of(text));
    }

    @Test
    void the_schema_says_what_binding_does() {
        assertThat(Codec.schema(Path.class))
                .isEqualTo(
                        "{\"$schema\":\"https://json-schema.org/draft/2020-12/schema\",\"title\":\"Path\","
                                + "\"type\":\"object\",\"properties\":{\"points\":{\"type\":\"array\",\"items\":"
                                + "{\"title\":\"Point\",\"type\":\"object\",\"properties\":{"
                                + "\"x\":{\"type\":\"integer\",\"format\":\"int32\",\"minimum\":-2147483648,\"maximum\":2147483647},"
                                + "\"y\":{\"type\":\"integer\",\"format\":\"int32\",\"minimum\":-2147483648,\"maximum\":2147483647}},"
                                + "\"required\":[\"x\",\"y\"],\"additionalProperties\":false}},"
                                + "\"name\":{\"type\":\"string\"}},\"additionalProperties\":false}");
        assertThat(Codec.schema(Node.class))
                .contains("\"$ref\":\"#/$defs/Node\",\"$defs\":{\"Node\":{\"title\":\"Node\"")
                .contains("\"next\":{\"$ref\":\"#/$defs/Node\"}");
        assertThat(Codec.schema(Colour.class)).contains("\"enum\":[\"RED\",\"GREEN\"]");
        assertThat(Codec.schema(byte[].class)).contains("\"contentEncoding\":\"base64\"");
        assertThat(Codec.schema(Everything.class))
                .contains("\"maybe\":{\"anyOf\":[{\"type\":\"string\"},{\"type\":\"null\"}]}");
        assertThatThrownBy(() -> Codec.schema(Thread.class)).isInstanceOf(EncodingException.class);
    }

    @Test
    void the_schema_of_every_shape_is_json() {
        for (Type type :
                List.of(
                        Everything.class,
                        Boxes.class,
                        Envelope.class,
                        Object.class,
                        void.class,
                        int[].class)) {
            assertThat(Codec.decode(Payload.json(Codec.schema(type)), Object.class))
                    .isInstanceOf(Map.class);
        }
    }

    private static void refuses(String json, Type type, String message) {
        refuses(Payload.json(json.getBytes(StandardCharsets.UTF_8)), type, message);
    }

    private static void refuses(Payload payload, Type type, String message) {
        assertThatThrownBy(() -> Codec.decode(payload, type))
                .isInstanceOf(DecodingException.class)
                .hasMessage(message);
    }
}
