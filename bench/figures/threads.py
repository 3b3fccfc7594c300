"""Two wire threads against one."""
from harness import machine
from harness.child import Watch
from harness.figure import Figure, Result, ratio
from harness.load import Load
from harness.measure import rounds
from harness.pictures import bars

ONE, TWO = "skein run, 1 wire thread", "skein run, 2 wire threads"


def measure(bench):
    load = Load(bench.pick(102_400, 25_600), in_flight=256)
    count = bench.pick(7, 2)
    programs = {name: bench.skein_run(name, limits={"wire_threads": threads}) for threads, name in ((1, ONE), (2, TWO))}
    samples = {name: [] for name in programs}

    def capacity(name):
        sample = bench.measure.once(programs[name], load, cores=machine.BOTH, watch=lambda _: Watch())
        samples[name].append(sample)
        return load.requests / max(sample.watched.threads.values())

    series, missing = rounds({name: lambda n=name: capacity(n) for name in programs}, count, unit="requests/s")
    return Result(
        rows=[ratio("capacity, two wire threads over one", series, missing, TWO, ONE, 1.8, scale=1, unit="/s", places=0,
                    at_least=True)],
        how=f"The server needs a good part of two cores, so what the wall clock says is mostly the server. Taken out "
            f"of the figure so: the client may use both cores, the CPU time of each of its threads is read from /proc "
            f"(schedstat, every 5 ms until its end), and capacity = requests / CPU seconds of the busiest thread, "
            f"which is what would bound it were every thread alone on a core. {load.requests:,} requests answered at "
            f"once, {load.in_flight} in flight, medians of {count} rounds.",
        picture=bars("Capacity by wire threads", "requests per second of the busiest thread; more is better",
                     [(name, one.median) for name, one in series.items()]),
        head=["wire threads", "capacity", "CPU seconds of the threads", "all of them", "wall"],
        details=[[name, one.told(unit="/s", digits=0), busiest(samples[name][-1].watched),
                  f"{samples[name][-1].cpu:.2f} s", f"{samples[name][-1].wall:.2f} s"] for name, one in series.items()],
        missing=missing,
    )


def busiest(watched):
    return ", ".join(f"{seconds:.2f}" for seconds in sorted(watched.threads.values(), reverse=True)[:5])


FIGURE = Figure("threads", "Two wire threads against one", measure)
