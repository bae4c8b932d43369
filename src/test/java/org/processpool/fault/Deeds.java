package org.processpool.fault;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32C;
import org.processpool.task.TaskContext;

/**
 * What the tests make workers do beside the trouble makers of the room {@code sample}. Runs in
 * worker processes, so it knows nothing of JUnit.
 */
final class Deeds {

    private static final int NOISE_BYTES = 10 << 20;
    private static final int UNKNOWN_KIND = 120;

    /** Kind of the message by which a worker gives a call back that it has not started. */
    private static final int SKIPPED = 70;

    /** Kind of the message by which a worker tells what a call has printed. */
    private static final int SAID = 76;

    private Deeds() {}

    static long square(long number) {
        return number * number;
    }

    static long pid() {
        return ProcessHandle.current().pid();
    }

    static long sleep(long millis) throws InterruptedException {
        Thread.sleep(Duration.ofMillis(millis));
        return millis;
    }

    static String fail(String message) {
        throw new IllegalStateException(message);
    }

    static double reciprocal(long number) {
        if (number == 0) {
            throw new ArithmeticException("zero has no reciprocal");
        }
        return 1.0 / number;
    }

    static int emit(int bytes) {
        TaskContext.current().orElseThrow().emit(zeros(bytes));
        return bytes;
    }

    /** A value that throws when it is read. */
    static Object touchy() {
        return new AbstractList<Integer>() {
            @Override
            public Integer get(int index) {
                throw new UnsupportedOperationException("this list is not to be read");
            }

            @Override
            public int size() {
                return 3;
            }
        };
    }

    /** A value that contains itself. */
    static Object circle() {
        List<Object> circle = new ArrayList<>();
        circle.add(circle);
        return circle;
    }

    /** Throws two exceptions that are each other's cause, the message being a mebibyte. */
    static String failInCircles() {
        var outer = new IllegalStateException("x".repeat(1 << 20));
        outer.initCause(new IllegalStateException("y".repeat(1 << 20), outer));
        throw outer;
    }

    /** Overflows the stack. */
    @SuppressWarnings("InfiniteRecursion")
    static long recurse(long depth) {
        return recurse(depth + 1) + 1;
    }

    /** Ten mebibytes that follow from the seed. */
    static byte[] noise(long seed) {
        var bytes = new byte[NOISE_BYTES];
        new Random(seed).nextBytes(bytes);
        TaskContext.current().orElseThrow().progress(1, 1, "about to be written");
        return bytes;
    }

    static byte[] same(byte[] bytes) {
        return bytes;
    }

    /** Leaves nothing of the files through which this worker's large payloads go. */
    static int cutSharedMemory() throws IOException {
        int files = 0;
        String shelves = System.getProperty("process-pool.shelves");
        if (shelves != null) {
            try (var all = Files.newDirectoryStream(Path.of(shelves))) {
                for (Path file : all) {
                    Files.newByteChannel(file, StandardOpenOption.WRITE).truncate(0).close();
                    files++;
                }
            }
        }
        return files;
    }

    static int length(byte[] bytes) {
        return bytes.length;
    }

    /** So many bytes that can be compressed well. */
    static byte[] zeros(int count) {
        return new byte[count];
    }

    /**
     * Hangs when it is run first, and tells of the second run.
     *
     * @return attempt and pid
     */
    static List<Long> hangAtFirst() throws InterruptedException {
        var context = TaskContext.current().orElseThrow();
        if (context.attempt() == 1) {
            Thread.sleep(Duration.ofDays(1));
        }
        return List.of((long) context.attempt(), context.workerPid());
    }

    static long reportProgress(long times) {
        var context = TaskContext.current().orElseThrow();
        for (long i = 1; i <= times; i++) {
            context.progress(i, times, null);
        }
        return times;
    }

    static int halt(int exitCode) {
        Runtime.getRuntime().halt(exitCode);
        throw new AssertionError("halt returned");
    }

    static int chatterAndHalt(int bytes) {
        System.out.print("x".repeat(bytes));
        System.out.flush();
        return halt(1);
    }

    static int sayAndHalt(String words) {
        System.out.println(words);
        System.err.print(words);
        System.err.flush();
        return halt(1);
    }

    /** Prints lines until this worker is killed, each with its number. */
    static long sayForEver(long from) {
        for (long number = from; true; number++) {
            System.out.println(number);
        }
    }

    static int sayLinesAndKillYourself(int lines) {
        for (int i = 1; i <= lines; i++) {
            System.out.println("line " + i);
        }
        return killYourself();
    }

    private static int killYourself() {
        try {
            new ProcessBuilder("kill", "-9", Long.toString(pid())).start().waitFor();
            Thread.sleep(Duration.ofDays(1));
        } catch (IOException | InterruptedException impossible) {
            throw new IllegalStateException(impossible);
        }
        return 0;
    }

    static String sayAttemptAndDieAtFirst(String words) {
        int attempt = TaskContext.current().orElseThrow().attempt();
        System.out.println(words + " " + attempt);
        return attempt == 1 ? words + halt(1) : words;
    }

    // What a worker should not be able to do

    /** The number by which the pool knows this worker. */
    static long knownPid() {
        return TaskContext.current().orElseThrow().workerPid();
    }

    /** Connects to a port of this machine, and tells what came of it. */
    static String connect(int port) {
        try (var socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 5000);
            return "connected";
        } catch (IOException refused) {
            return refused.getClass().getSimpleName();
        }
    }

    static String read(String file) {
        try {
            return Files.readString(Path.of(file));
        } catch (IOException refused) {
            return refused.getClass().getSimpleName();
        }
    }

    /** Opens a file to be written, new or not, writes nothing, and tells what came of it. */
    static String openToWrite(String file) {
        try (var channel =
                Files.newByteChannel(
                        Path.of(file), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            return channel.isOpen() ? "open" : "closed";
        } catch (FileSystemException refused) {
            return String.valueOf(refused.getReason());
        } catch (IOException refused) {
            return refused.toString();
        }
    }

    static String write(String file) {
        try {
            return Files.readString(Files.writeString(Path.of(file), "mine"));
        } catch (IOException refused) {
            return refused.toString();
        }
    }

    static List<Long> visibleProcesses() {
        return ProcessHandle.allProcesses().map(ProcessHandle::pid).toList();
    }

    /** Whether a signal could be sent to that process; none is. */
    static boolean couldSignal(long pid) throws IOException, InterruptedException {
        return new ProcessBuilder("/bin/sh", "-c", "kill -0 " + pid + " 2>/dev/null")
                        .start()
                        .waitFor()
                == 0;
    }

    /** The value of a line of this process's status. */
    static String status(String name) throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith(name + ":"))
                .map(line -> line.substring(name.length() + 1).strip())
                .findFirst()
                .orElseThrow();
    }

    static String hostName() throws IOException {
        return Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
    }

    /** Starts a process that stays. */
    static boolean startChild() throws IOException {
        return new ProcessBuilder("sleep", "1000").start().isAlive();
    }

    // Initializers

    static boolean load(String model) {
        if (!Files.exists(Path.of(model))) {
            throw new IllegalStateException("there is no model to load");
        }
        return true;
    }

    // What outlives a call

    /** Starts a process that nothing leads to: own session, no parent, empty environment. */
    static long startFugitive() throws IOException, InterruptedException {
        var fugitive =
                new ProcessBuilder(
                                "env", "-i", "/bin/sh", "-c", "setsid /bin/sleep 20 >&2 & echo $!")
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        try (var pid = fugitive.inputReader()) {
            return Long.parseLong(pid.readLine());
        }
    }

    static long startThreads(int count) {
        for (int i = 0; i < count; i++) {
            Thread.ofPlatform().start(() -> hold(Duration.ofDays(1)));
        }
        return pid();
    }

    static long delayExit() {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> hold(Duration.ofDays(1))));
        return pid();
    }

    private static void hold(Duration time) {
        try {
            Thread.sleep(time);
        } catch (InterruptedException unheeded) {
            // whoever leaks a thread seldom listens
        }
    }

    // What no worker would say

    /** Writes well-formed frames of a kind nobody knows; a negative count never ends. */
    static long whisper(long frames) throws IOException {
        byte[] several = repeated(frame(UNKNOWN_KIND, 0), 200);
        try (var line = line()) {
            long written = 0;
            for (; frames < 0 || written < frames; written += 200) {
                line.write(several); // less than a pipe takes at once, so that nobody is cut short
            }
            return written;
        }
    }

    /** Closes all descriptors but the standard ones, and lives on. */
    static long closeLine() throws InterruptedException {
        for (int descriptor = 3; descriptor < 64; descriptor++) {
            close(descriptor);
        }
        Thread.sleep(Duration.ofDays(1));
        return pid();
    }

    @SuppressWarnings("restricted") // to do as bad native code does
    private static void close(int descriptor) {
        var linker = Linker.nativeLinker();
        var close =
                linker.downcallHandle(
                        linker.defaultLookup().findOrThrow("close"),
                        FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
        try {
            int _ = (int) close.invokeExact(descriptor);
        } catch (Throwable impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** Gives a call back that the worker never had. */
    static long speakOfForeignCall() throws IOException {
        try (var line = line()) {
            line.write(frame(SKIPPED, Long.MAX_VALUE));
        }
        return Long.MAX_VALUE;
    }

    /** Says more often than it may that this call has printed 50,000 characters. */
    static long babble(long times) throws IOException, InterruptedException {
        long call = TaskContext.current().orElseThrow().callId();
        var body = ByteBuffer.allocate(5 + 50_000).put((byte) 0).putInt(50_000);
        while (body.hasRemaining()) {
            body.put((byte) 'x');
        }
        byte[] said = frame(SAID, call, body.array());
        try (var line = line()) {
            for (long i = 0; i < times; i++) {
                line.write(said);
            }
        }
        Thread.sleep(Duration.ofDays(1));
        return times;
    }

    private static OutputStream line() throws IOException {
        return Files.newOutputStream(Path.of("/dev/fd/4"), StandardOpenOption.WRITE);
    }

    private static byte[] frame(int kind, long id) {
        return frame(kind, id, new byte[0]);
    }

    private static byte[] frame(int kind, long id, byte[] body) {
        var content =
                ByteBuffer.allocate(9 + body.length).put((byte) kind).putLong(id).put(body).array();
        var checksum = new CRC32C();
        checksum.update(content);
        return ByteBuffer.allocate(8 + content.length)
                .putInt(content.length + 4)
                .put(content)
                .putInt((int) checksum.getValue())
                .array();
    }

    private static byte[] repeated(byte[] bytes, int times) {
        var all = ByteBuffer.allocate(bytes.length * times);
        for (int i = 0; i < times; i++) {
            all.put(bytes);
        }
        return all.array();
    }
}
