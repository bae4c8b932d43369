package org.processpool.chat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One case of the Autobahn Testsuite.
 *
 * @param id its number there
 * @param description what it does
 * @param script what the client sends
 * @param accepted what the client may have received in the end, without the close; the first is the
 *     one that the suite calls OK, the others it calls NON-STRICT. None if anything will do
 * @param ending how the connection is to end
 */
record AutobahnCase(
        String id, String description, Script script, List<List<Frame>> accepted, Ending ending) {

    @FunctionalInterface
    interface Script {
        void run(Talk talk) throws IOException;
    }

    /** Who ends the connection, and how. */
    sealed interface Ending {
        /** The client closes with 1000 once all was received, and is answered with the same. */
        record Closed() implements Ending {}

        /** The script closes, and is answered with one of the codes. */
        record Answered(Set<Integer> codes) implements Ending {}

        /** The server closes with one of the codes, unasked. */
        record Failed(Set<Integer> codes) implements Ending {}

        /** Somehow: the suite only informs about it. */
        record Somehow() implements Ending {}
    }

    /** What a case came to. */
    enum Verdict {
        OK,
        NON_STRICT,
        INFORMATIONAL
    }

    /** Something of the connection that no accepted end has. */
    static final class Unexpected extends AssertionError {
        private static final long serialVersionUID = 1;

        Unexpected(AutobahnCase what, String how, List<Frame> received) {
            super("%s %s: %s; received %s".formatted(what.id, what.description, how, received));
        }
    }

    /** Runs it against a server that echoes. */
    Verdict run(int port) throws IOException {
        try (var peer = RawWebSocket.open(port, "/")) {
            var talk = new Talk(peer);
            script.run(talk);
            if (ending instanceof Ending.Closed) {
                talk.receive(accepted.getFirst().size());
                talk.send(Frame.close(1000, ""));
            }
            while (isAcceptable(talk.received) && talk.receiveOne()) {}
            Frame close = talk.close;
            switch (ending) {
                case Ending.Closed() -> check(close, Set.of(1000), talk);
                case Ending.Answered(Set<Integer> codes) -> check(close, codes, talk);
                case Ending.Failed(Set<Integer> codes) -> check(close, codes, talk);
                case Ending.Somehow() -> {
                    return Verdict.INFORMATIONAL;
                }
            }
            return switch (accepted.indexOf(talk.received)) {
                case -1 -> throw new Unexpected(this, "not what was expected", talk.received);
                case 0 -> Verdict.OK;
                default -> Verdict.NON_STRICT;
            };
        }
    }

    /** Whether it may become one of what is accepted, or is nobody's business. */
    private boolean isAcceptable(List<Frame> received) {
        return accepted.isEmpty()
                || accepted.stream()
                        .anyMatch(all ->
                                all.size() >= received.size()
                                        && all.subList(0, received.size()).equals(received));
    }

    private void check(@Nullable Frame close, Set<Integer> codes, Talk talk) {
        if (close == null) {
            throw new Unexpected(this, "no close frame", talk.received);
        }
        if (!codes.contains(close.closeCode())) {
            throw new Unexpected(
                    this,
                    "closed with %d, not %s".formatted(close.closeCode(), codes),
                    talk.received);
        }
    }

    @Override
    public String toString() {
        return id + " " + description;
    }

    /** The client's side of a running case. */
    static final class Talk {
        private static final String STILL_THERE = "still there?";

        private final RawWebSocket peer;
        private final List<Frame> received = new ArrayList<>();
        private @Nullable Frame close;

        /** Whether we have sent a close frame. */
        private boolean closing;

        private boolean answered;

        private Talk(RawWebSocket peer) {
            this.peer = peer;
        }

        void send(Frame... frames) throws IOException {
            peer.send(frames);
            closing |= Arrays.stream(frames).anyMatch(frame -> frame.opcode() == Frame.CLOSE);
        }

        /** One write per frame. */
        void sendEach(Frame... frames) throws IOException {
            for (Frame frame : frames) {
                send(frame);
            }
        }

        /** No write of more than so many bytes. */
        void sendChopped(int most, Frame... frames) throws IOException {
            peer.sendChopped(most, frames);
        }

        void write(byte[] octets) throws IOException {
            peer.write(octets);
        }

        boolean hearsWithin(int millis) throws IOException {
            return peer.hearsWithin(millis);
        }

        /** Whether the server answers a ping before it closes: then it accepted all before. */
        boolean isAnswered() throws IOException {
            peer.send(Frame.of(Frame.PING, STILL_THERE));
            answered = false;
            while (!answered && close == null && receiveOne()) {}
            return answered;
        }

        /** Has the received differ from what is OK. */
        void note(Frame what) {
            received.add(what);
        }

        /** Reads until so many messages and pongs came in all, or the server closes. */
        void receive(int all) throws IOException {
            while (received.size() < all && close == null && receiveOne()) {}
        }

        private boolean receiveOne() throws IOException {
            Frame frame = peer.next();
            if (frame == null) {
                return false;
            }
            if (frame.equals(Frame.of(Frame.PONG, STILL_THERE))) {
                answered = true;
            } else if (frame.opcode() != Frame.CLOSE) {
                received.add(frame);
            } else if (close == null) {
                close = frame;
                if (!closing) {
                    peer.send(frame);
                }
            } else {
                throw new IOException("two close frames");
            }
            return true;
        }
    }
}
