package org.processpool.rest;

import static java.nio.charset.StandardCharsets.US_ASCII;

import jakarta.ws.rs.core.MediaType;

/** How the results of a map are written one after the other. Nobody may write into its arrays. */
@SuppressWarnings("ImmutableEnumChecker")
enum ResultFormat {
    /** One JSON object a line. */
    NDJSON(Ndjson.MEDIA_TYPE, "", "", "\n", ""),
    /** Server-sent events, {@code item} and {@code end}, whose data is such an object. */
    EVENTS(
            ServerSentEvents.MEDIA_TYPE,
            "event: item\ndata: ",
            "event: end\ndata: ",
            "\n\n",
            ":\n\n");

    private final MediaType mediaType;
    private final byte[] item;
    private final byte[] end;
    private final byte[] close;
    private final byte[] signOfLife;

    ResultFormat(String mediaType, String item, String end, String close, String signOfLife) {
        this.mediaType = MediaType.valueOf(mediaType);
        this.item = item.getBytes(US_ASCII);
        this.end = end.getBytes(US_ASCII);
        this.close = close.getBytes(US_ASCII);
        this.signOfLife = signOfLife.getBytes(US_ASCII);
    }

    MediaType mediaType() {
        return mediaType;
    }

    /** What stands before a result. */
    byte[] item() {
        return item;
    }

    /** What stands before the last word. */
    byte[] end() {
        return end;
    }

    /** What stands behind either. */
    byte[] close() {
        return close;
    }

    /**
     * What readers pass over and proxies take for a living connection; empty if there is no such.
     */
    byte[] signOfLife() {
        return signOfLife;
    }
}
