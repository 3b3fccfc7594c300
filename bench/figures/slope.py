"""What a request costs when thousands are in flight."""
from harness.figure import Figure, Result, ratio
from harness.load import Load
from harness.measure import rounds
from harness.pictures import lines

CLIENTS = ["skein run", "bare curl-multi"]
WIDTHS = [64, 1_024, 10_000]
BARS = {("skein run", 1_024): 1.5, ("skein run", 10_000): 2}


def measure(bench):
    programs, missing = bench.programs(*CLIENTS)
    each = bench.pick(20, 5)
    count = bench.pick(3, 1)
    requests = {64: bench.pick(40_960, 10_240), 1_024: 1_024 * 20, 10_000: 10_000 * each}
    loads = {width: Load(requests[width], width) for width in WIDTHS}
    contenders = {f"{name}, {width:,}": lambda p=programs[name], load=loads[width]: bench.measure.cost(p, load)
                  for width in WIDTHS for name in programs}
    series, out = rounds(contenders, count, 1e6, "µs a request")
    missing |= out
    rows = [ratio(f"{name}, {width:,} in flight over 64", series, missing, f"{name}, {width:,}", f"{name}, 64",
                  BARS.get((name, width)))
            for name in programs for width in WIDTHS[1:]]
    curves = {name: [(width, series[f"{name}, {width:,}"].median * 1e6) for width in WIDTHS
                     if f"{name}, {width:,}" in series] for name in programs}
    return Result(
        rows=rows,
        how=f"CPU per request with {each} requests a connection at 10,000 in flight and 20 at 1,024, connecting "
            f"included; at 64 in flight {loads[64].requests:,} in all, so that connecting is nothing there. "
            f"Everything is answered at once. bare curl-multi uses one handle. Medians of {count} rounds.",
        picture=lines("CPU per request by requests in flight", "microseconds; less is better",
                      {name: curve for name, curve in curves.items() if curve}, "requests in flight"),
        head=["client and width", "CPU a request"],
        details=[[name, one.told(1e6, "µs")] for name, one in series.items()],
        missing=missing,
    )


FIGURE = Figure("slope", "CPU per request as more are in flight", measure)
