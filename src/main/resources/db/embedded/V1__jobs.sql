-- Jobs, as SQLite keeps them. db/cluster has the same tables for PostgreSQL.
-- Times are milliseconds since 1970 by the service's clock; runs are measured in nanoseconds.

create table job (
    id text not null primary key,
    tenant text not null,
    kind text not null,
    task text not null,
    pool text not null,
    state text not null,
    revision bigint not null,
    epoch bigint not null,
    attempt integer not null,
    losses integer not null,
    owner text,
    created_at bigint not null,
    started_at bigint,
    finished_at bigint,
    overdue_at bigint,
    worker text,
    pid bigint,
    items_total bigint not null,
    items_done bigint not null,
    items_failed bigint not null,
    chunks_open integer not null,
    progress_done bigint,
    progress_total bigint,
    progress_message text,
    run_nanos bigint,
    cpu_nanos bigint,
    max_rss bigint,
    error text,
    input_encoding text,
    star integer not null,
    on_error text,
    result_encoding text,
    result_bytes bigint not null,
    expires_at bigint,
    expired integer not null,
    timeout_millis bigint not null,
    queue_timeout_millis bigint not null,
    memory_bytes bigint not null,
    retries integer not null,
    priority integer not null,
    on_lost text not null,
    result_ttl_millis bigint not null,
    labels integer not null,
    callbacks integer not null,
    retry_of text,
    trace text,
    idem_key text,
    fingerprint text
) without rowid;

-- a list's page; ids ascend with time
create index job_of_tenant on job (tenant, id);
create index job_of_tenant_in_state on job (tenant, state, id);
-- place in line, and how many there are of what
create index job_in_pool on job (pool, state, priority desc, id, created_at);
create unique index job_by_key on job (tenant, idem_key) where idem_key is not null;
create index job_key_made on job (created_at) where idem_key is not null;
create index job_overdue on job (overdue_at) where overdue_at is not null;
create index job_finished on job (finished_at) where finished_at is not null;
create index job_expires on job (expires_at) where expires_at is not null and expired = 0;

create table job_label (
    job_id text not null,
    name text not null,
    value text not null,
    primary key (job_id, name)
) without rowid;
create index job_by_label on job_label (name, value, job_id);

create table job_callback (
    job_id text not null,
    place integer not null,
    url text not null,
    events text not null,
    secret text,
    primary key (job_id, place)
) without rowid;

-- some items of a map that are run in one call
create table job_chunk (
    job_id text not null,
    chunk integer not null,
    first_item bigint not null,
    items integer not null,
    state text not null,
    epoch bigint not null,
    attempt integer not null,
    losses integer not null,
    owner text,
    input_encoding text not null,
    output_encoding text,
    failed integer not null,
    first_problem text,
    error text,
    primary key (job_id, chunk)
) without rowid;

-- inputs, results and logs, in pieces of at most 256 KiB; chunk is -1 for those of the whole job
create table blob (
    job_id text not null,
    kind text not null,
    chunk integer not null,
    piece integer not null,
    bytes blob not null,
    primary key (job_id, kind, chunk, piece)
);

-- jobs that are gone while some of their pieces are not yet
create table forgotten (
    job_id text not null primary key
) without rowid;

create table webhook_outbox (
    delivery integer primary key autoincrement,
    job_id text not null,
    place integer not null,
    url text not null,
    secret text,
    event text not null,
    state text not null,
    created_at bigint not null,
    next_at bigint,
    unique (job_id, place)
);

create table webhook_attempt (
    delivery bigint not null,
    place integer not null,
    tried_at bigint not null,
    status integer not null,
    took_nanos bigint not null,
    error text,
    primary key (delivery, place)
) without rowid;

-- one row, written to learn whether writing is possible
create table pulse (
    id integer not null primary key,
    beat_at bigint not null
);
insert into pulse (id, beat_at) values (1, 0);

-- db-scheduler's table: what is due, in milliseconds like all our times
create table scheduled_tasks (
    task_name text not null,
    task_instance text not null,
    task_data blob,
    execution_time bigint not null,
    picked boolean not null,
    picked_by text,
    last_success bigint,
    last_failure bigint,
    consecutive_failures integer,
    last_heartbeat bigint,
    version bigint not null,
    priority smallint,
    primary key (task_name, task_instance)
);
create index scheduled_due on scheduled_tasks (task_name, picked, priority desc, execution_time);
create index scheduled_heartbeat on scheduled_tasks (last_heartbeat) where last_heartbeat is not null;
