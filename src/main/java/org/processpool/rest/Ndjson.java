package org.processpool.rest;

/** JSON values, each on a line of its own. */
final class Ndjson {

    static final String MEDIA_TYPE = "application/x-ndjson";

    private Ndjson() {}
}
