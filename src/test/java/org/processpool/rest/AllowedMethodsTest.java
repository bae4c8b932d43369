package org.processpool.rest;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AllowedMethodsTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/ | GET, HEAD, OPTIONS",
                "/v1/tasks | GET, HEAD, OPTIONS",
                "/v1/tasks/fib | GET, HEAD, OPTIONS",
                "/v1/tasks/fib:apply | OPTIONS, POST",
                "/v1/pools/default | GET, HEAD, OPTIONS, PATCH",
                "/v1/pools/default:drain | OPTIONS, POST",
                "/v1/pools/default/workers | GET, HEAD, OPTIONS",
                "/v1/pools/default/workers/default-1 | GET, HEAD, OPTIONS",
                "/v1/pools/default/workers/default-1:kill | OPTIONS, POST",
                "/v1/pools/default/workers/default-1/threads | GET, HEAD, OPTIONS",
                "/v1/stats | GET, HEAD, OPTIONS",
                "/v1/jobs/a/deliveries/1:redeliver | OPTIONS, POST",
                "/v1/tasks/a%2Fb:apply | OPTIONS, POST",
                "/problems/queue-full | GET, HEAD, OPTIONS",
                "/nothing | ''"
            })
    void are_those_the_resources_declare(String path, String methods) {
        assertThat(String.join(", ", AllowedMethods.at(path))).isEqualTo(methods);
    }
}
