package org.processpool.rest;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Base64;
import java.util.Optional;
import org.processpool.job.JobId;

/**
 * Where the next page of a list begins, as a client hands it back: opaque to it, and good only with
 * the filters it was made with.
 */
final class PageToken {

    private PageToken() {}

    /** The token. */
    static String of(JobId last, String filters) {
        String text = "1|%s|%08x".formatted(last, filters.hashCode());
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(UTF_8));
    }

    /**
     * The last job of the page before.
     *
     * @throws ProblemException invalid-page-token if it is none of ours or of other filters
     */
    static JobId read(String token, String filters) {
        Optional<JobId> last = Optional.empty();
        try {
            String[] parts =
                    new String(Base64.getUrlDecoder().decode(token), UTF_8).split("\\|", -1);
            if (parts.length == 3
                    && parts[0].equals("1")
                    && parts[2].equals("%08x".formatted(filters.hashCode()))) {
                last = JobId.parse(parts[1]);
            }
        } catch (IllegalArgumentException notBase64) {
            // told below
        }
        return last.orElseThrow(() ->
                new ProblemException(
                        new Problem(ProblemType.INVALID_PAGE_TOKEN, Phrase.PAGE_TOKEN)));
    }
}
