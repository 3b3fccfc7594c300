"""The table at the end, and bench/results.md with its pictures."""
import dataclasses
import datetime
import json
import subprocess

from . import build, machine
from .figure import Result, Row

KEPT = build.ROOT / "build" / "bench-results"
RESULTS = build.ROOT / "bench" / "results.md"
PICTURES = build.ROOT / "bench" / "pictures"
HEAD = ["figure", "what", "measured", "bar", "met", "medians behind it"]


def cells(name, result):
    return [[name, row.what, row.measured_text(), row.bar_text(), row.met(), row.behind] for row in result.rows]


def printed(results):
    """The table for a terminal."""
    text = columns([HEAD] + [line for name, result in results.items() for line in cells(name, result)])
    absent = {f"{peer}: {why}" for result in results.values() for peer, why in result.missing.items()}
    return text.replace("**", "") + "".join(f"missing: {one}\n" for one in sorted(absent))


def columns(lines):
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]) - 1)]
    return "".join("  ".join([cell.ljust(width) for cell, width in zip(line, widths)] + [line[-1]]) + "\n"
                   for line in lines)


def details(result):
    """How it was measured and the medians, for a terminal."""
    return f"{result.how}\n\n" + (columns([result.head, *result.details]) if result.details else "")


def markdown_table(head, lines):
    rows = [head, ["---"] * len(head), *lines]
    return "\n".join("| " + " | ".join(str(cell).replace("|", "\\|") for cell in row) + " |" for row in rows) + "\n"


def commit():
    def git(*words):
        command = ["git", "--no-optional-locks", "-C", build.ROOT, *words]
        return subprocess.run(command, capture_output=True, text=True).stdout.strip()
    changed = git("status", "--porcelain", "--", "src", "include", "bench/native", "bench/peers")
    return git("rev-parse", "--short", "HEAD") + (" with changes" if changed else "")


def keep(name, result):
    """A full result is kept until a newer one replaces it: results.md is made of all that are there."""
    KEPT.mkdir(parents=True, exist_ok=True)
    facts = {"date": datetime.date.today().isoformat(), "commit": commit(), "machine": machine.described(),
             "versions": build.versions(), "result": dataclasses.asdict(result)}
    (KEPT / f"{name}.json").write_text(json.dumps(facts), encoding="utf-8")


def kept(name):
    path = KEPT / f"{name}.json"
    if not path.exists():
        return None
    facts = json.loads(path.read_text(encoding="utf-8"))
    rows = [Row(**row) for row in facts["result"].pop("rows")]
    return facts | {"result": Result(rows=rows, **facts["result"])}


def write(figures):
    """Writes bench/results.md if there is a full result of every figure; gives the names that lack one."""
    facts = {figure.name: kept(figure.name) for figure in figures}
    lacking = [name for name, one in facts.items() if one is None]
    if lacking:
        return lacking
    PICTURES.mkdir(exist_ok=True)
    text = heading(facts) + markdown_table(HEAD, [
        line for name, one in facts.items() for line in cells(f"[{name}](#{name})", one["result"])])
    for figure in figures:
        one = facts[figure.name]
        (PICTURES / f"{figure.name}.svg").write_text(one["result"].picture, encoding="utf-8")
        text += section(figure, one)
    RESULTS.write_text(text, encoding="utf-8")
    return []


def heading(facts):
    newest = max(facts.values(), key=lambda one: one["date"])
    machines = "; ".join(sorted({one["machine"] for one in facts.values()}))
    versions = ", ".join(f"{name} {version}" for name, version in newest["versions"].items())
    return (f"# Results\n\nWritten by `bench/run`, not by hand. [README.md](README.md) says what is measured "
            f"and how to read it.\n\n{newest['date']}, skein {newest['commit']}, {machines}.\n{versions}.\n\n")


def section(figure, one):
    result = one["result"]
    text = f"\n## {figure.name}\n\n{figure.title}. Measured {one['date']}, skein {one['commit']}.\n\n"
    text += f"![{figure.title}](pictures/{figure.name}.svg)\n\n{result.how}\n"
    if result.details:
        text += "\n" + markdown_table(result.head, result.details)
    if result.missing:
        text += "\n" + "".join(f"Missing: {peer}, {why}.\n" for peer, why in result.missing.items())
    return text
