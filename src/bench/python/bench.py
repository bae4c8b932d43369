"""The scenarios of org.processpool.bench.Bench for CPython's multiprocessing.Pool.

Reads "scenario size" lines from stdin and answers each with one JSON object of figures:

    echo "apply 5000" | python3 bench.py

What a scenario measures is told in Scenario.java; a figure has the same unit on both sides.
"""

import json
import multiprocessing
import os
import statistics
import sys
import time

WORKERS = 2
FORK = multiprocessing.get_context("fork")
SPAWN = multiprocessing.get_context("spawn")
HOUR = 3600


# What the workers run: the same as in Tasks.java.


def noop():
    return None


def increment(number):
    return number + 1


def echo(data):
    return data


def hold(data):
    time.sleep(HOUR)


def burn(seed):
    """Keeps a core busy for about 1 ms."""
    for _ in range(15_000):
        seed = (seed * 1103515245 + 12345) & 0x7FFFFFFF
    return seed


# What is measured: the same as in ThisPool.java.


class Shared:
    """One pool for all rounds of a scenario, started by the first."""

    pool = None

    @classmethod
    def get(cls):
        if cls.pool is None:
            cls.pool = FORK.Pool(WORKERS)
        return cls.pool


def apply(calls):
    pool = Shared.get()
    took = []
    for _ in range(calls):
        began = time.perf_counter_ns()
        pool.apply(noop)
        took.append((time.perf_counter_ns() - began) / 1e3)
    percentiles = statistics.quantiles(took, n=100)
    return {"p50": percentiles[49], "p99": percentiles[98]}


def apply_async(calls):
    pool = Shared.get()
    began = time.perf_counter()
    for result in [pool.apply_async(noop) for _ in range(calls)]:
        result.get()
    return {"rate": calls / (time.perf_counter() - began)}


def map_default(items):
    pool = Shared.get()
    numbers = list(range(items))
    return rate_of_sum(items, lambda: pool.map(increment, numbers))


def map_chunk_1(items):
    pool = Shared.get()
    numbers = list(range(items))
    return rate_of_sum(items, lambda: pool.map(increment, numbers, 1))


def imap_unordered(items):
    pool = Shared.get()
    numbers = list(range(items))
    return rate_of_sum(items, lambda: pool.imap_unordered(increment, numbers, 1))


def rate_of_sum(items, results):
    began = time.perf_counter()
    total = sum(results())
    took = time.perf_counter() - began
    check(total == items * (items + 1) // 2)
    return {"rate": items / took}


def exchange(size):
    pool = Shared.get()
    data = bytes(size)
    took = []
    for _ in range(100_000_000 // size):
        began = time.perf_counter()
        back = pool.apply(echo, (data,))
        took.append((time.perf_counter() - began) * 1e3)
        check(len(back) == size)
    return {"time": statistics.median(took)}


def start(pools):
    def first_result(context):
        took = []
        for _ in range(pools):
            began = time.perf_counter()
            with context.Pool(WORKERS) as pool:
                pool.apply(noop)
                took.append((time.perf_counter() - began) * 1e3)
        return statistics.median(took)

    return {"spawn": first_result(SPAWN), "fork": first_result(FORK)}


def recycle(calls):
    def rate(context):
        with context.Pool(WORKERS, maxtasksperchild=1) as pool:
            pool.map(increment, range(WORKERS), 1)
            began = time.perf_counter()
            for result in [pool.apply_async(noop) for _ in range(calls)]:
                result.get()
            return calls / (time.perf_counter() - began)

    return {"spawn": rate(SPAWN), "fork": rate(FORK)}


def idle(workers):
    with FORK.Pool(workers) as pool:
        pool.map(increment, range(100), 1)
        time.sleep(0.5)
        return {"pss": statistics.mean(pss(child.pid) for child in FORK.active_children())}


def pss(pid):
    with open(f"/proc/{pid}/smaps_rollup") as lines:
        return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("Pss:"))


def waiting(calls):
    import tracemalloc  # only here, so that it is in no worker of another scenario

    payload = 100
    with FORK.Pool(WORKERS) as pool:
        pool.map(increment, range(WORKERS), 1)
        tracemalloc.start()
        before, _ = tracemalloc.get_traced_memory()
        results = [pool.apply_async(hold, (bytes(payload),)) for _ in range(calls)]
        after, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        check(not results[-1].ready())
    return {"heap": (after - before) / calls - payload}


def scaling(tasks):
    cores = len(os.sched_getaffinity(0))

    def rate(workers):
        count = tasks * workers
        with FORK.Pool(workers) as pool:
            pool.map(burn, range(100 * workers), 1)
            began = time.perf_counter()
            pool.map(burn, range(count), 1)
            return count / (time.perf_counter() - began)

    one = rate(1)
    return {"efficiency": rate(cores) / one / cores}


def check(right):
    if not right:
        raise AssertionError("multiprocessing.Pool gave a wrong result")


SCENARIOS = {
    "apply": apply,
    "apply-async": apply_async,
    "map": map_default,
    "map-chunk-1": map_chunk_1,
    "imap-unordered": imap_unordered,
    "bytes-1mb": exchange,
    "bytes-100mb": exchange,
    "start": start,
    "recycle": recycle,
    "idle": idle,
    "waiting": waiting,
    "scaling": scaling,
}


def main():
    for line in sys.stdin:
        scenario, size = line.split()
        print(json.dumps(SCENARIOS[scenario](int(size))), flush=True)
    if Shared.pool is not None:
        Shared.pool.terminate()
        Shared.pool.join()


if __name__ == "__main__":
    main()
