package org.processpool.quarkus;

import io.quarkus.runtime.configuration.ConfigurationException;
import io.smallrye.config.ConfigMapping;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.processpool.rest.BodyLimits;
import org.processpool.rest.CallLimits;
import org.processpool.rest.JobSettings;
import org.processpool.rest.NearestNames;
import org.processpool.rest.WebhookSettings;

/**
 * The keys that the service's configuration interfaces read. Quarkus only warns of a key that
 * nobody reads, so a typo in a limit would go unnoticed; here it refuses the start.
 */
final class SettingKeys {

    /** What the service answers to; others have keys beginning alike only by mistake. */
    private static final String PREFIX = "process-pool.";

    /**
     * Variables are checked only under this: Kubernetes sets {@code PROCESS_POOL_SERVICE_HOST} and
     * the like for a service of our name.
     */
    private static final String VARIABLE_PREFIX = "PROCESS_POOL_POOLS_";

    private static final Pattern POOL =
            Pattern.compile("process-pool\\.pools\\.(\"[^\"]+\"|[^.]+)\\..+");
    private static final Pattern NO_LETTER_OR_DIGIT = Pattern.compile("[^A-Za-z0-9]");

    /** Keys with {@code *} for a name of the user's choice. */
    private final List<String> templates = new ArrayList<>();

    private SettingKeys() {}

    /** All keys of the service. */
    static SettingKeys ofTheService() {
        return of(
                PoolSettings.class,
                ChatSettings.class,
                CallLimits.class,
                BodyLimits.class,
                StoreSettings.class,
                JobSettings.class,
                WebhookSettings.class,
                SecuritySettings.class);
    }

    /** The keys of interfaces that carry {@link ConfigMapping}. */
    static SettingKeys of(Class<?>... mappings) {
        var keys = new SettingKeys();
        for (Class<?> mapping : mappings) {
            keys.add(mapping.getAnnotation(ConfigMapping.class).prefix() + ".", mapping);
        }
        return keys;
    }

    /**
     * Looks at every name the configuration has.
     *
     * @throws ConfigurationException naming the first unknown key of ours and the nearest known one
     */
    void refuseUnknown(Iterable<String> names) {
        for (String name : names) {
            boolean ours = name.startsWith(PREFIX);
            boolean variable = name.startsWith(VARIABLE_PREFIX);
            if ((ours && !isKnown(name)) || (variable && !isKnownVariable(name))) {
                throw new ConfigurationException(
                        "unknown setting '%s'; did you mean '%s'?".formatted(name, nearest(name)));
            }
        }
    }

    private void add(String prefix, Class<?> group) {
        for (Method method : group.getMethods()) {
            if (method.isDefault()) {
                continue; // no key but a convenience
            }
            String key = prefix + kebab(method.getName());
            if (method.getReturnType() == Map.class) {
                Type value =
                        ((ParameterizedType) method.getGenericReturnType())
                                .getActualTypeArguments()[1];
                if (value instanceof Class<?> nested && nested.isInterface()) {
                    add(key + ".*.", nested);
                } else {
                    templates.add(key + ".*");
                }
            } else if (method.getReturnType().getEnclosingClass() == group
                    && method.getReturnType().isInterface()) {
                add(key + ".", method.getReturnType());
            } else {
                templates.add(key);
            }
        }
    }

    private boolean isKnown(String name) {
        return templates.stream().anyMatch(template -> pattern(template).matcher(name).matches());
    }

    /** A variable has an underscore for whatever is neither letter nor digit. */
    private boolean isKnownVariable(String name) {
        return templates.stream()
                .map(template ->
                        template.chars()
                                .mapToObj(c -> c == '*' ? ".+" : variable(c))
                                .collect(Collectors.joining()))
                .anyMatch(name::matches);
    }

    private static String variable(int c) {
        return NO_LETTER_OR_DIGIT
                .matcher(Character.toString(c))
                .replaceAll("_")
                .toUpperCase(Locale.ROOT);
    }

    private String nearest(String name) {
        Matcher pool = POOL.matcher(name);
        String chosen = pool.matches() ? pool.group(1) : PoolSettings.DEFAULT_POOL;
        List<String> candidates =
                templates.stream().map(template -> template.replaceFirst("\\*", chosen)).toList();
        return name.startsWith(PREFIX)
                ? NearestNames.nearest(name, candidates)
                : NearestNames.nearest(
                        name,
                        candidates.stream()
                                .map(key -> key.chars().mapToObj(SettingKeys::variable))
                                .map(letters -> letters.collect(Collectors.joining()))
                                .toList());
    }

    private static Pattern pattern(String template) {
        boolean open = template.endsWith("*");
        String fixed =
                Pattern.quote(open ? template.substring(0, template.length() - 1) : template)
                        .replace("*", "\\E(\"[^\"]+\"|[^.]+)\\Q");
        return Pattern.compile(fixed + (open ? ".+" : "(\\[\\d+])?"));
    }

    /** {@code minProcesses} as {@code min-processes}. */
    static String kebab(String camel) {
        return camel.replaceAll("(?<=[a-z])(?=[A-Z])", "-").toLowerCase(Locale.ROOT);
    }
}
