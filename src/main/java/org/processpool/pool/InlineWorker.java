package org.processpool.pool;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ServiceLoader;
import java.util.concurrent.CompletableFuture;
import org.processpool.wire.WorkerSide;

/**
 * A worker that is a thread of this process. What it says and hears goes through the same codec as
 * with a process; killing it cuts the line and interrupts the thread, which is all a JVM can do.
 */
final class InlineWorker implements WorkerProcess {

    private static final System.Logger LOG = System.getLogger("org.processpool.pool");

    private final MemoryPipe down = new MemoryPipe();
    private final MemoryPipe up = new MemoryPipe();
    private final CompletableFuture<Integer> exit = new CompletableFuture<>();
    private final Thread thread;

    InlineWorker(String label) throws IOException {
        WorkerSide side =
                ServiceLoader.load(WorkerSide.class, WorkerSide.class.getClassLoader())
                        .findFirst()
                        .orElseThrow(() -> new IOException("no worker on the class path"));
        thread = Thread.ofPlatform().daemon().name("inline-" + label).start(() -> serve(side));
    }

    private void serve(WorkerSide side) {
        int code = 0;
        try {
            side.serve(down.in, up.out);
        } catch (IOException | RuntimeException failed) {
            code = 1;
            LOG.log(System.Logger.Level.DEBUG, "inline worker ended", failed);
        } finally {
            cut();
            exit.complete(code);
        }
    }

    private void cut() {
        try {
            down.in.close();
            up.out.close();
        } catch (IOException impossible) {
            throw new IllegalStateException(impossible); // memory does not fail to close
        }
    }

    @Override
    public InputStream fromWorker() {
        return up.in;
    }

    @Override
    public OutputStream toWorker() {
        return down.out;
    }

    @Override
    public InputStream printed() {
        return InputStream.nullInputStream(); // it prints where this process prints
    }

    @Override
    public long pid() {
        return ProcessHandle.current().pid();
    }

    @Override
    public int awaitExit() {
        return exit.join();
    }

    @Override
    public void terminate() {
        cut();
        thread.interrupt();
    }

    @Override
    public void kill() {
        cut();
        thread.interrupt();
        exit.complete(137); // as good as dead: it can reach nobody any more
    }

    @Override
    public void cleanUp() {}

    @Override
    public long residentBytes() {
        return 0;
    }
}
