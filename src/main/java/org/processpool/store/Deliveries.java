package org.processpool.store;

import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.processpool.job.JobId;
import org.processpool.job.JobStore.Attempt;
import org.processpool.job.JobStore.Delivery;
import org.processpool.job.JobStore.DeliveryState;

/** The outbox of webhooks. */
final class Deliveries {

    private Deliveries() {}

    static List<Delivery> list(Session session, String where, @Nullable Object... arguments)
            throws SQLException {
        List<Delivery> bare =
                session.list(
                        "select * from webhook_outbox where " + where + " order by job_id, place",
                        row ->
                                new Delivery(
                                        row.getLong("delivery"),
                                        Rows.id(row, "job_id"),
                                        row.getInt("place"),
                                        row.getString("url"),
                                        Rows.text(row, "secret"),
                                        row.getString("event"),
                                        DeliveryState.valueOf(row.getString("state")),
                                        Instant.ofEpochMilli(row.getLong("created_at")),
                                        Rows.instant(row, "next_at"),
                                        List.of()),
                        arguments);
        List<Delivery> all = new ArrayList<>(bare.size());
        for (Delivery each : bare) {
            all.add(
                    new Delivery(
                            each.key(),
                            each.job(),
                            each.number(),
                            each.url(),
                            each.secret(),
                            each.event(),
                            each.state(),
                            each.createdAt(),
                            each.nextAt(),
                            attempts(session, each.key())));
        }
        return all;
    }

    private static List<Attempt> attempts(Session session, long key) throws SQLException {
        return session.list(
                "select tried_at, status, took_nanos, error from webhook_attempt"
                        + " where delivery = ? order by place",
                row ->
                        new Attempt(
                                Instant.ofEpochMilli(row.getLong(1)),
                                row.getInt(2),
                                Duration.ofNanos(row.getLong(3)),
                                Rows.text(row, "error")),
                key);
    }

    static void attempted(
            Session session, long key, Attempt attempt, DeliveryState state, Optional<Instant> next)
            throws SQLException {
        Long nextAt = next.isPresent() ? next.get().toEpochMilli() : null;
        int known =
                session.update(
                        "update webhook_outbox set state = ?, next_at = ? where delivery = ?",
                        state,
                        nextAt,
                        key);
        if (known == 0) {
            return; // its job was deleted meanwhile
        }
        session.update(
                "insert into webhook_attempt (delivery, place, tried_at, status, took_nanos,"
                        + " error) select ?, count(*) + 1, ?, ?, ?, ? from webhook_attempt"
                        + " where delivery = ?",
                key,
                attempt.at().toEpochMilli(),
                attempt.status(),
                attempt.took().toNanos(),
                attempt.error().orElse(null),
                key);
        if (nextAt != null) {
            Schedule.move(session, Schedule.WEBHOOKS, Long.toString(key), nextAt);
        }
    }

    static Optional<Delivery> redeliver(Session session, JobId id, int number, long now)
            throws SQLException {
        int known =
                session.update(
                        "update webhook_outbox set state = 'PENDING', next_at = ?"
                                + " where job_id = ? and place = ?",
                        now,
                        id,
                        number);
        if (known == 0) {
            return Optional.empty();
        }
        Delivery due = list(session, "job_id = ? and place = ?", id, number).getFirst();
        Schedule.renew(session, Schedule.WEBHOOKS, Long.toString(due.key()), now);
        return Optional.of(due);
    }

    /** Forgets those of a job. */
    static void forget(Session session, JobId id) throws SQLException {
        for (long key :
                session.list(
                        "select delivery from webhook_outbox where job_id = ?",
                        row -> row.getLong(1),
                        id)) {
            session.update("delete from webhook_attempt where delivery = ?", key);
            Schedule.remove(session, Schedule.WEBHOOKS, Long.toString(key));
        }
        session.update("delete from webhook_outbox where job_id = ?", id);
    }
}
