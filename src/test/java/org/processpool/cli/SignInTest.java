package org.processpool.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How the client shows who asks, and where it keeps that to itself. */
@Timeout(60)
class SignInTest {

    private static final String TOKEN = "pp_4bZ-x_9Qs2";
    private static final String WHOAMI = "GET /v1/whoami";
    private static final String ALICE =
            "{\"name\":\"alice\",\"role\":\"submit\",\"tenant\":\"acme\",\"authentication\":true}";

    @TempDir private Path directory;

    private FakeServer server;

    @BeforeEach
    void start() throws IOException {
        server = new FakeServer().on(WHOAMI, 200, ALICE);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private Shell shell(String... variables) {
        var environment = new HashMap<String, String>(Map.of("PROCESS_POOL_URL", server.url()));
        for (int i = 0; i < variables.length; i += 2) {
            environment.put(variables[i], variables[i + 1]);
        }
        return new Shell("", false, false, environment);
    }

    private Shell signedIn() {
        return shell("PROCESS_POOL_TOKEN", TOKEN);
    }

    private String file(String content) throws IOException {
        return Files.writeString(directory.resolve("token"), content).toString();
    }

    private String sent() {
        return server.request().header("Authorization");
    }

    // where the token comes from

    @Test
    void nothing_is_sent_without_a_token() {
        assertThat(shell().run("whoami").code()).isZero();
        assertThat(sent()).isEmpty();
        shell("PROCESS_POOL_TOKEN", " \n").run("whoami");
        assertThat(sent()).isEmpty();
    }

    @Test
    void the_token_is_that_of_the_file_before_that_of_the_environment() throws Exception {
        signedIn().run("whoami");
        assertThat(sent()).isEqualTo("Bearer " + TOKEN);

        String file = file("pp_of-the-file\r\n");
        signedIn().run("whoami", "--token-file", file);
        assertThat(sent()).isEqualTo("Bearer pp_of-the-file");
        shell().run("--token-file=" + file, "whoami");
        assertThat(sent()).isEqualTo("Bearer pp_of-the-file");
    }

    @Test
    void a_map_sends_it_too() {
        server.on(
                "POST /v1/tasks/fib:map",
                server.answer(200, "application/x-ndjson", "{\"end\":true}\n".getBytes(UTF_8)));

        signedIn().typing("1\n").run("map", "fib");

        assertThat(sent()).isEqualTo("Bearer " + TOKEN);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " \n", "one two", "pp_ä", "pp_a\npp_b", "a=b", "name:role:hash"})
    void a_file_that_holds_no_token_is_refused_and_not_repeated(String content) throws Exception {
        Shell.Ran ran = shell().run("whoami", "--token-file", file(content));

        assertThat(ran.code()).isEqualTo(2);
        assertThat(ran.err()).contains("there is no token in " + directory.resolve("token"));
        if (!content.isBlank()) {
            assertThat(ran.err()).doesNotContain(content.strip());
        }
        assertThat(server.requests()).isEmpty();
    }

    @Test
    void a_file_that_is_not_there_is_told_by_its_name() {
        Shell.Ran ran = signedIn().run("whoami", "--token-file", "no/such/file");

        assertThat(ran.code()).isEqualTo(2);
        assertThat(ran.err()).contains("there is no token in no/such/file", "NoSuchFileException");
    }

    @Test
    void a_token_has_no_option_as_everybody_could_see_it_there() {
        assertThat(shell().run("whoami", "--token", TOKEN).code()).isEqualTo(2);
    }

    // where it goes

    @Test
    void it_is_never_told() {
        server.on(WHOAMI, server.problem(401, "unauthorized", "Unauthorized", "who are you?"));

        Shell.Ran ran = signedIn().run("whoami", "--verbose");

        assertThat(ran.err()).contains("> GET " + server.url() + "/v1/whoami");
        assertThat(ran.err() + ran.out()).doesNotContain(TOKEN);
        assertThat(new AccessToken(TOKEN).toString()).doesNotContain(TOKEN);
    }

    @Test
    void it_does_not_follow_a_redirect() throws Exception {
        try (var other = new FakeServer().on("GET /v1/whoami", 200, ALICE)) {
            server.on(
                    WHOAMI,
                    server.answer(
                            307,
                            "text/plain",
                            new byte[0],
                            "Location",
                            other.url() + "/v1/whoami"));

            Shell.Ran ran = signedIn().run("whoami");

            assertThat(ran.code()).isEqualTo(4);
            assertThat(ran.err())
                    .contains("sends us to " + other.url() + "/v1/whoami")
                    .contains("name it by --server")
                    .doesNotContain(TOKEN);
            assertThat(other.requests()).isEmpty();
            assertThat(shell().run("whoami").code()).as("without a token").isZero();
            assertThat(other.requests()).hasSize(1);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://192.0.2.1:1", "http://[2001:db8::1]:1", "http://pool.invalid"})
    void a_warning_is_given_before_it_leaves_this_machine_in_the_open(String url) {
        var commands = Client.commandLine(terminal(Map.of("PROCESS_POOL_TOKEN", TOKEN)));
        var err = new StringWriter();
        commands.setErr(new PrintWriter(err, true));
        var root = (RootCommand) commands.getCommand();
        commands.parseArgs("--server", url, "whoami");

        root.server(commands.getCommandSpec()).close();

        assertThat(err.toString())
                .startsWith("warning: the token goes to ")
                .contains("unencrypted");
        assertThat(err.toString()).doesNotContain(TOKEN);
    }

    @ParameterizedTest
    @CsvSource({
        "http://127.0.0.1:1, x",
        "http://localhost:1, x",
        "http://[::1]:1, x",
        "HTTPS://192.0.2.1, x",
        "http://192.0.2.1, ''",
    })
    void there_is_no_warning_where_nobody_listens(String url, String token) {
        var commands = Client.commandLine(terminal(Map.of("PROCESS_POOL_TOKEN", token)));
        var err = new StringWriter();
        commands.setErr(new PrintWriter(err, true));
        var root = (RootCommand) commands.getCommand();
        commands.parseArgs("--server", url, "whoami");

        root.server(commands.getCommandSpec()).close();

        assertThat(err.toString()).isEmpty();
    }

    private static Terminal terminal(Map<String, String> environment) {
        return new Terminal(
                InputStream.nullInputStream(),
                OutputStream.nullOutputStream(),
                OutputStream.nullOutputStream(),
                false,
                false,
                false,
                environment);
    }

    // what is answered

    @Test
    void whoami_shows_the_name_the_role_and_the_tenant() {
        assertThat(signedIn().run("whoami").out())
                .isEqualTo(
                        """
                        name            alice
                        role            submit
                        tenant          acme
                        authentication  on
                        """);
        assertThat(signedIn().run("whoami", "-o", "json").out()).isEqualTo(ALICE + "\n");
    }

    @Test
    void whoami_says_that_nobody_is_asked_who_he_is() {
        server.on(
                WHOAMI,
                200,
                "{\"name\":\"anonymous\",\"role\":\"operate\",\"tenant\":\"\",\"authentication\":false}");

        assertThat(shell().run("whoami").out())
                .isEqualTo(
                        """
                        name            anonymous
                        role            operate
                        authentication  off: anybody may do this
                        """);
    }

    @ParameterizedTest
    @CsvSource({"GET /v1/tasks, tasks", "POST /v1/tasks/fib:map, map fib"})
    void a_401_is_told_with_4_and_what_to_do(String request, String command) {
        byte[] problem =
                """
                {"type":"/problems/unauthorized","title":"Unauthorized","status":401,\
                "detail":"a token is needed"}\
                """
                        .getBytes(UTF_8);
        server.on(
                request,
                server.answer(
                        401, "application/problem+json", problem, "WWW-Authenticate", "Bearer"));

        for (Shell shell : List.of(shell(), signedIn())) {
            Shell.Ran ran = shell.typing("1\n").run(command.split(" "));

            assertThat(ran.code()).isEqualTo(4);
            assertThat(ran.err())
                    .isEqualTo(
                            """
                            Unauthorized: a token is needed
                              sign in by a token that it knows: --token-file FILE or $PROCESS_POOL_TOKEN
                            """);
        }
    }

    @Test
    void a_403_is_told_with_the_role_it_takes() {
        server.on(
                "GET /v1/tasks",
                server.problem(
                        403, "forbidden", "Forbidden", "x", ",\"requiredRole\":\"operate\""));

        Shell.Ran ran = signedIn().run("tasks");

        assertThat(ran.code()).isEqualTo(4);
        assertThat(ran.err())
                .isEqualTo(
                        """
                        Forbidden: x
                          it takes the role operate; 'process-pool whoami' shows yours
                        """);
    }

    // making one

    private static String hash(String token) throws Exception {
        return HexFormat.of()
                .formatHex(MessageDigest.getInstance("SHA-256").digest(token.getBytes(UTF_8)));
    }

    @Test
    void a_new_token_is_alone_on_standard_output_and_its_line_on_standard_error() throws Exception {
        Shell.Ran ran =
                Shell.without()
                        .run("token", "--name", "alice", "--role", "read", "--tenant", "acme");

        assertThat(ran.code()).isZero();
        assertThat(ran.out()).matches("pp_[A-Za-z0-9_-]{43}\n");
        String token = ran.out().strip();
        assertThat(ran.err())
                .contains("  alice:read:%s:acme\n".formatted(hash(token)))
                .doesNotContain(token);
        assertThat(Shell.without().run("token", "--name", "alice").out()).isNotEqualTo(ran.out());
    }

    @Test
    void a_new_token_may_submit_unless_told_otherwise() throws Exception {
        Shell.Ran ran = Shell.without().run("token", "--name", "a.b_c@d-9");

        assertThat(ran.err()).contains("a.b_c@d-9:submit:%s\n".formatted(hash(ran.out().strip())));
    }

    @Test
    void the_line_is_added_to_a_file_even_if_its_last_line_has_no_end() throws Exception {
        Path lines = directory.resolve("tokens");

        String first =
                Shell.without().run("token", "--name", "a", "--line-to", lines.toString()).out();
        assertThat(lines).hasContent("a:submit:" + hash(first.strip()));
        Files.writeString(lines, "# by hand");
        Shell.Ran ran =
                Shell.without()
                        .run(
                                "token",
                                "--name",
                                "b",
                                "--role=operate",
                                "--line-to",
                                lines.toString());

        assertThat(Files.readString(lines))
                .isEqualTo("# by hand\nb:operate:%s\n".formatted(hash(ran.out().strip())));
        assertThat(ran.err()).contains("The line of b is in " + lines).doesNotContain(":operate:");
    }

    @Test
    void no_token_is_shown_if_its_line_cannot_be_written() {
        Shell.Ran ran =
                Shell.without().run("token", "--name", "a", "--line-to", directory.toString());

        assertThat(ran.code()).isEqualTo(1);
        assertThat(ran.out()).isEmpty();
        assertThat(ran.err()).startsWith("Not written: cannot add the line to " + directory);
    }

    @Test
    void a_program_gets_the_token_and_the_line_as_json() throws Exception {
        Shell.Ran ran = Shell.without().run("token", "--name", "a", "-o", "json");

        var json = Json.read(ran.bytes()).orElseThrow();
        String token = json.path("token").asText();
        assertThat(json.path("line").asText()).isEqualTo("a:submit:" + hash(token));
        assertThat(json.path("role").asText()).isEqualTo("submit");
        assertThat(json.has("tenant")).isFalse();
        assertThat(ran.err()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--name=a:b",
                "--name=",
                "--name=ä",
                "--name=a b",
                "--name=a --tenant=x:y",
                "--name=a --role=admin"
            })
    void a_name_that_would_spoil_the_line_is_refused(String options) {
        String[] args = ("token " + options).split(" (?=--)");

        Shell.Ran ran = Shell.without().run(args);

        assertThat(ran.code()).isEqualTo(2);
        assertThat(ran.out()).isEmpty();
    }

    // chat

    private static Shell.Ran chat(FakeChat chat, String token, String typed) {
        var shell =
                new Shell(
                        typed,
                        false,
                        false,
                        token.isEmpty() ? Map.of() : Map.of("PROCESS_POOL_TOKEN", token));
        return shell.run("chat", "127.0.0.1", chat.port());
    }

    @Test
    void chat_signs_in_before_anything_is_said_and_shows_nothing_of_it() throws Exception {
        byte[] signIn = ("AUTH " + TOKEN + "\n").getBytes(UTF_8);
        try (var chat =
                new FakeChat(line -> {
                    line.hear(signIn.length);
                    line.echo();
                })) {
            Shell.Ran ran = chat(chat, TOKEN, "hello\n");

            assertThat(ran.code()).isZero();
            assertThat(ran.out()).isEqualTo("来自服务端的消息: hello\n");
            assertThat(ran.err()).isEmpty();
            assertThat(new String(chat.heard(), UTF_8))
                    .isEqualTo("AUTH %s\nhello".formatted(TOKEN));
        }
    }

    @ParameterizedTest
    @CsvSource({
        TOKEN + ", perhaps it does not take the token",
        "'', perhaps it asks for a token",
    })
    void chat_guesses_why_it_is_not_let_in(String token, String guess) throws Exception {
        try (var chat = new FakeChat(line -> line.hear(5))) {
            Shell.Ran ran = chat(chat, token, "hello");

            assertThat(ran.code()).isEqualTo(3);
            assertThat(ran.err()).startsWith("Connection lost: 127.0.0.1:" + chat.port());
            if (!token.isEmpty()) {
                assertThat(ran.err()).contains(guess).doesNotContain(TOKEN);
            } else {
                assertThat(ran.err()).contains(guess);
            }
        }
    }

    @Test
    void chat_does_not_show_a_token_that_a_server_without_authentication_says_back()
            throws Exception {
        byte[] signIn = ("AUTH " + TOKEN + "\n").getBytes(UTF_8);
        try (var chat =
                new FakeChat(line -> {
                    line.say(line.hear(signIn.length));
                    line.hearAll();
                })) {
            Shell.Ran ran = chat(chat, TOKEN, "hello\n");

            assertThat(ran.code()).isEqualTo(4);
            assertThat(ran.err()).startsWith("No authentication: 127.0.0.1:" + chat.port());
            assertThat(ran.err() + ran.out()).doesNotContain(TOKEN);
        }
    }
}
