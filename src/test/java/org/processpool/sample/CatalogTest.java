package org.processpool.sample;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Objects;
import java.util.ServiceLoader;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.processpool.task.Conversation;
import org.processpool.task.Task;
import org.processpool.task.TaskDefinition;
import org.processpool.task.TaskName;

/** What a worker finds when it looks for the tasks of this room. */
class CatalogTest {

    @Test
    void people_are_offered_these() {
        assertThat(definitions().filter(each -> !each.trouble() && !each.restricted()))
                .extracting(TaskDefinition::name)
                .containsExactlyInAnyOrder(
                        "counter",
                        "echo",
                        "fib",
                        "gunzip",
                        "primes",
                        "regex-match",
                        "sha256",
                        "sha256-bytes",
                        "sleep",
                        "steps",
                        "talk",
                        "wordcount");
    }

    @Test
    void trouble_is_on_a_menu_of_its_own() {
        assertThat(definitions().filter(TaskDefinition::trouble))
                .extracting(TaskDefinition::name)
                .containsExactlyInAnyOrder(
                        "chatter",
                        "crash",
                        "exit",
                        "garbage",
                        "grandchild",
                        "hang",
                        "hog",
                        "unencodable",
                        "unprintable");
    }

    @Test
    void what_runs_any_code_is_offered_only_by_name() {
        assertThat(definitions().filter(TaskDefinition::restricted))
                .extracting(TaskDefinition::name)
                .containsExactly("jshell");
    }

    @Test
    void each_has_a_lawful_name_a_summary_and_an_example() {
        assertThat(definitions())
                .allSatisfy(definition -> {
                    assertThat(new TaskName(definition.name()).value()).isNotBlank();
                    assertThat(definition.summary()).isNotBlank();
                    assertThat(definition.example()).isNotBlank();
                });
    }

    private static Stream<TaskDefinition> definitions() {
        return Stream.concat(
                        ServiceLoader.load(Task.class).stream().map(ServiceLoader.Provider::type),
                        ServiceLoader.load(Conversation.class).stream()
                                .map(ServiceLoader.Provider::type))
                .filter(type -> type.getPackage() == CatalogTest.class.getPackage())
                .map(type -> Objects.requireNonNull(type.getAnnotation(TaskDefinition.class)));
    }
}
