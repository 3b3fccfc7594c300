"""A packed input beside a plain one: throughput and memory."""
import dataclasses

from harness.child import Watch
from harness.figure import Figure, Result, ratio
from harness.load import Load
from harness.measure import rounds
from harness.pictures import bars

PLAIN, PACKED = "skein run, .jsonl", "skein run, .jsonl.gz"


def measure(bench):
    program = bench.skein_run()
    load = Load(bench.pick(1_000_000, 50_000), in_flight=64, prompt=60)
    count = bench.pick(3, 1)
    peaks = {PLAIN: [], PACKED: []}

    def throughput(name, load):
        sample = bench.measure.once(program, load, ("--answer", 200), watch=lambda _: Watch())
        peaks[name].append(sample.watched.peak)
        return sample.requests / sample.wall

    loads = {PLAIN: load, PACKED: dataclasses.replace(load, packed=True)}
    series, missing = rounds({name: lambda n=name, l=one: throughput(n, l) for name, one in loads.items()},
                             count, 1, "requests/s")
    rows = [ratio("requests a second, packed input over plain", series, missing, PACKED, PLAIN, 0.8, scale=1,
                  unit="/s", at_least=True, digits=3)]
    if all(peaks.values()):
        memory = {name: type(series[name])(values) for name, values in peaks.items()}
        rows.append(ratio("peak memory, packed input over plain", memory, missing, PACKED, PLAIN, 1.1, scale=1e-6,
                          unit="MB", digits=3))
    return Result(
        rows=rows,
        how=f"{load.requests:,} rows of a prompt of 60 bytes, answers of 200 bytes at once, 64 in flight; the same file "
            f"as it is and packed by gzip. The whole run, its look at the file before the first request included. "
            f"Medians of {count} rounds.",
        picture=bars("Throughput by how the input is kept", "requests a second; more is better",
                     [(name, one.median) for name, one in series.items()]),
        head=["input", "requests a second"],
        details=[[name, one.told(1, "/s")] for name, one in series.items()],
        missing=missing,
    )


FIGURE = Figure("packed", "A gzipped input beside a plain one", measure)
