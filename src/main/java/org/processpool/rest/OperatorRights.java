package org.processpool.rest;

import org.processpool.security.Role;

/**
 * What clients may do to the pools besides using them.
 *
 * @param readOnly whether nobody may resize, pause, recycle, drain, terminate, kill or cancel
 */
public record OperatorRights(boolean readOnly) {

    /**
     * Refuses if nobody may.
     *
     * @throws ProblemException forbidden
     */
    void refuseIfReadOnly() {
        if (readOnly) {
            throw new ProblemException(
                    new Problem(ProblemType.FORBIDDEN, Phrase.READ_ONLY)
                            .with("requiredRole", Role.OPERATE.word()));
        }
    }
}
