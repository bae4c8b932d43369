package org.processpool.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.processpool.fault.Pools.PATIENCE;
import static org.processpool.fault.Pools.awaitDeath;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.processpool.pool.PoolConfig;

/** Parents that end without a word: their workers and grandchildren must follow by themselves. */
@FaultTest
class ParentDeathFaultIT {

    @TempDir Path temporary;

    @ParameterizedTest
    @EnumSource(names = {"WAIT", "WAIT_EARLY"})
    void no_process_outlives_a_parent_that_is_killed(DoomedParent.Fate fate) throws Exception {
        try (var parent = new Parent(fate)) {
            List<Long> brood = parent.brood();
            Signal.KILL.sendTo(parent.process.pid());
            awaitDeath(brood);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"RETURN", "HALT"})
    void no_process_outlives_a_parent_that_ends_without_closing_its_pool(DoomedParent.Fate fate)
            throws Exception {
        try (var parent = new Parent(fate)) {
            List<Long> brood = parent.brood();
            assertThat(parent.process.waitFor(20, TimeUnit.SECONDS)).isTrue();
            assertThat(parent.process.exitValue()).isZero();
            awaitDeath(brood);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"WAIT", "WAIT_EARLY", "HALT"})
    void no_process_in_a_sandbox_outlives_its_parent(DoomedParent.Fate fate) throws Exception {
        Pools.assumeSandbox();
        try (var parent = new Parent(fate, PoolConfig.Sandbox.BWRAP)) {
            List<Long> brood = new ArrayList<>();
            brood.addAll(parent.brood());
            parent.process.descendants().forEach(each -> brood.add(each.pid()));
            Signal.KILL.sendTo(parent.process.pid());
            awaitDeath(brood);
        }
    }

    @Test
    void directories_that_dead_parents_have_left_are_deleted_by_the_next_pool() throws Exception {
        List<Path> left;
        try (var dead = new Parent(DoomedParent.Fate.WAIT)) {
            List<Long> brood = dead.brood();
            Signal.KILL.sendTo(dead.process.pid());
            awaitDeath(brood);
            left = directories();
        }
        assertThat(left).as("directories left by the dead parent").hasSize(2);
        try (var next = new Parent(DoomedParent.Fate.WAIT_EARLY)) {
            List<Long> brood = next.brood();
            await().atMost(PATIENCE)
                    .untilAsserted(
                            () -> assertThat(directories()).doesNotContainAnyElementsOf(left));
            assertThat(directories()).as("directories of the living").hasSize(2);
            Signal.KILL.sendTo(next.process.pid());
            awaitDeath(brood);
        }
    }

    @Test
    void shared_memory_that_dead_parents_have_left_is_deleted_by_the_next_pool() throws Exception {
        long parent;
        try (var dead = new Parent(DoomedParent.Fate.WAIT)) {
            List<Long> brood = dead.brood();
            parent = dead.process.pid();
            Signal.KILL.sendTo(parent);
            awaitDeath(brood);
        }
        try (var next = new Parent(DoomedParent.Fate.WAIT_EARLY)) {
            List<Long> brood = next.brood();
            await().atMost(PATIENCE).untilAsserted(() -> assertThat(sharedBy(parent)).isEmpty());
            Signal.KILL.sendTo(next.process.pid());
            awaitDeath(brood);
        }
    }

    private static List<String> sharedBy(long parent) {
        String[] all = Path.of("/dev/shm").toFile().list();
        return Stream.of(all == null ? new String[0] : all)
                .filter(each -> each.startsWith("process-pool-" + parent + "-"))
                .toList();
    }

    private List<Path> directories() throws IOException {
        try (Stream<Path> all = Files.list(temporary)) {
            return all.filter(each -> each.getFileName().toString().startsWith("process-pool-"))
                    .toList();
        }
    }

    /** A running {@link DoomedParent} with a temporary directory of its own. */
    private final class Parent implements AutoCloseable {

        final Process process;
        private final BufferedReader said;

        Parent(DoomedParent.Fate fate) throws IOException {
            this(fate, PoolConfig.Sandbox.NONE);
        }

        Parent(DoomedParent.Fate fate, PoolConfig.Sandbox sandbox) throws IOException {
            process =
                    new ProcessBuilder(
                                    Path.of(System.getProperty("java.home"), "bin", "java")
                                            .toString(),
                                    "-XX:TieredStopAtLevel=1",
                                    "-Djava.io.tmpdir=" + temporary,
                                    "-cp",
                                    System.getProperty("java.class.path"),
                                    DoomedParent.class.getName(),
                                    fate.name(),
                                    sandbox.name())
                            .redirectError(ProcessBuilder.Redirect.INHERIT)
                            .start();
            said = process.inputReader();
        }

        /** Waits until it is up and tells the processes it has started, directly or not. */
        List<Long> brood() throws IOException {
            List<Long> pids = new ArrayList<>();
            boolean up = false;
            while (!up || pids.size() < 2) {
                String line = said.readLine();
                assertThat(line).as("next line of the parent after %s", pids).isNotNull();
                if (line.equals("up")) {
                    up = true;
                } else {
                    pids.add(Long.valueOf(line.substring(line.indexOf(' ') + 1)));
                }
            }
            return pids;
        }

        @Override
        public void close() throws IOException {
            process.destroyForcibly();
            said.close();
        }
    }
}
