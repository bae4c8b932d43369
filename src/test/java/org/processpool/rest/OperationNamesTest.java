package org.processpool.rest;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OperationNamesTest {

    private final OperationNames names =
            new OperationNames(Set.of("/v1/jobs/{id}", "/v1/pools/{pool}/workers/{worker}"));

    @ParameterizedTest
    @CsvSource({
        "GET, /, getHome",
        "GET, /v1/jobs, listJobs",
        "POST, /v1/jobs, createJob",
        "GET, /v1/jobs/{id}, getJob",
        "DELETE, /v1/jobs/{id}, deleteJob",
        "GET, /v1/jobs/{id}/result, getJobResult",
        "POST, /v1/jobs/{id}:cancel, cancelJob",
        "POST, /v1/jobs/{id}/deliveries/{n}:redeliver, redeliverDelivery",
        "PATCH, /v1/pools/{pool}, updatePool",
        "GET, /v1/pools/{pool}/workers, listPoolWorkers",
        "GET, /v1/pools/{pool}/workers/{worker}/threads, getWorkerThreads",
        "GET, /v1/stats, getStats"
    })
    void are_made_of_method_and_path(String method, String path, String name) {
        assertThat(names.of(method, path)).isEqualTo(name);
    }
}
