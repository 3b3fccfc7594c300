"""What a streamed chunk costs."""
from harness.figure import Figure, Result, Row, ratio
from harness.load import Load
from harness.measure import rounds
from harness.pictures import points

OURS, CURL, OPENAI = "skein run", "bare curl-multi", "openai npm"
CHUNKS = 200


def measure(bench):
    programs, missing = bench.programs(OURS, CURL, "aiohttp", OPENAI)
    streams, count, apart, paced_count = bench.pick((1_000, 5, 50, 3), (250, 1, 20, 1))
    load = Load(streams, streams, stream=True)

    def chunk(name, *options):
        server, start = ["--stream", CHUNKS, *options], ["--stream", 1]
        return lambda: bench.measure.cost(programs[name], load, server, server_at_start=start) / CHUNKS

    series, out = rounds({name: chunk(name) for name in programs}, count, 1e6, "µs a chunk")
    paced, out_too = rounds({f"{name}, paced": chunk(name, "--chunk-every", apart * 1000)
                             for name in (OURS, CURL, OPENAI) if name in programs}, paced_count, 1e6, "µs a chunk")
    series |= paced
    missing |= out | out_too
    words = f", chunks {apart} ms apart"
    return Result(
        rows=[
            ratio("skein run over bare curl-multi that counts bytes", series, missing, OURS, CURL, 1.5),
            per_second("", series, missing, OURS, OPENAI, 10),
            ratio("skein run over bare curl-multi" + words, series, missing, f"{OURS}, paced", f"{CURL}, paced"),
            per_second(words, series, missing, f"{OURS}, paced", f"{OPENAI}, paced"),
        ],
        how=f"{streams:,} streams of {CHUNKS} chunks, all in flight. The server gives each stream a chunk in turn, as "
            f"fast as it can: a client that is slower than the server finds several chunks at once and has less work "
            f"with each. *Paced*: each stream has a chunk every {apart} ms, as a model would send them, so that nearly "
            f"all come one by one. CPU per chunk, start-up subtracted, connecting included. Medians of {count} and "
            f"{paced_count} rounds.",
        picture=points("CPU per streamed chunk", "microseconds, logarithmic; less is better",
                       [(name, one.median * 1e6) for name, one in series.items()]),
        head=["client", "CPU a chunk", "chunks per CPU second"],
        details=[[name, one.told(1e6, "µs"), f"{1 / one.median:,.0f}"] for name, one in series.items()],
        missing=missing,
    )


def per_second(words, series, missing, ours, theirs, bar=None):
    what = "chunks per CPU second, skein run over openai npm" + words
    for name in (ours, theirs):
        if name not in series:
            return Row(what, None, f"{name}: {missing.get(name, 'not measured')}", bar, at_least=True)
    over, under = 1 / series[ours].median, 1 / series[theirs].median
    return Row(what, over / under, f"{over:,.0f} / {under:,.0f}", bar, at_least=True)


FIGURE = Figure("stream", "CPU per streamed chunk", measure)
