"""What a request costs over TLS."""
from harness.figure import Figure, Result, ratio
from harness.load import Load
from harness.measure import rounds
from harness.pictures import bars

NAMES = ["skein run", "bare curl-multi"]


def measure(bench):
    programs, missing = bench.programs(*NAMES)
    load = Load(bench.pick(51_200, 12_800), in_flight=64)
    count = bench.pick(7, 2)
    series, out = rounds({name: lambda p=p: bench.measure.cost(p, load, tls=True) for name, p in programs.items()},
                         count, 1e6, "µs a request")
    missing |= out
    curl = series.get("bare curl-multi")
    return Result(
        rows=[ratio("skein run over bare curl-multi, TLS 1.3", series, missing, *NAMES, 1.3)],
        how=f"As `cost`, over TLS 1.3 with keep-alive; the certificate is made for the run and verified by both. "
            f"{load.requests:,} requests, 64 in flight, medians of {count} rounds.",
        picture=bars("CPU per request over TLS 1.3", "microseconds, 64 in flight; less is better",
                     [(name, one.median * 1e6) for name, one in series.items()],
                     (curl.median * 1.3e6, "1.3 × bare curl-multi") if curl else None),
        head=["client", "CPU a request"],
        details=[[name, one.told(1e6, "µs")] for name, one in series.items()],
        missing=missing,
    )


FIGURE = Figure("tls", "CPU per request over TLS 1.3", measure)
