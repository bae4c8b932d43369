package org.processpool.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class GenericsTest {

    interface Step<A, B> extends Function<A, List<B>> {}

    abstract static class Base<T> implements Step<T, Map<String, T>> {}

    static final class Numbers extends Base<Integer> {
        @Override
        public List<Map<String, Integer>> apply(Integer number) {
            return List.of(Map.of("n", number));
        }
    }

    @Test
    void arguments_are_found_through_superclasses_and_interfaces() {
        var arguments = Generics.argumentsOf(Numbers.class, Function.class);
        assertThat(arguments.get(0)).isEqualTo(Integer.class);
        assertThat(arguments.get(1).getTypeName())
                .isEqualTo("java.util.List<java.util.Map<java.lang.String, java.lang.Integer>>");
    }

    @Test
    void what_a_class_leaves_open_is_anything() {
        Function<String, String> lambda = text -> text;
        assertThat(Generics.argumentsOf(lambda.getClass(), Function.class))
                .containsExactly(Object.class, Object.class);
    }

    @Test
    void a_stranger_is_refused() {
        assertThatThrownBy(() -> Generics.argumentsOf(String.class, Function.class))
                .hasMessage("java.lang.String is not a java.util.function.Function");
    }
}
