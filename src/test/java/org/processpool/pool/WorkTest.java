package org.processpool.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.processpool.pool.Tasks.Point;
import org.processpool.wire.Target;

/** Naming the code that is to run. */
class WorkTest {

    private static final String TASKS = "org.processpool.pool.Tasks";

    @Test
    void a_static_method_is_named_by_class_method_and_descriptor() {
        RemoteFunction<Integer, Integer> square = Tasks::square;
        assertThat(Work.of(square).target())
                .isEqualTo(new Target.Method(TASKS, "square", "(I)I", Target.Kind.STATIC));
        assertThat(Work.of(square)).hasToString("Tasks::square");
    }

    @Test
    void an_instance_method_takes_its_object_as_the_first_argument() {
        RemoteFunction<Point, Point> mirrored = Point::mirrored;
        assertThat(Work.of(mirrored).target())
                .isEqualTo(
                        new Target.Method(
                                TASKS + "$Point",
                                "mirrored",
                                "()L" + TASKS.replace('.', '/') + "$Point;",
                                Target.Kind.VIRTUAL));
    }

    @Test
    void a_constructor_is_code_too() {
        RemoteBiFunction<Integer, Integer, Point> point = Point::new;
        assertThat(Work.of(point).target())
                .isEqualTo(
                        new Target.Method(
                                TASKS + "$Point", "<init>", "(II)V", Target.Kind.CONSTRUCTOR));
        assertThat(Work.of(point).resultType()).isEqualTo(Point.class);
    }

    @Test
    void the_result_of_a_method_keeps_its_generic_type() {
        RemoteFunction<List<Point>, Map<String, List<Point>>> bySide = Tasks::bySide;
        assertThat(Work.of(bySide).resultType().getTypeName())
                .isEqualTo(
                        "java.util.Map<java.lang.String, java.util.List<%s$Point>>"
                                .formatted(TASKS));
    }

    @Test
    void the_result_of_a_lambda_has_only_its_erased_type_unless_more_is_said() {
        RemoteFunction<List<Point>, List<Point>> reversed = List::reversed;
        assertThat(Work.of(reversed).resultType()).isEqualTo(List.class);
    }

    @Test
    void a_lambda_that_captures_is_refused_with_what_to_do_instead() {
        int captured = List.of(1, 2).size();
        String alsoCaptured = List.of("a").toString();
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        Work.of((Integer number) -> number + captured + alsoCaptured.length()))
                .withMessage(
                        "the lambda or method reference in org.processpool.pool.WorkTest captures 2"
                                + " values of its surroundings, which cannot travel to another"
                                + " process: pass them as arguments (several as a record or with"
                                + " starmap), or make it a static method");
    }

    @Test
    void a_method_reference_to_an_object_at_hand_is_refused() {
        Point here = new Point(1, 2);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Work.of(here::mirrored))
                .withMessageContaining("captures 1 value of its surroundings");
    }

    @Test
    void an_object_that_is_no_lambda_is_refused_with_what_to_do_instead() {
        var twice =
                new RemoteFunction<Integer, Integer>() {
                    @Override
                    public Integer apply(Integer number) {
                        return 2 * number;
                    }
                };
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Work.of(twice))
                .withMessage(
                        twice.getClass().getName()
                                + " is neither a lambda nor a method reference: give one of those,"
                                + " or register a Task and call it by name");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Primes", "9lives", "word count", "-dash"})
    void a_name_that_no_task_can_have_is_refused(String name) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Work.named(name))
                .withMessage(
                        "task name must be 1 to 63 lower case letters, digits, dots and dashes and"
                                + " begin with a letter, was '%s'",
                        name);
    }
}
