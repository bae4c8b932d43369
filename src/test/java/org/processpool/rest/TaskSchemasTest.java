package org.processpool.rest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.Type;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.processpool.task.Payload;
import org.processpool.task.TaskName;
import org.processpool.wire.Codec;
import org.processpool.wire.TaskDescription;

class TaskSchemasTest {

    record Point(int x, Integer y) {}

    record Options(String name, Integer size) {}

    private static final TaskDescription FIB = task(Integer.class);
    private static final TaskDescription PLOT = task(Point.class);
    private static final TaskDescription SUM = task(int[].class);
    private static final TaskDescription ECHO = task(Payload.class);
    private static final TaskDescription START = task(Options.class);

    private final TaskSchemas schemas = new TaskSchemas();

    @Test
    void a_body_that_fits_is_taken_as_it_is() {
        Payload body = Payload.json(" 30 ");
        assertThat(input(schemas.ofBody(FIB, body))).isSameAs(body);
        Payload array = Payload.json("[30]");
        assertThat(input(schemas.ofBody(SUM, array))).isSameAs(array);
        assertThat(input(schemas.ofBody(ECHO, array))).isSameAs(array);
        assertThat(input(schemas.ofBody(PLOT, array))).isSameAs(array);
    }

    @Test
    void an_array_with_one_element_that_fits_stands_for_it() {
        assertThat(input(schemas.ofBody(FIB, Payload.json("\n[ 30 ]\n"))).text().strip())
                .isEqualTo("30");
        assertThat(input(schemas.ofBody(PLOT, Payload.json("[{\"x\": 1.0e0, \"x\":1}]"))).text())
                .isEqualTo("{\"x\": 1.0e0, \"x\":1}");
        assertThat(input(schemas.ofBody(SUM, Payload.json("[[1,2]]"))).text()).isEqualTo("[1,2]");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "[\"x\"] | /0 | must be an integer, was the string \"x\"",
                "[1,2] | `` | must be an integer, was an array",
                "{\"n\":1} | `` | must be an integer, was an object"
            })
    void one_that_does_not_fit_says_what_was_meant(String json, String pointer, String message) {
        assertThat(violations(schemas.ofBody(FIB, Payload.json(json))))
                .containsExactly(pointer + ": " + message);
    }

    @Test
    void a_record_in_an_array_is_looked_at_where_it_stands() {
        assertThat(violations(schemas.ofBody(PLOT, Payload.json("[{\"x\":\"1\"}]"))))
                .containsExactly("/0/x: must be an integer, was the string \"1\"");
        assertThat(violations(schemas.ofBody(PLOT, Payload.json("[\"1\"]"))))
                .containsExactly("/0: must be an integer, was the string \"1\"");
    }

    @Test
    void text_is_checked_as_a_string_and_bytes_are_not() {
        var text = new Payload(Payload.Encoding.TEXT, "30".getBytes(UTF_8));
        assertThat(violations(schemas.ofBody(FIB, text)))
                .containsExactly(": must be an integer, was the string \"30\"");
        assertThat(input(schemas.ofBody(task(String.class), text))).isSameAs(text);
        Payload bytes = Payload.bytes(new byte[] {0, -1});
        assertThat(input(schemas.ofBody(FIB, bytes))).isSameAs(bytes);
    }

    @Test
    void what_is_no_json_is_refused_whatever_the_schema() {
        for (TaskDescription task : List.of(FIB, ECHO)) {
            assertThatThrownBy(() -> schemas.ofBody(task, Payload.json("[1,")))
                    .isInstanceOfSatisfying(
                            ProblemException.class,
                            refused ->
                                    assertThat(refused.problem().type())
                                            .isEqualTo(ProblemType.MALFORMED_JSON));
        }
    }

    @Test
    void a_refusal_shows_the_way_to_the_schema() {
        assertThatThrownBy(() -> schemas.ofBody(FIB, Payload.json("\"x\"")).orRefuse(FIB))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        refused -> {
                            assertThat(refused.problem().detail())
                                    .hasToString(
                                            "the input does not fit 'some-task': must be an integer,"
                                                    + " was the string \"x\"");
                            assertThat(refused.problem().extensions())
                                    .containsEntry("schema", "/v1/tasks/some-task")
                                    .containsKey("violations");
                        });
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            nullValues = "-",
            value = {
                // one that fits alone
                "fib | [ 30 ] | - | 30",
                "fib | [ 30 ] | {} | 30",
                "echo | [1.50] | - | 1.50",
                "plot | [{\"x\":1}] | - | {\"x\":1}",
                // positional
                "plot | [1] | - | [1]",
                "plot | [1, 2] | - | [1, 2]",
                "sum | [1, 2, 3] | - | [1, 2, 3]",
                "sum | [[1, 2]] | - | [1, 2]",
                "echo | [1, 2] | - | [1, 2]",
                // none
                "echo | - | - | null",
                "echo | [] | {} | null",
                "sum | [] | - | []",
                "start | - | - | []",
                // named
                "plot | - | {\"x\": 1.50} | ?/kwargs/x: must be an integer, was 1.50",
                "plot | - | {\"x\": 1} | {\"x\": 1}",
                "plot | [] | {\"x\": 1} | {\"x\": 1}",
                // both
                "plot | [ 1 ] | {\"y\" : 20 } | {\"x\":1,\"y\":20}",
                "start | [\"a\\\"b\"] | {\"size\":3} | {\"name\":\"a\\\"b\",\"size\":3}"
            })
    void arguments_become_an_input(
            String task, @Nullable String args, @Nullable String kwargs, String input) {
        TaskSchemas.Verdict verdict = schemas.forArguments(named(task), bytes(args), bytes(kwargs));
        assertThat(
                        verdict instanceof TaskSchemas.Verdict.Fit fit
                                ? fit.input().text()
                                : "?" + violations(verdict).getFirst())
                .isEqualTo(input);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            nullValues = "-",
            value = {
                "fib | 30 | - | /args: must be an array, was 30",
                "fib | - | [] | /kwargs: must be an object, was an array",
                "fib | - | - | /args: must be an integer, was an array",
                "fib | [\"x\"] | - | /args/0: must be an integer, was the string \"x\"",
                "fib | [1, 2] | - | /args: must be an integer, was an array",
                "fib | [1] | {\"n\":1} |"
                        + " /kwargs: the task takes no named arguments besides positional ones",
                "plot | [\"x\", 2] | - | /args/0: must be an integer, was the string \"x\"",
                "plot | [\"x\"] | {\"y\":2} | /args/0: must be an integer, was the string \"x\"",
                "plot | [1] | {\"y\":\"x\"} | /kwargs/y: must be an integer, was the string \"x\"",
                "plot | [1] | {\"x\":2} | /kwargs/x: is given by position and by name",
                "plot | [1] | {\"z\":2} | /kwargs/z: is unknown; there are: x, y",
                "plot | [1,2,3] | {\"y\":2} | /args: must have at most 2 elements, had 3",
                "plot | - | - | /args: must have at least 1 elements, had 0"
            })
    void arguments_that_do_not_fit_say_where(
            String task, @Nullable String args, @Nullable String kwargs, String violation) {
        assertThat(violations(schemas.forArguments(named(task), bytes(args), bytes(kwargs))))
                .containsExactly(violation);
    }

    @Test
    void plain_violations_are_those_of_the_value_itself() {
        assertThat(schemas.violations(FIB, "[30]".getBytes(UTF_8))).hasSize(1);
        assertThat(schemas.violations(FIB, "30".getBytes(UTF_8))).isEmpty();
        assertThat(schemas.violations(ECHO, "[30]".getBytes(UTF_8))).isEmpty();
    }

    private static Payload input(TaskSchemas.Verdict verdict) {
        assertThat(verdict).isInstanceOf(TaskSchemas.Verdict.Fit.class);
        return ((TaskSchemas.Verdict.Fit) verdict).input();
    }

    private static List<String> violations(TaskSchemas.Verdict verdict) {
        assertThat(verdict).isInstanceOf(TaskSchemas.Verdict.Misfit.class);
        return ((TaskSchemas.Verdict.Misfit) verdict)
                .violations().stream()
                        .map(violation -> violation.pointer() + ": " + violation.message())
                        .toList();
    }

    private static byte @Nullable [] bytes(@Nullable String json) {
        return json == null ? null : json.getBytes(UTF_8);
    }

    private static TaskDescription named(String task) {
        return switch (task) {
            case "fib" -> FIB;
            case "plot" -> PLOT;
            case "sum" -> SUM;
            case "start" -> START;
            default -> ECHO;
        };
    }

    private static TaskDescription task(Type input) {
        return new TaskDescription(
                new TaskName("some-task"), false, "", Codec.schema(input), "{}", "", "", "");
    }
}
