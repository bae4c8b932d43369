package org.processpool.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each command against a server that answers as the contract says. */
class CommandsTest {

    private static final String TASKS =
            """
            {"tasks":[{"name":"fib","summary":"The n-th","timeoutMillis":30000},\
            {"name":"数える","summary":"Zählt","timeoutMillis":1500}]}\
            """;
    private static final String JOB =
            """
            {"id":"0199-a","kind":"map","task":"fib","pool":"default","state":"%s","done":%s,\
            "createdAt":"2026-01-02T03:04:05.678Z","startedAt":null,"finishedAt":null,\
            "queuePosition":0,"attempt":1,"worker":{"id":"default-3","pid":4711},\
            "progress":{"total":10,"done":4,"failed":1,"message":"page 3"},\
            "timing":{"queuedMillis":12,"runMillis":840},"result":null,"error":%s,\
            "labels":{"tenant":"acme"},"links":{"self":"/v1/jobs/0199-a"}}\
            """;

    @TempDir private Path directory;

    private FakeServer server;
    private Shell shell;

    @BeforeEach
    void start() throws IOException {
        server = new FakeServer();
        shell = Shell.with(server);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private static String job(String state) {
        boolean done = !state.equals("RUNNING") && !state.equals("QUEUED");
        return JOB.formatted(state, done, "null");
    }

    private Path file(String content) throws IOException {
        return Files.writeString(directory.resolve("input"), content);
    }

    // tasks

    @Test
    void tasks_are_a_table_whose_columns_stand_under_each_other_in_any_script() {
        server.on("GET /v1/tasks", 200, TASKS);

        Shell.Ran ran = shell.run("tasks");

        assertThat(ran.code()).isZero();
        assertThat(ran.out())
                .isEqualTo(
                        """
                        TASK    TIME LIMIT  SUMMARY
                        fib     30 s        The n-th
                        数える  1.5 s       Zählt
                        """);
        assertThat(ran.err()).isEmpty();
    }

    @Test
    void tasks_are_the_servers_json_if_that_is_wanted() {
        server.on("GET /v1/tasks", 200, TASKS);

        assertThat(shell.run("tasks", "-o", "json").out()).isEqualTo(TASKS + "\n");
    }

    @Test
    void a_task_is_shown_with_its_schemas_and_a_command_to_try() {
        server.on(
                "GET /v1/tasks/fib",
                200,
                "{\"name\":\"fib\",\"summary\":\"s\",\"inputSchema\":{\"type\":\"integer\"},"
                        + "\"outputSchema\":true,\"example\":\"it's\",\"timeoutMillis\":30000}");

        assertThat(shell.run("tasks", "fib").out())
                .contains("input       {\"type\":\"integer\"}")
                .contains("try         process-pool apply fib '\"it'\\''s\"'");
    }

    @Test
    void a_name_stays_one_segment_of_the_path() {
        shell.run("tasks", "a/b c");

        server.on("GET /v1/tasks/a%2Fb%20c", 200, "{\"name\":\"a/b c\"}");
        assertThat(shell.run("tasks", "a/b c").out()).contains("a/b c");
    }

    // apply

    private Shell.Ran apply(String... more) {
        server.on("POST /v1/tasks/fib:apply", 200, "832040");
        var args = new java.util.ArrayList<>(java.util.List.of("apply", "fib"));
        args.addAll(java.util.List.of(more));
        return shell.run(args.toArray(String[]::new));
    }

    @Test
    void apply_prints_the_bare_result() {
        Shell.Ran ran = apply("30");

        assertThat(ran.out()).isEqualTo("832040\n");
        assertThat(server.request().body()).isEqualTo("30");
        assertThat(server.request().header("Content-type")).isEqualTo("application/json");
    }

    @Test
    void one_value_is_the_input_and_several_are_positional_arguments() {
        apply("[1]");
        assertThat(server.request().body()).isEqualTo("[1]");
        apply("1.10", "\"ü\"", "-5");
        assertThat(server.request().body()).isEqualTo("[1.10,\"ü\",-5]");
        apply();
        assertThat(server.request().body()).isEmpty();
    }

    @Test
    void named_arguments_are_json_or_text() {
        apply("-k", "n=30", "--kwargs", "name=a \"b\"", "-k", "list=[1]");

        assertThat(server.request().body())
                .isEqualTo("{\"n\":30,\"name\":\"a \\\"b\\\"\",\"list\":[1]}");
    }

    @Test
    void the_input_can_stand_in_a_file_or_come_from_standard_input() throws Exception {
        apply("-f", file("{\"n\":1}").toString());
        assertThat(server.request().body()).isEqualTo("{\"n\":1}");

        shell = shell.typing("[3]");
        apply("-");
        assertThat(server.request().body()).isEqualTo("[3]");
        apply("-f", "-");
        assertThat(server.request().body()).isEqualTo("[3]");
    }

    @Test
    void text_and_bytes_are_sent_as_what_they_are() throws Exception {
        apply("--text", "to be\tor");
        assertThat(server.request().body()).isEqualTo("to be\tor");
        assertThat(server.request().header("Content-type")).isEqualTo("text/plain");

        apply("--bytes", file("\0raw").toString());
        assertThat(server.request().body()).isEqualTo("\0raw");
        assertThat(server.request().header("Content-type")).isEqualTo("application/octet-stream");
    }

    @Test
    void bytes_come_out_as_they_are() {
        byte[] bytes = {0, (byte) 0xFF, 10};
        server.on(
                "POST /v1/tasks/gunzip:apply",
                server.answer(200, "application/octet-stream", bytes));

        assertThat(shell.run("apply", "gunzip").bytes()).isEqualTo(bytes);
    }

    @Test
    void the_service_is_told_how_long_to_wait() {
        apply("30", "--wait", "1.5s");

        assertThat(server.request().header("Prefer")).isEqualTo("wait=2");
    }

    @Test
    void a_service_that_does_not_answer_in_time_is_given_up() {
        var released = new java.util.concurrent.CountDownLatch(1);
        server.on(
                "POST /v1/tasks/slow:apply",
                exchange -> {
                    try {
                        released.await();
                    } catch (InterruptedException end) {
                        Thread.currentThread().interrupt();
                    }
                });

        Shell.Ran ran = shell.run("apply", "slow", "--timeout", "200ms");
        released.countDown();

        assertThat(ran.code()).isEqualTo(124);
        assertThat(ran.err()).contains("no answer after 200 ms");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "apply fib hello",
                "apply fib 1 2,",
                "apply fib 1 -k n=2",
                "apply fib --text a b",
                "apply fib --text",
                "apply fib 1 --bytes x",
                "apply fib 1 -f x",
                "apply fib -f /no/such/file",
                "apply fib --wait soon",
                "apply fib --timeout 0",
                "apply",
                "map fib --chunk 0",
                "map fib --order backwards",
                "submit fib --retries many",
                "submit fib 1 --idempotency-key \"",
                "jobs --limit -1",
                "jobs --label tenant",
                "logs",
                "logs x --stream stdin",
                "tasks -o yaml",
                "tasks --server ftp://x",
                "tasks --server ://",
                "tasks --nonsense",
                "bogus",
                "--verbose"
            })
    void what_makes_no_sense_is_refused_before_the_server_is_asked(String line) {
        Shell.Ran ran = shell.run(line.split(" ", -1));

        assertThat(ran.code()).isEqualTo(2);
        assertThat(ran.out()).isEmpty();
        assertThat(ran.err()).contains("Usage: process-pool").doesNotContain("\tat ");
        assertThat(server.requests()).isEmpty();
    }

    @Test
    void a_text_without_quotes_is_explained() {
        assertThat(apply("hello").err())
                .contains("'hello' is no JSON")
                .contains("A text needs quotes of its own: '\"hello\"'");
    }

    @Test
    void a_command_that_nobody_knows_is_answered_with_those_there_are() {
        Shell.Ran ran = shell.run("aply", "fib");

        assertThat(ran.err())
                .contains("there is no command 'aply'")
                .contains("Did you mean")
                .contains("apply")
                .contains("generate-completion");
    }

    // problems

    @ParameterizedTest
    @CsvSource({
        "500, task-failed, 1",
        "502, worker-crashed, 1",
        "502, memory-limit, 1",
        "502, invalid-result, 1",
        "504, task-timeout, 1",
        "409, job-cancelled, 1",
        "504, wait-exceeded, 124",
        "404, task-not-found, 4",
        "422, invalid-arguments, 4",
        "429, quota-exceeded, 4",
        "500, internal, 5",
        "503, queue-full, 5",
        "503, no-workers, 5",
        "504, queue-timeout, 5"
    })
    void the_exit_code_says_who_is_to_blame(int status, String slug, int code) {
        server.on("POST /v1/tasks/fib:apply", server.problem(status, slug, "Title", "détail"));

        Shell.Ran ran = shell.run("apply", "fib", "1");

        assertThat(ran.code()).isEqualTo(code);
        assertThat(ran.out()).isEmpty();
        assertThat(ran.err()).isEqualTo("Title: détail\n");
    }

    @Test
    void a_problem_is_shown_with_what_is_wrong_where_and_what_was_perhaps_meant() {
        server.on(
                "POST /v1/tasks/fib:apply",
                server.problem(
                        422,
                        "invalid-arguments",
                        "Invalid arguments",
                        "2 things",
                        """
                        ,"violations":[{"pointer":"/a/0","message":"too small"},\
                        {"pointer":"","message":"too \\u001b[31mred"}],\
                        "suggestions":["fib","fob"]\
                        """));

        assertThat(shell.run("apply", "fib", "1").err())
                .isEqualTo(
                        """
                        Invalid arguments: 2 things
                          /a/0: too small
                          the input: too  [31mred
                          did you mean fib or fob?
                        """);
    }

    @Test
    void a_problem_is_json_on_standard_error_if_that_is_wanted() throws Exception {
        server.on("GET /v1/pools/x", server.problem(404, "pool-not-found", "No such pool", "x"));

        Shell.Ran ran = shell.run("-o", "json", "pools", "x");

        assertThat(ran.out()).isEmpty();
        assertThat(new ObjectMapper().readTree(ran.err()).path("type").asText())
                .isEqualTo("/problems/pool-not-found");
    }

    @Test
    void an_answer_that_is_no_problem_of_ours_is_told_as_it_came() {
        server.on("GET /v1/tasks", server.answer(502, "text/html", "Bad gateway".getBytes(UTF_8)));
        Shell.Ran bad = shell.run("tasks");
        server.on("GET /v1/tasks", server.answer(200, "text/html", "<h1>Hi".getBytes(UTF_8)));
        Shell.Ran stranger = shell.run("tasks");

        assertThat(bad.code()).isEqualTo(5);
        assertThat(bad.err()).isEqualTo("HTTP status 502: Bad gateway\n");
        assertThat(stranger.code()).isEqualTo(5);
        assertThat(stranger.err()).contains("is this a Process Pool?");
    }

    @ParameterizedTest
    @ValueSource(strings = {"tasks", "map fib", "submit fib", "logs x -f"})
    void a_server_that_is_not_there_has_an_exit_code_of_its_own(String line) {
        String url = server.url();
        server.close();

        Shell.Ran ran = shell.run(line.split(" ", -1));

        assertThat(ran.code()).isEqualTo(3);
        assertThat(ran.err())
                .isEqualTo(
                        "Server not reached: %s: the connection was refused; is it running?\n"
                                .formatted(url));
    }

    @Test
    void a_host_that_does_not_exist_is_told_as_such() {
        Shell.Ran ran = shell.run("tasks", "--server", "http://no-such-host.invalid");

        assertThat(ran.code()).isEqualTo(3);
        assertThat(ran.err()).contains("there is no such host");
    }

    @Test
    void the_option_names_the_server_before_the_variable_does() {
        server.on("GET /base/v1/tasks", 200, TASKS);
        var elsewhere = new Shell("", false, false, Map.of("PROCESS_POOL_URL", "http://[::1]:9"));

        String address = server.url().replace("http://", "") + "/base/";
        assertThat(elsewhere.run("tasks", "--server", address).code()).isZero();
        assertThat(elsewhere.run("--server=" + address, "tasks").code()).isZero();
    }

    @Test
    void verbose_tells_requests_answers_and_all_of_a_problem() {
        server.on(
                "POST /v1/tasks/fib:apply",
                server.problem(502, "worker-crashed", "Worker crashed", "x", ",\"pid\":4711"));

        assertThat(shell.run("apply", "fib", "--verbose").err())
                .contains("> POST " + server.url() + "/v1/tasks/fib:apply")
                .contains("< 502 after")
                .contains("  pid: 4711");
    }

    // jobs

    @Test
    void submit_prints_the_id() throws Exception {
        server.on("POST /v1/jobs", 202, job("QUEUED"));

        Shell.Ran ran =
                shell.run(
                        "submit",
                        "fib",
                        "40",
                        "--label",
                        "tenant=acme",
                        "--label",
                        "a=b=c",
                        "--idempotency-key",
                        "7d1c",
                        "--retries",
                        "2",
                        "--priority",
                        "9",
                        "--pool",
                        "p",
                        "--timeout",
                        "2m");

        assertThat(ran.out()).isEqualTo("0199-a\n");
        assertThat(server.request().header("Idempotency-key")).isEqualTo("\"7d1c\"");
        assertThat(server.request().body())
                .isEqualTo(
                        "{\"task\":\"fib\",\"args\":[40],\"pool\":\"p\",\"timeoutMillis\":120000,"
                                + "\"retries\":2,\"priority\":9,"
                                + "\"labels\":{\"tenant\":\"acme\",\"a\":\"b=c\"}}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "submit fib                | {\"task\":\"fib\"}",
                "submit fib [1,2]          | {\"task\":\"fib\",\"args\":[1,2]}",
                "submit fib 1 2            | {\"task\":\"fib\",\"args\":[1,2]}",
                "submit fib {\"n\":1.10}   | {\"task\":\"fib\",\"kwargs\":{\"n\":1.10}}",
                "submit fib -k n=x         | {\"task\":\"fib\",\"kwargs\":{\"n\":\"x\"}}",
                "submit fib 1 -k n=2       | {\"task\":\"fib\",\"args\":[1],\"kwargs\":{\"n\":2}}",
                "submit fib -              | {\"task\":\"fib\",\"args\":[\"stdin\"]}"
            })
    void the_input_of_a_job_is_that_of_a_call(String line, String body) {
        server.on("POST /v1/jobs", 202, job("QUEUED"));

        shell.typing("\"stdin\"\n").run(line.split(" ", -1));

        assertThat(server.request().body()).isEqualTo(body);
    }

    @Test
    void a_file_that_is_no_json_is_refused_with_the_place() throws Exception {
        Shell.Ran ran = shell.run("submit", "fib", "-f", file("{\n  x}").toString());

        assertThat(ran.code()).isEqualTo(2);
        assertThat(ran.err()).contains("line 2, column");
    }

    /** Answers as often as told that the job runs, then that it has ended. */
    private void jobThatEnds(int changes, String lastState) {
        var asked = new AtomicInteger();
        server.on(
                "GET /v1/jobs/0199-a",
                exchange -> {
                    String state = asked.incrementAndGet() > changes ? lastState : "RUNNING";
                    String error =
                            "{\"type\":\"/problems/task-failed\",\"title\":\"Task failed\","
                                    + "\"detail\":\"boom\"}";
                    String json =
                            state.equals("FAILED") ? JOB.formatted(state, true, error) : job(state);
                    server.answer(
                                    200,
                                    "application/json",
                                    json.getBytes(UTF_8),
                                    "Preference-Applied",
                                    "wait=20")
                            .handle(exchange);
                });
    }

    @Test
    void a_job_is_waited_for_without_asking_more_often_than_it_changes() {
        jobThatEnds(2, "SUCCEEDED");

        Shell.Ran ran = shell.run("job", "0199-a", "--wait");

        assertThat(ran.code()).isZero();
        assertThat(ran.out()).contains("state     SUCCEEDED");
        assertThat(server.requests())
                .hasSize(3)
                .allMatch(request -> request.header("Prefer").equals("wait=20"));
    }

    @Test
    void a_server_that_does_not_wait_is_asked_again_when_it_says() {
        var asked = new AtomicInteger();
        server.on(
                "GET /v1/jobs/0199-a",
                exchange ->
                        server.answer(
                                        200,
                                        "application/json",
                                        job(asked.incrementAndGet() > 1 ? "SUCCEEDED" : "RUNNING")
                                                .getBytes(UTF_8),
                                        "Retry-After",
                                        "1")
                                .handle(exchange));

        assertThat(shell.run("job", "0199-a", "--wait").code()).isZero();
        assertThat(server.requests()).hasSize(2);
    }

    @Test
    void the_end_of_a_job_that_failed_is_the_commands() {
        jobThatEnds(1, "FAILED");
        server.on("POST /v1/jobs", 202, job("QUEUED"));

        Shell.Ran ran = shell.run("submit", "fib", "--wait", "7");

        assertThat(server.requests().getFirst().body()).contains("\"args\":[7]");
        assertThat(ran.code()).isEqualTo(1);
        assertThat(ran.out()).contains("error     Task failed: boom");
    }

    @Test
    void a_wait_that_is_over_shows_the_job_as_it_is() {
        server.on("GET /v1/jobs/0199-a", 200, job("RUNNING"));

        Shell.Ran ran = shell.run("job", "0199-a", "--wait=100ms");

        assertThat(ran.code()).isEqualTo(124);
        assertThat(ran.out()).contains("state     RUNNING");
    }

    @Test
    void a_job_is_shown_as_text_or_as_the_servers_json() {
        server.on("GET /v1/jobs/0199-a", 200, job("RUNNING"));

        assertThat(shell.run("job", "0199-a").out())
                .contains("task      fib (map in pool default)")
                .contains("worker    default-3 (pid 4711)")
                .contains("progress  4 of 10, 1 failed: page 3")
                .contains("time      waited 12 ms, ran 840 ms")
                .contains("labels    tenant=acme");
        assertThat(shell.run("job", "0199-a", "-o", "json").out()).isEqualTo(job("RUNNING") + "\n");
    }

    @Test
    void the_result_of_a_job_is_printed_alone() {
        jobThatEnds(1, "SUCCEEDED");
        server.on("GET /v1/jobs/0199-a/result", 200, "[1.10]");

        assertThat(shell.run("job", "0199-a", "--wait", "--result").out()).isEqualTo("[1.10]\n");
    }

    @Test
    void a_result_that_is_not_there_yet_is_a_wait_that_is_over() {
        server.on("GET /v1/jobs/0199-a/result", 202, job("RUNNING"));

        Shell.Ran ran = shell.run("job", "0199-a", "--result");

        assertThat(ran.code()).isEqualTo(124);
        assertThat(ran.out()).isEmpty();
        assertThat(ran.err()).contains("--wait waits for it");
    }

    private void pagesOfJobs() {
        server.on(
                "GET /v1/jobs",
                exchange -> {
                    boolean second =
                            exchange.getRequestURI().getRawQuery().contains("pageToken=t%2F2");
                    String json =
                            "{\"jobs\":[%s],\"nextPageToken\":%s}"
                                    .formatted(
                                            second
                                                    ? job("FAILED")
                                                    : job("RUNNING") + "," + job("QUEUED"),
                                            second ? "null" : "\"t/2\"");
                    server.answer(200, "application/json", json.getBytes(UTF_8)).handle(exchange);
                });
    }

    @Test
    void jobs_are_listed_page_by_page() {
        pagesOfJobs();

        Shell.Ran ran =
                shell.run(
                        "jobs",
                        "--state",
                        "running",
                        "--task",
                        "fib",
                        "--label",
                        "tenant=a&b",
                        "--limit",
                        "0");

        assertThat(ran.out().lines().skip(1).map(line -> line.split(" +", -1)[1]))
                .containsExactly("RUNNING", "QUEUED", "FAILED");
        assertThat(ran.out()).contains("4 of 10, 1 failed: page 3").contains("840 ms");
        assertThat(server.requests().getFirst().target())
                .isEqualTo("/v1/jobs?pageSize=100&state=RUNNING&task=fib&label=tenant%3Aa%26b");
        assertThat(server.requests()).hasSize(2);
    }

    @Test
    void a_list_that_was_cut_says_so() throws Exception {
        pagesOfJobs();

        Shell.Ran text = shell.run("jobs", "--limit", "2");
        Shell.Ran json = shell.run("jobs", "--limit", "2", "-o", "json");

        assertThat(text.out().lines()).hasSize(3);
        assertThat(text.err()).isEqualTo("there are more; --limit 0 lists all\n");
        assertThat(new ObjectMapper().readTree(json.out()).path("nextPageToken").asText())
                .isEqualTo("t/2");
        assertThat(server.requests())
                .extracting(FakeServer.Request::target)
                .containsOnly("/v1/jobs?pageSize=2");
    }

    @Test
    void cancel_asks_or_kills() {
        server.on("POST /v1/jobs/0199-a:cancel", 200, job("CANCELLED"));

        assertThat(shell.run("cancel", "0199-a").out()).isEqualTo("0199-a  CANCELLED\n");
        assertThat(server.request().body()).isEqualTo("{\"mode\":\"soft\"}");
        shell.run("cancel", "0199-a", "--kill", "--grace", "500ms");
        assertThat(server.request().body()).isEqualTo("{\"mode\":\"kill\",\"graceMillis\":500}");
    }

    // logs

    @Test
    void logs_come_out_as_they_were_printed() {
        server.on(
                "GET /v1/jobs/0199-a/logs",
                server.answer(200, "text/plain", "线\tone\ntwo".getBytes(UTF_8)));

        assertThat(shell.run("logs", "0199-a", "--stream", "stderr").out())
                .isEqualTo("线\tone\ntwo");
        assertThat(server.request().target()).isEqualTo("/v1/jobs/0199-a/logs?stream=stderr");
        assertThat(server.request().header("Accept")).isEqualTo("text/plain");
    }

    @Test
    void logs_are_followed_until_they_end() {
        String events =
                """
                : process-pool

                event: log
                data: {"line":1,"stream":"stdout","text":"one"}

                event: gap
                data: {"reason":"lines were dropped"}

                event: log
                data: {"line":9,"stream":"stderr","text":" 二"}

                event: end
                id: 5
                data: {}

                """;
        server.on(
                "GET /v1/jobs/0199-a/logs",
                server.answer(200, "text/event-stream", events.getBytes(UTF_8)));

        Shell.Ran ran = shell.run("logs", "0199-a", "-f");

        assertThat(server.request().header("Accept")).isEqualTo("text/event-stream");
        assertThat(ran.out()).isEqualTo("one\n 二\n");
        assertThat(ran.err()).contains("some lines are lost");
        assertThat(shell.run("logs", "0199-a", "-f", "-o", "json").out().lines())
                .hasSize(2)
                .contains("{\"line\":1,\"stream\":\"stdout\",\"text\":\"one\"}");
    }

    // pools and workers

    private static final String POOL =
            """
            {"name":"default","state":"BROKEN","cause":"no java","size":4,"minProcesses":2,\
            "busy":1,"idle":0,"queued":7,"queueLimit":100,"oldestQueuedMillis":61000,\
            "ended":{"done":3,"failed":1},"rejected":0,"exits":{"crashed":1},"workers":[\
            {"id":"default-1","pid":4711,"state":"busy","why":null,"ageMillis":7200000,\
            "tasksDone":5,"currentTask":"fib","residentBytes":58720256},\
            {"id":"default-2","pid":null,"state":"starting","tasksDone":0}]}\
            """;

    @Test
    void pools_are_listed_and_one_is_shown() {
        server.on("GET /v1/pools", 200, "{\"pools\":[" + POOL + "]}");
        server.on("GET /v1/pools/default", 200, POOL);

        assertThat(shell.run("pools").out())
                .isEqualTo(
                        """
                        POOL     STATE   SIZE  BUSY  IDLE  QUEUED  ENDED
                        default  BROKEN  4     1     0     7       done=3, failed=1
                        """);
        assertThat(shell.run("pools", "default").out())
                .contains("cause     no java")
                .contains("queue     7 of 100, the oldest waits 1 min 1 s");
    }

    @Test
    void workers_of_one_pool_or_of_all_are_listed() {
        server.on("GET /v1/pools", 200, "{\"pools\":[" + POOL + "," + POOL + "]}");
        server.on(
                "GET /v1/pools/default/workers",
                200,
                POOL.substring(POOL.indexOf("\"workers\"")).replaceFirst("^", "{"));

        assertThat(shell.run("workers", "default").out())
                .isEqualTo(
                        """
                        WORKER     PID   STATE     TASK  CALLS  AGE  MEMORY  LEAVES
                        default-1  4711  busy      fib   5      2 h  56 MiB  -
                        default-2  -     starting  -     0      -    -       -
                        """);
        assertThat(shell.run("workers").out().lines()).hasSize(5);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "tasks",
                "apply fib 1",
                "submit fib",
                "jobs",
                "job 0199-a",
                "cancel 0199-a",
                "pools",
                "workers",
                "workers default"
            })
    void json_is_one_document_of_json(String line) throws Exception {
        server.on("GET /v1/tasks", 200, TASKS)
                .on("POST /v1/tasks/fib:apply", 200, "1")
                .on("POST /v1/jobs", 202, job("QUEUED"))
                .on("GET /v1/jobs", 200, "{\"jobs\":[" + job("FAILED") + "]}")
                .on("GET /v1/jobs/0199-a", 200, job("FAILED"))
                .on("POST /v1/jobs/0199-a:cancel", 200, job("CANCELLED"))
                .on("GET /v1/pools", 200, "{\"pools\":[" + POOL + "]}")
                .on("GET /v1/pools/default/workers", 200, "{\"workers\":[]}");

        Shell.Ran ran = shell.run((line + " -o json").split(" ", -1));

        assertThat(ran.code()).isZero();
        assertThat(Json.fault(ran.out())).isEmpty();
        assertThat(ran.out()).endsWith("\n");
    }

    // what a person sees

    @Test
    void colours_are_for_a_terminal_whose_user_wants_them() {
        server.on("GET /v1/jobs/0199-a", 200, job("FAILED"));
        String[] command = {"job", "0199-a"};
        var noColor = Map.of("PROCESS_POOL_URL", server.url(), "NO_COLOR", "1");

        assertThat(shell.seenByAPerson().run(command).out()).contains("\033[31mFAILED\033[0m");
        assertThat(shell.run(command).out()).doesNotContain("\033");
        assertThat(shell.seenByAPerson().run("job", "0199-a", "--no-color").out())
                .doesNotContain("\033");
        assertThat(new Shell("", true, true, noColor).run(command).out()).doesNotContain("\033");
    }

    @Test
    void text_of_others_cannot_control_the_terminal() {
        server.on(
                "GET /v1/tasks",
                200,
                "{\"tasks\":[{\"name\":\"x\",\"summary\":\"a\\u001b[31mb\\nc\\u0007\"}]}");

        assertThat(shell.seenByAPerson().run("tasks", "--no-color").out().lines().skip(1))
                .containsExactly("x     -           ab c");
    }
}
