package org.processpool.sample;

import static java.util.Comparator.naturalOrder;
import static java.util.Comparator.reverseOrder;

import java.text.Normalizer;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.processpool.task.Task;
import org.processpool.task.TaskContext;
import org.processpool.task.TaskDefinition;

/**
 * Counts words: the most frequent first, equally frequent ones in alphabetical order.
 *
 * <p>A word is a run of letters and digits of any script, apostrophes inside included; upper and
 * lower case are one. Chinese is written without spaces, so there each character counts.
 *
 * <p>Deserves a process because many texts are counted on all processors at once, and a text of
 * gigabytes fills no memory but the worker's.
 */
@TaskDefinition(
        name = "wordcount",
        summary = "Counts the words of a text, the most frequent first",
        example = "\"to be or not to be\"")
public final class WordCount implements Task<String, Map<String, Integer>> {

    private static final Pattern WORD =
            Pattern.compile("\\p{IsHan}|[\\p{L}\\p{M}\\p{N}&&\\P{IsHan}]+(?:['’]\\p{L}+)*");

    @Override
    public Map<String, Integer> run(String text, TaskContext context) {
        var counts = new TreeMap<String, Integer>();
        var words = WORD.matcher(Normalizer.normalize(text, Normalizer.Form.NFC));
        while (words.find()) {
            context.checkCancelled();
            counts.merge(words.group().toLowerCase(Locale.ROOT), 1, Integer::sum);
        }
        var sorted = new LinkedHashMap<String, Integer>();
        counts.entrySet().stream()
                .sorted(
                        Map.Entry.<String, Integer>comparingByValue(reverseOrder())
                                .thenComparing(Map.Entry.comparingByKey(naturalOrder())))
                .forEach(entry -> sorted.put(entry.getKey(), entry.getValue()));
        return sorted;
    }
}
