package org.processpool.rest;

import static java.util.Comparator.comparingInt;
import static java.util.Comparator.naturalOrder;

import java.util.Collection;
import java.util.List;

/** What somebody who made a typing error may have meant. */
public final class NearestNames {

    private static final int MOST = 3;

    /** A longer name would only cost time: nobody means another one by it. */
    private static final int LONGEST = 200;

    private NearestNames() {}

    /** Up to three names that are like the given one, the most similar first. */
    public static List<String> like(String name, Collection<String> known) {
        if (name.length() > LONGEST) {
            return List.of();
        }
        return known.stream()
                .filter(candidate -> distance(name, candidate) <= Math.max(2, name.length() / 3))
                .sorted(
                        comparingInt((String candidate) -> distance(name, candidate))
                                .thenComparing(naturalOrder()))
                .limit(MOST)
                .toList();
    }

    /**
     * The most similar name, however different.
     *
     * @throws java.util.NoSuchElementException if none is known
     */
    public static String nearest(String name, Collection<String> known) {
        return known.stream()
                .min(
                        comparingInt((String candidate) -> distance(name, candidate))
                                .thenComparing(naturalOrder()))
                .orElseThrow();
    }

    /** Levenshtein's: how many characters to insert, delete or replace. */
    private static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[b.length()];
    }
}
