package org.processpool.wire;

/**
 * Whether to spin for the other side's next word, judged by how it went before. Spinning saves two
 * wake-ups when both sides have a processor for themselves; when they share one, each only keeps
 * the other from running. After a few spins in vain it is left for a number of times that doubles
 * with each relapse; a spin that was worth it sets everything back.
 *
 * <p>Not synchronized: used by several threads it may count wrongly, which costs a spin and no
 * more.
 */
public final class SpinPolicy {

    private static final int MOST_MISSES = 4;
    private static final int FIRST_PAUSE = 8;
    private static final int LONGEST_PAUSE = 512;

    private int misses;
    private int pause = FIRST_PAUSE;
    private int left;

    /** Whether to spin this time. */
    public boolean isWorthTrying() {
        if (left > 0) {
            left--;
            return false;
        }
        return true;
    }

    /** The spin ended with a word from the other side. */
    public void hit() {
        misses = 0;
        pause = FIRST_PAUSE;
    }

    /** The spin ended with nothing. */
    public void missed() {
        misses++;
        if (misses >= MOST_MISSES) {
            misses = MOST_MISSES - 1; // after a pause one more miss is enough
            left = pause;
            pause = Math.min(LONGEST_PAUSE, 2 * pause);
        }
    }
}
