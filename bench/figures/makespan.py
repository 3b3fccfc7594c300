"""How long a job takes, over the time it must take."""
import math

from harness.child import Refused
from harness.figure import Figure, Result, Row
from harness.listener import median_start
from harness.load import Load
from harness.measure import rounds
from harness.pictures import bars

CLIENTS = ["skein run", "bare curl-multi", "bare Asio"]
# Requests, in flight, seconds of latency, bar, rounds.
CASES = [(25, 5, 1.0, 1.005, 3), (5_000, 500, 0.2, 1.03, 5), (100_000, 10_000, 1.0, 1.10, 3)]
QUICK = [(10, 5, 1.0, 1.005, 1), (5_000, 500, 0.2, 1.03, 2), (20_000, 10_000, 1.0, 1.10, 1)]


def measure(bench):
    programs, missing = bench.programs(*CLIENTS)
    starts = {}
    for name, program in list(programs.items()):
        try:
            starts[name] = median_start(program, bench.place)
        except Refused as why:
            missing[name] = str(why)
            del programs[name]
    rows, details, drawn = [], [], []
    for case in bench.pick(CASES, QUICK):
        series, samples, out = of_case(bench, programs, starts, case)
        missing |= out
        rows.append(row_of(case, series, missing))
        for name, one in series.items():
            whole = max(sample.wall for sample in samples[name]) / ideal(case)
            details.append([title(case), name, one.told(unit="×", digits=4), f"{whole:.4f} ×", told(samples[name][-1])])
            drawn.append((f"{name}, {case[0]:,}", (one.median - 1) * 100))
    return Result(
        rows=rows,
        how="Wall time of the whole client process, less its start (the median time from its making to its first "
            "byte on the wire with a single request, so that reading a long input counts), over ceil(N/C)·L, which "
            "is what the latencies alone take. "
            + "; ".join(f"{name}: start {seconds * 1e3:.0f} ms" for name, seconds in starts.items()) + ".",
        picture=bars("Makespan beyond ceil(N/C)·L", "per cent on top of what must be; less is better", drawn),
        head=["case", "client", "process less start", "whole process at worst", "by its own clock"],
        details=details,
        missing=missing,
    )


def of_case(bench, programs, starts, case):
    requests, in_flight, latency, _, count = case
    load = Load(requests, in_flight)
    samples = {name: [] for name in programs}

    def one(name):
        sample = bench.measure.once(programs[name], load, ["--latency", round(latency * 1000)])
        samples[name].append(sample)
        return (sample.wall - starts[name]) / ideal(case)

    series, out = rounds({name: lambda n=name: one(n) for name in programs}, count, unit="of the ideal")
    return series, samples, {f"{name}, {title(case)}": why for name, why in out.items()}


def ideal(case):
    requests, in_flight, latency, *_ = case
    return math.ceil(requests / in_flight) * latency


def title(case):
    requests, in_flight, latency, *_ = case
    return f"({requests:,}, {in_flight:,}, {latency:g} s)"


def row_of(case, series, missing):
    what = f"skein run, {title(case)}"
    if "skein run" not in series:
        return Row(what, None, missing.get(what, missing.get("skein run", "")), case[3])
    ours = series["skein run"]
    peers = ", ".join(f"{name} {one.median:.3f}" for name, one in series.items() if name != "skein run")
    return Row(what, ours.median, f"{ours.told(ideal(case), 's', 3)} for {ideal(case):g} s; {peers}", case[3], digits=4)


def told(sample):
    said = sample.said
    return said.get("run") or f"{said['seconds']:.3f} s"


FIGURE = Figure("makespan", "How long a job takes over what it must take", measure)
