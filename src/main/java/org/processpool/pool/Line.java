package org.processpool.pool;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Who waits, by priority and then by arrival. Everything but {@link #all}, {@link
 * #first(Predicate)} and {@link #ahead} takes constant time, also leaving from the middle, so that
 * cancelled and timed-out calls cost nothing later. Guarded by the dispatcher's lock.
 */
final class Line {

    private final @Nullable Waiter[] first = new Waiter[10];
    private final @Nullable Waiter[] last = new Waiter[10];
    private int size;

    int size() {
        return size;
    }

    boolean isEmpty() {
        return size == 0;
    }

    /** Joins behind everybody of its priority. */
    void add(Waiter waiter) {
        insertBehind(last[waiter.priority], waiter);
    }

    /** Joins where its age belongs: for one that was served and comes back. */
    void putBack(Waiter waiter) {
        Waiter older = null;
        for (Waiter at = first[waiter.priority];
                at != null && isOlder(at, waiter);
                at = at.behind) {
            older = at;
        }
        insertBehind(older, waiter);
    }

    /** Whether one would be served before the other if both had the same priority. */
    static boolean isOlder(Waiter one, Waiter other) {
        return one.since < other.since || (one.since == other.since && one.order < other.order);
    }

    private void insertBehind(@Nullable Waiter before, Waiter waiter) {
        if (waiter.line != null) {
            throw new IllegalStateException("stands in a line already");
        }
        int p = waiter.priority;
        Waiter behind = before == null ? first[p] : before.behind;
        waiter.line = this;
        waiter.before = before;
        waiter.behind = behind;
        if (before == null) {
            first[p] = waiter;
        } else {
            before.behind = waiter;
        }
        if (behind == null) {
            last[p] = waiter;
        } else {
            behind.before = waiter;
        }
        size++;
    }

    /** Leaves, from wherever it stands. */
    void remove(Waiter waiter) {
        if (waiter.line != this) {
            throw new IllegalStateException("does not stand in this line");
        }
        int p = waiter.priority;
        if (waiter.before == null) {
            first[p] = waiter.behind;
        } else {
            waiter.before.behind = waiter.behind;
        }
        if (waiter.behind == null) {
            last[p] = waiter.before;
        } else {
            waiter.behind.before = waiter.before;
        }
        waiter.line = null;
        waiter.before = null;
        waiter.behind = null;
        size--;
    }

    /** Who is served next, or null. */
    @Nullable Waiter peek() {
        for (int p = 9; p >= 0; p--) {
            if (first[p] != null) {
                return first[p];
            }
        }
        return null;
    }

    /** The first of a kind, or null. */
    @Nullable Waiter first(Predicate<Waiter> kind) {
        for (int p = 9; p >= 0; p--) {
            for (Waiter at = first[p]; at != null; at = at.behind) {
                if (kind.test(at)) {
                    return at;
                }
            }
        }
        return null;
    }

    /** How many of a kind are served before this one. */
    int ahead(Waiter waiter, Predicate<Waiter> kind) {
        int ahead = 0;
        for (Waiter at = waiter.before; at != null; at = at.before) {
            ahead += kind.test(at) ? 1 : 0;
        }
        for (int p = waiter.priority + 1; p <= 9; p++) {
            for (Waiter at = first[p]; at != null; at = at.behind) {
                ahead += kind.test(at) ? 1 : 0;
            }
        }
        return ahead;
    }

    /** Everybody, in the order of service. */
    List<Waiter> all() {
        List<Waiter> all = new ArrayList<>(size);
        for (int p = 9; p >= 0; p--) {
            for (Waiter at = first[p]; at != null; at = at.behind) {
                all.add(at);
            }
        }
        return all;
    }
}
