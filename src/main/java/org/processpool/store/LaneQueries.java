package org.processpool.store;

import com.github.kagkarlsson.scheduler.jdbc.DefaultJdbcCustomization;
import com.github.kagkarlsson.scheduler.jdbc.JdbcTaskRepositoryContext;
import com.github.kagkarlsson.scheduler.task.Execution;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What db-scheduler asks for a lane, in one statement that both databases understand: those due of
 * the lane's own tasks are picked and told. So a lane never sees, locks or counts the rows of
 * another, and never picks more than it has free slots. Times are milliseconds.
 */
final class LaneQueries extends DefaultJdbcCustomization {

    private final Dialect dialect;
    private final List<String> tasks;

    LaneQueries(Dialect dialect, List<String> tasks) {
        super(true);
        this.dialect = dialect;
        this.tasks = List.copyOf(tasks);
    }

    @Override
    public String getName() {
        return "lane " + tasks;
    }

    @Override
    public void setInstant(PreparedStatement statement, int index, @Nullable Instant value)
            throws SQLException {
        if (value == null) {
            statement.setNull(index, java.sql.Types.BIGINT);
        } else {
            statement.setLong(index, value.toEpochMilli());
        }
    }

    @Override
    @SuppressWarnings("NullAway") // db-scheduler is not annotated: no time is null there
    public @Nullable Instant getInstant(ResultSet row, String column) throws SQLException {
        return Rows.instant(row, column).orElse(null);
    }

    @Override
    public String getQueryLimitPart(int limit) {
        return " limit " + limit;
    }

    @Override
    public boolean supportsSingleStatementLockAndFetch() {
        return true;
    }

    @Override
    public List<Execution> lockAndFetchSingleStatement(
            JdbcTaskRepositoryContext context, Instant now, int limit, boolean orderByPriority) {
        String order = " order by priority desc, execution_time";
        String each =
                "select * from (select task_name, task_instance, priority, execution_time from "
                        + context.tableName
                        + " where task_name = ? and picked = ? and execution_time <= ?"
                        + order
                        + " limit "
                        + limit
                        + dialect.skipping()
                        + ") as due";
        String due = tasks.stream().map(_ -> each).collect(Collectors.joining(" union all "));
        String sql =
                "update "
                        + context.tableName
                        + " set picked = ?, picked_by = ?, last_heartbeat = ?,"
                        + " version = version + 1 where (task_name, task_instance) in"
                        + " (select task_name, task_instance from ("
                        + due
                        + ") as lane"
                        + order
                        + " limit "
                        + limit
                        + ") returning *";
        List<Execution> picked =
                context.jdbcRunner.query(
                        sql,
                        statement -> {
                            int index = 1;
                            statement.setBoolean(index++, true);
                            statement.setString(index++, context.schedulerName.getName());
                            setInstant(statement, index++, now);
                            for (String task : tasks) {
                                statement.setString(index++, task);
                                statement.setBoolean(index++, false);
                                setInstant(statement, index++, now);
                            }
                        },
                        context.resultSetMapper.get());
        return picked.stream()
                .sorted(
                        Comparator.comparingInt((Execution one) -> -one.taskInstance.getPriority())
                                .thenComparing(one -> one.executionTime)
                                .thenComparing(one -> one.taskInstance.getId()))
                .toList();
    }
}
