package org.processpool.pool;

import java.util.Optional;
import org.processpool.task.TaskName;

/** A request for a lease or a conversation, standing in line for a worker. */
final class Grant extends Waiter {

    /** Who waits for it. */
    interface Ending {
        /** The turn has come. Called once, without the lock. */
        void granted(Hold hold);

        /** It will not come. Called once, without the lock. */
        void refused(Outcome why);
    }

    /** The conversation it is for; empty asks for the sole use of a worker. */
    final Optional<TaskName> conversation;

    final Ending ending;
    final boolean waitsForRoom;

    Grant(
            Optional<TaskName> conversation,
            CallOptions options,
            long now,
            long order,
            long giveUpAt,
            Ending ending) {
        super(options.priority(), now, order, giveUpAt);
        this.conversation = conversation;
        this.ending = ending;
        this.waitsForRoom = options.waitForRoom();
    }
}
