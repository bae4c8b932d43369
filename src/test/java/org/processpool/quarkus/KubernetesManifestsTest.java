package org.processpool.quarkus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.quarkus.runtime.configuration.DurationConverter;
import io.quarkus.runtime.configuration.MemorySizeConverter;
import io.smallrye.config.ConfigMapping;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The manifests of k8s/ are right by themselves, with each other and with the service. */
class KubernetesManifestsTest {

    private static final String POD = "spec/template/spec/";
    private static final Path REAL_SETTINGS = Path.of("src/main/resources/application.properties");

    /** What an API server asks for, and what it would fill in with something we do not mean. */
    private static final Map<String, List<String>> REQUIRED =
            Map.of(
                    "StatefulSet",
                    List.of(
                            "spec/replicas",
                            "spec/serviceName",
                            "spec/selector/matchLabels",
                            "spec/template/metadata/labels",
                            POD + "terminationGracePeriodSeconds",
                            POD + "containers/*/name",
                            POD + "containers/*/image",
                            POD + "containers/*/ports/*/name",
                            POD + "containers/*/ports/*/containerPort",
                            POD + "containers/*/env/*/name",
                            POD + "containers/*/volumeMounts/*/name",
                            POD + "containers/*/volumeMounts/*/mountPath",
                            POD + "containers/*/startupProbe/httpGet/port",
                            POD + "containers/*/readinessProbe/httpGet/port",
                            POD + "containers/*/livenessProbe/httpGet/port",
                            POD + "containers/*/resources/requests/cpu",
                            POD + "containers/*/resources/requests/memory",
                            POD + "containers/*/resources/limits/memory",
                            POD + "volumes/*/name",
                            "spec/volumeClaimTemplates/*/metadata/name",
                            "spec/volumeClaimTemplates/*/spec/accessModes",
                            "spec/volumeClaimTemplates/*/spec/resources/requests/storage"),
                    "Service",
                    List.of("spec/selector", "spec/ports/*/name", "spec/ports/*/port"),
                    "ServiceAccount",
                    List.of("automountServiceAccountToken"),
                    "ConfigMap",
                    List.of("data"),
                    "NetworkPolicy",
                    List.of("spec/podSelector", "spec/policyTypes", "spec/ingress/*/ports/*/port"),
                    "PodDisruptionBudget",
                    List.of("spec/selector/matchLabels", "spec/maxUnavailable"),
                    "Ingress",
                    List.of(
                            "spec/ingressClassName",
                            "spec/tls/*/hosts",
                            "spec/tls/*/secretName",
                            "spec/rules/*/host",
                            "spec/rules/*/http/paths/*/path",
                            "spec/rules/*/http/paths/*/pathType",
                            "spec/rules/*/http/paths/*/backend/service/name",
                            "spec/rules/*/http/paths/*/backend/service/port/name"),
                    "ServiceMonitor",
                    List.of("spec/selector/matchLabels", "spec/endpoints/*/port"),
                    "PrometheusRule",
                    List.of(
                            "spec/groups/*/name",
                            "spec/groups/*/rules/*/alert",
                            "spec/groups/*/rules/*/expr",
                            "spec/groups/*/rules/*/labels/severity",
                            "spec/groups/*/rules/*/annotations/summary",
                            "spec/groups/*/rules/*/annotations/description",
                            "spec/groups/*/rules/*/annotations/runbook"));

    static List<Path> files() {
        return Manifests.files();
    }

    @ParameterizedTest
    @MethodSource("files")
    void every_manifest_has_nothing_that_its_kind_does_not_know(Path file) throws IOException {
        List<JsonNode> documents = Manifests.read(file);
        assertThat(documents).isNotEmpty();
        for (JsonNode document : documents) {
            assertThatCode(() -> Manifests.strict(document))
                    .as("%s", file)
                    .doesNotThrowAnyException();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "terminationGracePeriodSeconds: 75, terminationGracePeriod: 75, terminationGracePeriod",
        "path: /q/health/ready, url: /q/health/ready, url",
        "readOnlyRootFilesystem: true, readOnlyRootFileSystem: true, readOnlyRootFileSystem",
        "value: localhost, value: 8080, String",
        "replicas: 1, replicas: one, one",
        "sizeLimit: 2Gi, sizelimit: 2Gi, sizelimit",
        "kind: StatefulSet, kind: StatefulSets, StatefulSets"
    })
    void what_does_not_fit_is_refused(String right, String wrong, String named) throws IOException {
        String good = Files.readString(Manifests.ROOT.resolve("base/statefulset.yaml"));
        assertThat(good).contains(right);
        JsonNode bad = Manifests.parse(good.replace(right, wrong)).getFirst();
        assertThatThrownBy(() -> Manifests.strict(bad))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(named);
    }

    @Test
    void what_stands_there_twice_is_refused() {
        assertThatThrownBy(() -> Manifests.parse("kind: Service\nspec: {}\nspec: {}\n"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("spec");
    }

    // ---- rendered

    @ParameterizedTest
    @ValueSource(strings = {"base", "overlays/jvm", "overlays/native"})
    void each_overlay_renders_to_objects_that_fit_each_other(String overlay) throws Exception {
        List<JsonNode> objects = rendered(Manifests.ROOT.resolve(overlay));
        assertThat(objects)
                .extracting(object -> object.path("kind").asText())
                .containsExactlyInAnyOrder(
                        "ConfigMap",
                        "NetworkPolicy",
                        "PodDisruptionBudget",
                        "Service",
                        "Service",
                        "ServiceAccount",
                        "StatefulSet");
        if (overlay.equals("base")) { // the overlays say how much memory
            ((ObjectNode)
                            Manifests.at(one(objects, "StatefulSet"), POD + "containers/*")
                                    .getFirst())
                    .set(
                            "resources",
                            Manifests.parse("{requests: {cpu: 1, memory: 1}, limits: {memory: 1}}")
                                    .getFirst());
        }
        check(objects);
    }

    @ParameterizedTest
    @ValueSource(strings = {"jvm", "native"})
    void the_overlay_that_the_manual_shows_renders_with_every_component(String image)
            throws Exception {
        List<JsonNode> objects = rendered(documented(image));
        check(objects);
        assertThat(objects)
                .extracting(object -> object.path("kind").asText())
                .contains("Ingress", "ServiceMonitor", "PrometheusRule");
        assertThat(objects)
                .extracting(object -> object.path("metadata").path("namespace").asText())
                .containsOnly("process-pool");

        JsonNode ingress = one(objects, "Ingress");
        JsonNode set = one(objects, "StatefulSet");
        assertThat(Manifests.texts(ingress, "spec/rules/*/host"))
                .hasSize(1)
                .doesNotContain("process-pool.example.com")
                .isEqualTo(Manifests.texts(ingress, "spec/tls/*/hosts/*"))
                .containsExactly(variable(set, "PUBLIC_HOST").path("value").asText());
        assertThat(Manifests.texts(set, POD + "containers/*/image"))
                .allMatch(name -> name.matches(".+/process-pool:.+"));

        JsonNode monitor = one(objects, "ServiceMonitor");
        List<JsonNode> scraped =
                objects.stream()
                        .filter(object -> object.path("kind").asText().equals("Service"))
                        .filter(service ->
                                covers(
                                        monitor.at("/spec/selector/matchLabels"),
                                        service.at("/metadata/labels")))
                        .toList();
        assertThat(scraped).hasSize(1);
        assertThat(scraped.getFirst().at("/metadata/name").asText())
                .as("the job that the alerts ask for")
                .isEqualTo("process-pool");
        assertThat(Manifests.texts(scraped.getFirst(), "spec/ports/*/name"))
                .containsAll(Manifests.texts(monitor, "spec/endpoints/*/port"));

        List<JsonNode> dashboards =
                objects.stream()
                        .filter(object -> object.at("/data/process-pool.json").isTextual())
                        .toList();
        assertThat(dashboards).hasSize(1);
        assertThat(dashboards.getFirst().at("/metadata/labels/grafana_dashboard").asText())
                .isEqualTo("1");
    }

    @Test
    void the_ingress_component_tells_the_service_its_name() throws Exception {
        Path own = Files.createDirectories(Path.of("target/manifests/ingress"));
        Files.writeString(
                own.resolve("kustomization.yaml"),
                """
                resources: [../../../k8s/overlays/jvm]
                components: [../../../k8s/components/ingress]
                """);
        List<JsonNode> objects = rendered(own);
        assertThat(variable(one(objects, "StatefulSet"), "PUBLIC_HOST").path("value").asText())
                .isEqualTo(one(objects, "Ingress").at("/spec/rules/0/host").asText())
                .isEqualTo("process-pool.example.com");
    }

    private static List<JsonNode> rendered(Path overlay) throws Exception {
        Optional<Program> kubectl = Program.named("kubectl");
        assumeTrue(kubectl.isPresent(), "kubectl is not installed");
        Program.Answer answer =
                kubectl.orElseThrow().run(Path.of("."), "kustomize", overlay.toString());
        assertThat(answer.code()).as(answer.text()).isZero();
        return Manifests.parse(answer.text());
    }

    /** The first overlay of the manual, with another image where it names the one of the JVM. */
    private static Path documented(String image) throws IOException {
        var block =
                Pattern.compile("```yaml\n# my-pool/kustomization.yaml\n(.*?)```", Pattern.DOTALL)
                        .matcher(Files.readString(Manifests.MANUAL));
        assertThat(block.find()).as("an overlay in %s", Manifests.MANUAL).isTrue();
        Path own = Files.createDirectories(Path.of("target/manifests/" + image));
        Files.writeString(
                own.resolve("kustomization.yaml"),
                block.group(1)
                        .replace("../k8s/", "../../../k8s/")
                        .replace("overlays/jvm", "overlays/" + image));
        Files.copy(
                Manifests.SETTINGS,
                own.resolve("application.properties"),
                StandardCopyOption.REPLACE_EXISTING);
        return own;
    }

    private static void check(List<JsonNode> objects) throws IOException {
        for (JsonNode object : objects) {
            Manifests.strict(object);
            String kind = object.path("kind").asText();
            assertThat(Manifests.at(object, "metadata/name")).allMatch(JsonNode::isTextual);
            for (String path : REQUIRED.get(kind)) {
                assertThat(Manifests.at(object, path))
                        .as("%s of %s", path, kind)
                        .isNotEmpty()
                        .noneMatch(JsonNode::isMissingNode);
            }
        }
        JsonNode set = one(objects, "StatefulSet");
        Set<String> names =
                objects.stream()
                        .map(o -> o.path("kind").asText() + "/" + o.at("/metadata/name").asText())
                        .collect(Collectors.toSet());
        assertThat(names).as("objects have names of their own").hasSameSizeAs(objects);
        references(set, names);
        JsonNode labels = set.at("/spec/template/metadata/labels");
        Set<String> ports = new HashSet<>(Manifests.texts(set, POD + "containers/*/ports/*/name"));
        for (JsonNode object : objects) {
            switch (object.path("kind").asText()) {
                case "Service" -> {
                    assertThat(covers(object.at("/spec/selector"), labels)).isTrue();
                    assertThat(ports)
                            .containsAll(Manifests.texts(object, "spec/ports/*/targetPort"));
                }
                case "NetworkPolicy" -> {
                    assertThat(covers(object.at("/spec/podSelector/matchLabels"), labels)).isTrue();
                    assertThat(Manifests.texts(object, "spec/policyTypes/*"))
                            .containsExactlyInAnyOrder("Ingress", "Egress");
                    assertThat(Manifests.texts(object, "spec/ingress/*/ports/*/port"))
                            .containsExactlyInAnyOrderElementsOf(
                                    Manifests.texts(
                                            set, POD + "containers/*/ports/*/containerPort"));
                    assertThat(Manifests.texts(object, "spec/egress/*/ports/*/port"))
                            .containsOnly("53");
                }
                case "PodDisruptionBudget" ->
                        assertThat(covers(object.at("/spec/selector/matchLabels"), labels))
                                .isTrue();
                case "Ingress" -> {
                    assertThat(names)
                            .contains(
                                    "Service/"
                                            + Manifests.texts(
                                                            object,
                                                            "spec/rules/*/http/paths/*/backend/service/name")
                                                    .getFirst());
                    assertThat(Manifests.texts(object, "spec/rules/*/http/paths/*/path"))
                            .as("health and metrics stay inside")
                            .contains("/v1", "/chat", "/chat.html")
                            .noneMatch(path -> path.equals("/") || path.startsWith("/q"));
                }
                default -> {
                    // has no eye on others
                }
            }
        }
    }

    /** What the pod names is there, or is made by the user and told in the manual. */
    private static void references(JsonNode set, Set<String> names) throws IOException {
        assertThat(
                        covers(
                                set.at("/spec/selector/matchLabels"),
                                set.at("/spec/template/metadata/labels")))
                .isTrue();
        assertThat(names)
                .contains(
                        "Service/" + set.at("/spec/serviceName").asText(),
                        "ServiceAccount/" + set.at("/" + POD + "serviceAccountName").asText())
                .containsAll(
                        Manifests.texts(set, POD + "volumes/*/configMap/name").stream()
                                .map("ConfigMap/"::concat)
                                .toList());
        assertThat(Manifests.texts(set, POD + "volumes/*/secret/secretName"))
                .containsExactly("process-pool-tokens");
        assertThat(Files.readString(Manifests.MANUAL))
                .contains("create secret generic process-pool-tokens");
        var mounted = new TreeSet<>(Manifests.texts(set, POD + "containers/*/volumeMounts/*/name"));
        var there = new TreeSet<>(Manifests.texts(set, POD + "volumes/*/name"));
        there.addAll(Manifests.texts(set, "spec/volumeClaimTemplates/*/metadata/name"));
        assertThat(mounted).isEqualTo(there);
        Set<String> ports = Set.copyOf(Manifests.texts(set, POD + "containers/*/ports/*/name"));
        for (String probe : List.of("startupProbe", "readinessProbe", "livenessProbe")) {
            assertThat(ports)
                    .containsAll(
                            Manifests.texts(set, POD + "containers/*/" + probe + "/httpGet/port"));
        }
    }

    // ---- by itself

    @Test
    void the_pod_is_as_restricted_as_pod_security_asks() throws IOException {
        JsonNode pod = base().at("/spec/template/spec");
        assertThat(pod.path("automountServiceAccountToken").asBoolean(true)).isFalse();
        assertThat(pod.path("enableServiceLinks").asBoolean(true)).isFalse();
        for (String shared :
                List.of("hostNetwork", "hostPID", "hostIPC", "shareProcessNamespace")) {
            assertThat(pod.path(shared).asBoolean(false)).as(shared).isFalse();
        }
        JsonNode context = pod.path("securityContext");
        assertThat(context.path("runAsNonRoot").asBoolean()).isTrue();
        assertThat(context.path("runAsUser").asInt()).isEqualTo(10001);
        assertThat(context.path("fsGroup").asInt()).isEqualTo(10001);
        assertThat(context.at("/seccompProfile/type").asText()).isEqualTo("RuntimeDefault");
        for (JsonNode container : pod.path("containers")) {
            JsonNode own = container.path("securityContext");
            assertThat(own.path("allowPrivilegeEscalation").asBoolean(true)).isFalse();
            assertThat(own.path("privileged").asBoolean(true)).isFalse();
            assertThat(own.path("readOnlyRootFilesystem").asBoolean()).isTrue();
            assertThat(Manifests.texts(own, "capabilities/drop/*")).containsExactly("ALL");
            assertThat(own.at("/capabilities/add").isMissingNode()).isTrue();
        }
        assertThat(pod.path("volumes"))
                .allMatch(volume ->
                        volume.has("emptyDir") || volume.has("configMap") || volume.has("secret"));
    }

    @Test
    void what_may_be_written_is_the_volume_and_tmp() throws IOException {
        JsonNode set = base();
        List<String> writable =
                Manifests.at(set, POD + "containers/*/volumeMounts/*").stream()
                        .filter(mount -> !mount.path("readOnly").asBoolean())
                        .map(mount -> mount.path("mountPath").asText())
                        .toList();
        assertThat(writable)
                .containsExactlyInAnyOrder(
                        "/tmp", Manifests.settings().getProperty("process-pool.store.directory"));
    }

    @Test
    void settings_and_tokens_are_mounted_where_they_are_looked_for() throws IOException {
        JsonNode container = Manifests.at(base(), POD + "containers/*").getFirst();
        Map<String, String> mounts =
                Manifests.at(container, "volumeMounts/*").stream()
                        .collect(
                                Collectors.toMap(
                                        mount -> mount.path("name").asText(),
                                        mount -> mount.path("mountPath").asText()));
        assertThat(mounts.get("config"))
                .isEqualTo(container.path("workingDir").asText() + "/config");
        assertThat(mounts.get("tokens") + "/tokens")
                .isEqualTo(Manifests.settings().getProperty("process-pool.security.tokens-file"));
        assertThat(Manifests.texts(base(), POD + "volumes/*/secret/items/*/path"))
                .containsExactly("tokens");
    }

    @Test
    void the_port_is_the_one_the_service_listens_on() throws IOException {
        assertThat(Manifests.texts(base(), POD + "containers/*/ports/*/containerPort"))
                .containsExactly(real().getProperty("quarkus.http.port"));
        assertThat(Manifests.settings()).doesNotContainKey("quarkus.http.port");
    }

    @Test
    void every_setting_of_ours_exists() throws IOException {
        Set<String> names = Manifests.settings().stringPropertyNames();
        assertThat(names).anyMatch(name -> name.startsWith("process-pool."));
        assertThatCode(() -> SettingKeys.of(mappings()).refuseUnknown(names))
                .doesNotThrowAnyException();
    }

    /** All interfaces of the service that name settings. */
    private static Class<?>[] mappings() throws IOException {
        Path classes = Path.of("target/classes");
        try (Stream<Path> files = Files.walk(classes.resolve("org/processpool"))) {
            return files.map(file -> classes.relativize(file).toString())
                    .filter(file -> file.endsWith(".class") && !file.contains("-info"))
                    .map(file -> file.replace(".class", "").replace(File.separatorChar, '.'))
                    .<Class<?>>map(KubernetesManifestsTest::load)
                    .filter(type -> type.isAnnotationPresent(ConfigMapping.class))
                    .toArray(Class<?>[]::new);
        }
    }

    private static Class<?> load(String name) {
        try {
            return Class.forName(name, false, KubernetesManifestsTest.class.getClassLoader());
        } catch (ClassNotFoundException gone) {
            throw new IllegalStateException(gone);
        }
    }

    @Test
    void every_variable_is_used_and_every_one_used_is_set() throws IOException {
        Set<String> used =
                Pattern.compile("\\$\\{([A-Z_]+)}")
                        .matcher(String.join("\n", values(Manifests.settings())))
                        .results()
                        .map(variable -> variable.group(1))
                        .collect(Collectors.toSet());
        assertThat(new HashSet<>(Manifests.texts(base(), POD + "containers/*/env/*/name")))
                .isEqualTo(used);
        assertThat(Manifests.texts(overlay("jvm"), POD + "containers/*/env/*/name"))
                .containsExactly("JDK_JAVA_OPTIONS");
        assertThat(Manifests.texts(overlay("native"), POD + "containers/*/env/*/name")).isEmpty();
    }

    private static List<String> values(Properties settings) {
        return settings.stringPropertyNames().stream().map(settings::getProperty).toList();
    }

    @ParameterizedTest
    @ValueSource(strings = {"jvm", "native"})
    void the_memory_limit_is_the_sum_that_is_worked_out(String image) throws IOException {
        String text = Files.readString(file(image));
        Properties settings = Manifests.settings();
        long ofDefault = mebibytes(settings, "process-pool.pools.default.hard-memory");
        long ofChat = mebibytes(settings, "process-pool.pools.chat.hard-memory");
        int defaults =
                Integer.parseInt(settings.getProperty("process-pool.pools.default.processes"));
        int chats = Integer.parseInt(settings.getProperty("process-pool.pools.chat.processes"));
        assertThat(text)
                .contains(
                        "+ %d MiB  pool default: %d x %d"
                                .formatted(defaults * ofDefault, defaults, ofDefault),
                        "+ %d MiB  pool chat: %d x %d".formatted(chats * ofChat, chats, ofChat),
                        "+ %d MiB  one more of each: %d + %d"
                                .formatted(ofDefault + ofChat, ofDefault, ofChat));
        long sum = sum(text, "MiB", "[ +]");
        assertThat(sum).isEqualTo(sum(text, "MiB", "="));
        assertThat(Manifests.texts(overlay(image), POD + "containers/*/resources/limits/memory"))
                .containsExactly(sum + "Mi");
    }

    @Test
    void the_service_on_a_jvm_has_as_much_again_as_its_heap() throws IOException {
        String flags = variable(overlay("jvm"), "JDK_JAVA_OPTIONS").path("value").asText();
        var heap = Pattern.compile("-Xmx(\\d+)m").matcher(flags);
        assertThat(heap.matches()).as(flags).isTrue();
        assertThat(Files.readString(file("jvm")))
                .contains(
                        "%d MiB  the service: heap %s"
                                .formatted(2 * Integer.parseInt(heap.group(1)), heap.group(1)));
    }

    @Test
    void the_grace_period_is_longer_than_the_stop_may_take() throws IOException {
        Properties settings = Manifests.settings();
        long stop =
                seconds(settings, "process-pool.shutdown-delay")
                        + seconds(settings, "process-pool.shutdown-grace")
                        + 5 // until what was cut off has said so
                        + 5; // until killed workers are gone
        String text = Files.readString(Manifests.ROOT.resolve("base/statefulset.yaml"));
        assertThat(sum(text, "s", "[ +]")).isEqualTo(stop).isEqualTo(sum(text, "s", "="));
        assertThat(base().at("/" + POD + "terminationGracePeriodSeconds").asLong())
                .isGreaterThan(stop + 10);
    }

    @Test
    void the_store_leaves_room_on_its_volume() throws IOException {
        String volume =
                Manifests.texts(
                                base(),
                                "spec/volumeClaimTemplates/*/spec/resources/requests/storage")
                        .getFirst();
        long most = mebibytes(Manifests.settings(), "process-pool.store.max-size");
        assertThat(most * 10).isBetween(0L, mebibytes(volume.replace("Gi", "G")) * 9);
    }

    // ---- monitoring

    @Test
    void every_alert_has_its_section_in_the_manual_and_no_section_is_without_alert()
            throws IOException {
        JsonNode rules = Manifests.read(Manifests.RULES).getFirst();
        List<String> alerts = Manifests.texts(rules, "spec/groups/*/rules/*/alert");
        assertThat(alerts).doesNotHaveDuplicates().hasSizeGreaterThan(10);
        List<String> sections =
                Files.readAllLines(Manifests.MANUAL).stream()
                        .filter(line -> line.startsWith("### ProcessPool"))
                        .map(line -> line.substring("### ".length()))
                        .toList();
        assertThat(sections).containsExactlyInAnyOrderElementsOf(alerts);
        for (JsonNode rule : Manifests.at(rules, "spec/groups/*/rules/*")) {
            assertThat(rule.at("/annotations/runbook").asText())
                    .isEqualTo(
                            Manifests.MANUAL
                                    + "#"
                                    + rule.path("alert").asText().toLowerCase(Locale.ROOT));
        }
    }

    @Test
    void every_alert_is_tried_by_promtool() throws IOException {
        JsonNode tests = Manifests.parse(Files.readString(MonitoringIT.ALERT_TESTS)).getFirst();
        Set<String> fired =
                Manifests.at(tests, "tests/*/alert_rule_test/*").stream()
                        .filter(test -> !test.path("exp_alerts").isEmpty())
                        .map(test -> test.path("alertname").asText())
                        .collect(Collectors.toSet());
        Set<String> quiet =
                Manifests.at(tests, "tests/*/alert_rule_test/*").stream()
                        .filter(test -> test.path("exp_alerts").isEmpty())
                        .map(test -> test.path("alertname").asText())
                        .collect(Collectors.toSet());
        Set<String> alerts =
                Expressions.alerts().stream()
                        .map(Expressions.Expression::name)
                        .collect(Collectors.toSet());
        assertThat(fired).isEqualTo(alerts);
        assertThat(quiet).isEqualTo(alerts);
    }

    @Test
    void the_dashboard_has_what_grafana_asks_for_and_nothing_lies_on_top_of_another()
            throws IOException {
        JsonNode dashboard = Expressions.dashboard();
        assertThat(dashboard.path("uid").asText()).isEqualTo("process-pool");
        assertThat(dashboard.path("schemaVersion").asInt()).isPositive();
        Set<String> variables =
                Manifests.at(dashboard, "templating/list/*").stream()
                        .map(variable -> variable.path("name").asText())
                        .collect(Collectors.toSet());
        var ids = new HashSet<Integer>();
        var taken = new HashSet<String>();
        for (JsonNode panel : dashboard.path("panels")) {
            String title = panel.path("title").asText();
            assertThat(title).isNotBlank();
            assertThat(ids.add(panel.path("id").asInt())).as(title).isTrue();
            JsonNode place = panel.path("gridPos");
            assertThat(place.path("x").asInt() + place.path("w").asInt())
                    .as(title)
                    .isBetween(1, 24);
            for (int x = 0; x < place.path("w").asInt(); x++) {
                for (int y = 0; y < place.path("h").asInt(); y++) {
                    assertThat(
                                    taken.add(
                                            (place.path("x").asInt() + x)
                                                    + ","
                                                    + (place.path("y").asInt() + y)))
                            .as(title)
                            .isTrue();
                }
            }
            if (panel.path("type").asText().equals("row")) {
                continue;
            }
            assertThat(panel.path("description").asText()).as(title).isNotBlank();
            assertThat(panel.at("/fieldConfig/defaults/unit").asText()).as(title).isNotBlank();
            assertThat(panel.path("targets")).as(title).isNotEmpty();
            assertThat(Manifests.texts(panel, "targets/*/refId")).doesNotHaveDuplicates();
            Stream.concat(Stream.of(panel), Manifests.at(panel, "targets/*").stream())
                    .forEach(from ->
                            assertThat(from.at("/datasource/uid").asText())
                                    .as(title)
                                    .isEqualTo("${datasource}"));
            assertThat(usedVariables(panel)).as(title).isSubsetOf(variables);
        }
    }

    private static List<String> usedVariables(JsonNode panel) {
        var used = new ArrayList<String>();
        Pattern variable = Pattern.compile("\\$\\{?(?!__)(\\w+)");
        for (String expression : Manifests.texts(panel, "targets/*/expr")) {
            variable.matcher(expression).results().forEach(found -> used.add(found.group(1)));
        }
        return used;
    }

    // ---- ways to look at them

    private static JsonNode base() throws IOException {
        return Manifests.read(Manifests.ROOT.resolve("base/statefulset.yaml")).getFirst();
    }

    private static Path file(String image) {
        return Manifests.ROOT.resolve("overlays/%s/statefulset.yaml".formatted(image));
    }

    private static JsonNode overlay(String image) throws IOException {
        return Manifests.read(file(image)).getFirst();
    }

    private static Properties real() throws IOException {
        var settings = new Properties();
        try (var reader = Files.newBufferedReader(REAL_SETTINGS)) {
            settings.load(reader);
        }
        return settings;
    }

    private static JsonNode one(List<JsonNode> objects, String kind) {
        List<JsonNode> found =
                objects.stream()
                        .filter(object -> object.path("kind").asText().equals(kind))
                        .toList();
        assertThat(found).as(kind).hasSize(1);
        return found.getFirst();
    }

    private static JsonNode variable(JsonNode set, String name) {
        return Manifests.at(set, POD + "containers/*/env/*").stream()
                .filter(variable -> variable.path("name").asText().equals(name))
                .findFirst()
                .orElseThrow();
    }

    /** Whether a selector chooses what has these labels. */
    private static boolean covers(JsonNode selector, JsonNode labels) {
        return !selector.isEmpty()
                && selector.properties().stream()
                        .allMatch(label -> label.getValue().equals(labels.get(label.getKey())));
    }

    /** Adds up the numbers of a comment such as {@code # + 5 s why}. */
    private static long sum(String text, String unit, String sign) {
        return Pattern.compile("(?m)^ *# +%s *(\\d+) %s  ".formatted(sign, unit))
                .matcher(text)
                .results()
                .mapToLong(line -> Long.parseLong(line.group(1)))
                .sum();
    }

    private static long seconds(Properties settings, String key) {
        return DurationConverter.parseDuration(settings.getProperty(key)).toSeconds();
    }

    private static long mebibytes(Properties settings, String key) {
        return mebibytes(settings.getProperty(key));
    }

    private static long mebibytes(String size) {
        return new MemorySizeConverter().convert(size).asLongValue() >> 20;
    }
}
