"""The remote side goes dark in the middle of a job and comes back: how long nobody answers, and whether
anything is lost or done twice meanwhile."""
import dataclasses
import datetime
import re
import time

from harness import machine
from harness.child import Refused, Watch, run
from harness.figure import Figure, Result, Row
from harness.load import Load
from harness.local_pool import local_pool
from harness.measure import Series, rounds
from harness.mock import mock
from harness.pictures import bars
from harness.skein_run import members

JOURNAL = "out.jsonl.journal"
WELL, DARK = "latency: 20ms", "latency: 20ms\nfaults: [{fault: hang_up}]"
AFTER = 1  # Seconds without the remote side, before others serve.
ALLOWED = 2  # Seconds from the moment at which the circuit opens to the first local reply.
FIRST, GAP = "circuit opens to first local reply", "last remote reply to first local one"
BACK = "return to first remote reply"


@dataclasses.dataclass
class Address:
    base: str


class Outage(Watch):
    """Follows the journal, and turns the weather when the job has come so far."""

    def __init__(self, journal, server, dark, well):
        super().__init__()
        self.journal = journal
        self.server = server
        self.turns = [(dark, DARK), (well, WELL)]
        self.turned = []   # When it did: monotonic seconds.
        self.replies = []  # (when it was seen, whether it is a local one)
        self.read = 0
        self.rest = b""

    def look(self):
        super().look()
        if not self.journal.exists():
            return
        with open(self.journal, "rb") as file:
            file.seek(self.read)
            news = file.read()
        self.read += len(news)
        *lines, self.rest = (self.rest + news).split(b"\n")
        now = time.monotonic()
        self.replies += [(now, b'"served_by":"local"' in line) for line in lines if b'"i":' in line]
        if self.turns and len(self.replies) >= self.turns[0][0]:
            self.server.change(self.turns.pop(0)[1])
            self.turned.append(time.monotonic())


def measure(bench):
    rows, count = bench.pick((2000, 5), (1000, 1))
    pool, workers = local_pool(bench.place, 2)
    program = bench.skein_run(local=pool)
    samples = []
    load = Load(rows, 8, prompt=60)
    _, missing = rounds({"skein run": lambda: outage(bench, program, load, samples)}, count, unit="s")
    series = {name: Series(sample[name] for sample in samples) for name in (FIRST, GAP, BACK)} if samples else {}
    return Result(
        rows=rows_of(series, samples, missing),
        how=f"{rows:,} requests, 8 in flight, to a mock server that answers after 20 ms. At 40 % of the replies it "
            f"hangs up on everybody, at 70 % it is well again. Behind it a standby pool of two workers: {workers}; "
            f"`fallback.after` is {AFTER} s. Moments are those at which the journal was seen to have the reply (every "
            f"5 ms), and the log's for the circuit. A run is refused if a row has no completion or is not in its "
            f"place, or if the local side was asked for a row twice. {count} rounds.",
        picture=bars("An outage of the remote side", "seconds; less is better",
                     [(f"skein: {name}", one.median) for name, one in series.items()]),
        head=["what", "seconds"],
        details=[[name, one.told(unit="s", digits=2)] for name, one in series.items()] + [
            ["replies by the local side", Series(sample["local"] for sample in samples).told(digits=0)],
            ["attempts that the outage cost", Series(sample["vain"] for sample in samples).told(digits=0)],
        ] if samples else [],
        missing=missing,
    )


def outage(bench, program, load, samples):
    with mock(WELL) as server:
        command = program.command(load, Address(server.url), bench.place)
        command.argv += ["--set", f"fallback.after={AFTER}s"]
        watch = Outage(command.folder / JOURNAL, server, load.requests * 4 // 10, load.requests * 7 // 10)
        ended = run(command, machine.BOTH, watch)
    if ended.status != 0:
        raise Refused(f"skein ended with {ended.status}: {ended.err[-400:]}")
    program.read(ended, load, bench.place)
    if len(watch.turned) < 2:
        raise Refused("the job was over before the outage was")
    samples.append(judged(ended, watch, bench.place))
    return samples[-1][FIRST]


def judged(ended, watch, place):
    dark, well = watch.turned
    local = [when for when, is_local in watch.replies if is_local]
    remote = [when for when, is_local in watch.replies if not is_local]
    lines = list(members(place, "attempts", "served_by"))
    asked_here, answered_here = (sum(int(count) for count in re.findall(pattern, ended.err)) for pattern in (
        r"local-\d+: (\d+) attempts", r"local-\d+: \d+ attempts, (\d+) completed"))
    if asked_here != answered_here or answered_here != sum(who == "local" for _, _, who in lines):
        raise Refused(f"the local side was asked {asked_here} times for {answered_here} replies")
    back = [when for when in remote if when > well]
    if not local or not back:
        raise Refused("the local side never served, or the remote side never again")
    opened = moment_of("circuit opened", ended.err)
    return {
        FIRST: local[0] - opened,
        GAP: local[0] - max(when for when in remote if when < local[0]),
        BACK: back[0] - well,
        "period": float(re.findall(r"probing again in (\d+\.\d) s", ended.err)[-1]),
        "detected": opened - dark,
        "local": len(local),
        "vain": sum(attempts for _, attempts, _ in lines) - len(lines),
    }


def moment_of(words, err):
    """When the log first says so, in monotonic seconds."""
    found = re.search(rf"^(\d+):(\d+):(\d+)\.(\d+) .*{words}", err, re.M)
    if not found:
        raise Refused(f"the log does not say: {words}")
    hour, minute, second, millisecond = map(int, found.groups())
    now = datetime.datetime.now()
    then = now.replace(hour=hour, minute=minute, second=second, microsecond=millisecond * 1000)
    ago = (now - then).total_seconds() % 86_400
    return time.monotonic() - ago


def rows_of(series, samples, missing):
    if not series:
        return [Row(FIRST, None, missing.get("skein run", "not measured"), ALLOWED, "s")]
    share = Series(sample[BACK] / sample["period"] for sample in samples)
    detected = Series(sample["detected"] for sample in samples)
    return [
        Row(FIRST, series[FIRST].median, f"{series[FIRST].told(unit='s', digits=2)}, of which {AFTER} s is waited for; "
            f"the circuit opens {detected.told(1e3, 'ms', 0)} after the outage began", ALLOWED, "s", digits=2),
        Row(GAP, series[GAP].median, series[GAP].told(unit="s", digits=2), unit="s", digits=2),
        Row(f"{BACK}, of the pause between two probes", share.median, f"{share.told(digits=2)}; "
            f"{series[BACK].told(unit='s', digits=2)}", 1.1, digits=2),
        Row("rows lost, or asked twice of the local side", 0, f"in {len(samples)} runs", 0, "", digits=0),
    ]


FIGURE = Figure("fallback", "The remote side goes dark and comes back", measure)
