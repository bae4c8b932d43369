package org.processpool.sample;

import java.io.PrintStream;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;
import org.processpool.task.Conversation;
import org.processpool.task.TaskContext;
import org.processpool.task.TaskDefinition;

/**
 * A Java shell: remote code execution by design. Whoever may talk to it may do whatever its worker
 * process may: read its files, open connections, start programs, end it. What keeps this apart from
 * everything else is the process alone, so a pool offers it only if it was told so ({@code
 * PoolBuilder.offer("jshell")}), and in a service that others reach it belongs in a sandbox.
 *
 * <p>A message holds any number of snippets: expressions, statements, declarations. What one leaves
 * incomplete goes on with the next message; an empty message ends the waiting and tells what is
 * missing. After a snippet that fails the rest of its message is left out.
 *
 * <p>The reply is what {@code jshell} would print, with what the snippets themselves print, which
 * is also sent ahead while they run: these parts, one after the other, are how the reply begins. Of
 * each turn 64 KiB of prints are told. Cancelled, a snippet is stopped; one that does not heed that
 * is ended with its process by the pool. In a turn that is said again to a new worker (attempt 2
 * and up) the snippets run quietly, so that their definitions are there, and the reply is empty.
 */
@TaskDefinition(
        name = "jshell",
        summary = "Runs whatever Java it is told: remote code execution by design",
        example = "\"Math.hypot(3, 4)\"",
        restricted = true)
public final class JavaShell implements Conversation<String, String> {

    /**
     * Known when a native executable is built, which so leaves out the compiler: it could load no
     * class at run time.
     */
    private static final boolean NATIVE =
            System.getProperty("org.graalvm.nativeimage.imagecode") != null;

    /** How often a snippet is told to stop until it does. */
    private static final long STOP_AGAIN_MILLIS = 100;

    private @Nullable ShellSession session;

    @Override
    public void open(TaskContext context) {
        if (NATIVE) {
            throw new UnsupportedOperationException(
                    "a Java shell needs a worker that is a JVM, and this one is a native executable");
        }
        session = new ShellSession(System.out);
    }

    @Override
    public String reply(String message, TaskContext context) throws Exception {
        ShellSession shell = session;
        if (shell == null) {
            throw new IllegalStateException("not open");
        }
        boolean again = context.attempt() > 1;
        PrintStream out = System.out;
        PrintStream err = System.err;
        ShellAnswer answer = shell.begin();
        System.setOut(shell.prints());
        System.setErr(shell.prints());
        try {
            run(shell, message, answer, again ? null : context);
        } finally {
            System.setOut(out);
            System.setErr(err);
            shell.end();
        }
        return again ? "" : answer.whole();
    }

    /** Runs the turn on a thread of its own, as this one is interrupted to cancel it. */
    private static void run(
            ShellSession shell, String message, ShellAnswer answer, @Nullable TaskContext listener)
            throws Exception {
        FutureTask<Void> turn =
                new FutureTask<>(
                        () -> {
                            try {
                                shell.evaluate(message, answer);
                            } finally {
                                answer.end();
                            }
                        },
                        null);
        Thread.ofPlatform().daemon().name("jshell-turn").start(turn);
        try {
            for (String part; (part = answer.nextPart()) != null; ) {
                if (listener != null) {
                    listener.emit(part);
                }
            }
        } catch (InterruptedException cancelled) {
            stop(shell, answer);
            throw cancelled;
        }
        try {
            turn.get();
        } catch (ExecutionException failed) {
            throw failed.getCause() instanceof Exception cause ? cause : failed;
        }
    }

    /** Returns once the snippet has ended, however long that takes. */
    private static void stop(ShellSession shell, ShellAnswer answer) {
        boolean ended = false;
        while (!ended) {
            shell.stop(); // a snippet that is still being compiled does not hear it the first time
            try {
                ended = answer.awaitEnd(STOP_AGAIN_MILLIS);
            } catch (InterruptedException known) {
                // it is being stopped already
            }
        }
    }

    @Override
    public void close() {
        if (session != null) {
            session.close();
            session = null;
        }
    }
}
