package org.processpool.sample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import jdk.jshell.tool.JavaShellToolBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A conversation that runs the Java it is told. Here in this process, in a pool in one of its own.
 */
@Timeout(120)
class JavaShellTest {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final JavaShell shell = new JavaShell();
    private final TestContext context = new TestContext();

    @BeforeEach
    void open() {
        shell.open(context);
    }

    @AfterEach
    void close() {
        shell.close();
    }

    private String say(String message) throws Exception {
        return shell.reply(message, context);
    }

    @Test
    void values_are_named_and_remembered() throws Exception {
        assertThat(say("1 + 1")).isEqualTo("$1 ==> 2");
        assertThat(say("int x = $1 * 3")).isEqualTo("x ==> 6");
        assertThat(say("x")).isEqualTo("x ==> 6");
        assertThat(say("List.of(x, \"a\")")).isEqualTo("$4 ==> [6, a]");
    }

    @Test
    void a_message_may_hold_several_snippets_and_lines() throws Exception {
        assertThat(say("int f(int a) { return a + g(); }  int g() { return 1; }\nf(3)\n\nf(4);"))
                .isEqualTo(
                        """
                        |  created method f(int), however, it cannot be invoked until method g() is declared
                        |  created method g()
                        $3 ==> 4
                        $4 ==> 5\
                        """);
        assertThat(
                        say(
                                """
                                int a = 1
                                List.of(3, 2, a).stream()
                                    .sorted()
                                    .toList()
                                int b = 2
                                """))
                .isEqualTo("a ==> 1\n$6 ==> [1, 2, 3]\nb ==> 2");
    }

    @Test
    void after_a_snippet_that_fails_the_rest_of_its_message_is_left_out() throws Exception {
        assertThat(say("int a = 1; a.foo(); a = 2"))
                .startsWith("a ==> 1\n|  Error:\n|  int cannot be dereferenced\n")
                .doesNotContain("a ==> 2");
        assertThat(say("int b = 1; b = 1 / 0; b = 2")).doesNotContain("b ==> 2");
        assertThat(say("b")).isEqualTo("b ==> 1");
    }

    @Test
    void what_is_incomplete_goes_on_with_the_next_message() throws Exception {
        assertThat(say("int twice(int n) {")).startsWith("|  Incomplete: it goes on");
        assertThat(say("return 2 * n;")).startsWith("|  Incomplete: it goes on");
        assertThat(say("}\ntwice(21)")).isEqualTo("|  created method twice(int)\n$2 ==> 42");
    }

    @Test
    void an_empty_message_tells_what_is_missing_and_begins_anew() throws Exception {
        assertThat(say("int twice(int n) { return")).startsWith("|  Incomplete");
        assertThat(say(" ")).startsWith("|  Error:\n");
        assertThat(say("1 + 1")).isEqualTo("$1 ==> 2");
        assertThat(say("")).isEmpty();
    }

    @Test
    void an_error_shows_its_place() throws Exception {
        assertThat(say("int z = \"s\" + foo"))
                .isEqualTo(
                        """
                        |  Error:
                        |  cannot find symbol
                        |    symbol:   variable foo
                        |  int z = "s" + foo;
                        |                ^-^\
                        """);
    }

    @Test
    void an_exception_shows_its_stack() throws Exception {
        say("int h(int n) { return n == 0 ? 1 / 0 : h(n - 1); }");
        assertThat(say("h(1)"))
                .isEqualTo(
                        """
                        |  Exception java.lang.ArithmeticException: / by zero
                        |        at h (#1:1)
                        |        at h (#1:1)
                        |        at (#2:1)\
                        """);
        assertThat(say("int deep(int n) { return deep(n + 1) + 1; } deep(0)"))
                .contains("|  Exception java.lang.StackOverflowError")
                .endsWith("|        ...")
                .hasSizeLessThan(2000);
    }

    @Test
    void commands_are_not_known_but_comments_are() throws Exception {
        assertThat(say("/exit"))
                .isEqualTo("|  Commands such as /help are not known here, only Java is.");
        assertThat(say("// nothing")).isEmpty();
        assertThat(say("/* nothing */ 1")).isEqualTo("$1 ==> 1");
    }

    @Test
    void a_long_value_is_shortened() throws Exception {
        assertThat(say("\"a\".repeat(5000)")).contains(" ... ").hasSizeBetween(1000, 1010);
    }

    @Test
    void what_a_snippet_prints_is_part_of_the_reply() throws Exception {
        assertThat(say("System.out.print(\"你好\"); int n = 1; System.err.println(\"oops\");"))
                .isEqualTo("你好\nn ==> 1\noops");
    }

    @Test
    void what_a_snippet_prints_is_sent_ahead_while_it_runs() throws Exception {
        var turn = inThread("System.out.println(\"before\"); Thread.sleep(1_000_000);");
        await().atMost(PATIENCE).until(() -> context.parts.contains("before\n"));
        cancel(turn);
    }

    @Test
    void parts_are_how_the_reply_begins() throws Exception {
        String reply =
                say(
                        """
                        int a = 1;
                        for (int i = 0; i < 20_000; i++) System.out.print("ä" + i + (i % 7 == 0 ? "\\n" : " "));
                        a = 2\
                        """);
        String parts = context.parts.stream().map(Object::toString).collect(Collectors.joining());
        assertThat(parts).isNotEmpty();
        assertThat(reply).startsWith(parts).startsWith("a ==> 1\nä0\nä1 ").endsWith("\na ==> 2");
    }

    @Test
    void of_what_a_turn_prints_64_KiB_are_told() throws Exception {
        String reply =
                say("for (int i = 0; i < 30_000; i++) System.out.println(\"语\"); int after = 1");
        assertThat(reply.lines().filter(line -> line.equals("语"))).hasSize((64 << 10) / 4);
        assertThat(reply)
                .endsWith("|  More than 64 KiB were printed: the rest is cut.\nafter ==> 1");
        assertThat(say("System.out.println(1)")).isEqualTo("1");
    }

    @Test
    void what_the_shell_itself_says_has_a_bound_too() throws Exception {
        assertThat(say("var line = \"x\".repeat(990);" + " line;".repeat(80)))
                .hasSizeLessThan(70 << 10)
                .endsWith("|  There is more to say: it is left out.");
    }

    @Test
    void prints_of_the_time_between_two_turns_go_elsewhere() throws Exception {
        PrintStream before = System.out;
        say("var out = System.out; out.println(1)");
        assertThat(System.out).isSameAs(before);
        assertThat(say("out.println(2)")).isEqualTo("2");
    }

    @Test
    void a_cancelled_snippet_is_stopped_and_what_was_before_it_is_kept() throws Exception {
        say("int kept = 7");
        cancel(inThread("while (true) { if (++kept == 9) { System.out.println(\"on\"); } }"));
        assertThat(say("kept >= 9")).isEqualTo("$3 ==> true");
    }

    @Test
    void none_follows_a_snippet_that_was_stopped() throws Exception {
        say("int kept = 7");
        cancel(
                inThread(
                        "System.out.println(\"on\"); Thread.sleep(1_000_000); kept = 8; kept = 9;"));
        assertThat(say("kept")).isEqualTo("kept ==> 7");
    }

    @Test
    void a_turn_said_again_to_a_new_worker_is_evaluated_quietly() throws Exception {
        var again = TestContext.ofAttempt(2);
        assertThat(shell.reply("int x = 4; System.out.println(x)", again)).isEmpty();
        assertThat(shell.reply("int y(int n) {", again)).isEmpty();
        assertThat(again.parts).isEmpty();
        assertThat(say("return n * x; }\ny(2)")).isEqualTo("|  created method y(int)\n$4 ==> 8");
    }

    /** One difference is meant: a line of a message that is not the first has its bar, too. */
    @Test
    void it_says_what_jshell_itself_says() throws Exception {
        List<String> session =
                List.of(
                        "1 + 1",
                        "int x = 5",
                        "x = 6",
                        "int y",
                        "String s = \"hi\\nthere\"",
                        "int f(int a) { return a + g(); }",
                        "f(3)",
                        "int g() { return x; }",
                        "int f(int a) { return a * g(); }",
                        "int u(T t) { return 1; }",
                        "T t",
                        "class A { B b; C c; D d; }",
                        "class N { int m() { return nope(); } }",
                        "new N()",
                        "interface I { default int k() { return zork(); } }",
                        "record P(int a, String b) {}",
                        "record P(int a) {}",
                        "new P(1)",
                        "enum E { X, Y }",
                        "@interface Ann {}",
                        "abstract class Q { abstract int w(); }",
                        "import java.util.zip.*",
                        "import foo.bar.*",
                        "foo",
                        "1/0",
                        "List.of(1).get(5)",
                        "List.of(1).forEach(q -> { throw new RuntimeException(\"in lambda\"); })",
                        "throw new IllegalStateException(\"bang\", new RuntimeException(\"inner\"))",
                        "int a1 = 1; int a2 = 2; a1 + a2",
                        "int[] arr = {1, 2}",
                        "x++",
                        "null",
                        "int m2() { String s = 1; return s; }",
                        "var n = null",
                        "@Override void zz() {}",
                        "byte b = 300",
                        "List raw = new ArrayList()",
                        "class A { } ",
                        "String x");
        var out = new ByteArrayOutputStream();
        try (var printed = new PrintStream(out, true, StandardCharsets.UTF_8)) {
            JavaShellToolBuilder.builder()
                    .persistence(new HashMap<>())
                    .in(
                            new ByteArrayInputStream(
                                    (String.join("\n", session) + "\n")
                                            .getBytes(StandardCharsets.UTF_8)),
                            null)
                    .out(printed)
                    .start("--execution", "local", "--feedback", "normal");
        }
        var ours = new StringBuilder();
        for (String line : session) {
            ours.append(say(line)).append('\n');
        }
        assertThat(ours.toString().lines().filter(line -> !line.isBlank()))
                .containsExactlyElementsOf(
                        out.toString(StandardCharsets.UTF_8)
                                .lines()
                                .skip(2) // its welcome
                                .map(line -> line.replaceFirst("^jshell> ", ""))
                                .filter(line ->
                                        !line.isBlank() && !session.contains(line)) // its echo
                                .toList());
    }

    private FutureTask<String> inThread(String message) {
        context.parts.clear();
        var turn = new FutureTask<>(() -> say(message));
        runner = Thread.ofPlatform().daemon().start(turn);
        return turn;
    }

    private Thread runner = Thread.currentThread();

    /** As a worker does it, once the snippet runs. */
    private void cancel(FutureTask<String> turn) {
        await().atMost(PATIENCE).until(() -> !context.parts.isEmpty());
        runner.interrupt();
        assertThatExceptionOfType(ExecutionException.class)
                .isThrownBy(() -> turn.get(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                .withCauseInstanceOf(InterruptedException.class);
    }
}
