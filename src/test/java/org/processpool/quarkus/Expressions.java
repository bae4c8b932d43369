package org.processpool.quarkus;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the dashboard and the alerts ask of Prometheus. */
final class Expressions {

    /** All that the service offers begins so; {@code up} is Prometheus' own. */
    private static final Pattern SELECTOR =
            Pattern.compile("\\b((?:processpool|jvm|http|process)_\\w+|up)\\b(?:\\{([^}]*)})?");

    private static final Pattern MATCHER = Pattern.compile("(\\w+)(=~|!=|!~|=)\"([^\"]*)\"");
    private static final Pattern LABEL = Pattern.compile("\\{\\{(\\w+)}}");

    private Expressions() {}

    /**
     * An expression.
     *
     * @param name of the panel or the alert
     * @param text in PromQL
     * @param labels that its legend shows
     */
    record Expression(String name, String text, List<String> labels) {

        /** The series it looks at, each by itself. */
        List<Selector> selectors() {
            return SELECTOR.matcher(text).results().map(Selector::of).toList();
        }

        @Override
        public String toString() {
            return name + ": " + text;
        }
    }

    /**
     * Series by name and labels.
     *
     * @param labels what each has to match as a whole
     */
    record Selector(String metric, Map<String, String> labels, String text) {

        private static Selector of(MatchResult found) {
            var labels = new LinkedHashMap<String, String>();
            String inside = found.group(2) == null ? "" : found.group(2);
            String rest =
                    MATCHER.matcher(inside)
                            .replaceAll(matcher -> {
                                if (matcher.group(2).startsWith("!")) {
                                    throw new IllegalArgumentException(
                                            "a matcher that excludes: " + inside);
                                }
                                labels.put(
                                        matcher.group(1),
                                        matcher.group(2).equals("=")
                                                ? Pattern.quote(matcher.group(3))
                                                : matcher.group(3));
                                return "";
                            });
            if (!rest.replaceAll("[,\\s]", "").isEmpty()) {
                throw new IllegalArgumentException("no matchers: " + inside);
            }
            return new Selector(found.group(1), labels, found.group());
        }

        /** Whether a series is meant; labels that Prometheus adds are not asked for. */
        boolean fits(String name, Map<String, String> has) {
            return name.equals(metric)
                    && labels.entrySet().stream()
                            .filter(label -> !label.getKey().equals("instance"))
                            .allMatch(label ->
                                    Pattern.matches(
                                            label.getValue(),
                                            has.getOrDefault(label.getKey(), "")));
        }
    }

    /** The dashboard. */
    static JsonNode dashboard() throws IOException {
        return new ObjectMapper().readTree(Manifests.DASHBOARD.toFile());
    }

    /** Those of the panels, with everything chosen and a rate over a minute. */
    static List<Expression> panels() throws IOException {
        var expressions = new ArrayList<Expression>();
        for (JsonNode panel : dashboard().path("panels")) {
            for (JsonNode target : panel.path("targets")) {
                expressions.add(
                        new Expression(
                                panel.path("title").asText(),
                                chosen(target.path("expr").asText()),
                                LABEL.matcher(target.path("legendFormat").asText())
                                        .results()
                                        .map(label -> label.group(1))
                                        .toList()));
            }
        }
        return expressions;
    }

    /** Those of the variables, which list what can be chosen: a selector and a label. */
    static List<Expression> variables() throws IOException {
        Pattern values = Pattern.compile("label_values\\((.*), (\\w+)\\)");
        var expressions = new ArrayList<Expression>();
        for (JsonNode variable : dashboard().path("templating").path("list")) {
            if (variable.path("type").asText().equals("query")) {
                Matcher query = values.matcher(variable.path("definition").asText());
                if (!query.matches()) {
                    throw new IOException("another kind of query: " + variable);
                }
                expressions.add(
                        new Expression(
                                variable.path("name").asText(),
                                chosen(query.group(1)),
                                List.of(query.group(2))));
            }
        }
        return expressions;
    }

    private static String chosen(String expression) {
        return expression
                .replace("$instance", ".+")
                .replace("$pool", ".+")
                .replace("$__rate_interval", "1m");
    }

    /** Those of the alerts. */
    static List<Expression> alerts() throws IOException {
        var expressions = new ArrayList<Expression>();
        for (JsonNode rule :
                Manifests.at(Manifests.read(Manifests.RULES).getFirst(), "spec/groups/*/rules/*")) {
            expressions.add(
                    new Expression(
                            rule.path("alert").asText(), rule.path("expr").asText(), List.of()));
        }
        return expressions;
    }
}
