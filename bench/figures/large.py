"""Small requests beside very large ones."""
import dataclasses
import statistics

from harness.figure import Figure, Result, ratio
from harness.load import Load
from harness.measure import Series, rounds
from harness.pictures import bars
from harness.skein_run import members

BESIDE, ALONE = "small beside large", "small alone"
EVERY = 20


def measure(bench):
    small = bench.pick(5_700, 1_140)
    count = bench.pick(5, 2)
    program = bench.skein_run()
    alone = Load(small, in_flight=64, stream=True)
    beside = dataclasses.replace(alone, requests=small * EVERY // (EVERY - 1), large_every=EVERY)
    tails = {ALONE: [], BESIDE: []}

    def first_token(name, load):
        bench.measure.once(program, load, ["--stream", 20, "--latency", 50, "--chunk-every", 2000])
        times = [first for seq, first in members(bench.place, "ttft_ms") if not load.is_large(seq)]
        tails[name].append(statistics.quantiles(times, n=100)[98])
        return statistics.median(times)

    series, missing = rounds({ALONE: lambda: first_token(ALONE, alone), BESIDE: lambda: first_token(BESIDE, beside)},
                             count, unit="ms")
    return Result(
        rows=[ratio("time to first token of the small, beside large over alone", series, missing, BESIDE, ALONE, 1.05,
                    scale=1, unit="ms", digits=3)],
        how=f"Streams of 20 chunks, 64 in flight, the first token 50 ms after the request was read whole. Alone: "
            f"{alone.requests:,} prompts of 600 bytes; beside: as many, and one of 500 kB (some 100,000 tokens) at "
            f"every {EVERY}th place. Median over the small ones of `ttft_ms` in the output, medians of {count} rounds.",
        picture=bars("Time to first token of small requests", "milliseconds; less is better",
                     [(f"skein run, {name}", one.median) for name, one in series.items()]),
        head=["small ones", "time to first token", "p99 of it"],
        details=[[name, one.told(unit="ms"), Series(tails[name]).told(unit="ms")] for name, one in series.items()],
        missing=missing,
    )


FIGURE = Figure("large", "Small requests beside prompts of 100,000 tokens", measure)
