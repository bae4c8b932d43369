package org.processpool.chat;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.assertj.core.api.SoftAssertions;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.processpool.chat.ChatFrame.FromClient;
import org.processpool.chat.ChatFrame.Interruption;
import org.processpool.chat.ChatFrame.Kind;
import org.processpool.chat.ChatFrame.Message;
import org.processpool.chat.ChatFrame.Notice;
import org.processpool.chat.ChatFrame.Person;
import org.processpool.chat.ChatFrame.Reason;
import org.processpool.chat.ChatFrame.Speaker;
import org.processpool.chat.ChatFrame.State;
import org.processpool.chat.ChatFrame.ToClient;

/** The published description of the protocol, held against the frames that it describes. */
class AsyncApiTest {

    private static final JsonMapper JSON = new JsonMapper();
    private static final SchemaRegistry SCHEMAS =
            SchemaRegistry.withDefaultDialect(
                    SpecificationVersion.DRAFT_7,
                    registry ->
                            registry.schemaRegistryConfig(
                                    SchemaRegistryConfig.builder()
                                            .formatAssertionsEnabled(true)
                                            .build()));

    private static final String TIME = "2026-03-14T09:26:53.589Z";
    private static final Person ALICE = new Person("k3x9ab2c", "alice");

    private static JsonNode document = JsonNodeFactory.instance.missingNode();
    private static List<Described> heard = List.of();
    private static List<Described> told = List.of();

    /**
     * A message of the document.
     *
     * @param type its constant type
     */
    private record Described(String name, String type, JsonNode message) {

        JsonNode payload() {
            return follow(message.path("payload"));
        }

        /** The schema of its payload, which refers to others of the document. */
        Schema schema() {
            ObjectNode whole = JsonNodeFactory.instance.objectNode();
            whole.set("components", document.path("components"));
            whole.putArray("allOf").add(message.path("payload"));
            return SCHEMAS.getSchema(whole);
        }

        List<JsonNode> examples() {
            return message.path("examples")
                    .valueStream()
                    .map(example -> example.path("payload"))
                    .toList();
        }
    }

    @BeforeAll
    static void read() throws IOException {
        try (InputStream yaml = resource("/META-INF/resources/asyncapi.yaml")) {
            document =
                    YAMLMapper.builder()
                            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                            .build()
                            .readTree(yaml);
        }
        heard = described("receive");
        told = described("send");
    }

    private static InputStream resource(String name) {
        return Objects.requireNonNull(AsyncApiTest.class.getResourceAsStream(name), name);
    }

    /** The messages of all operations with this action. */
    private static List<Described> described(String action) {
        return document.path("operations")
                .valueStream()
                .filter(operation -> operation.path("action").asText().equals(action))
                .flatMap(operation -> operation.path("messages").valueStream())
                .map(AsyncApiTest::follow)
                .map(message ->
                        new Described(
                                message.path("name").asText(),
                                follow(message.path("payload"))
                                        .at("/properties/type/const")
                                        .asText(),
                                message))
                .toList();
    }

    /** What a reference refers to in the end. */
    private static JsonNode follow(JsonNode node) {
        JsonNode found = node;
        while (found.has("$ref")) {
            found = document.at(found.path("$ref").asText().substring(1));
        }
        return found;
    }

    private static List<JsonSubTypes.Type> frames(Class<?> family) {
        return List.of(family.getAnnotation(JsonSubTypes.class).value());
    }

    private static Described of(List<Described> all, String type) {
        return all.stream()
                .filter(each -> each.type().equals(type))
                .findFirst()
                .orElseThrow(() -> new AssertionError(type + " is not described"));
    }

    @Test
    void is_an_async_api_document() throws IOException {
        try (InputStream specified = resource("asyncapi-3.0.0.json")) {
            Schema specification = SCHEMAS.getSchema(JSON.readTree(specified));
            assertThat(specification.validate(document)).isEmpty();
            assertThat(specification.validate(JSON.createObjectNode())).isNotEmpty();
        }
    }

    @Test
    void refers_to_nothing_that_is_not_there() {
        assertThat(document.findValuesAsText("$ref"))
                .isNotEmpty()
                .allSatisfy(reference -> {
                    assertThat(reference).startsWith("#/");
                    assertThat(document.at(reference.substring(1)).isObject()).isTrue();
                });
    }

    @Test
    void describes_each_frame_once_and_nothing_else() {
        assertThat(heard)
                .extracting(Described::type)
                .containsExactlyInAnyOrderElementsOf(
                        frames(FromClient.class).stream().map(JsonSubTypes.Type::name).toList());
        assertThat(told)
                .extracting(Described::type)
                .containsExactlyInAnyOrderElementsOf(
                        frames(ToClient.class).stream().map(JsonSubTypes.Type::name).toList());
        List<String> all =
                Stream.concat(heard.stream(), told.stream()).map(Described::name).toList();
        assertThat(document.at("/components/messages").fieldNames())
                .toIterable()
                .containsExactlyInAnyOrderElementsOf(all);
        assertThat(document.at("/channels/chat/messages").fieldNames())
                .toIterable()
                .containsExactlyInAnyOrderElementsOf(all);
    }

    @Test
    void describes_the_members_of_each_frame() {
        var softly = new SoftAssertions();
        for (JsonSubTypes.Type frame : frames(FromClient.class)) {
            softly.assertThat(of(heard, frame.name()).payload().path("properties").fieldNames())
                    .as("members of %s", frame.name())
                    .toIterable()
                    .containsExactlyInAnyOrderElementsOf(members(frame, _ -> true));
        }
        for (JsonSubTypes.Type frame : frames(ToClient.class)) {
            JsonNode payload = of(told, frame.name()).payload();
            softly.assertThat(payload.path("properties").fieldNames())
                    .as("members of %s", frame.name())
                    .toIterable()
                    .containsExactlyInAnyOrderElementsOf(members(frame, _ -> true));
            softly.assertThat(payload.path("required").valueStream().map(JsonNode::asText))
                    .as("members that %s always has", frame.name())
                    .containsExactlyInAnyOrderElementsOf(
                            members(
                                    frame,
                                    component ->
                                            !component
                                                    .getAnnotatedType()
                                                    .isAnnotationPresent(Nullable.class)));
        }
        softly.assertAll();
    }

    private static List<String> members(
            JsonSubTypes.Type frame, Predicate<RecordComponent> wanted) {
        return Stream.concat(
                        Stream.of("type"),
                        Arrays.stream(frame.value().getRecordComponents())
                                .filter(wanted)
                                .map(RecordComponent::getName))
                .toList();
    }

    @Test
    void has_all_the_words_that_stand_for_something() {
        assertThat(words("state"))
                .containsExactlyElementsOf(Arrays.stream(State.values()).map(State::word).toList());
        assertThat(words("reason"))
                .containsExactlyElementsOf(
                        Arrays.stream(Reason.values()).map(Reason::word).toList());
        assertThat(words("kind"))
                .containsExactlyElementsOf(Arrays.stream(Kind.values()).map(Kind::word).toList());
        assertThat(words("interruption"))
                .containsExactlyElementsOf(
                        Arrays.stream(Interruption.values()).map(Interruption::word).toList());
        assertThat(words("noticeCode"))
                .containsExactlyElementsOf(
                        Arrays.stream(Notice.Code.values()).map(Notice.Code::word).toList());
        assertThat(document.at("/components/schemas/trouble/properties/type/enum").valueStream())
                .extracting(JsonNode::asText)
                .containsExactlyElementsOf(
                        Arrays.stream(Slug.values()).map(slug -> slug.says("").type()).toList());
    }

    private static List<String> words(String schema) {
        return document.at("/components/schemas/" + schema + "/enum")
                .valueStream()
                .map(JsonNode::asText)
                .toList();
    }

    @Test
    void has_the_limits_of_the_code() {
        JsonNode schemas = document.at("/components/schemas");
        assertThat(schemas.at("/nick/maxLength").asInt()).isEqualTo(Texts.LONGEST_NAME);
        assertThat(schemas.at("/room/maxLength").asInt()).isEqualTo(Texts.LONGEST_NAME);
        assertThat(schemas.at("/ref/maxLength").asInt()).isEqualTo(Texts.LONGEST_REF);
        assertThat(of(heard, "history").payload().at("/properties/limit/maximum").asInt())
                .isEqualTo(Room.PAGE);
        assertThat(of(told, "welcome").payload().at("/properties/protocol/const").asInt())
                .isEqualTo(ChatFrame.PROTOCOL);
    }

    @Test
    void tells_of_each_subprotocol_and_close_code() {
        String description = document.at("/info/description").asText();
        assertThat(description).contains("`" + ChatSocket.JSON + "`", "`" + ChatSocket.TEXT + "`");
        assertThat(CloseCode.values())
                .allSatisfy(code -> assertThat(description).contains("| " + code.number() + " |"));
    }

    @Test
    void lets_no_object_have_other_members() {
        var objects = new ArrayList<JsonNode>();
        document.at("/components/schemas").forEach(schema -> collectObjects(schema, objects));
        document.at("/components/messages")
                .forEach(message -> collectObjects(message.path("payload"), objects));
        assertThat(objects)
                .hasSizeGreaterThan(frames(FromClient.class).size() + frames(ToClient.class).size())
                .allSatisfy(schema -> {
                    assertThat(schema.path("type").asText()).isEqualTo("object");
                    assertThat(schema.path("additionalProperties"))
                            .isEqualTo(JsonNodeFactory.instance.booleanNode(false));
                });
    }

    /** Schemas of objects, however deep. */
    private static void collectObjects(JsonNode schema, List<JsonNode> found) {
        if (schema.path("properties").isObject() || schema.path("type").asText().equals("object")) {
            found.add(schema);
        }
        schema.path("properties").forEach(member -> collectObjects(member, found));
        collectEach(schema.path("allOf"), found);
        if (schema.has("items")) {
            collectObjects(schema.path("items"), found);
        }
    }

    private static void collectEach(JsonNode schemas, List<JsonNode> found) {
        schemas.forEach(schema -> collectObjects(schema, found));
    }

    @Test
    void shows_an_example_of_each_message_that_is_one() {
        assertThat(Stream.concat(heard.stream(), told.stream()))
                .allSatisfy(message -> {
                    assertThat(message.examples()).isNotEmpty();
                    assertThat(message.examples())
                            .allSatisfy(example ->
                                    assertThat(message.schema().validate(example)).isEmpty());
                });
    }

    @Test
    void reads_each_example_of_a_client_as_the_frame_it_is() {
        var softly = new SoftAssertions();
        for (JsonSubTypes.Type frame : frames(FromClient.class)) {
            for (JsonNode example : of(heard, frame.name()).examples()) {
                softly.assertThatCode(() ->
                                assertThat(FrameJson.read(example.toString()))
                                        .isInstanceOf(frame.value()))
                        .as("%s", example)
                        .doesNotThrowAnyException();
            }
        }
        softly.assertAll();
    }

    @Test
    void describes_each_frame_as_it_is_written() throws IOException {
        var softly = new SoftAssertions();
        for (ToClient frame : samples()) {
            JsonNode written = JSON.readTree(FrameJson.write(frame));
            softly.assertThat(of(told, written.path("type").asText()).schema().validate(written))
                    .as("%s", written)
                    .isEmpty();
        }
        softly.assertAll();
        assertThat(samples().stream().<Class<?>>map(ToClient::getClass).distinct())
                .containsExactlyInAnyOrderElementsOf(
                        frames(ToClient.class).stream()
                                .<Class<?>>map(JsonSubTypes.Type::value)
                                .toList());
    }

    /** Each frame of the service at least once, with and without what it may lack. */
    private static List<ToClient> samples() {
        Person talking = new Person("m4n5p6qr", "花子", State.TALKING);
        Message bare =
                new Message(
                        "花园",
                        1,
                        TIME,
                        new Speaker("k3x9ab2c", "alice", Kind.USER, null),
                        "",
                        null,
                        null);
        Message full =
                new Message(
                        "lobby",
                        9,
                        TIME,
                        new Speaker("k3x9ab2c", "j".repeat(63), Kind.WORKER, 4711L),
                        "two\nlines 😀",
                        "~ref!",
                        8L);
        var samples = new ArrayList<ToClient>();
        samples.add(
                new ChatFrame.Welcome(
                        "Zk3uV0aXq1mB7cT9hYw2LrPd",
                        "k3x9ab2c",
                        "alice",
                        "lobby",
                        ChatFrame.PROTOCOL,
                        new ChatFrame.Limits(2000, 32, 0),
                        new ChatFrame.Server("Process Pool", "1.0.0"),
                        "talk",
                        List.of(new ChatFrame.Offer("talk", "")),
                        true,
                        3,
                        12));
        samples.add(new ChatFrame.Queued(1, 0, 5, 5, null));
        samples.add(new ChatFrame.Queued(2, 1, 5, 5, 0L));
        samples.add(new ChatFrame.Assigned(new ChatFrame.Worker("chat-1", 4711), 0));
        samples.add(new ChatFrame.Members("lobby", 1, List.of(talking)));
        samples.add(new ChatFrame.Joined("lobby", 1, TIME, talking));
        for (Reason reason : Reason.values()) {
            samples.add(new ChatFrame.Left("lobby", 2, TIME, ALICE, reason));
        }
        samples.add(new ChatFrame.Renamed("lobby", 3, TIME, ALICE, "O’Brien 👩‍🚀"));
        for (State state : State.values()) {
            samples.add(new ChatFrame.Presence(new Person("k3x9ab2c", "alice", state)));
        }
        samples.add(bare);
        samples.add(full);
        samples.add(new ChatFrame.Delta(8, 0, ""));
        samples.add(new ChatFrame.Done(8, 0));
        samples.add(new ChatFrame.Typing(ALICE, false));
        samples.add(new ChatFrame.Ack("a1", null));
        samples.add(new ChatFrame.Ack("a1", 9L));
        samples.add(new ChatFrame.History("lobby", List.of(), false));
        samples.add(new ChatFrame.History("lobby", List.of(bare, full), true));
        samples.add(new ChatFrame.RoomList(List.of(new ChatFrame.RoomList.Entry(Chat.LOBBY, 0))));
        samples.add(new ChatFrame.Pong());
        for (Interruption reason : Interruption.values()) {
            samples.add(new ChatFrame.Interrupted(reason, null, null, "gone"));
            samples.add(new ChatFrame.Interrupted(reason, 8L, "a1", "gone"));
        }
        for (Notice.Code code : Notice.Code.values()) {
            samples.add(new Notice(code, "so it is"));
        }
        for (Slug slug : Slug.values()) {
            samples.add(new ChatFrame.Failure(null, slug.says("x".repeat(2000))));
            samples.add(new ChatFrame.Failure("a1", slug.says("no", 1)));
        }
        samples.add(new ChatFrame.Draining(2000));
        return samples;
    }
}
