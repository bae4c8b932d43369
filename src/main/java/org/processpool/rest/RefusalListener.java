package org.processpool.rest;

/** Hears of requests that were refused at the door. Must not block. */
public interface RefusalListener {

    /**
     * One was refused.
     *
     * @param why slug of the problem it was answered with: one of few
     */
    void refused(String why);
}
