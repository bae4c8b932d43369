package org.processpool.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The line client against servers that play a script. */
@Timeout(60)
class ChatCommandTest {

    private static final String HOST = "127.0.0.1";
    private static final String BUSY = "no answer yet: all workers seem busy";

    /** Input from a pipe. */
    private static Shell.Ran run(FakeChat server, String input, String... options) {
        String[] command = {"chat", HOST, server.port()};
        String[] args = Arrays.copyOf(command, command.length + options.length);
        System.arraycopy(options, 0, args, command.length, options.length);
        return Shell.without().typing(input).run(args);
    }

    /** Somebody at a terminal, who sees standard output and standard error on one screen. */
    private static final class Person {

        private final PipedOutputStream keyboard = new PipedOutputStream();
        private final ByteArrayOutputStream screen = new ByteArrayOutputStream();
        private final CompletableFuture<Integer> code;

        Person(FakeChat server) throws IOException {
            var terminal =
                    new Terminal(
                            new PipedInputStream(keyboard),
                            screen,
                            screen,
                            true,
                            true,
                            true,
                            Map.of());
            code =
                    CompletableFuture.supplyAsync(
                            () -> Client.run(terminal, "chat", HOST, server.port()),
                            Thread::startVirtualThread);
        }

        Person types(String text) throws IOException {
            keyboard.write(text.getBytes(UTF_8));
            keyboard.flush();
            return this;
        }

        Person pressesCtrlD() throws IOException {
            keyboard.close();
            return this;
        }

        Person sees(String text) {
            await().untilAsserted(() -> assertThat(screen.toString(UTF_8)).isEqualTo(text));
            return this;
        }

        Person seesSomewhere(String text) {
            await().untilAsserted(() -> assertThat(screen.toString(UTF_8)).contains(text));
            return this;
        }

        int exitCode() throws Exception {
            return code.get(30, TimeUnit.SECONDS);
        }
    }

    // what is said and shown

    @Test
    void lines_from_a_pipe_go_out_without_their_ends_and_each_answer_is_a_line() throws Exception {
        try (var server = new FakeChat(FakeChat.Line::echo)) {
            Shell.Ran ran = run(server, "hello\n\n  \n你好\r\nlast");

            assertThat(ran.err()).isEmpty();
            assertThat(ran.out())
                    .isEqualTo(
                            """
                            来自服务端的消息: hello
                            来自服务端的消息: 你好
                            来自服务端的消息: last
                            """);
            assertThat(ran.code()).isZero();
            assertThat(new String(server.heard(), UTF_8)).isEqualTo("hello你好last");
        }
    }

    @Test
    void an_empty_input_says_nothing() throws Exception {
        try (var server = new FakeChat(FakeChat.Line::echo)) {
            assertThat(run(server, "").code()).isZero();
            assertThat(server.heard()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"q", "Q", " q ", "q\r"})
    void q_leaves_and_nothing_behind_it_is_said(String farewell) throws Exception {
        try (var server = new FakeChat(FakeChat.Line::echo)) {
            Shell.Ran ran = run(server, "hello\n" + farewell + "\nunsaid\n");

            assertThat(ran.code()).isZero();
            assertThat(ran.out()).isEqualTo("来自服务端的消息: hello\n");
            assertThat(new String(server.heard(), UTF_8)).isEqualTo("hello");
        }
    }

    @Test
    void the_next_line_is_said_when_the_one_before_has_its_whole_answer() throws Exception {
        var heard = new ByteArrayOutputStream();
        try (var server =
                new FakeChat(line -> {
                    heard.writeBytes(line.hear(3));
                    line.say((byte) 'o', (byte) 'n');
                    assertThat(line.hasMore()).isFalse();
                    line.say((byte) 'e');
                    heard.writeBytes(line.hear(3));
                    line.say("two".getBytes(UTF_8));
                    line.hearAll();
                })) {
            Shell.Ran ran = run(server, "one\ntwo\n");

            assertThat(ran.out()).isEqualTo("来自服务端的消息: one\n来自服务端的消息: two\n");
            assertThat(heard.toString(UTF_8)).isEqualTo("onetwo");
        }
    }

    @Test
    void an_answer_is_shown_as_it_comes_also_when_a_character_comes_in_pieces() throws Exception {
        var more = new CountDownLatch(1);
        try (var server =
                new FakeChat(line -> {
                    byte[] said = line.hear(7);
                    line.say(Arrays.copyOfRange(said, 0, 5)); // 你 and two thirds of 好
                    waitFor(more);
                    line.say(Arrays.copyOfRange(said, 5, 7));
                    line.hearAll();
                })) {
            var person = new Person(server).sees(">>:").types("你好!\n");

            person.sees(">>:来自服务端的消息: 你");
            more.countDown();
            person.sees(">>:来自服务端的消息: 你好!\n>>:");
            assertThat(person.types("q\n").exitCode()).isZero();
            person.sees(">>:来自服务端的消息: 你好!\n>>:");
        }
    }

    @Test
    void bytes_go_out_as_they_are_and_what_is_no_text_cannot_move_the_cursor() throws Exception {
        byte[] odd = {'a', (byte) 0xff, 0x1b, '[', '2', 'J', (byte) 0xe4, '\n'};
        var out = new ByteArrayOutputStream();
        var err = new ByteArrayOutputStream();
        try (var server = new FakeChat(FakeChat.Line::echo)) {
            var terminal =
                    new Terminal(
                            new ByteArrayInputStream(odd), out, err, false, true, true, Map.of());

            assertThat(Client.run(terminal, "chat", HOST, server.port())).isZero();

            assertThat(server.heard()).isEqualTo(Arrays.copyOf(odd, odd.length - 1));
            assertThat(out.toString(UTF_8)).isEqualTo("来自服务端的消息: a\uFFFD [2J\uFFFD\n");
        }
    }

    @Test
    void a_line_of_a_megabyte_comes_back_while_it_is_still_being_sent() throws Exception {
        String large = "长".repeat(350_000);
        try (var server = new FakeChat(FakeChat.Line::echo)) {
            assertThat(run(server, large + "\n").out()).isEqualTo("来自服务端的消息: " + large + "\n");
        }
    }

    @Test
    void as_json_each_answer_is_a_document_on_a_line_of_its_own() throws Exception {
        try (var server = new FakeChat(FakeChat.Line::echo)) {
            assertThat(run(server, "a \"b\"\t\n你好\n", "-o", "json").out())
                    .isEqualTo("{\"text\":\"a \\\"b\\\"\\t\"}\n{\"text\":\"你好\"}\n");
        }
    }

    // a person

    @Test
    void a_person_is_prompted_for_each_line_and_leaves_with_ctrl_d() throws Exception {
        try (var server = new FakeChat(FakeChat.Line::echo)) {
            var person = new Person(server).sees(">>:").types("\n").sees(">>:>>:").types("hi\n");

            person.sees(">>:>>:来自服务端的消息: hi\n>>:");
            assertThat(person.pressesCtrlD().exitCode()).isZero();
            person.sees(">>:>>:来自服务端的消息: hi\n>>:\n");
        }
    }

    @Test
    void what_nobody_asked_for_is_shown_too() throws Exception {
        try (var server =
                new FakeChat(line -> {
                    line.say("welcome".getBytes(UTF_8));
                    line.echo();
                })) {
            var person = new Person(server).sees(">>:\n来自服务端的消息: welcome\n>>:");

            assertThat(person.types("q\n").exitCode()).isZero();
        }
    }

    // while all workers are busy

    @Test
    void an_answer_that_does_not_come_is_explained_once_and_waited_for() throws Exception {
        var free = new CountDownLatch(1);
        var out = new ByteArrayOutputStream();
        var err = new ByteArrayOutputStream();
        try (var server =
                new FakeChat(line -> {
                    waitFor(free);
                    line.echo();
                })) {
            var terminal =
                    new Terminal(
                            new ByteArrayInputStream("hello\nagain\n".getBytes(UTF_8)),
                            out,
                            err,
                            false,
                            false,
                            false,
                            Map.of());
            var code =
                    CompletableFuture.supplyAsync(
                            () -> Client.run(terminal, "chat", HOST, server.port()),
                            Thread::startVirtualThread);

            await().untilAsserted(() -> assertThat(err.toString(UTF_8)).startsWith(BUSY));
            assertThat(code).isNotDone();
            free.countDown();
            assertThat(code.get(30, TimeUnit.SECONDS)).isZero();
            assertThat(out.toString(UTF_8)).isEqualTo("来自服务端的消息: hello\n来自服务端的消息: again\n");
            assertThat(err.toString(UTF_8)).containsOnlyOnce(BUSY).hasLineCount(1);
        }
    }

    @Test
    void a_person_kept_waiting_may_leave_with_ctrl_d() throws Exception {
        try (var server = new FakeChat(FakeChat.Line::hearAll)) {
            var person = new Person(server).types("hello\n").seesSomewhere("q or Ctrl-D leaves\n");

            assertThat(person.pressesCtrlD().exitCode()).isZero();
        }
    }

    @Test
    void a_person_kept_waiting_may_leave_with_q() throws Exception {
        try (var server = new FakeChat(FakeChat.Line::hearAll)) {
            assertThat(new Person(server).types("hello\nq\n").exitCode()).isZero();
        }
    }

    // trouble

    @Test
    void a_server_that_is_not_there_is_told_with_3() throws Exception {
        int nobody;
        try (var free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            nobody = free.getLocalPort();
        }

        Shell.Ran ran = Shell.without().run("chat", HOST, Integer.toString(nobody));

        assertThat(ran.code()).isEqualTo(3);
        assertThat(ran.out()).isEmpty();
        assertThat(ran.err())
                .isEqualTo(
                        "Server not reached: 127.0.0.1:%d: the connection was refused; is it running?\n"
                                .formatted(nobody));
    }

    @Test
    void a_host_that_does_not_exist_is_told_with_3() {
        Shell.Ran ran = Shell.without().run("chat", "no-such-host.invalid");

        assertThat(ran.code()).isEqualTo(3);
        assertThat(ran.err())
                .isEqualTo(
                        "Server not reached: no-such-host.invalid:8001: there is no such host\n");
    }

    @ParameterizedTest
    @CsvSource({
        "0, 'the port must be 1 to 65535, was 0'",
        "65536, 'the port must be 1 to 65535, was 65536'",
        "http, 'Invalid value for positional parameter at index 1 (PORT): '"
    })
    void a_port_that_is_none_is_refused(String port, String why) {
        Shell.Ran ran = Shell.without().run("chat", HOST, port);

        assertThat(ran.code()).isEqualTo(2);
        assertThat(ran.err()).startsWith(why);
    }

    @Test
    void the_address_of_the_rest_interface_is_not_that_of_the_chat() {
        Shell.Ran ran = Shell.without().run("chat", "--server", "http://localhost:8080");

        assertThat(ran.code()).isEqualTo(2);
        assertThat(ran.err())
                .startsWith("chat takes HOST and PORT; --server is for the REST interface");
    }

    @Test
    void a_server_that_closes_before_the_whole_answer_has_come_is_told_with_3() throws Exception {
        try (var server = new FakeChat(line -> line.say(line.hear(2)))) {
            Shell.Ran ran = run(server, "hello\n");

            assertThat(ran.code()).isEqualTo(3);
            assertThat(ran.out()).isEqualTo("来自服务端的消息: he\n");
            assertThat(ran.err())
                    .startsWith("Connection lost: 127.0.0.1:" + server.port())
                    .endsWith(" and left the last line unanswered\n");
        }
    }

    @Test
    void a_server_that_closes_is_told_a_person_at_once() throws Exception {
        var leave = new CountDownLatch(1);
        try (var server =
                new FakeChat(line -> {
                    line.say(line.hear(2));
                    waitFor(leave);
                })) {
            var person = new Person(server).types("hi\n").sees(">>:来自服务端的消息: hi\n>>:");
            leave.countDown();

            assertThat(person.exitCode()).isEqualTo(3);
            person.sees(
                    ">>:来自服务端的消息: hi\n>>:\nConnection lost: 127.0.0.1:%s: the server has closed it\n"
                            .formatted(server.port()));
        }
    }

    @Test
    void a_connection_that_breaks_is_told_with_3() throws Exception {
        try (var server =
                new FakeChat(line -> {
                    line.hear(5);
                    line.reset();
                })) {
            Shell.Ran ran = run(server, "hello\n");

            assertThat(ran.code()).isEqualTo(3);
            assertThat(ran.err())
                    .isEqualTo(
                            "Connection lost: 127.0.0.1:%s: the connection broke (Connection reset) and left the last line unanswered\n"
                                    .formatted(server.port()));
        }
    }

    @Test
    void an_input_that_cannot_be_read_on_is_told() throws Exception {
        var out = new ByteArrayOutputStream();
        var err = new ByteArrayOutputStream();
        var broken = new PipedInputStream(); // nobody ever writes to it
        try (var server = new FakeChat(FakeChat.Line::echo)) {
            var terminal = new Terminal(broken, out, err, false, false, false, Map.of());

            assertThat(Client.run(terminal, "chat", HOST, server.port())).isEqualTo(1);
            assertThat(err.toString(UTF_8))
                    .isEqualTo("Input lost: cannot read on: Pipe not connected\n");
        }
    }

    @Test
    void a_reader_of_the_output_that_has_seen_enough_is_no_trouble() throws Exception {
        var err = new ByteArrayOutputStream();
        var head =
                new Terminal.StandardOutput(
                        new OutputStream() {
                            @Override
                            public void write(int b) throws IOException {
                                throw new IOException("Broken pipe");
                            }
                        });
        try (var server = new FakeChat(FakeChat.Line::echo)) {
            var terminal =
                    new Terminal(
                            new ByteArrayInputStream("hello\n".getBytes(UTF_8)),
                            head,
                            err,
                            false,
                            false,
                            false,
                            Map.of());

            assertThat(Client.run(terminal, "chat", HOST, server.port())).isZero();
            assertThat(err.toString(UTF_8)).isEmpty();
        }
    }

    private static void waitFor(CountDownLatch latch) throws IOException {
        try {
            assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException ending) {
            throw new IOException(ending);
        }
    }
}
