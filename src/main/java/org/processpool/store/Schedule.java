package org.processpool.store;

import java.sql.SQLException;
import org.processpool.job.JobId;

/**
 * The rows of db-scheduler's table as they follow from what jobs are. They change in the same
 * transaction as the job; picking and completing them is the queue's business.
 */
final class Schedule {

    /** The name under which webhooks are due; their instance is the delivery's key. */
    static final String WEBHOOKS = "webhook";

    private static final String ADD =
            "insert into scheduled_tasks (task_name, task_instance, execution_time, picked,"
                    + " version, priority) values (?, ?, ?, ?, 1, ?)";

    private Schedule() {}

    static String jobs(String pool) {
        return "job." + pool;
    }

    static String chunks(String pool) {
        return "chunk." + pool;
    }

    static String chunk(JobId id, int chunk) {
        return id + "/" + chunk;
    }

    static void add(Session session, String name, String instance, long at, int priority)
            throws SQLException {
        session.update(ADD, name, instance, at, false, priority);
    }

    /** As {@link #add}; one that is there becomes due then, even if somebody is at it. */
    static void renew(Session session, String name, String instance, long at) throws SQLException {
        session.update(
                ADD
                        + " on conflict (task_name, task_instance) do update set"
                        + " execution_time = excluded.execution_time, picked = excluded.picked,"
                        + " picked_by = null, last_heartbeat = null,"
                        + " version = scheduled_tasks.version + 1",
                name,
                instance,
                at,
                false,
                0);
    }

    /** Says when one that is being run is due again, should nobody say so any more. */
    static void move(Session session, String name, String instance, long at) throws SQLException {
        session.update(
                "update scheduled_tasks set execution_time = ? where task_name = ?"
                        + " and task_instance = ?",
                at,
                name,
                instance);
    }

    static void remove(Session session, String name, String instance) throws SQLException {
        session.update(
                "delete from scheduled_tasks where task_name = ? and task_instance = ?",
                name,
                instance);
    }

    /** Removes those of a map's chunks that wait; those that run keep theirs. */
    static void removeWaitingChunks(Session session, String pool, JobId id) throws SQLException {
        session.update(
                "delete from scheduled_tasks where task_name = ? and task_instance in"
                        + " (select job_id || '/' || chunk from job_chunk where job_id = ?"
                        + " and state = 'QUEUED')",
                chunks(pool),
                id);
    }

    static void removeChunks(Session session, String pool, JobId id) throws SQLException {
        session.update(
                "delete from scheduled_tasks where task_name = ? and task_instance >= ?"
                        + " and task_instance < ?",
                chunks(pool),
                id + "/",
                id + "0"); // the character behind the slash
    }

    /** What was picked by whoever is due again. @return how many */
    static int release(Session session, String by) throws SQLException {
        return session.update(
                "update scheduled_tasks set picked = ?, picked_by = null, last_heartbeat = null,"
                        + " version = version + 1 where picked = ? and picked_by like ?",
                false,
                true,
                by);
    }
}
