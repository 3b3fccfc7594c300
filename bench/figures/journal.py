"""What it costs that the journal reaches the disk every second."""
import statistics

from harness.figure import Figure, Result, Row, ratio
from harness.load import Load
from harness.measure import rounds
from harness.pictures import bars
from harness.skein_run import members

SYNCED, UNSYNCED, LIBRARY = "skein run, interval", "skein run, none", "skein library"


def measure(bench):
    programs = {SYNCED: bench.skein_run(SYNCED, output={"durability": "interval"}),
                UNSYNCED: bench.skein_run(UNSYNCED, output={"durability": "none"})}
    busy = Load(bench.pick(102_400, 25_600), in_flight=64)
    calm = Load(bench.pick(20_000, 4_000), in_flight=64)
    count = bench.pick(7, 2)

    library, missing = bench.programs(LIBRARY)
    costs, out = rounds({name: lambda p=p: bench.measure.cost(p, busy) for name, p in (programs | library).items()},
                        count, 1e6, "µs a request")
    missing |= out
    waits, out = rounds({name: lambda p=p: p99(bench, p, calm) for name, p in programs.items()}, count, 1, "ms p99")
    return Result(
        rows=[ratio("CPU a request, interval over none", costs, missing, SYNCED, UNSYNCED, 1.10, digits=3),
              ratio("p99 latency, interval over none", waits, missing | out, SYNCED, UNSYNCED, 1.05, scale=1,
                    unit="ms", digits=3),
              files(costs, missing)],
        how=f"`output.durability: interval` (fdatasync once a second) against `none` (journaled, never synced). CPU: "
            f"{busy.requests:,} requests answered at once, 64 in flight. Latency: {calm.requests:,} requests answered "
            f"after 20 ms, 64 in flight; p99 of what the output says a request took from its first attempt's start. "
            f"The journal itself cannot be left out; all that a job does and the library does not (reading rows, "
            f"result lines, journal, ordered output) is the upper bound of its share. Medians of {count} rounds.",
        picture=bars("CPU per request by durability", "microseconds; less is better",
                     [(name, one.median * 1e6) for name, one in costs.items()]),
        head=["durability", "CPU a request", "p99 latency"],
        details=[[name, costs[name].told(1e6, "µs") if name in costs else "–",
                  waits[name].told(1, "ms") if name in waits else "–"] for name in [*programs, *library]],
        missing=missing | out,
    )


def files(costs, missing):
    """The share of a job's CPU that the library does not need."""
    what = "share of the CPU that is files: input, lines, journal, output"
    for name in (SYNCED, LIBRARY):
        if name not in costs:
            return Row(what, None, f"{name}: {missing.get(name, 'not measured')}", unit="%")
    job, library = costs[SYNCED], costs[LIBRARY]
    return Row(what, 100 * (1 - library.median / job.median), f"{job.told(1e6, 'µs')}, of which {LIBRARY} "
               f"{library.told(1e6, 'µs')}", unit="%")


def p99(bench, program, load):
    bench.measure.once(program, load, ["--latency", 20])
    took = [total - queued for _, queued, total in members(bench.place, "queue_ms", "total_ms")]
    return statistics.quantiles(took, n=100)[98]


FIGURE = Figure("journal", "What durability costs", measure)
