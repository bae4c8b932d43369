package org.processpool.quarkus;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.type.LogicalType;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.openshift.api.model.monitoring.v1.PrometheusRule;
import io.fabric8.openshift.api.model.monitoring.v1.ServiceMonitor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Stream;

/**
 * What lies below {@code k8s/}. Manifests are read as strictly as an API server does with {@code
 * fieldValidation=Strict}: no member it does not know, no member twice, no value of another type.
 */
final class Manifests {

    static final Path ROOT = Path.of("k8s");
    static final Path SETTINGS = ROOT.resolve("base/application.properties");
    static final Path DASHBOARD = ROOT.resolve("components/monitoring/dashboard.json");
    static final Path RULES = ROOT.resolve("components/monitoring/prometheusrule.yaml");
    static final Path MANUAL = Path.of("docs/kubernetes.md");

    /** By apiVersion and kind; what is not here is not ours. */
    private static final Map<String, Class<? extends HasMetadata>> KINDS =
            Map.of(
                    "v1/ConfigMap", ConfigMap.class,
                    "v1/Service", Service.class,
                    "v1/ServiceAccount", ServiceAccount.class,
                    "apps/v1/StatefulSet", StatefulSet.class,
                    "networking.k8s.io/v1/Ingress", Ingress.class,
                    "networking.k8s.io/v1/NetworkPolicy", NetworkPolicy.class,
                    "policy/v1/PodDisruptionBudget", PodDisruptionBudget.class,
                    "monitoring.coreos.com/v1/PrometheusRule", PrometheusRule.class,
                    "monitoring.coreos.com/v1/ServiceMonitor", ServiceMonitor.class);

    private static final ObjectMapper YAML =
            YAMLMapper.builder()
                    .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
                    .build();
    private static final ObjectMapper STRICT = strict();

    private Manifests() {}

    private static ObjectMapper strict() {
        ObjectMapper mapper =
                JsonMapper.builder()
                        .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                        .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
                        .withCoercionConfig(
                                LogicalType.Textual,
                                text -> {
                                    for (var shape :
                                            List.of(
                                                    CoercionInputShape.Boolean,
                                                    CoercionInputShape.Integer,
                                                    CoercionInputShape.Float)) {
                                        text.setCoercion(shape, CoercionAction.Fail);
                                    }
                                })
                        .build();
        // the classes keep what they do not know in a map of its own; here it is refused
        return mapper.setAnnotationIntrospector(
                new JacksonAnnotationIntrospector() {
                    private static final long serialVersionUID = 1;

                    @Override
                    public Boolean hasAnySetter(Annotated member) {
                        return false;
                    }
                });
    }

    /** All files with objects of the cluster, patches included. */
    static List<Path> files() {
        try (Stream<Path> all = Files.walk(ROOT)) {
            return all.filter(file -> file.toString().endsWith(".yaml"))
                    .filter(file -> !file.endsWith("kustomization.yaml"))
                    .sorted()
                    .toList();
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    /** The documents of a file. */
    static List<JsonNode> read(Path file) throws IOException {
        return parse(Files.readString(file));
    }

    /** The documents of a text. */
    static List<JsonNode> parse(String yaml) throws IOException {
        var documents = new ArrayList<JsonNode>();
        try (var parser = YAML.createParser(yaml);
                var all = YAML.readerFor(JsonNode.class).<JsonNode>readValues(parser)) {
            while (all.hasNextValue()) {
                documents.add(all.nextValue());
            }
        }
        return documents;
    }

    /**
     * Reads a document as what it says it is.
     *
     * @throws IOException naming what does not fit
     */
    static HasMetadata strict(JsonNode document) throws IOException {
        String kind = document.path("apiVersion").asText() + "/" + document.path("kind").asText();
        Class<? extends HasMetadata> type = KINDS.get(kind);
        if (type == null) {
            throw new IOException("no kind we know: " + kind);
        }
        return STRICT.treeToValue(document, type);
    }

    /** The settings that the ConfigMap holds. */
    static Properties settings() throws IOException {
        var settings = new Properties();
        try (var reader = Files.newBufferedReader(SETTINGS)) {
            settings.load(reader);
        }
        return settings;
    }

    /**
     * What lies at a path of names with slashes between, where a star is every element. What is not
     * there is a {@link MissingNode}, at the last step only.
     */
    static List<JsonNode> at(JsonNode node, String path) {
        List<JsonNode> found = List.of(node);
        for (String step : path.split("/", -1)) {
            found =
                    found.stream()
                            .filter(from -> !from.isMissingNode())
                            .<JsonNode>mapMulti((from, next) -> {
                                if (step.equals("*")) {
                                    from.forEach(next);
                                } else {
                                    next.accept(from.path(step));
                                }
                            })
                            .toList();
        }
        return found;
    }

    /** What lies there, as text. */
    static List<String> texts(JsonNode node, String path) {
        return at(node, path).stream()
                .filter(found -> !found.isMissingNode())
                .map(JsonNode::asText)
                .toList();
    }
}
