package org.processpool.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A pipe within one process behaves as the operating system's between two. */
@Timeout(60)
class MemoryPipeTest {

    private static final int MORE_THAN_FITS = 300_000;
    private static final Executor THREADS = task -> Thread.ofPlatform().daemon().start(task);

    private final MemoryPipe pipe = new MemoryPipe();

    private interface Deed<T> {
        T perform() throws IOException;
    }

    private static <T> CompletableFuture<T> elsewhere(Deed<T> deed) {
        var done = new CompletableFuture<T>();
        THREADS.execute(() -> {
            try {
                done.complete(deed.perform());
            } catch (IOException thrown) {
                done.completeExceptionally(thrown);
            }
        });
        return done;
    }

    private static <T> T result(CompletableFuture<T> future)
            throws InterruptedException, ExecutionException, TimeoutException {
        return future.get(30, TimeUnit.SECONDS);
    }

    private static byte[] noise(int length) {
        byte[] noise = new byte[length];
        new Random(length).nextBytes(noise);
        return noise;
    }

    private CompletableFuture<Void> written(byte[] bytes) {
        return elsewhere(() -> {
            pipe.out.write(bytes);
            return null;
        });
    }

    @Test
    void gives_the_bytes_in_order_and_unchanged() throws IOException {
        pipe.out.write(new byte[] {1, -1, 0});
        pipe.out.write(200);
        assertThat(pipe.in.available()).isEqualTo(4);
        assertThat(pipe.in.readNBytes(3)).containsExactly(1, -1, 0);
        assertThat(pipe.in.read()).isEqualTo(200);
        assertThat(pipe.in.available()).isZero();
    }

    @Test
    void carries_more_than_fits_while_somebody_reads() throws Exception {
        byte[] much = noise(MORE_THAN_FITS);
        CompletableFuture<Void> written = written(much);
        assertThat(pipe.in.readNBytes(MORE_THAN_FITS)).isEqualTo(much);
        result(written);
    }

    @Test
    void survives_the_thread_that_wrote_first() throws Exception {
        result(written(new byte[] {1}));
        result(written(new byte[] {2}));
        assertThat(pipe.in.readNBytes(2)).containsExactly(1, 2);
    }

    @Test
    void a_reader_waits_for_the_writer() throws Exception {
        CompletableFuture<Integer> read = elsewhere(pipe.in::read);
        pipe.out.write(7);
        assertThat(result(read)).isEqualTo(7);
    }

    @Test
    void has_an_end_once_its_writer_has_closed_it() throws IOException {
        pipe.out.write(7);
        pipe.out.close();
        assertThat(pipe.in.read()).isEqualTo(7);
        assertThat(pipe.in.read()).isEqualTo(-1);
    }

    @Test
    void wakes_a_waiting_reader_with_its_end() throws Exception {
        CompletableFuture<Integer> read = elsewhere(pipe.in::read);
        pipe.out.close();
        assertThat(result(read)).isEqualTo(-1);
    }

    @Test
    void fails_a_writer_once_its_reader_has_closed_it() throws IOException {
        pipe.in.close();
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> pipe.out.write(7))
                .withMessage("pipe is closed");
    }

    @Test
    void fails_a_writer_that_waits_when_its_reader_closes_it() throws Exception {
        CompletableFuture<Void> written = written(noise(MORE_THAN_FITS));
        assertThat(pipe.in.read()).isNotEqualTo(-1);
        pipe.in.close();
        assertThatExceptionOfType(ExecutionException.class)
                .isThrownBy(() -> result(written))
                .withCauseInstanceOf(IOException.class);
    }
}
