"""What one request costs in CPU, beside every peer."""
from harness.figure import Figure, Result, ratio
from harness.load import Load
from harness.measure import rounds
from harness.pictures import points

IN_FLIGHT = 64
CURL, EAGER = "bare curl-multi", "bare curl-multi, eager"
AIOHTTP, THREADS, OPENAI = "aiohttp", "ThreadPoolExecutor + requests", "openai npm"

# Requests of each, so that each runs for a second or more of CPU; whole rounds of those in flight.
REQUESTS = {
    "skein run": 51_200, "skein library": 51_200, CURL: 51_200, EAGER: 51_200, "bare Asio": 102_400, "wrk": 102_400,
    "h2load": 102_400, "ab": 102_400, "hey": 51_200, "curl --parallel": 25_600, "undici + p-limit": 12_800,
    AIOHTTP: 9_600, THREADS: 4_800, OPENAI: 4_800,
}
BARS = {CURL: 1.6, AIOHTTP: 0.15, THREADS: 0.07, OPENAI: 0.03}


def measure(bench):
    programs, missing = bench.programs(*REQUESTS)
    fewer = bench.pick(1, 4)
    count = bench.pick(5, 2)

    def one(name):
        load = Load(REQUESTS[name] // fewer // IN_FLIGHT * IN_FLIGHT, IN_FLIGHT)
        return lambda: bench.measure.cost(programs[name], load)

    series, out = rounds({name: one(name) for name in programs}, count, 1e6, "µs a request")
    missing |= out
    rows = [ratio(f"skein run over {peer}", series, missing, "skein run", peer, bar, digits=3 if bar < 1 else None)
            for peer, bar in BARS.items()]
    order = sorted(series, key=lambda name: series[name].median)
    curl = series[CURL].median if CURL in series else None
    return Result(
        rows=rows,
        how=f"CPU of the client process per request, {IN_FLIGHT} in flight, prompts of 600 bytes, answers of 700 "
            f"bytes sent at once. Medians of {count} rounds; each round runs every client once, and once with a "
            f"single request, which is subtracted.",
        picture=points("CPU per request, 64 in flight", "microseconds, logarithmic; less is better",
                       [(name, series[name].median * 1e6) for name in order]),
        head=["client", "CPU a request", "of bare curl-multi", "requests"],
        details=[[name, series[name].told(1e6, "µs"), f"{series[name].median / curl:.2f} ×" if curl else "–",
                  f"{REQUESTS[name] // fewer:,}"] for name in order],
        missing=missing,
    )


FIGURE = Figure("cost", "CPU per request, files and order and journal included", measure)
