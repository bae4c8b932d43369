package org.processpool.rest;

import static java.util.stream.Collectors.joining;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.processpool.job.JobId;
import org.processpool.job.JobState;
import org.processpool.job.JobStore;
import org.processpool.task.TaskName;

/**
 * Which jobs a client wants to see.
 *
 * @param filter what to ask the store for, with one more than a page holds
 * @param pageSize jobs on a page
 * @param filters the query without paging, always in the same order
 */
record JobQuery(JobStore.Filter filter, int pageSize, String filters) {

    private static final int DEFAULT_SIZE = 50;
    private static final int MOST = 500;
    private static final int MOST_LABELS = 32;
    private static final Set<String> KNOWN =
            Set.of(
                    "state",
                    "task",
                    "pool",
                    "label",
                    "createdAfter",
                    "createdBefore",
                    "sort",
                    "pageSize",
                    "pageToken");

    /**
     * Reads a query.
     *
     * @throws ProblemException invalid-request or invalid-page-token
     */
    static JobQuery read(String tenant, Map<String, List<String>> query) {
        Violations violations = new Violations();
        for (List<String> values : query.values()) {
            if (values.stream().anyMatch(value -> value.indexOf('\0') >= 0)) {
                violations.add("", Phrase.NOT_TEXT);
            }
        }
        for (String name : query.keySet()) {
            if (!KNOWN.contains(name)) {
                violations.addUnknown(name, name, KNOWN);
            }
        }
        Set<JobState> states = states(query, violations);
        Optional<TaskName> task = task(query, violations);
        Map<String, String> labels = labels(query, violations);
        Optional<Instant> after = time(query, "createdAfter", violations);
        Optional<Instant> before = time(query, "createdBefore", violations);
        String sort = first(query, "sort").orElse("-createdAt");
        if (!sort.equals("-createdAt") && !sort.equals("createdAt")) {
            violations.add("sort", Phrase.AMONG, "-createdAt | createdAt", sort);
        }
        int size = size(query, violations);
        violations.throwIfAny();
        var fixed = new TreeMap<>(query);
        fixed.remove("pageSize");
        fixed.remove("pageToken");
        String filters = fixed.toString();
        Optional<JobId> beyond =
                first(query, "pageToken").map(token -> PageToken.read(token, filters));
        return new JobQuery(
                new JobStore.Filter(
                        tenant,
                        states,
                        task,
                        first(query, "pool"),
                        labels,
                        after,
                        before,
                        sort.equals("createdAt"),
                        beyond,
                        size + 1),
                size,
                filters);
    }

    private static Set<JobState> states(Map<String, List<String>> query, Violations violations) {
        Set<JobState> states = EnumSet.noneOf(JobState.class);
        for (String value : split(query.get("state"))) {
            try {
                states.add(JobState.valueOf(value.toUpperCase(Locale.ROOT)));
            } catch (IllegalArgumentException unknown) {
                violations.add(
                        "state",
                        Phrase.AMONG,
                        Stream.of(JobState.values()).map(JobState::name).collect(joining(" | ")),
                        value);
            }
        }
        return states;
    }

    private static Optional<TaskName> task(Map<String, List<String>> query, Violations violations) {
        return first(query, "task")
                .flatMap(name -> {
                    try {
                        return Optional.of(new TaskName(name));
                    } catch (IllegalArgumentException noName) {
                        violations.add("task", Phrase.QUOTED, String.valueOf(noName.getMessage()));
                        return Optional.empty();
                    }
                });
    }

    private static Map<String, String> labels(
            Map<String, List<String>> query, Violations violations) {
        Map<String, String> labels = new LinkedHashMap<>();
        List<String> given = query.getOrDefault("label", List.of());
        if (given.size() > MOST_LABELS) {
            violations.add("label", Phrase.AT_MOST_MEMBERS, MOST_LABELS);
            return labels;
        }
        for (String label : given) {
            int colon = label.indexOf(':');
            if (colon < 1) {
                violations.add("label", Phrase.LABEL_FILTER, label);
            } else {
                String before = labels.put(label.substring(0, colon), label.substring(colon + 1));
                if (before != null) {
                    violations.add("label", Phrase.TWICE);
                }
            }
        }
        return labels;
    }

    private static Optional<Instant> time(
            Map<String, List<String>> query, String name, Violations violations) {
        return first(query, name)
                .flatMap(text -> {
                    try {
                        // a plus sign that was not encoded has arrived as a blank
                        return Optional.of(
                                OffsetDateTime.parse(text.replace(' ', '+')).toInstant());
                    } catch (DateTimeParseException malformed) {
                        violations.add(name, Phrase.A_TIME, text);
                        return Optional.empty();
                    }
                });
    }

    private static int size(Map<String, List<String>> query, Violations violations) {
        String text = first(query, "pageSize").orElse(Integer.toString(DEFAULT_SIZE));
        if (!text.matches("\\d{1,4}")
                || Integer.parseInt(text) < 1
                || Integer.parseInt(text) > MOST) {
            violations.add("pageSize", Phrase.FROM_TO, 1, MOST, text);
            return DEFAULT_SIZE;
        }
        return Integer.parseInt(text);
    }

    private static List<String> split(@Nullable List<String> values) {
        List<String> all = new ArrayList<>();
        if (values != null) {
            values.forEach(value -> all.addAll(Arrays.asList(value.split(",", -1))));
        }
        return all.stream().filter(value -> !value.isEmpty()).toList();
    }

    private static Optional<String> first(Map<String, List<String>> query, String name) {
        List<String> values = query.get(name);
        return values == null || values.isEmpty()
                ? Optional.empty()
                : Optional.of(values.getFirst());
    }
}
