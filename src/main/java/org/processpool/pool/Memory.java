package org.processpool.pool;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/** What the kernel says of memory. */
final class Memory {

    private static final long PAGE = 4096;

    /** Where cgroup v2 and v1 count the processes they have killed. */
    private static final List<Path> KILL_COUNTERS =
            List.of(
                    Path.of("/sys/fs/cgroup/memory.events"),
                    Path.of("/sys/fs/cgroup/memory/memory.oom_control"));

    private Memory() {}

    /** Bytes this process and its children may use, of the machine or of their container. */
    static long ofMachine() {
        return ((com.sun.management.OperatingSystemMXBean)
                        ManagementFactory.getOperatingSystemMXBean())
                .getTotalMemorySize();
    }

    /** Resident bytes of a process, or 0 if it is gone or the system does not say. */
    static long resident(long pid) {
        try {
            String[] pages = Files.readString(Path.of("/proc", "" + pid, "statm")).split(" ", 3);
            return Long.parseLong(pages[1]) * PAGE;
        } catch (IOException | NumberFormatException unknown) {
            return 0;
        }
    }

    /**
     * Has the kernel forget the most resident memory of a process so far.
     *
     * @return whether it has; from then on {@link #peak} counts from here
     */
    static boolean forgetPeak(long pid) {
        try {
            Files.writeString(
                    Path.of("/proc", "" + pid, "clear_refs"), "5", StandardOpenOption.WRITE);
            return true;
        } catch (IOException notPermitted) {
            return false;
        }
    }

    /** Most resident bytes of a process so far, or 0 if it is gone or the system does not say. */
    static long peak(long pid) {
        try {
            return peak(Path.of("/proc", "" + pid, "status"));
        } catch (IOException | NumberFormatException unknown) {
            return 0;
        }
    }

    /** Reads the line {@code VmHWM: N kB} of such a file. */
    static long peak(Path status) throws IOException {
        for (String line : Files.readAllLines(status)) {
            if (line.startsWith("VmHWM:")) {
                return Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024;
            }
        }
        return 0;
    }

    /**
     * How many processes of this container the kernel has killed for memory; 0 if it does not say.
     */
    static long kernelKills() {
        return KILL_COUNTERS.stream().mapToLong(Memory::kernelKills).max().orElse(0);
    }

    /** Reads the line {@code oom_kill N} of such a file. */
    static long kernelKills(Path counters) {
        try {
            for (String line : Files.readAllLines(counters)) {
                if (line.startsWith("oom_kill ")) {
                    return Long.parseLong(line.substring("oom_kill ".length()).strip());
                }
            }
            return 0;
        } catch (IOException | NumberFormatException unknown) {
            return 0;
        }
    }
}
