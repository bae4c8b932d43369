package org.processpool.worker;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Makes the pipes to the parent wider once payloads are large: a pipe holds 64 KiB, so a megabyte
 * through it wakes each side sixteen times; Linux lets everybody have 1 MiB (pipe(7), {@code
 * F_SETPIPE_SZ}). It is worth nothing to short calls and costs some time, so it is done in the
 * background and not before it is needed.
 */
final class WidePipes {

    /** Payloads at least this large are worth it. */
    static final int LARGE = 128 << 10;

    private static final int F_SETPIPE_SZ = 1031;
    private static final int WIDTH = 1 << 20;

    /** {@code int fcntl(int, int, ...)}; a native executable has to know it when it is built. */
    private static final FunctionDescriptor FCNTL =
            FunctionDescriptor.of(
                    ValueLayout.JAVA_INT,
                    ValueLayout.JAVA_INT,
                    ValueLayout.JAVA_INT,
                    ValueLayout.JAVA_INT);

    private static final Linker.Option FCNTL_OPTION = Linker.Option.firstVariadicArg(2);

    private final AtomicBoolean asked = new AtomicBoolean();

    /** A large payload has come or goes. */
    void wanted() {
        if (asked.compareAndSet(false, true)) {
            Thread thread = new Thread(WidePipes::widen, "process-pool-pipes");
            thread.setDaemon(true);
            thread.start();
        }
    }

    @SuppressWarnings("restricted") // fcntl has no other way in; the flags of a worker allow it
    private static void widen() {
        String descriptors = System.getProperty("process-pool.fds");
        if (descriptors == null || !System.getProperty("os.name", "").equals("Linux")) {
            return;
        }
        Linker linker = Linker.nativeLinker();
        Optional<MemorySegment> function = linker.defaultLookup().find("fcntl");
        if (function.isEmpty()) {
            return;
        }
        MethodHandle fcntl = linker.downcallHandle(function.get(), FCNTL, FCNTL_OPTION);
        for (String descriptor : descriptors.split(",", -1)) {
            try {
                // refused where the user's pipes are too many already: then they stay as they are
                int _ = (int) fcntl.invokeExact(Integer.parseInt(descriptor), F_SETPIPE_SZ, WIDTH);
            } catch (Throwable impossible) {
                throw new IllegalStateException(impossible); // the call itself throws nothing
            }
        }
    }
}
