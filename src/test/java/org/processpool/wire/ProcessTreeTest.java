package org.processpool.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@EnabledOnOs(OS.LINUX)
class ProcessTreeTest {

    /** Starts a shell that tells the pid of what it leaves behind. */
    private static Process shell(String token, String script) throws IOException {
        var builder = new ProcessBuilder("sh", "-c", script);
        builder.environment().put(ProcessTree.TOKEN, token);
        return builder.start();
    }

    private static ProcessHandle told(BufferedReader out) throws IOException {
        return ProcessHandle.of(Long.parseLong(out.readLine())).orElseThrow();
    }

    @Test
    void children_die_also_when_they_were_detached_and_their_parent_is_dead() throws Exception {
        String token = UUID.randomUUID().toString();
        Process worker =
                shell(
                        token,
                        "sleep 600 & echo $!; setsid sh -c 'echo $$; exec sleep 600' & read line");
        var tree = ProcessTree.of(worker.pid(), token);
        BufferedReader out = worker.inputReader(StandardCharsets.UTF_8);
        ProcessHandle child = told(out);
        ProcessHandle detached = told(out);
        worker.destroyForcibly().waitFor();

        assertThat(tree.kill()).isEqualTo(2);

        await().until(() -> !alive(child) && !alive(detached));
        assertThat(tree.kill()).isZero();
    }

    @Test
    void a_living_worker_is_spared_and_so_is_this_process() throws Exception {
        String token = UUID.randomUUID().toString();
        Process worker = shell(token, "sleep 600 & echo $!; read line");
        ProcessHandle child = told(worker.inputReader(StandardCharsets.UTF_8));

        assertThat(ProcessTree.of(worker.pid(), token).kill()).isEqualTo(1);

        await().until(() -> !alive(child));
        assertThat(worker.isAlive()).isTrue();
        worker.destroyForcibly().waitFor();
    }

    @Test
    void other_processes_are_spared() throws Exception {
        Process other = shell("other", "echo $$; exec sleep 600");
        told(other.inputReader(StandardCharsets.UTF_8));
        Process worker = shell("mine", "read line");

        assertThat(ProcessTree.of(worker.pid(), "mine").kill()).isZero();

        assertThat(other.isAlive()).isTrue();
        other.destroyForcibly().waitFor();
        worker.destroyForcibly().waitFor();
    }

    /** A zombie nobody has collected yet is as dead as we can make it. */
    private static boolean alive(ProcessHandle process) {
        return process.isAlive() && process.info().command().isPresent();
    }
}
