package org.processpool.sample;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.processpool.task.Task;
import org.processpool.task.TaskContext;
import org.processpool.task.TaskDefinition;

/**
 * Matches a text against a regular expression that somebody else wrote.
 *
 * <p>Deserves a process because a few characters can keep {@code java.util.regex} busy for years,
 * and a thread in there heeds no interrupt: only the death of its process ends it. {@code (a+)+$}
 * against {@code aaaa…!} is the classic one; since Java 9 the JDK sees through it, but not through
 * {@link #CATASTROPHE}. The call's time-out kills the worker, and nobody else feels it.
 */
@TaskDefinition(
        name = "regex-match",
        summary = "Matches a whole text against a regular expression from an untrusted source",
        example = "{\"pattern\": \"(\\\\d+)-(\\\\d+)\", \"text\": \"10-20\"}",
        timeout = "PT5S")
public final class RegexMatch implements Task<RegexMatch.Input, RegexMatch.Match> {

    /** Does not match, but finding that out means trying more than 10¹⁵ ways to split the text. */
    public static final Input CATASTROPHE = new Input("(.*a){20}", "a".repeat(60) + "!");

    /**
     * What to match.
     *
     * @param pattern a regular expression as {@link Pattern} takes it
     * @param text the text that must match it from beginning to end
     */
    public record Input(String pattern, String text) {}

    /**
     * How it matched.
     *
     * @param matches whether the whole text matches
     * @param groups what each capturing group caught, null for one that took no part; empty unless
     *     the text matches
     */
    public record Match(boolean matches, List<@Nullable String> groups) {}

    @Override
    public Match run(Input input, TaskContext context) {
        var matcher = Pattern.compile(input.pattern()).matcher(input.text());
        var groups = new ArrayList<@Nullable String>();
        boolean matches = matcher.matches();
        for (int group = 1; matches && group <= matcher.groupCount(); group++) {
            groups.add(matcher.group(group));
        }
        return new Match(matches, groups);
    }
}
