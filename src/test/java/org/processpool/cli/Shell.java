package org.processpool.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.util.Map;

/** What a test types, and what it sees. */
record Shell(String input, boolean outIsTerminal, boolean errIsTerminal, Map<String, String> env) {

    /** How a command ended. */
    record Ran(int code, ByteArrayOutputStream stdout, String err) {
        byte[] bytes() {
            return stdout.toByteArray();
        }

        String out() {
            return stdout.toString(UTF_8);
        }
    }

    /** Without terminals, with a server. */
    static Shell with(FakeServer server) {
        return new Shell("", false, false, Map.of("PROCESS_POOL_URL", server.url()));
    }

    static Shell without() {
        return new Shell("", false, false, Map.of());
    }

    Shell typing(String text) {
        return new Shell(text, outIsTerminal, errIsTerminal, env);
    }

    Shell seenByAPerson() {
        return new Shell(input, true, true, env);
    }

    Ran run(String... args) {
        var out = new ByteArrayOutputStream();
        var err = new ByteArrayOutputStream();
        var terminal =
                new Terminal(
                        new ByteArrayInputStream(input.getBytes(UTF_8)),
                        out,
                        err,
                        false,
                        outIsTerminal,
                        errIsTerminal,
                        env);
        int code = Client.run(terminal, args);
        return new Ran(code, out, err.toString(UTF_8));
    }
}
