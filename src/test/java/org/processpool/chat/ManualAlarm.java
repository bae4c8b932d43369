package org.processpool.chat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Time that a test turns by hand. */
final class ManualAlarm implements Alarm {

    private record Set(long due, Runnable deed) {}

    private final List<Set> alarms = new ArrayList<>();
    private long now = 1_000_000_000_000L;

    @Override
    public synchronized long nanos() {
        return now;
    }

    @Override
    public synchronized Runnable in(Duration delay, Runnable deed) {
        Set set = new Set(now + delay.toNanos(), deed);
        alarms.add(set);
        return () -> {
            synchronized (this) {
                alarms.remove(set);
            }
        };
    }

    /** Alarms that are set. */
    synchronized int pending() {
        return alarms.size();
    }

    /** Lets time pass, and what is due by then be done. */
    void turn(Duration by) {
        List<Set> due;
        synchronized (this) {
            now += by.toNanos();
            due =
                    alarms.stream()
                            .filter(set -> set.due() <= now)
                            .sorted(Comparator.comparingLong(Set::due))
                            .toList();
            alarms.removeAll(due);
        }
        due.forEach(set -> set.deed().run());
    }
}
