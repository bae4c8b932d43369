package org.processpool.pool;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * What a process uses during one call. Each look reads a few small files, so not under a lock of
 * others. Safe for use by several threads.
 */
final class Meter {

    private final ProcessHandle process;

    // guarded by this
    private @Nullable Duration cpuBefore;
    private @Nullable Duration cpu;
    private boolean peakIsOfThisCall;
    private long mostResident;

    Meter(ProcessHandle process) {
        this.process = process;
    }

    /** The call is about to begin. */
    synchronized void start() {
        cpuBefore = process.info().totalCpuDuration().orElse(null);
        peakIsOfThisCall = Memory.forgetPeak(process.pid());
        mostResident = Memory.resident(process.pid());
    }

    /** The call has ended, or will be. Sees nothing of a process that is gone. */
    synchronized void look() {
        Duration before = cpuBefore;
        if (before == null || !process.isAlive()) {
            return;
        }
        process.info().totalCpuDuration().ifPresent(now -> cpu = now.minus(before));
        long seen = peakIsOfThisCall ? Memory.peak(process.pid()) : Memory.resident(process.pid());
        mostResident = Math.max(mostResident, seen);
    }

    /** Processor time between the start and the last look. */
    synchronized Optional<Duration> cpu() {
        return Optional.ofNullable(cpu);
    }

    /** Most resident memory until the last look. */
    synchronized OptionalLong maxResident() {
        return cpu == null || mostResident == 0
                ? OptionalLong.empty()
                : OptionalLong.of(mostResident);
    }
}
