package org.processpool.rest;

import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/**
 * What a submission looks like, for the API's description only: {@link JobRequest} reads it without
 * opening what goes to the task.
 *
 * @param task name of the task
 * @param kind apply, or map, which has items
 * @param args positional arguments
 * @param kwargs named arguments
 * @param items the inputs of a map, instead of arguments
 * @param pool name of the pool
 * @param timeoutMillis longest run of one call, of a map of one item; 0 is no limit
 * @param queueTimeoutMillis longest wait until it starts; 0 is no limit
 * @param memoryMiB its worker is killed above this; 0 is the pool's limit
 * @param retries how often it is run again after its worker died
 * @param priority 9 is served first
 * @param labels names and values to find it by
 * @param resultTtlMillis how long its result is kept
 * @param onLost what happens if the service dies while it runs
 * @param callback a URL, or an object {url, events, secretRef}, told of success
 * @param errorCallback the same, told of failure and cancellation
 * @param chunkSize items of a map per call
 * @param star whether each item of a map is an array of positional arguments
 * @param order the order of a map's results
 * @param onError what a failed item of a map means for the others
 */
@Schema(name = "JobSubmission", additionalProperties = Schema.False.class)
record JobForm(
        @Schema(required = true, maxLength = 200, examples = "fib") String task,
        @Schema(
                        enumeration = {"apply", "map"},
                        nullable = true)
                @Nullable String kind,
        @Schema(nullable = true) @Nullable List<Object> args,
        @Schema(nullable = true) @Nullable Map<String, Object> kwargs,
        @Schema(nullable = true) @Nullable List<Object> items,
        @Schema(nullable = true, maxLength = 63) @Nullable String pool,
        @Schema(nullable = true, minimum = "0") @Nullable Long timeoutMillis,
        @Schema(nullable = true, minimum = "0") @Nullable Long queueTimeoutMillis,
        @Schema(nullable = true, minimum = "0") @Nullable Integer memoryMiB,
        @Schema(nullable = true, minimum = "0", maximum = "100") @Nullable Integer retries,
        @Schema(nullable = true, minimum = "0", maximum = "9") @Nullable Integer priority,
        @Schema(nullable = true) @Nullable Map<String, String> labels,
        @Schema(nullable = true, minimum = "1") @Nullable Long resultTtlMillis,
        @Schema(
                        nullable = true,
                        enumeration = {"retry", "fail"})
                @Nullable String onLost,
        @Schema(nullable = true, implementation = Object.class) @Nullable Object callback,
        @Schema(nullable = true, implementation = Object.class) @Nullable Object errorCallback,
        @Schema(nullable = true, minimum = "1") @Nullable Integer chunkSize,
        @Schema(nullable = true) @Nullable Boolean star,
        @Schema(nullable = true, enumeration = "input") @Nullable String order,
        @Schema(
                        nullable = true,
                        enumeration = {"continue", "stop"})
                @Nullable String onError) {}
