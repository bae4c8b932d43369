package org.processpool.store;

import static java.lang.System.Logger.Level.WARNING;

import com.github.kagkarlsson.scheduler.task.AbstractTask;
import com.github.kagkarlsson.scheduler.task.CompletionHandler;
import com.github.kagkarlsson.scheduler.task.Execution;
import com.github.kagkarlsson.scheduler.task.ExecutionContext;
import com.github.kagkarlsson.scheduler.task.SchedulableInstance;
import com.github.kagkarlsson.scheduler.task.TaskInstance;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import javax.sql.DataSource;

/**
 * Something that is due under one name. A row is left in one of three ways, each only if it is
 * still as it was when it was picked: done with and removed, due again at a time, or, if this
 * process cannot even say that, picked until its heartbeat is missed.
 */
final class DueTask extends AbstractTask<Void> {

    /** What is to be done with an instance. */
    interface Deed {
        Optional<Instant> run(String instance);
    }

    private static final System.Logger LOG = System.getLogger(DueTask.class.getName());
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(5);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(5);

    private final Deed deed;
    private final Handlers handlers;
    private final Rows rows;

    DueTask(String name, Deed deed, Handlers handlers, Rows rows) {
        super(
                name,
                Void.class,
                (failed, _) -> rows.failed(failed.getExecution(), failed.getCause().orElse(null)),
                (dead, _) -> rows.revive(dead.getExecution()));
        this.deed = deed;
        this.handlers = handlers;
        this.rows = rows;
    }

    @Override
    public CompletionHandler<Void> execute(TaskInstance<Void> instance, ExecutionContext context) {
        rows.begins(instance);
        Optional<Instant> again = handlers.run(() -> deed.run(instance.getId()));
        return (complete, _) -> {
            if (again.isPresent()) {
                rows.again(complete.getExecution(), again.get(), 0);
            } else {
                rows.remove(complete.getExecution());
            }
        };
    }

    @Override
    public SchedulableInstance<Void> schedulableInstance(String id) {
        throw new UnsupportedOperationException("only the store makes something due");
    }

    @Override
    public SchedulableInstance<Void> schedulableInstance(String id, Void data) {
        throw new UnsupportedOperationException("only the store makes something due");
    }

    /**
     * Where what is due is written down.
     *
     * <p>A heartbeat that was missed proves nothing of what this very process is at: the clock may
     * have jumped, the process may have been stopped for a while, the disk may have been full. So
     * an instance from its beginning until its row was left is not revived here.
     */
    static final class Rows {
        private final Set<String> here = ConcurrentHashMap.newKeySet();
        private final DataSource source;
        private final Clock clock;
        private final BooleanSupplier stopping;

        Rows(DataSource source, Clock clock, BooleanSupplier stopping) {
            this.source = source;
            this.clock = clock;
            this.stopping = stopping;
        }

        private void begins(TaskInstance<Void> instance) {
            here.add(instance.getTaskName() + "/" + instance.getId());
        }

        private void left(Execution execution) {
            here.remove(execution.getTaskName() + "/" + execution.getId());
        }

        /** Makes due again what a process had that is gone. */
        private void revive(Execution execution) {
            if (!here.contains(execution.getTaskName() + "/" + execution.getId())) {
                again(execution, clock.instant(), 0);
            }
        }

        void failed(Execution execution, @org.jspecify.annotations.Nullable Throwable why) {
            if (stopping.getAsBoolean()) {
                again(execution, clock.instant(), execution.consecutiveFailures);
                return;
            }
            int failures = execution.consecutiveFailures + 1;
            Duration pause = FIRST_PAUSE.multipliedBy(1L << Math.min(failures - 1, 10));
            if (pause.compareTo(LONGEST_PAUSE) > 0) {
                pause = LONGEST_PAUSE;
            }
            LOG.log(
                    WARNING,
                    "%s %s could not be worked on, is tried again in %d s"
                            .formatted(
                                    execution.getTaskName(), execution.getId(), pause.toSeconds()),
                    why);
            again(execution, clock.instant().plus(pause), failures);
        }

        void again(Execution execution, Instant at, int failures) {
            change(
                    execution,
                    "update scheduled_tasks set picked = ?, picked_by = null,"
                            + " last_heartbeat = null, execution_time = ?,"
                            + " consecutive_failures = ?, version = version + 1"
                            + " where task_name = ? and task_instance = ? and version = ?",
                    false,
                    at.toEpochMilli(),
                    failures,
                    execution.getTaskName(),
                    execution.getId(),
                    execution.version);
        }

        void remove(Execution execution) {
            change(
                    execution,
                    "delete from scheduled_tasks where task_name = ? and task_instance = ?"
                            + " and version = ?",
                    execution.getTaskName(),
                    execution.getId(),
                    execution.version);
        }

        /** Nothing changes if the row is gone or another's: then that other one decides. */
        private void change(Execution execution, String sql, Object... arguments) {
            try (Connection connection = source.getConnection();
                    var session = new Session(connection)) {
                session.update(sql, arguments);
            } catch (SQLException failed) {
                LOG.log(
                        WARNING,
                        "%s %s stays picked until its heartbeat is missed"
                                .formatted(execution.getTaskName(), execution.getId()),
                        failed);
            } finally {
                left(execution);
            }
        }
    }
}
