"""The most memory a run takes."""
from harness.child import Refused, Watch
from harness.figure import Figure, Result, Row
from harness.load import Load
from harness.measure import rounds
from harness.pictures import bars

OURS, CURL = "skein run", "bare curl-multi"
WIDE = 10_000
FEW = 10_000
MB, KB = 1e6, 1e3


def measure(bench):
    programs, missing = bench.programs(OURS, CURL)
    count, many = bench.pick((3, 1_000_000), (1, 100_000))
    wide = Load(WIDE * bench.pick(5, 3), WIDE)  # More rows than it reads ahead.
    contenders = {}
    for name, program in programs.items():
        contenders[at(name, 64)] = peak(bench, program, Load(50_000, 64))
    for name, program in programs.items():
        contenders[at(name, WIDE)] = peak(bench, program, wide, "--latency", 2000)
    contenders[of(FEW)] = peak(bench, programs[OURS], Load(FEW, 64, prompt=60), "--answer", 200)
    longest = {of(many): peak(bench, programs[OURS], Load(many, 64, prompt=60), "--answer", 200)}

    series, out = rounds(contenders, count, 1 / MB, "MB")
    once, out_too = rounds(longest, 1, 1 / MB, "MB")
    series |= once
    missing |= out | out_too
    return Result(
        rows=[narrow(series, missing), each(series, missing, OURS, 20), each(series, missing, CURL),
              flat(series, missing, many)],
        how=f"Peak resident memory (VmHWM of /proc), medians of {count} rounds. 64 in flight: 50,000 requests answered "
            f"at once. {WIDE:,} in flight: {wide.requests:,} requests of 2 s, so that so many are open at once; per "
            f"request in flight = what is above the peak at 64, over {WIDE - 64:,}. Flat: {FEW:,} and {many:,} "
            f"requests of 60 bytes with answers of 200 bytes, 64 in flight; the long one is run once.",
        picture=bars("Peak resident memory", "MB; less is better",
                     [(name, one.median / MB) for name, one in series.items()]),
        head=["client and case", "peak"],
        details=[[name, one.told(1 / MB, "MB")] for name, one in series.items()],
        missing=missing,
    )


def at(client, in_flight):
    return f"{client}, {in_flight:,} in flight"


def of(requests):
    return f"{OURS}, {requests:,} requests"


def peak(bench, program, load, *server):
    """Measures the peak in bytes, of a run that had as many connections open as it should."""
    def once():
        sample = bench.measure.once(program, load, server, watch=lambda _: Watch())
        if sample.server["most_connections"] < load.in_flight * 0.95:
            raise Refused(f"{program.name}: {sample.server['most_connections']} connections, not {load.in_flight}")
        return sample.watched.peak
    return once


def row(what, names, series, missing, judge, bar=None, unit="×", **more):
    """A row that `judge` makes of the series of these names: the figure and what is behind it."""
    for name in names:
        if name not in series:
            return Row(what, None, f"{name}: {missing.get(name, 'not measured')}", bar, unit, **more)
    medians = [series[name].median for name in names]
    told = [series[name].told(1 / MB, "MB") for name in names]
    return Row(what, *judge(medians, told), bar, unit, **more)


def narrow(series, missing):
    return row(at(OURS, 64) + ", peak", [at(OURS, 64)], series, missing,
               lambda medians, told: (medians[0] / MB, told[0]), 30, "MB")


def each(series, missing, client, bar=None):
    return row(f"{client}, per request in flight at {WIDE:,}", [at(client, WIDE), at(client, 64)], series, missing,
               lambda medians, told: ((medians[0] - medians[1]) / (WIDE - 64) / KB, " less ".join(told)), bar, "kB")


def flat(series, missing, many):
    return row(f"{OURS}, {many:,} requests over {FEW:,}", [of(many), of(FEW)], series, missing,
               lambda medians, told: (medians[0] / medians[1], " / ".join(told)), 1.05, digits=3)


FIGURE = Figure("memory", "The most memory a run takes", measure)
