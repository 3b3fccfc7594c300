"""What one request costs through the library, without files."""
from harness.figure import Figure, Result, ratio
from harness.load import Load
from harness.measure import rounds
from harness.pictures import bars

CURL, EAGER = "bare curl-multi", "bare curl-multi, eager"
NAMES = ["skein library", CURL, EAGER]


def measure(bench):
    programs, missing = bench.programs(*NAMES)
    load = Load(bench.pick(51_200, 12_800), in_flight=64)
    count = bench.pick(9, 3)
    series, out = rounds({name: lambda p=p: bench.measure.cost(p, load) for name, p in programs.items()},
                         count, 1e6, "µs a request")
    missing |= out
    return Result(
        rows=[ratio("skein library over bare curl-multi", series, missing, "skein library", CURL, 1.25),
              ratio("skein library over bare curl-multi that adds and removes its sockets", series, missing,
                    "skein library", EAGER, None)],
        how=f"As `cost`, by a program that asks through the library and counts the replies; {load.requests:,} "
            f"requests, medians of {count} rounds.",
        picture=bars("CPU per request through the library", "microseconds, 64 in flight; less is better",
                     [(name, one.median * 1e6) for name, one in series.items()],
                     limit_of(series)),
        head=["client", "CPU a request"],
        details=[[name, one.told(1e6, "µs")] for name, one in series.items()],
        missing=missing,
    )


def limit_of(series):
    curl = series.get(CURL)
    return (curl.median * 1.25e6, "1.25 × bare curl-multi") if curl else None


FIGURE = Figure("library", "CPU per request through the library", measure)
