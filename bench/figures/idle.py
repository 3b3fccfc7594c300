"""What a pool that stands by costs the client while the remote side serves."""
import time

from harness import machine
from harness.child import Refused, Watch, run
from harness.figure import Figure, Result, ratio
from harness.load import Load
from harness.local_pool import local_pool
from harness.measure import rounds
from harness.pictures import bars
from harness.server import Server

WITHOUT, WITH = "skein run, remote only", "skein run, a pool of two stands by"


class Counter(Watch):
    """The CPU of the process, seen again and again: of its own threads, not of the workers."""

    def __init__(self):
        super().__init__()
        self.seen = []  # (monotonic seconds, seconds of CPU)

    def look(self):
        super().look()
        self.seen.append((time.monotonic(), sum(self.threads.values())))

    def spent(self, begin, end):
        """Between these seconds of the run."""
        cpu = {moment - self.began: cpu for moment, cpu in self.seen}
        if not cpu or max(cpu) < end:
            raise Refused("the run was over too early")
        first, last = (min(moment for moment in cpu if moment >= border) for border in (begin, end))
        return cpu[last] - cpu[first]


def measure(bench):
    seconds, count = bench.pick((20, 5), (6, 1))
    begin, latency = 3, 500  # The pool is loaded by then.
    load = Load((begin + seconds + 1) * 1000 // latency * 8, 8, prompt=60)
    pool, workers = local_pool(bench.place, 2)
    programs = {WITHOUT: bench.skein_run(WITHOUT), WITH: bench.skein_run(WITH, local=pool)}
    series, missing = rounds(
        {name: lambda p=program: spent(bench, p, load, latency, begin, seconds) for name, program in programs.items()},
        count, 1e3, "ms of CPU a second")
    return Result(
        rows=[ratio("CPU of the client, with a pool that stands by over without", series, missing, WITH, WITHOUT, 1.2,
                    scale=1e3, unit="ms a second", places=2)],
        how=f"{load.requests} requests that are answered after {latency} ms, 8 in flight, so that the client has next "
            f"to nothing to do. CPU of its own threads in {seconds} s, from {begin} s after its start on: the pool of "
            f"two workers ({workers}) is loaded by then. {count} rounds.",
        picture=bars("CPU of a client that mostly waits", "milliseconds of CPU a second; less is better",
                     [(name, one.median * 1e3) for name, one in series.items()]),
        head=["client", "CPU a second"],
        details=[[name, one.told(1e3, "ms", 2)] for name, one in series.items()],
        missing=missing,
    )


def spent(bench, program, load, latency, begin, seconds):
    with Server(bench.measure.server_program, ["--latency", latency]) as canned:
        command = program.command(load, canned, bench.place)
        watch = Counter()
        ended = run(command, machine.CLIENT, watch)
    if ended.status != 0:
        raise Refused(f"{program.name} ended with {ended.status}: {ended.err[-400:]}")
    program.read(ended, load, bench.place)
    return watch.spent(begin, begin + seconds) / seconds


FIGURE = Figure("idle", "What a pool that stands by costs", measure)
