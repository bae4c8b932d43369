package org.processpool.quarkus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarFile;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The images' files, laid out and started without a container engine: by another user, without
 * capabilities, in a process namespace of its own, with nothing to write to but the volumes. What
 * {@code RUN} does is left out, so the service starts without its AOT cache.
 */
@Timeout(120)
class ImageLayoutIT {

    private static final Path DOCKER = Path.of("src/main/docker");
    private static final Path APP = Path.of("target/quarkus-app");
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir Path directory;

    private final HttpClient client = HttpClient.newHttpClient();
    private Path root;
    private Process sandbox;
    private int port;

    @BeforeEach
    void make_the_places() throws IOException {
        root = Files.createDirectory(directory.resolve("root"));
        try (ServerSocket socket = new ServerSocket(0)) {
            port = socket.getLocalPort();
        }
        open(directory);
    }

    @AfterEach
    void leave_nothing_behind() throws InterruptedException {
        client.shutdownNow();
        if (sandbox != null) {
            sandbox.descendants().forEach(ProcessHandle::destroyForcibly);
            sandbox.destroyForcibly().waitFor();
        }
    }

    private static void open(Path place) throws IOException {
        Files.setPosixFilePermissions(place, PosixFilePermissions.fromString("rwxrwxrwx"));
    }

    private static void assumeTools() throws IOException {
        for (String tool : List.of("/usr/bin/bwrap", "/usr/bin/setpriv", "/usr/bin/tini")) {
            assumeThat(Path.of(tool)).exists();
        }
        assumeThat(Files.getAttribute(Path.of("/proc/self"), "unix:uid"))
                .as("only root may become somebody else")
                .isEqualTo(0);
    }

    /** Starts an image as a container engine would that is told to take everything away. */
    private void start(Dockerfile image, Map<String, String> settings, String... words)
            throws IOException {
        Map<String, String> environment = new LinkedHashMap<>(image.environment());
        environment.putAll(settings);
        Path java = Path.of(System.getProperty("java.home"));
        List<String> command =
                new ArrayList<>(
                        List.of(
                                "/usr/bin/bwrap",
                                "--as-pid-1",
                                "--unshare-pid",
                                "--unshare-ipc",
                                "--die-with-parent",
                                "--cap-add",
                                "CAP_SETUID",
                                "--cap-add",
                                "CAP_SETGID",
                                "--cap-add",
                                "CAP_SETPCAP",
                                "--clearenv"));
        command.addAll(List.of("--setenv", "PATH", java + "/bin:/usr/bin:/bin"));
        environment.forEach((name, value) -> command.addAll(List.of("--setenv", name, value)));
        for (String place : List.of("/usr", "/bin", "/lib", "/lib64", "/etc", "" + java)) {
            command.addAll(List.of("--ro-bind-try", place, place));
        }
        try (Stream<Path> top = Files.list(root)) {
            top.forEach(place ->
                    command.addAll(List.of("--ro-bind", "" + place, "/" + root.relativize(place))));
        }
        for (String volume : image.volumes()) {
            Path place = Files.createDirectories(volume(volume));
            open(place);
            command.addAll(List.of("--bind", "" + place, volume));
        }
        command.addAll(
                List.of(
                        "--proc",
                        "/proc",
                        "--dev",
                        "/dev",
                        "--perms",
                        "1777",
                        "--tmpfs",
                        "/dev/shm",
                        "--remount-ro",
                        "/",
                        "--chdir",
                        "/app",
                        "--"));
        String[] user = image.user().split(":", 2);
        command.addAll(
                List.of(
                        "/usr/bin/setpriv",
                        "--reuid",
                        user[0],
                        "--regid",
                        user[1],
                        "--clear-groups",
                        "--no-new-privs",
                        "--inh-caps",
                        "-all",
                        "--ambient-caps",
                        "-all",
                        "--bounding-set",
                        "-all"));
        command.addAll(image.entrypoint());
        command.addAll(List.of(words));
        sandbox =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(log().toFile())
                        .start();
    }

    private Path volume(String place) {
        return directory.resolve("volumes" + place);
    }

    private Path log() {
        return directory.resolve("log");
    }

    private Map<String, String> settings() {
        return Map.of(
                "QUARKUS_HTTP_HOST", "127.0.0.1",
                "QUARKUS_HTTP_PORT", "" + port,
                "PROCESS_POOL_CHAT_TCP_PORT", "0",
                "PROCESS_POOL_POOLS_CHAT_MIN_PROCESSES", "0",
                "PROCESS_POOL_POOLS_DEFAULT_PROCESSES", "2",
                "PROCESS_POOL_OFFER_TROUBLE", "true",
                "JDK_JAVA_OPTIONS", "-Xmx256m -XX:TieredStopAtLevel=1");
    }

    private void awaitReady() throws IOException {
        await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(100))
                .until(() -> {
                    assertThat(sandbox.isAlive()).as(() -> content(log())).isTrue();
                    return answers();
                });
    }

    private boolean answers() throws InterruptedException {
        try {
            return send("/q/health/ready", null).statusCode() == 200;
        } catch (IOException notYet) {
            return false;
        }
    }

    private HttpResponse<String> send(String path, String body)
            throws IOException, InterruptedException {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:%d%s".formatted(port, path)))
                        .timeout(PATIENCE);
        if (body == null) {
            request.header("prefer", "wait=30");
        } else {
            request.header("content-type", "application/json")
                    .POST(HttpRequest.BodyPublishers.ofString(body));
        }
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private static String content(Path file) {
        try {
            return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
        } catch (IOException unreadable) {
            throw new AssertionError(unreadable);
        }
    }

    /** The fields of /proc/PID/status. */
    private static Map<String, String> status(ProcessHandle process) {
        return content(Path.of("/proc", "" + process.pid(), "status"))
                .lines()
                .map(line -> line.split(":\\s*", 2))
                .collect(Collectors.toMap(pair -> pair[0], pair -> pair[1]));
    }

    /** Those in the namespace, as they are seen from here. */
    private List<ProcessHandle> inside() {
        return sandbox.descendants().toList();
    }

    @Test
    void serves_as_nobody_in_particular_and_writes_to_its_volumes_only() throws Exception {
        assumeTools();
        Dockerfile image = Dockerfile.of(DOCKER.resolve("Dockerfile.jvm"));
        image.layOut(Path.of(""), root);
        start(image, settings());
        awaitReady();

        // a call and a job
        assertThat(send("/v1/tasks/wordcount:apply", "\"to be or not to be\"").body())
                .isEqualTo("{\"be\":2,\"to\":2,\"not\":1,\"or\":1}");
        HttpResponse<String> job = send("/v1/jobs", "{\"task\":\"fib\",\"args\":[20]}");
        assertThat(job.statusCode()).as(job.body()).isEqualTo(202);
        String id = JSON.readTree(job.body()).path("id").asText();
        assertThat(send("/v1/jobs/%s/result".formatted(id), null).body()).isEqualTo("6765");
        assertThat(volume("/data").resolve("jobs.db")).isNotEmptyFile();

        // everybody in there is that user, and has nothing more to gain
        ProcessHandle init = sandbox.children().findFirst().orElseThrow();
        assertThat(status(init)).containsEntry("Name", "tini");
        assertThat(status(init).get("NSpid")).endsWith("\t1");
        for (ProcessHandle each : inside()) {
            assertThat(status(each))
                    .containsEntry("Uid", "10001\t10001\t10001\t10001")
                    .containsEntry("Gid", "0\t0\t0\t0")
                    .containsEntry("NoNewPrivs", "1")
                    .containsEntry("CapEff", "0000000000000000")
                    .containsEntry("CapBnd", "0000000000000000");
        }

        // what a killed worker had started ends as a child of process 1, which takes leave of it
        Set<Long> before = pids();
        assertThat(
                        send(
                                        "/v1/tasks/grandchild:apply",
                                        "{\"count\":3,\"detached\":true,\"then\":\"crash\"}")
                                .statusCode())
                .isEqualTo(502);
        await().atMost(PATIENCE)
                .untilAsserted(() -> {
                    assertThat(inside())
                            .noneMatch(each -> status(each).get("State").startsWith("Z"));
                    assertThat(pids()).hasSameSizeAs(before);
                });
        assertThat(pids()).as("the worker was replaced").isNotEqualTo(before);

        // told to stop it stops, and says so by the exit code
        assertThat(init.destroy()).isTrue();
        assertThat(sandbox.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(sandbox.exitValue()).isIn(0, 143);
        assertThat(content(log()))
                .doesNotContainIgnoringCase("read-only file system")
                .doesNotContain("Permission denied")
                .doesNotContain(" ERROR ");
        try (Stream<Path> left = Files.list(volume("/tmp"))) {
            assertThat(left.map(file -> file.getFileName().toString()))
                    .as("nothing of the workers is left")
                    .noneMatch(name -> name.startsWith("process-pool-"));
        }
    }

    private Set<Long> pids() {
        return inside().stream()
                .map(ProcessHandle::pid)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void is_the_client_if_it_is_given_words() throws Exception {
        assumeTools();
        Dockerfile image = Dockerfile.of(DOCKER.resolve("Dockerfile.jvm"));
        image.layOut(Path.of(""), root);
        start(image, Map.of(), "--version");

        assertThat(sandbox.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(content(log())).contains("1.0.0");
        assertThat(sandbox.exitValue()).isZero();
    }

    @Test
    void both_images_say_the_same_but_for_what_they_start() throws IOException {
        Dockerfile jvm = Dockerfile.of(DOCKER.resolve("Dockerfile.jvm"));
        Dockerfile natively = Dockerfile.of(DOCKER.resolve("Dockerfile.native-micro"));

        assertThat(natively.environment()).isEqualTo(jvm.environment());
        assertThat(natively.volumes()).isEqualTo(jvm.volumes()).containsExactly("/data", "/tmp");
        assertThat(natively.user()).isEqualTo(jvm.user()).isEqualTo("10001:0");
        assertThat(natively.entrypoint()).startsWith("/usr/bin/tini", "--").hasSize(3);
        assertThat(jvm.entrypoint()).startsWith("/usr/bin/tini", "--").hasSize(3);
        assertThat(jvm.instructions())
                .contains("EXPOSE 8080 8001", "STOPSIGNAL SIGTERM", "FROM ${JAVA_IMAGE}");
        assertThat(natively.instructions())
                .contains("EXPOSE 8080 8001", "STOPSIGNAL SIGTERM", "FROM ${BASE_IMAGE}");
        assertThat(jvm.instructions())
                .containsAll(
                        natively.instructions().stream()
                                .filter(line -> line.startsWith("RUN for tool"))
                                .toList());
    }

    @Test
    void nothing_that_is_copied_is_ignored() throws IOException {
        List<String> let =
                Files.readAllLines(Path.of(".dockerignore")).stream()
                        .filter(line -> line.startsWith("!"))
                        .map(line -> line.substring(1))
                        .toList();
        for (String file : List.of("Dockerfile.jvm", "Dockerfile.native-micro")) {
            for (List<String> copy : Dockerfile.of(DOCKER.resolve(file)).copies()) {
                for (String source : copy.subList(0, copy.size() - 1)) {
                    String pattern = source.replaceAll("/$", "");
                    assertThat(let)
                            .as(source)
                            .anyMatch(line ->
                                    line.equals(pattern)
                                            || pattern.matches(
                                                    line.replace(".", "\\.").replace("*", ".*")));
                }
            }
        }
    }

    @Test
    void the_plain_jar_starts_the_service_with_what_quarkus_asks_for() throws IOException {
        try (JarFile plain = new JarFile(APP.resolve("service.jar").toFile());
                JarFile quarkus = new JarFile(APP.resolve("quarkus-run.jar").toFile())) {
            var ours = plain.getManifest().getMainAttributes();
            var theirs = quarkus.getManifest().getMainAttributes();
            for (String attribute : List.of("Add-Opens", "Enable-Native-Access")) {
                assertThat(ours.getValue(attribute)).isEqualTo(theirs.getValue(attribute));
            }
            List<String> places = List.of(ours.getValue("Class-Path").split(" ", -1));
            assertThat(places).startsWith("quarkus/transformed-bytecode.jar");
            for (String folder : List.of("quarkus", "app", "lib/boot", "lib/main")) {
                try (Stream<Path> jars = Files.list(APP.resolve(folder))) {
                    assertThat(
                                    jars.map(jar -> APP.relativize(jar).toString())
                                            .filter(name -> name.endsWith(".jar")))
                            .isSubsetOf(places);
                }
            }
        }
    }

    @Test
    void the_bill_of_materials_has_every_library_with_its_version_and_mostly_its_licence()
            throws IOException {
        JsonNode bill = JSON.readTree(Path.of("target/quarkus-run-cyclonedx.json").toFile());
        assertThat(bill.path("bomFormat").asText()).isEqualTo("CycloneDX");

        Map<String, JsonNode> components =
                bill.path("components")
                        .valueStream()
                        .collect(
                                Collectors.toMap(
                                        each ->
                                                "%s.%s-%s"
                                                        .formatted(
                                                                each.path("group").asText(),
                                                                each.path("name").asText(),
                                                                each.path("version").asText()),
                                        each -> each,
                                        (one, _) -> one));
        List<String> libraries;
        try (Stream<Path> jars = Files.walk(APP.resolve("lib"))) {
            libraries =
                    jars.map(jar -> jar.getFileName().toString())
                            .filter(name -> name.endsWith(".jar"))
                            .map(name -> name.substring(0, name.length() - 4))
                            .toList();
        }
        assertThat(libraries).hasSizeGreaterThan(100);
        assertThat(libraries)
                .allMatch(library -> components.keySet().stream().anyMatch(library::startsWith));
        assertThat(components.values())
                .filteredOn(each -> !each.path("licenses").isEmpty())
                .hasSizeGreaterThan(components.size() * 9 / 10);
        assertThat(components.get("info.picocli.picocli-4.7.7").path("licenses").toString())
                .contains("Apache-2.0");
    }
}
