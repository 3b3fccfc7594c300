"""One run, checked by what the server counted; and rounds of paired runs (A B A B …)."""
import dataclasses
import statistics
import sys

from . import machine
from .child import Refused, run
from .load import Load
from .server import Server

ALONE = Load(requests=1, in_flight=1)


@dataclasses.dataclass
class Sample:
    requests: int  # As the server counted them.
    cpu: float     # Seconds of the client process.
    wall: float    # Seconds of the client process, from its start to its end.
    said: dict     # What the client says of itself.
    server: dict   # The server's totals.
    watched: object = None


class Measure:
    """Runs a program against the canned server in a workplace."""

    def __init__(self, server_program, place):
        self.server_program = server_program
        self.place = place

    def once(self, program, load, server=(), tls=False, cores=None, watch=None):
        """One run. `watch` makes a Watch from the run's folder."""
        secure = self.place.certificate() if tls else None
        with Server(self.server_program, server, secure) as canned:
            command = program.command(load, canned, self.place)
            ended = run(command, cores or machine.CLIENT, watch(command.folder) if watch else None)
            canned.close()
        if ended.status != 0:
            raise Refused(f"{program.name} ended with {ended.status}: {ended.err[-400:]}{ended.out[-200:]}")
        requests = judged(program, ended, load, canned.totals)
        said = program.read(ended, load, self.place)
        return Sample(requests, ended.cpu, ended.wall, said, canned.totals, ended.watched)

    def cost(self, program, load, server=(), tls=False, server_at_start=None):
        """CPU seconds per request: a run, less one with a single request, which is the start-up."""
        if getattr(program, "counts_seconds", False):  # It has no short run to subtract.
            whole = self.once(program, load, server, tls)
            return whole.cpu / whole.requests
        alone = dataclasses.replace(ALONE, prompt=load.prompt, stream=load.stream)
        start = self.once(program, alone, server if server_at_start is None else server_at_start, tls)
        whole = self.once(program, load, server, tls)
        return (whole.cpu - start.cpu) / (whole.requests - start.requests)


def judged(program, ended, load, totals):
    """The requests that were made, if the server agrees."""
    if not totals:
        raise Refused("the canned server gave no totals")
    if totals["most_in_flight"] > load.in_flight:
        raise Refused(f"{program.name}: {totals['most_in_flight']} in flight, {load.in_flight} allowed")
    seen = totals["requests"]
    if hasattr(program, "counted"):
        if not 0 <= seen - program.counted(ended) <= load.in_flight:
            raise Refused(f"{program.name} counted {program.counted(ended)}, the server {seen}")
    elif seen != load.requests:
        raise Refused(f"{program.name}: the server saw {seen} requests, not {load.requests}")
    return seen


class Series:
    """The figures of one contender, a figure a round."""

    def __init__(self, values):
        self.values = list(values)

    @property
    def median(self):
        return statistics.median(self.values)

    def told(self, scale=1.0, unit="", digits=None):
        """The median, and between which figures it lies."""
        low, high = (number(end(self.values) * scale, digits) for end in (min, max))
        text = f"{number(self.median * scale, digits)} {unit}".strip()
        return text if low == high else f"{text} ({low}–{high})"


def number(value, digits=None):
    """Three figures, or so many after the point."""
    if digits is not None:
        return f"{value:,.{digits}f}"
    for least, places in ((100, 0), (10, 1), (1, 2)):
        if abs(value) >= least:
            return f"{value:,.{places}f}"
    return f"{value:.3f}"


def say(text):
    print(text, file=sys.stderr, flush=True)


def rounds(contenders, count, scale=1.0, unit=""):
    """Runs all of them once a round, one after the other. `contenders` maps a name to a function that
    gives the round's figure. One that is refused is out, with the reason.
    Gives {name: Series} and {name: reason}."""
    figures = {name: [] for name in contenders}
    out = {}
    for turn in range(1, count + 1):
        if len(out) == len(contenders):
            break
        for name, measure in contenders.items():
            if name in out:
                continue
            try:
                figures[name].append(measure())
            except Refused as why:
                out[name] = f"refused: {why}"
                say(f"    {name} {out[name]}")
        say(f"    {turn}/{count}  " + ", ".join(
            f"{name} {number(values[-1] * scale)}" for name, values in figures.items() if name not in out)
            + f" {unit}")
    return {name: Series(values) for name, values in figures.items() if name not in out}, out
