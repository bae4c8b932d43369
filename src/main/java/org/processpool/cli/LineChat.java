package org.processpool.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One talk with an echo server: a line is said, and as many bytes have to come back before the next
 * one is said.
 *
 * <p>Three threads help the one that runs it, as each of them may have to wait: one reads what is
 * typed, one reads what comes, one sends.
 */
final class LineChat implements AutoCloseable {

    private static final String PROMPT = ">>:";
    private static final String ANSWER = "来自服务端的消息: ";

    /** After so long without an answer the reason is guessed, and a person may leave. */
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private static final int LINES_AHEAD = 16;
    private static final int EVENTS = 16;
    private static final int BUFFER = 1 << 16;

    private final String address;
    private final Socket socket;
    private final Optional<AccessToken> token;
    private final Terminal terminal;
    private final Output out;
    private final PrintWriter err;
    private final BlockingQueue<Event> events = new ArrayBlockingQueue<>(EVENTS);
    private final Semaphore mayRead = new Semaphore(LINES_AHEAD);
    private final ExecutorService sender =
            Executors.newSingleThreadExecutor(Thread.ofVirtual().factory());

    // of the thread that runs it
    private final Queue<ByteBuffer> typedAhead = new ArrayDeque<>();
    private final PiecedText pieces = new PiecedText();
    private final StringBuilder json = new StringBuilder();
    private boolean nothingFollows;
    private boolean heard;
    private boolean prompted;
    private long awaited;
    private boolean answering;
    private long saidAt;
    private boolean overdue;

    /** What can happen. */
    private sealed interface Event {
        record Typed(ByteBuffer line) implements Event {}

        /** Somebody typed {@code q}. */
        record Farewell() implements Event {}

        /** The end of the input, or why no more can be read. */
        record TypedAll(Optional<IOException> unreadable) implements Event {}

        record Came(ByteBuffer bytes) implements Event {}

        /** The server has closed the connection, or it broke. */
        record Closed(Optional<IOException> broken) implements Event {}
    }

    /**
     * Nothing is said yet.
     *
     * @param address how the server is called in messages
     * @param socket is connected; closed with this
     * @param token signs in before anything is said; empty for a server that asks for none
     */
    LineChat(
            String address,
            Socket socket,
            Optional<AccessToken> token,
            Terminal terminal,
            Output out,
            PrintWriter err) {
        this.address = address;
        this.socket = socket;
        this.token = token;
        this.terminal = terminal;
        this.out = out;
        this.err = err;
    }

    /**
     * Talks until everything typed has its answer; to be called once.
     *
     * @return the exit code
     * @throws CommandFailed if the server closes before, the connection breaks, or the server takes
     *     the token for something said
     */
    int run() throws CommandFailed, InterruptedException, IOException {
        InputStream answers = socket.getInputStream();
        token.ifPresent(known -> send(signIn(known)));
        Thread.ofPlatform().daemon().name("keyboard").start(() -> readLines(terminal.in()));
        Thread.startVirtualThread(() -> readAnswers(answers));
        prompt();
        while (!isOver()) {
            Event event = next();
            switch (event) {
                case null -> silence();
                case Event.Typed(ByteBuffer line) -> typedAhead.add(line);
                case Event.Farewell _ -> {
                    prompted = false;
                    nothingFollows = true;
                }
                case Event.TypedAll(Optional<IOException> unreadable) -> {
                    if (unreadable.isPresent()) {
                        throw unreadable(unreadable.get());
                    }
                    nothingFollows = true;
                }
                case Event.Came(ByteBuffer bytes) -> show(bytes);
                case Event.Closed(Optional<IOException> broken) -> throw closed(broken);
            }
            sayNext();
        }
        endLine();
        return ExitCode.OK;
    }

    /** Once a person has been kept waiting, leaving does not have to wait for the answer. */
    private boolean isOver() {
        boolean allAnswered = awaited == 0 && typedAhead.isEmpty();
        boolean mayLeave = overdue && terminal.inIsTerminal();
        return nothingFollows && (allAnswered || mayLeave);
    }

    /** What happens next, or null if nothing does before the answer is overdue. */
    private @Nullable Event next() throws InterruptedException {
        if (awaited == 0 || overdue) {
            return events.take();
        }
        long left = saidAt + PATIENCE.toNanos() - System.nanoTime();
        return events.poll(left, TimeUnit.NANOSECONDS);
    }

    private void silence() {
        overdue = true;
        if (!answering && !isOver()) {
            err.println(
                    "no answer yet: all workers seem busy; still waiting"
                            + (terminal.inIsTerminal() ? ", q or Ctrl-D leaves" : ""));
        }
    }

    /** Says what was typed, if everything said before has its answer. */
    private void sayNext() {
        while (awaited == 0 && !typedAhead.isEmpty()) {
            byte[] line = typedAhead.remove().array();
            mayRead.release();
            prompted = false; // whoever typed it has left the line of the prompt
            if (!isBlank(line)) {
                say(line);
            }
        }
        if (awaited == 0 && !nothingFollows) {
            prompt();
        }
    }

    private void say(byte[] line) {
        awaited = line.length;
        answering = false;
        overdue = false;
        saidAt = System.nanoTime();
        send(line);
    }

    /** The server may send back the beginning before it reads the end, so this does not wait. */
    private void send(byte[] bytes) {
        sender.execute(() -> {
            try {
                OutputStream server = socket.getOutputStream();
                server.write(bytes);
                server.flush();
            } catch (IOException broken) {
                tell(new Event.Closed(Optional.of(broken)));
            }
        });
    }

    private static byte[] signIn(AccessToken token) {
        return "AUTH %s\n".formatted(token.value()).getBytes(UTF_8);
    }

    /** A server without authentication says the token back, which nobody should see. */
    private boolean isToken(ByteBuffer bytes) {
        return token.map(LineChat::signIn)
                .filter(sent -> bytes.remaining() >= sent.length)
                .filter(sent -> ByteBuffer.wrap(sent).equals(bytes.slice(0, sent.length)))
                .isPresent();
    }

    private void show(ByteBuffer bytes) throws CommandFailed {
        if (!heard && isToken(bytes)) {
            endLine();
            throw new CommandFailed(
                    ExitCode.REFUSED,
                    new Problem(
                            "No authentication",
                            "%s asks for no token, so its worker was told yours and may have logged it; chat without it"
                                    .formatted(address)));
        }
        heard = true;
        if (!answering) {
            answering = true;
            endLine();
            if (!out.isJson()) {
                out.bytes(ANSWER.getBytes(UTF_8));
            }
        }
        awaited = Math.max(0, awaited - bytes.remaining());
        text(pieces.next(bytes));
        if (awaited == 0) {
            endAnswer();
        }
        out.flush();
    }

    private void endAnswer() {
        text(pieces.end());
        answering = false;
        if (out.isJson()) {
            out.json(JsonNodeFactory.instance.objectNode().put("text", json.toString()));
            json.setLength(0);
        } else {
            out.newline();
        }
    }

    private void text(String text) {
        if (out.isJson()) {
            json.append(text);
        } else {
            out.bytes(Style.plain(text).getBytes(UTF_8));
        }
    }

    private void prompt() {
        if (terminal.inIsTerminal() && !prompted) {
            prompted = true;
            err.print(PROMPT);
            err.flush();
        }
    }

    /** Whatever is written next does not stand behind the prompt. */
    private void endLine() {
        if (prompted) {
            prompted = false;
            err.println();
        }
    }

    private CommandFailed closed(Optional<IOException> broken) {
        endLine();
        if (answering) {
            endAnswer();
        }
        String how =
                broken.map(why -> "the connection broke (%s)".formatted(why.getMessage()))
                        .orElse("the server has closed it");
        return new CommandFailed(
                ExitCode.UNREACHABLE,
                new Problem(
                        "Connection lost",
                        "%s: %s%s%s"
                                .formatted(
                                        address,
                                        how,
                                        awaited > 0 ? " and left the last line unanswered" : "",
                                        guess(broken.isPresent()))));
    }

    /** A server that does not take who comes says nothing before it closes. */
    private String guess(boolean broken) {
        if (heard) {
            return "";
        }
        if (token.isPresent()) {
            return "; perhaps it does not take the token";
        }
        return broken ? "" : "; perhaps it asks for a token";
    }

    private CommandFailed unreadable(IOException why) {
        endLine();
        return new CommandFailed(
                ExitCode.FAILED,
                new Problem("Input lost", "cannot read on: %s".formatted(why.getMessage())));
    }

    private void readLines(InputStream typed) {
        var in = new BufferedInputStream(typed);
        try {
            while (true) {
                mayRead.acquire();
                byte[] line = line(in);
                if (line == null) {
                    tell(new Event.TypedAll(Optional.empty()));
                    return;
                }
                if (isFarewell(line)) {
                    tell(new Event.Farewell());
                    return;
                }
                tell(new Event.Typed(ByteBuffer.wrap(line)));
            }
        } catch (IOException failed) {
            tell(new Event.TypedAll(Optional.of(failed)));
        } catch (InterruptedException ending) {
            Thread.currentThread().interrupt();
        }
    }

    /** The next line without its end, or null at the end of the input. */
    private static byte @Nullable [] line(InputStream in) throws IOException {
        var line = new ByteArrayOutputStream();
        int b;
        while ((b = in.read()) >= 0 && b != '\n') {
            line.write(b);
        }
        byte[] bytes = line.toByteArray();
        if (b < 0 && bytes.length == 0) {
            return null;
        }
        boolean windows = bytes.length > 0 && bytes[bytes.length - 1] == '\r';
        return windows ? Arrays.copyOf(bytes, bytes.length - 1) : bytes;
    }

    private static boolean isBlank(byte[] line) {
        return new String(line, UTF_8).isBlank();
    }

    private static boolean isFarewell(byte[] line) {
        return new String(line, UTF_8).strip().equalsIgnoreCase("q");
    }

    private void readAnswers(InputStream answers) {
        byte[] buffer = new byte[BUFFER];
        try {
            for (int length; (length = answers.read(buffer)) >= 0; ) {
                tell(new Event.Came(ByteBuffer.wrap(Arrays.copyOf(buffer, length))));
            }
            tell(new Event.Closed(Optional.empty()));
        } catch (IOException broken) {
            tell(new Event.Closed(Optional.of(broken)));
        }
    }

    private void tell(Event event) {
        try {
            events.put(event);
        } catch (InterruptedException ending) {
            Thread.currentThread().interrupt(); // nobody listens any more
        }
    }

    /** Breaks off. */
    @Override
    public void close() throws IOException {
        socket.close();
        sender.shutdownNow();
    }
}
