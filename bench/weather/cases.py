"""The weather of `bench/run weather`: what a server does now and then that is no outage, what a job takes
at least under it, and what is right."""
import dataclasses
import heapq

ATTEMPTS = 4  # Of every client, the first included.


@dataclasses.dataclass(frozen=True)
class Case:
    name: str
    words: str  # Of the title, after the number of rows.
    rows: int
    in_flight: int
    weather: dict
    seconds: float = 0     # The bar: seconds,
    of_ideal: float = 0    # or a multiple of what the job takes at least,
    of_threads: float = 0  # or of what the thread pool takes.
    lost: int | None = None  # Most rows without an answer; nothing: those that no client with 4 attempts can have.
    closed: bool = False   # The circuit has no reason to open.

    @property
    def api(self):
        return self.weather.get("api", "openai")

    @property
    def title(self):
        return f"{self.rows:,} rows {self.words}"

    def over(self, api, **more):
        """The same weather at a server of another API."""
        return dataclasses.replace(self, name=f"{self.name}_{api}", words=f"{self.words}, over {api}",
                                   weather={**self.weather, "api": api}, **more)


def faults(share, *kinds, **more):
    return {"faults": [{"share": share, **kind, **more} for kind in kinds]}


def status(number, **headers):
    return {"status": number, "headers": {name.replace("_", "-"): value for name, value in headers.items()}}


NOISE = [Case(f"noise_{number}", f"of 1 s, 64 in flight, 4 % {words}", 832, 64,
              {"latency": 1, **faults(0.04, status(number))}, of_threads=1.15)
         for number, words in ((503, "503"), (429, "429 without Retry-After"), (500, "500"))]

SHARES = [Case(f"share_{share}", f"of 50 ms, 64 in flight, {share} % 503", 4_000, 64,
               {"latency": 0.05, **faults(share / 100, status(503))}, of_ideal=1.5) for share in (20, 30)]

CHAOS = Case(
    "chaos", "of 50 ms, 16 in flight, 20 % 429 with Retry-After 1, 5 % cut, 5 % malformed", 200, 16,
    {"latency": 0.05, "faults": [{"share": 0.2, **status(429, retry_after="1")}, {"share": 0.05, "kind": "cut"},
                                 {"share": 0.05, "kind": "malformed"}]}, seconds=25)

CASES = [
    # The last bad row of this seed is none of the last, or the pauses between its attempts were measured.
    Case("poison", "of 50 ms, 32 in flight, 2 % of the rows always 500", 2_000, 32,
         {"seed": 15, "latency": 0.05, **faults(0.02, status(500), of="row")}, seconds=4),
    Case("wide", "of 2 s, 500 in flight, 1 % 503", 20_000, 500,
         {"latency": 2, **faults(0.01, status(503))}, of_ideal=1.05),
    *NOISE,
    Case("fast_errors", "of 0.2 to 2 s, 200 in flight, 2 % 503 at once", 5_000, 200,
         {"latency": 0.2, "slowest": 2, "skew": 8, **faults(0.02, status(503), at_once=True)}, of_ideal=1.3,
         closed=True),
    CHAOS,
    Case("told_to_wait", "of 50 ms, 16 in flight, 40 % 429 with Retry-After 0.2", 300, 16,
         {"latency": 0.05, **faults(0.4, status(429, retry_after="0.2"))}, lost=0),
    *SHARES,
    Case("cap", "of 200 ms, 256 in flight, 503 beyond 48 at once", 5_000, 256,
         {"latency": 0.2, "cap": 48}, of_ideal=1.3, lost=0),
    Case("replica", "of 50 ms, 32 in flight, every third connection always 500", 2_000, 32,
         {"latency": 0.05, "sick": 3}, of_ideal=1.5, lost=50),
    # skein alone: the peers speak one API.
    *[case for api in ("responses", "anthropic", "gemini")
      for case in (NOISE[0].over(api, of_threads=0, of_ideal=1.15), CHAOS.over(api))],
]


def fates(case, weather):
    """For every row the latencies of its attempts until its answer, and whether it has one."""
    for row in range(1, case.rows + 1):
        latencies, answered = [], False
        while len(latencies) < ATTEMPTS and not answered:
            fault, latency = weather.fate(row, len(latencies) + 1)
            latencies.append(latency)
            answered = fault is None
        yield latencies, answered


def ideal(case, weather):
    """Seconds that the latencies alone take with every place taken, one row after the other."""
    places = [0.0] * (case.weather.get("cap") or case.in_flight)
    for latencies, _ in fates(case, weather):
        heapq.heapreplace(places, places[0] + sum(latencies))
    well = 1 - 1 / case.weather["sick"] if case.weather.get("sick") else 1
    return max(places) / well


def doomed(case, weather):
    """Rows that no client has after its attempts, if every failed one counts."""
    return sum(not answered for _, answered in fates(case, weather))
