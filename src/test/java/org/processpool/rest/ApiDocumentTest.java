package org.processpool.rest;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.RestAssured;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@TestProfile(SmallPool.class)
class ApiDocumentTest {

    private static final Set<String> METHODS =
            Set.of("get", "put", "post", "delete", "patch", "head", "options", "trace");

    private Contract contract;
    private JsonNode document;
    private final SoftAssertions softly = new SoftAssertions();

    private record Operation(String name, String path, JsonNode node) {}

    @BeforeEach
    void read_the_document() throws Exception {
        document =
                Contract.JSON.readTree(
                        given().queryParam("format", "json").get("/q/openapi").asString());
        contract = Contract.literally(document);
    }

    @Test
    void says_what_it_is() {
        assertThat(document.path("openapi").asText()).isEqualTo("3.1.0");
        assertThat(document.at("/info/title").asText()).isEqualTo("Process Pool");
        assertThat(document.at("/info/version").asText()).isNotBlank();
        assertThat(document.at("/info/description").asText()).isNotBlank();
        assertThat(document.at("/info/license/name").asText()).isEqualTo("Apache-2.0");
        assertThat(document.path("servers"))
                .extracting(server -> server.path("url").asText())
                .containsExactly("/");
    }

    @Test
    void names_each_operation_once() {
        var names = new HashSet<String>();
        for (Operation operation : operations()) {
            String id = operation.node().path("operationId").asText();
            softly.assertThat(id).as(operation.name()).matches("[a-z]+([A-Z][a-z]*)*");
            softly.assertThat(names.add(id)).as("%s is the only %s", operation.name(), id).isTrue();
        }
        softly.assertThat(names).contains("listTasks", "getTask", "applyTask", "getWorker");
        softly.assertAll();
    }

    @Test
    void says_of_each_operation_what_it_does() {
        var tags = new HashSet<String>();
        document.path("tags")
                .forEach(tag -> {
                    tags.add(tag.path("name").asText());
                    softly.assertThat(tag.path("description").asText())
                            .as("tag " + tag)
                            .isNotBlank();
                });
        for (Operation operation : operations()) {
            softly.assertThat(operation.node().path("summary").asText())
                    .as("summary of " + operation.name())
                    .isNotBlank();
            softly.assertThat(operation.node().path("tags"))
                    .as("tags of " + operation.name())
                    .isNotEmpty()
                    .allMatch(tag -> tags.contains(tag.asText()));
        }
        softly.assertAll();
    }

    @Test
    void describes_each_parameter() {
        for (Operation operation : operations()) {
            var inPath = new TreeSet<String>();
            for (JsonNode each : operation.node().path("parameters")) {
                JsonNode parameter = contract.resolve(each);
                String name = parameter.path("name").asText();
                String place = "parameter %s of %s".formatted(name, operation.name());
                softly.assertThat(parameter.path("schema").isObject()).as(place).isTrue();
                if (parameter.path("in").asText().equals("path")) {
                    inPath.add("{" + name + "}");
                    softly.assertThat(parameter.has("example") || parameter.has("examples"))
                            .as("an example of " + place)
                            .isTrue();
                } else {
                    softly.assertThat(parameter.path("description").asText())
                            .as("description of " + place)
                            .isNotBlank();
                }
            }
            softly.assertThat(inPath).as(operation.name()).allMatch(operation.path()::contains);
            softly.assertThat(operation.path().split("\\{", -1).length - 1)
                    .as("variables of " + operation.name())
                    .isEqualTo(inPath.size());
        }
        softly.assertAll();
    }

    @Test
    void documents_answers_and_problems_with_their_types() {
        for (Operation operation : operations()) {
            JsonNode responses = operation.node().path("responses");
            softly.assertThat(responses.properties())
                    .as("a success of " + operation.name())
                    .anyMatch(response -> response.getKey().startsWith("2"));
            softly.assertThat(responses.has("500")).as(operation.name()).isTrue();
            responses
                    .properties()
                    .forEach(entry -> {
                        String place = entry.getKey() + " of " + operation.name();
                        JsonNode response = contract.resolve(entry.getValue());
                        softly.assertThat(response.path("description").asText())
                                .as(place)
                                .isNotBlank();
                        if (entry.getKey().startsWith("4") || entry.getKey().startsWith("5")) {
                            softly.assertThat(entry.getValue().path("$ref").asText())
                                    .as(place + " is a reusable response")
                                    .startsWith("#/components/responses/");
                            softly.assertThat(
                                            response.at(
                                                    "/content/application~1problem+json/schema"))
                                    .as("schema of " + place)
                                    .isNotEmpty();
                        }
                    });
        }
        softly.assertAll();
    }

    @Test
    void shows_examples_that_fit() {
        for (Operation operation : operations()) {
            JsonNode request = operation.node().path("requestBody");
            checkExamples("request of " + operation.name(), request.path("content"));
            operation
                    .node()
                    .path("responses")
                    .properties()
                    .forEach(entry ->
                            checkExamples(
                                    "%s of %s".formatted(entry.getKey(), operation.name()),
                                    contract.resolve(entry.getValue()).path("content")));
        }
        softly.assertAll();
    }

    private void checkExamples(String place, JsonNode content) {
        content.properties()
                .forEach(entry -> {
                    String type = entry.getKey();
                    if (!type.equals("application/json") && !type.endsWith("+json")) {
                        return;
                    }
                    JsonNode media = entry.getValue();
                    var examples = new ArrayList<JsonNode>();
                    if (media.has("example")) {
                        examples.add(media.get("example"));
                    }
                    media.path("examples")
                            .forEach(example ->
                                    examples.add(contract.resolve(example).path("value")));
                    softly.assertThat(examples)
                            .as("examples of %s as %s", place, type)
                            .isNotEmpty();
                    softly.assertThat(media.has("schema")).as("schema of " + place).isTrue();
                    for (JsonNode example : examples) {
                        softly.assertThat(contract.misfits(media.path("schema"), example))
                                .as("example of %s: %s", place, example)
                                .isEmpty();
                    }
                });
    }

    @Test
    void refers_to_nothing_that_is_not_there() {
        List<JsonNode> references = document.findParents("$ref");
        assertThat(references).isNotEmpty();
        for (JsonNode reference : references) {
            assertThat(contract.resolve(reference).isContainerNode()).isTrue();
        }
    }

    @Test
    void defines_nothing_twice_and_nothing_for_nobody() {
        String text = document.toString();
        document.path("components")
                .properties()
                .forEach(kind ->
                        kind.getValue()
                                .fieldNames()
                                .forEachRemaining(name -> {
                                    softly.assertThat(name)
                                            .as("a name of its own")
                                            .doesNotMatch(".*\\d");
                                    if (kind.getKey().equals("securitySchemes")) {
                                        softly.assertThat(document.path("security").findValue(name))
                                                .as("%s is used", name)
                                                .isNotNull();
                                    } else if (!kind.getKey().equals("headers")) {
                                        softly.assertThat(text)
                                                .as("%s %s is used", kind.getKey(), name)
                                                .contains(
                                                        "#/components/%s/%s\""
                                                                .formatted(kind.getKey(), name));
                                    }
                                }));
        softly.assertAll();
    }

    @Test
    void says_null_as_openapi_3_1_does() {
        assertThat(document.findValues("nullable")).isEmpty();
        assertThat(document.at("/components/schemas/WorkerStatus/properties/pid/type"))
                .extracting(JsonNode::asText)
                .containsExactly("integer", "null");
    }

    @Test
    void promises_every_member_of_an_answer() {
        assertThat(document.at("/components/schemas/WorkerStatus/required"))
                .extracting(JsonNode::asText)
                .contains("pid", "state", "currentTask");
    }

    @Test
    void is_what_all_answers_of_the_tests_are_held_against() {
        assertThat(RestAssured.filters()).singleElement().isInstanceOf(ContractFilter.class);
    }

    private List<Operation> operations() {
        var operations = new ArrayList<Operation>();
        document.path("paths")
                .properties()
                .forEach(path ->
                        path.getValue()
                                .properties()
                                .forEach(method -> {
                                    if (METHODS.contains(method.getKey())) {
                                        String name =
                                                method.getKey().toUpperCase(Locale.ROOT)
                                                        + " "
                                                        + path.getKey();
                                        operations.add(
                                                new Operation(
                                                        name, path.getKey(), method.getValue()));
                                    }
                                }));
        assertThat(operations).hasSizeGreaterThan(9);
        return operations;
    }
}
