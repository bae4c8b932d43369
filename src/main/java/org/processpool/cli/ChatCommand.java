package org.processpool.cli;

import java.io.IOException;
import java.net.Socket;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Talks to a worker over TCP. */
@Command(
        name = "chat",
        header = "Talks to a worker, line by line.",
        description = {
            "What is typed at >>: goes to the chat server as it is, without the end of the line,",
            "and what comes back is shown. q or the end of the input leaves.",
            "The first to come are the first served: while all workers are busy, no answer comes.",
            "A token is sent ahead, so give one only where the chat server asks for it."
        })
final class ChatCommand extends BasicCommand {

    private static final int HIGHEST_PORT = 65_535;

    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "HOST",
            defaultValue = "127.0.0.1",
            description = "Where the chat server is; 127.0.0.1 if not told.")
    private String host = "";

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "PORT",
            defaultValue = "8001",
            description = "Its port; 8001 if not told.")
    private int port;

    @Override
    public Integer call() throws CommandFailed, InterruptedException {
        if (root().namesServer()) {
            throw senseless("chat takes HOST and PORT; --server is for the REST interface");
        }
        if (port < 1 || port > HIGHEST_PORT) {
            throw senseless("the port must be 1 to %d, was %d".formatted(HIGHEST_PORT, port));
        }
        String address = (host.contains(":") ? "[%s]:%d" : "%s:%d").formatted(host, port);
        Optional<AccessToken> token = root().token(spec());
        token.ifPresent(_ -> root().warnOfListeners(spec(), host));
        Output out = root().output();
        try (Socket socket = Duplex.connected(host, port, Server.CONNECT);
                var chat = new LineChat(address, socket, token, terminal(), out, err())) {
            return chat.run();
        } catch (IOException unreachable) {
            throw Server.lost(address, unreachable);
        } finally {
            out.flush();
        }
    }
}
