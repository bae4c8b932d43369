package org.processpool.rest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import com.fasterxml.jackson.databind.JsonNode;
import java.lang.reflect.Method;
import java.lang.reflect.Type;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.processpool.task.Payload;
import org.processpool.task.Task;
import org.processpool.wire.Codec;
import org.processpool.wire.DecodingException;

/** The check of a service and the binder of its workers, who must agree. */
class InputSchemaTest {
    private static final int INPUTS = 3000;

    enum Colour {
        RED,
        GREEN
    }

    record Point(int x, int y) {}

    record Node(String name, List<Node> children, Node next) {}

    record Empty() {}

    record Numbers(
            boolean truth,
            byte small,
            long large,
            double fraction,
            Integer boxed,
            BigInteger whole,
            BigDecimal exact) {}

    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Texts(
            String text,
            Colour colour,
            byte[] bytes,
            UUID id,
            Instant when,
            LocalDate day,
            Duration time) {}

    record Parts(
            Optional<Point> maybe,
            OptionalInt count,
            List<Point> points,
            Set<String> names,
            Map<String, Integer> sizes,
            Map<Colour, Point> places,
            Object anything) {}

    record Everything(Numbers numbers, Texts texts, Parts parts) {}

    record Box<T>(T value, List<T> more) {}

    record Boxes(Box<Point> points, Box<String> texts) {}

    @SuppressWarnings("rawtypes") // a service loader knows no others
    private static Stream<Type> sample_tasks() {
        return ServiceLoader.load(Task.class).stream()
                .filter(task -> task.type().getPackageName().equals("org.processpool.sample"))
                .map(task -> input(task.type()));
    }

    private static Stream<Type> other_types() {
        return Stream.of(
                Point.class,
                Node.class,
                Empty.class,
                Everything.class,
                Boxes.class,
                Colour.class,
                int[].class,
                double.class,
                boolean.class,
                Object.class,
                Point[].class);
    }

    private static Type input(Class<?> task) {
        return Arrays.stream(task.getMethods())
                .filter(method -> method.getName().equals("run") && !method.isBridge())
                .map(Method::getGenericParameterTypes)
                .findAny()
                .orElseThrow()[0];
    }

    @ParameterizedTest
    @MethodSource({"sample_tasks", "other_types"})
    void takes_what_a_worker_reads_and_nothing_else(Type type) {
        InputSchema schema = InputSchema.of(Codec.schema(type));
        Chance chance = new Chance(new Random(4711));
        int fits = 0;
        for (int i = 0; i < INPUTS; i++) {
            String json = chance.near(type, 0);
            List<Violation> violations = schema.violations(JsonSyntax.tree(json.getBytes(UTF_8)));
            boolean binds = binds(json, type);
            if (binds) {
                fits++;
                // null is the one thing a worker reads that the schema has only where it says so
                assertThat(violations)
                        .as("%s reads %s", type.getTypeName(), json)
                        .allSatisfy(violation ->
                                assertThat(violation.message().toString()).endsWith("was null"));
            } else {
                assertThat(violations)
                        .as("%s does not read %s", type.getTypeName(), json)
                        .isNotEmpty();
            }
        }
        assertThat(fits).as("inputs that fit %s", type.getTypeName()).isGreaterThan(INPUTS / 100);
    }

    private static boolean binds(String json, Type type) {
        try {
            Codec.decode(Payload.json(json), type);
            return true;
        } catch (DecodingException unfit) {
            // what a constructor refuses no schema can know
            return String.valueOf(unfit.getMessage()).contains("refused its components");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"x\":1,\"y\":\"2\"} | /y | must be an integer, was the string \"2\"",
                "{\"x\":1} | `` | member \"y\" is missing",
                "{\"x\":1,\"y\":2,\"z/~\":3} | /z~1~0 | is unknown; there are: x, y",
                "{\"x\":1.5,\"y\":2} | /x | must be an integer, was 1.5",
                "{\"x\":3000000000,\"y\":2} | /x | must be at most 2147483647, was 3000000000",
                "[1] | `` | must have at least 2 elements, had 1",
                "[1,2,3] | `` | must have at most 2 elements, had 3",
                "[1,{}] | /1 | must be an integer, was an object",
                "7 | `` | must be an object, was 7",
                "null | `` | must be an object, was null",
            })
    void says_what_does_not_fit_and_where(String json, String pointer, String message) {
        List<Violation> violations =
                InputSchema.of(Codec.schema(Point.class))
                        .violations(JsonSyntax.tree(json.getBytes(UTF_8)));
        assertThat(violations).hasSize(1);
        assertThat(violations.getFirst().pointer()).isEqualTo(pointer);
        assertThat(violations.getFirst().message()).hasToString(message);
    }

    @Test
    void says_which_constants_there_are_and_how_texts_are_written() {
        InputSchema schema = InputSchema.of(Codec.schema(Everything.class));
        String json =
                "{\"numbers\":[true,1,1,\"NaN\"],\"parts\":[[1,null]],"
                        + "\"texts\":{\"colour\":\"BLUE\",\"bytes\":\"*\",\"id\":\"me\"}}";
        assertThat(schema.violations(JsonSyntax.tree(json.getBytes(UTF_8))))
                .extracting(violation -> violation.sentence().toString())
                .containsExactlyInAnyOrder(
                        "at /texts/colour: must be one of RED, GREEN, was the string \"BLUE\"",
                        "at /texts/bytes: must be bytes in base64",
                        "at /texts/id: must be a uuid, was the string \"me\"",
                        "at /parts/0/1: must be an integer, was null");
    }

    @Test
    void stops_at_twenty_violations() {
        InputSchema schema = InputSchema.of(Codec.schema(int[].class));
        String json = "[" + "\"no\",".repeat(100_000) + "1]";
        assertThat(schema.violations(JsonSyntax.tree(json.getBytes(UTF_8)))).hasSize(20);
    }

    @Test
    void leaves_to_the_worker_what_is_too_deep_to_look_at() {
        InputSchema schema = InputSchema.of(Codec.schema(Node.class));
        String json = "{\"next\":".repeat(990) + "null" + "}".repeat(990);
        assertThat(schema.violations(JsonSyntax.tree(json.getBytes(UTF_8)))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "1e999999999",
        "-1e-999999999",
        "1e9999",
        "-1e400",
        "123456789012345678901234567890"
    })
    void is_not_impressed_by_huge_numbers(String number) {
        for (Type type : List.of(int.class, Colour.class, Point.class)) {
            InputSchema schema = InputSchema.of(Codec.schema(type));
            JsonNode value = JsonSyntax.tree(number.getBytes(UTF_8));
            assertTimeoutPreemptively(
                    Duration.ofMinutes(1), () -> assertThat(schema.violations(value)).isNotEmpty());
        }
        InputSchema fraction = InputSchema.of(Codec.schema(double.class));
        assertThat(fraction.violations(JsonSyntax.tree(number.getBytes(UTF_8)))).isEmpty();
    }

    @Test
    void has_nothing_to_check_where_everything_fits() {
        assertThat(InputSchema.of(Codec.schema(Payload.class)).takesAll()).isTrue();
        assertThat(InputSchema.of("true").takesAll()).isTrue();
        assertThat(InputSchema.of(Codec.schema(int.class)).takesAll()).isFalse();
    }

    /** Inputs that often fit a type and often nearly do. */
    private record Chance(Random random) {

        private static final List<String> STRAYS =
                List.of(
                        "null",
                        "true",
                        "0",
                        "-1",
                        "127",
                        "128",
                        "1.0",
                        "1.5",
                        "1e2",
                        "1e400",
                        "2147483648",
                        "9223372036854775807",
                        "9223372036854775808",
                        "123456789012345678901234567890",
                        "\"\"",
                        "\"a\"",
                        "\"NaN\"",
                        "\"Infinity\"",
                        "\"RED\"",
                        "\"YQ==\"",
                        "\"YQ\"",
                        "\"进程\"",
                        "[]",
                        "[1]",
                        "[1,2]",
                        "[null]",
                        "{}",
                        "{\"x\":1,\"y\":2}",
                        "{\"x\":1}",
                        "{\"a\":null}",
                        "[[]]",
                        "\"1-1-1-1-1\"",
                        "\"2025-01-31\"",
                        "\"2025-02-31\"",
                        "\"2025-01-31T12:00:00Z\"",
                        "\"PT1S\"");

        String near(Type type, int depth) {
            if (random.nextInt(20) == 0 || depth > 6) {
                return STRAYS.get(random.nextInt(STRAYS.size()));
            }
            return switch (type) {
                case Class<?> c when c.isRecord() && c != Payload.class -> record(c, depth);
                case Class<?> c when c.isArray() && c != byte[].class ->
                        array(c.getComponentType(), depth);
                case java.lang.reflect.ParameterizedType p -> generic(p, depth);
                default -> scalar(type);
            };
        }

        private String generic(java.lang.reflect.ParameterizedType type, int depth) {
            Type last = type.getActualTypeArguments()[type.getActualTypeArguments().length - 1];
            if (type.getRawType() == Optional.class) {
                return random.nextBoolean() ? "null" : near(last, depth + 1);
            }
            if (type.getRawType() == Map.class) {
                var entries = new LinkedHashMap<String, String>();
                for (int i = random.nextInt(3); i > 0; i--) {
                    entries.put(random.nextInt(8) == 0 ? "BLUE" : "RED", near(last, depth + 1));
                }
                return object(entries);
            }
            return type.getRawType() == Box.class
                    ? object(Map.of("value", near(last, depth + 1), "more", array(last, depth + 1)))
                    : array(last, depth);
        }

        private String array(Type element, int depth) {
            var elements = new ArrayList<String>();
            for (int i = random.nextInt(3); i > 0; i--) {
                elements.add(near(element, depth + 1));
            }
            return "[" + String.join(", ", elements) + "]";
        }

        private String record(Class<?> type, int depth) {
            var members = new LinkedHashMap<String, String>();
            for (var component : type.getRecordComponents()) {
                if (random.nextInt(30) != 0) {
                    members.put(component.getName(), near(component.getGenericType(), depth + 1));
                }
            }
            if (random.nextInt(30) == 0) {
                members.put("stray", "1");
            }
            return random.nextInt(3) == 0
                    ? "[" + String.join(",", members.values()) + "]"
                    : object(members);
        }

        private static String object(Map<String, String> members) {
            return members.entrySet().stream()
                    .map(member -> "\"%s\":%s".formatted(member.getKey(), member.getValue()))
                    .collect(java.util.stream.Collectors.joining(",", "{", "}"));
        }

        private String scalar(Type type) {
            if (random.nextInt(12) == 0) {
                return STRAYS.get(random.nextInt(STRAYS.size()));
            }
            String name = type.getTypeName();
            return switch (name.substring(name.lastIndexOf('.') + 1)) {
                case "boolean", "Boolean" -> String.valueOf(random.nextBoolean());
                case "byte" -> String.valueOf(random.nextInt(256) - 120);
                case "int", "Integer", "long", "Long", "BigInteger" ->
                        String.valueOf(random.nextInt());
                case "double", "BigDecimal" -> String.valueOf(random.nextDouble());
                case "byte[]" -> "\"" + "YWJj".repeat(random.nextInt(4)) + "\"";
                case "UUID" -> "\"" + new UUID(random.nextLong(), random.nextLong()) + "\"";
                case "Instant" -> "\"" + Instant.ofEpochSecond(random.nextInt()) + "\"";
                case "LocalDate" -> "\"" + LocalDate.ofEpochDay(random.nextInt(20_000)) + "\"";
                case "Duration" -> "\"" + Duration.ofMillis(random.nextInt()) + "\"";
                case "InputSchemaTest$Colour" -> random.nextBoolean() ? "\"RED\"" : "\"GREEN\"";
                default -> "\"text " + random.nextInt(10) + "\"";
            };
        }
    }
}
