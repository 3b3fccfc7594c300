"""A slow first request must not hold up the others, ordered or not."""
from harness.child import Refused, Watch
from harness.figure import Figure, Result, ratio
from harness.load import Load
from harness.measure import rounds
from harness.pictures import bars

ORDERED, AS_THEY_COME = "skein run, ordered", "skein run, order: completion"
JOURNAL = "out.jsonl.journal"


def measure(bench):
    fast, wait, count = bench.pick((200_000, 30, 3), (40_000, 8, 1))
    load = Load(fast + 1, in_flight=64)
    programs = {ORDERED: bench.skein_run(ORDERED),
                AS_THEY_COME: bench.skein_run(AS_THEY_COME, output={"order": "completion"})}
    samples = {name: [] for name in programs}

    def throughput(name):
        sample = bench.measure.once(programs[name], load, ["--first", wait * 1000],
                                    watch=lambda folder: Watch(growing=folder / JOURNAL))
        samples[name].append(sample)
        return fast / seconds_of_the_fast(sample.watched, wait)

    series, missing = rounds({name: lambda n=name: throughput(n) for name in programs}, count, unit="requests/s")
    return Result(
        rows=[ratio("throughput of the fast ones, ordered over order: completion", series, missing, ORDERED,
                    AS_THEY_COME, 0.95, scale=1, unit="/s", places=0, at_least=True, digits=3)],
        how=f"The server answers the very first request after {wait} s and the {fast:,} others at once; 64 in flight, "
            f"window 1,000,000. Throughput of the fast ones: from the start of the process until the journal "
            f"has the last of them, which is when it stops growing until the slow one comes. A run in which "
            f"they are not done by then is refused. The tail is what comes after the slow answer: with order, the "
            f"fast lines are written then. {count} rounds each.",
        picture=bars("Throughput beside a slow first request", "requests a second; more is better",
                     [(name, one.median) for name, one in series.items()]),
        head=["order", "requests/s", "CPU of the run", "tail after the slow answer", "peak memory"],
        details=[[name, one.told(digits=0), *told(samples[name][-1], wait)] for name, one in series.items()],
        missing=missing,
    )


def seconds_of_the_fast(watched, wait):
    """The journal stands still from the last of the fast ones until the slow one."""
    early = [(moment, size) for moment, size in watched.growth if moment - watched.began < wait]
    if not early:
        raise Refused("the journal did not grow")
    done, size = early[-1]
    left = watched.growth[-1][1] - size
    if not 0 <= left < 20_000:
        raise Refused(f"the fast ones were not done when the slow one was answered: {left} bytes came later")
    return done - watched.began


def told(sample, wait):
    # The journal gets its header as the first request leaves.
    begun = sample.watched.growth[0][0] - sample.watched.began
    tail = max(0.0, sample.wall - begun - wait)
    return f"{sample.cpu:.2f} s", f"{tail * 1e3:.0f} ms", f"{sample.watched.peak / 1e6:.0f} MB"


FIGURE = Figure("slow_first", "A slow first request before many fast ones", measure)
