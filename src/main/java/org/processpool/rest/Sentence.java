package org.processpool.rest;

import java.util.List;
import java.util.Locale;

/**
 * Something to be told to a client, in whichever language it reads.
 *
 * @param phrase the words
 * @param arguments what stands in their gaps; a sentence among them is told in the same language
 */
record Sentence(Phrase phrase, List<Object> arguments) {

    Sentence {
        arguments = List.copyOf(arguments);
    }

    static Sentence of(Phrase phrase, Object... arguments) {
        return new Sentence(phrase, List.of(arguments));
    }

    /** What a task, a worker or a library said, which nobody translates. */
    static Sentence quoted(String text) {
        return of(Phrase.QUOTED, text);
    }

    /** The text. */
    String in(Language language) {
        Object[] told =
                arguments.stream()
                        .map(argument ->
                                argument instanceof Sentence inner ? inner.in(language) : argument)
                        .toArray();
        return String.format(Locale.ROOT, phrase.in(language), told);
    }

    @Override
    public String toString() {
        return in(Language.ENGLISH);
    }
}
