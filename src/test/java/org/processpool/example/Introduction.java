package org.processpool.example;

import java.time.Duration;
import org.processpool.pool.PoolListener;
import org.processpool.pool.ProcessPool;

/**
 * The example that introduces Python's {@code multiprocessing.Pool}: five tasks in five processes.
 * All five show their process ids at once; a moment later all five end.
 *
 * {@snippet lang="python" :
 * def task(number):
 *     print(f"task {number} runs in process {os.getpid()}")
 *     time.sleep(1)
 *     print("end")
 *
 * pool = Pool(5)
 * for number in range(5):
 *     pool.apply_async(task, (number,))
 * pool.close()
 * pool.join()
 * }
 */
public final class Introduction {

    private Introduction() {}

    static long task(int number) throws InterruptedException {
        long pid = ProcessHandle.current().pid();
        System.out.println("task " + number + " runs in process " + pid);
        Thread.sleep(Duration.ofSeconds(1));
        System.out.println("end");
        return pid;
    }

    /** What workers print arrives here, line by line. */
    private record Printer() implements PoolListener {
        @Override
        public void workerSaid(String worker, long pid, String line) {
            System.out.println(line);
        }
    }

    public static void main(String[] args) throws InterruptedException {
        ProcessPool pool = ProcessPool.builder().processes(5).listener(new Printer()).build();
        pool.awaitReady(Duration.ofSeconds(30));
        for (int number = 0; number < 5; number++) {
            pool.applyAsync(Introduction::task, number);
        }
        pool.close();
        pool.join();
    }
}
