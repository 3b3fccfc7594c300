"""From the making of the process to its first byte on the wire."""
from harness.figure import Figure, Result, Row
from harness.listener import time_to_first_byte
from harness.measure import rounds
from harness.pictures import bars

CLIENTS = ["skein run", "bare curl-multi", "aiohttp", "ThreadPoolExecutor + requests", "undici + p-limit", "openai npm"]


def measure(bench):
    programs, missing = bench.programs(*CLIENTS)
    count = bench.pick(20, 5)
    series, out = rounds({name: lambda p=p: time_to_first_byte(p, bench.place) for name, p in programs.items()},
                         count, 1e3, "ms")
    missing |= out
    ours = series.get("skein run")
    return Result(
        rows=[Row("skein run, start to first byte", ours.median * 1e3 if ours else None,
                  ours.told(1e3, "ms") if ours else missing["skein run"], 30, "ms")],
        how=f"From before the process is made until a listener has the first byte of its only request, "
            f"medians of {count}.",
        picture=bars("Start to first byte", "milliseconds; less is better",
                     [(name, one.median * 1e3) for name, one in series.items()], (30, "30 ms")),
        head=["client", "start to first byte"],
        details=[[name, one.told(1e3, "ms")] for name, one in series.items()],
        missing=missing,
    )


FIGURE = Figure("startup", "Start to first byte", measure)
