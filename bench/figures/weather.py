"""Weather that is no outage: single rows that fail, single answers that fail, a cap, a sick replica. Does a client
take noise for an outage, and does it lose a row?"""
import dataclasses
import json

from harness import build, machine
from harness.child import LATE, Refused, run
from harness.figure import Figure, Result, Row
from harness.load import Load
from harness.measure import say
from harness.pictures import bars
from harness.server import Server
from harness.skein_run import output_lines
from weather.cases import ATTEMPTS, CASES, doomed, ideal
from weather.server import Weather

OURS, THREADS, AIOHTTP = "skein run", "threads with retries", "aiohttp with retries"
SERVER = build.ROOT / "bench" / "weather" / "server.py"
# The same with fewer rows. The pauses before the last attempts are most of such a run, so its time has no bar.
QUICK = {"poison": 500, "noise_503": 128, "fast_errors": 1_000, "chaos": 60, "told_to_wait": 100, "share_20": 500,
         "cap": 500, "replica": 500}


@dataclasses.dataclass
class Told:
    """What a client came to in one case."""

    seconds: float
    requests: int
    lost: int
    most_of_a_row: int
    finished: bool
    opened: int = 0  # How often a circuit did.

    def seconds_text(self):
        return f"{self.seconds:.1f} s" if self.finished else f"not done after {self.seconds:.0f} s"


def measure(bench):
    programs, missing = bench.programs(OURS, THREADS, AIOHTTP)
    cases = CASES if not bench.quick else [
        dataclasses.replace(case, rows=QUICK[case.name]) for case in CASES if case.name in QUICK]
    rows, details, drawn = [], [], []
    for case in cases:
        least = ideal(case, Weather(case.weather))
        told = of_case(bench, programs, case, least, missing)
        row, *counts = rows_of(case, least, told, missing)
        rows += [dataclasses.replace(row, bar=None) if bench.quick else row, *counts]
        details += [[case.title, name, one.seconds_text(), f"{least:.1f} s", f"{one.requests:,}", str(one.lost), bar]
                    for name, one in told.items() for bar in [bar_text(case) if name == OURS else ""]]
        drawn += [(f"{name}, {case.name}", one.seconds / least) for name, one in told.items() if one.finished]
    return Result(
        rows=rows,
        how="A server in Python that shares no code with the project. The fate of an attempt is a function of the "
            "seed, the row and the number of the attempt, so that all clients meet the same weather; a failed attempt "
            "takes as long as an answer unless the case says otherwise. Ideal: what the latencies take with every "
            "place taken and without a pause. Four attempts for a row; the two peers count every failure as one, and "
            "pause 0.5 s, 1 s, 2 s, or as long as Retry-After says. Wall time of the whole process, one run each, one "
            "after the other. A row is lost if the client has no answer for it in the end.",
        picture=bars("Weather that is no outage", "wall time over the ideal; less is better", drawn),
        head=["case", "client", "seconds", "ideal", "requests", "rows lost", "bar"],
        details=details,
        missing=missing,
    )


def of_case(bench, programs, case, least, missing):
    """What each client came to, the thread pool first: its time may be the bar of ours."""
    told = {}
    if case.api != "openai":
        programs = {name: program.over(case.api) for name, program in programs.items() if name == OURS}
    for name in sorted(programs, key=(THREADS, AIOHTTP, OURS).index):
        try:
            told[name] = once(bench, programs[name], case, limit(case, least, told))
        except Refused as why:
            missing[f"{name}, {case.name}"] = str(why)
    say(f"    {case.name}: ideal {least:.1f} s, " + ", ".join(
        f"{name} {one.seconds_text()} {one.requests} requests {one.lost} lost" for name, one in told.items()))
    return {name: told[name] for name in programs if name in told}


def limit(case, least, told):
    """Seconds after which a client is not waited for: with it the figure takes some 12 minutes at most."""
    bar = bar_of(case, least, told) or 0
    return 2 * max(bar, least) + 15


def bar_of(case, least, told):
    """Seconds that are right; nothing if no bar is set."""
    if case.of_threads:
        return case.of_threads * told[THREADS].seconds if THREADS in told else None
    return case.seconds or case.of_ideal * least or None


def bar_text(case):
    if case.of_threads:
        return f"{case.of_threads:g} × threads"
    if case.of_ideal:
        return f"{case.of_ideal:g} × ideal"
    return f"{case.seconds:g} s" if case.seconds else "none lost"


def once(bench, program, case, longest):
    load = Load(case.rows, case.in_flight, prompt=60)
    with Server(SERVER, [json.dumps(case.weather)]) as server:
        command = program.command(load, server, bench.place)
        ended = run(command, machine.CLIENT, longest=longest)
        server.close()
        totals = server.totals
    if not totals:
        raise Refused("the server gave no totals")
    if totals["most_in_flight"] > case.in_flight:
        raise Refused(f"{totals['most_in_flight']} in flight, {case.in_flight} allowed")
    finished = ended.status != LATE
    lost = lost_by(program, ended, bench.place, case) if finished else case.rows - totals["answered"]
    return Told(ended.wall, totals["requests"], lost, totals["most_of_a_row"], finished,
                ended.err.count("circuit opened"))


def lost_by(program, ended, place, case):
    """Rows without an answer, as the client itself has it."""
    if program.name == OURS:
        if ended.status not in (0, 1):
            raise Refused(f"skein ended with {ended.status}: {ended.err[-400:]}")
        return case.rows - sum(b'"error":null' in line for line in output_lines(place))
    try:
        return json.loads(ended.out.strip().splitlines()[-1])["failed"]
    except (IndexError, ValueError):
        raise Refused(f"{program.name} printed no figures: {ended.err[-300:]}")


def rows_of(case, least, told, missing):
    if OURS not in told:
        return [Row(case.title, None, missing.get(f"{OURS}, {case.name}", missing.get(OURS, "not measured")), 1)]
    ours = told[OURS]
    peers = [f"{name} {one.seconds_text()}" for name, one in told.items() if name != OURS]
    beside = "; ".join([f"ideal {least:.1f} s", *peers])
    allowed = doomed(case, Weather(case.weather)) if case.lost is None else case.lost
    rows = [time_row(case, least, told, beside),
            Row(f"rows lost, {case.name}", ours.lost, "; ".join(f"{name} {one.lost}" for name, one in told.items()),
                allowed, "", digits=0)]
    if case.closed:
        rows.append(Row(f"circuit opened, {case.name}", ours.opened, "on a healthy server", 0, "times", digits=0))
    if case.name == "poison":
        rows.append(Row("most requests for one row, poison", ours.most_of_a_row,
                        f"{ours.requests:,} requests in all", ATTEMPTS, "", digits=0))
    return rows


def time_row(case, least, told, beside):
    """A run that did not finish took longer than it had."""
    seconds = told[OURS].seconds
    behind = f"{told[OURS].seconds_text()}; {beside}"
    if case.of_threads and THREADS in told:
        return Row(f"{case.title}, over the thread pool", seconds / told[THREADS].seconds, behind, case.of_threads)
    if case.of_ideal:
        return Row(f"{case.title}, over the ideal", seconds / least, behind, case.of_ideal)
    return Row(case.title, seconds, behind, case.seconds or None, "s", digits=1)


FIGURE = Figure("weather", "Noise beside a thread pool and aiohttp with retries", measure)
