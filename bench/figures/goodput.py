"""A server that throttles honestly: how much of what it allows is used, and how much is asked in vain.
Nobody is told the rate."""
import dataclasses

from harness import machine
from harness.child import Refused, run
from harness.figure import Figure, Result, Row
from harness.load import Load
from harness.measure import rounds
from harness.mock import mock
from harness.pictures import bars

OURS, PLAIN = "skein run", "threads, naive backoff"
# Requests a minute, in flight, the burst that the server's bucket holds (0: a second's), latency.
CASES = [(6_000, 64, 0, "100ms"), (60_000, 256, 0, "100ms"),
         (6_000, 64, 10, "{lognormal: {median: 100ms, sigma: 0.6}}")]
SECOND = 1e9


@dataclasses.dataclass
class Address:
    """Of the mock server, as programs ask the canned one for it."""

    base: str
    url: str


def measure(bench):
    seconds, count = bench.pick((25, 3), (8, 1))
    programs, missing = bench.programs(OURS, PLAIN)
    rows, details, drawn = [], [], []
    for case in bench.pick(CASES, CASES[:1]):
        samples = {name: [] for name in programs}
        series, out = rounds({name: lambda n=name: goodput(bench, programs[n], case, seconds, samples[n])
                              for name in programs}, count, unit="% of what is allowed")
        missing |= {f"{name}, {title(case)}": why for name, why in out.items()}
        rows += rows_of(case, series, samples, missing)
        for name, one in series.items():
            drawn.append((f"{name}, {title(case)}", one.median))
            details.append([title(case), name, one.told(unit="%", digits=1), *told(samples[name])])
    return Result(
        rows=rows,
        how=f"The mock server with a true token bucket, which is full at the beginning: 429 with Retry-After, and "
            f"x-ratelimit headers on every answer. The job says no rate. As many requests as it allows in {seconds} s. "
            f"Goodput: those that were answered, over the burst and what flowed in from the first arrival to the last, "
            f"by the server's ledger. In vain: answered 429 more than a second after the first. The plain client has "
            f"as many threads, and pauses 0.5 s, 1 s, 2 s … at most 8 s. {count} rounds each.",
        picture=bars("Goodput beside an honest rate limit", "per cent of what the server allows; more is better", drawn,
                     limit=(95, "95 %")),
        head=["requests a minute, in flight", "client", "goodput", "asked in vain after 1 s", "in the first second"],
        details=details,
        missing=missing,
    )


def goodput(bench, program, case, seconds, samples):
    rpm, in_flight, burst, latency = case
    load = Load(round(rpm / 60 * seconds), in_flight)
    with mock(f"rpm: {rpm}\nlatency: {latency}\n" + (f"burst: {burst}\n" if burst else "")) as server:
        address = Address(server.url, server.url + "/chat/completions")
        ended = run(program.command(load, address, bench.place), machine.CLIENT)
        entries, most = server.entries(), server.ledger()["most_in_flight"]
    if ended.status != 0:
        raise Refused(f"{program.name} ended with {ended.status}: {ended.err[-400:]}{ended.out[-200:]}")
    program.read(ended, load, bench.place)
    granted = sum(entry["answered"] == "200" for entry in entries)
    if granted != load.requests or most > in_flight:
        raise Refused(f"{program.name}: {granted} answers to {load.requests} requests, {most} in flight")
    return share_of_the_bucket(entries, rpm, burst, samples)


def share_of_the_bucket(entries, rpm, burst, samples):
    arrived = sorted((entry["arrived_ns"], entry["answered"] == "429") for entry in entries)
    first, last = arrived[0][0], arrived[-1][0]
    late = [refused for moment, refused in arrived if moment - first > SECOND]
    granted = sum(not refused for _, refused in arrived)
    allowed = (burst or rpm / 60) + rpm / 60 * (last - first) / SECOND
    refused = sum(refused for _, refused in arrived)
    samples.append((100 * sum(late) / max(1, len(late)), sum(late), refused - sum(late)))
    return 100 * granted / allowed


def middle(samples):
    return sorted(samples)[len(samples) // 2]


def told(samples):
    share, late, early = middle(samples)
    return f"{share:.2f} % ({late})", str(early)


def title(case):
    rpm, in_flight, burst, _ = case
    return f"{rpm:,} rpm, {in_flight} in flight" + (f", bucket of {burst}" if burst else "")


def rows_of(case, series, samples, missing):
    if OURS not in series:
        why = missing.get(f"{OURS}, {title(case)}", missing.get(OURS, "not measured"))
        return [Row(f"goodput, {title(case)}", None, why, 95)]
    behind, share = series[OURS].told(unit="%", digits=1), middle(samples[OURS])[0]
    beside = f"{behind}; {PLAIN} {series[PLAIN].told(unit='%', digits=1)}" if PLAIN in series else behind
    vain = f"; {PLAIN} {middle(samples[PLAIN])[0]:.1f} %" if PLAIN in series else ""
    return [Row(f"goodput, {title(case)}", series[OURS].median, beside, 95, "%", at_least=True, digits=1),
            Row(f"in vain after 1 s, {title(case)}", share, f"{told(samples[OURS])[0]}{vain}", 1, "%", digits=2)]


FIGURE = Figure("goodput", "What an honest rate limit allows, and who uses it", measure)
