package org.processpool.rest;

import jakarta.ws.rs.core.Response;

/** A plain page of HTML, for people who follow a link with a browser. */
final class Page {

    /** As a producer of this the server prefers JSON, for a client that takes anything. */
    static final String HTML = "text/html;qs=0.5";

    private Page() {}

    /**
     * The page.
     *
     * @param title a text of ours, nothing a client sent
     * @param body HTML
     */
    static Response of(String title, String body) {
        String html =
                """
                <!doctype html>
                <html lang="en">
                <head>
                <meta charset="utf-8">
                <meta name="viewport" content="width=device-width">
                <title>%s</title>
                </head>
                <body>
                <h1>%s</h1>
                %s
                </body>
                </html>
                """
                        .formatted(title, title, body);
        return Response.ok(html, "text/html;charset=UTF-8")
                .header("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
                .build();
    }
}
