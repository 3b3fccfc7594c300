"""The peers: how each is called, and how it tells what it did."""
import json
import re

from .child import Command, Refused

KEY = "authorization: Bearer CANARY-key"
JSON = "content-type: application/json"


class Peer:
    """One that speaks the common command line: PEER URL REQUESTS IN_FLIGHT [--prompt …]."""

    def __init__(self, name, *words, after=()):
        self.name = name
        self.words = words
        self.after = after

    def command(self, load, server, place):
        words = [*self.words, server.url, load.requests, load.in_flight, "--prompt", load.prompt, *self.after]
        if load.stream:
            words.append("--stream")
        if server.url.startswith("https"):
            words += ["--cacert", place.certificate().certificate]
        return Command(words)

    def read(self, ended, load, place):
        try:
            said = json.loads(ended.out.strip().splitlines()[-1])
        except (IndexError, ValueError):
            raise Refused(f"{self.name} printed no figures: {ended.out[-300:]}{ended.err[-300:]}")
        if said["requests"] != load.requests or said["failed"]:
            raise Refused(f"{self.name} did {said}")
        return said


class Tool:
    """A load generator with a command line of its own. `words(load, server, place)` spells it;
    `good(out)` are the requests it says went well, if it says so."""

    def __init__(self, name, words, good=None):
        self.name = name
        self.words = words
        self.good = good

    def command(self, load, server, place):
        return Command(self.words(load, server, place), place.fresh())

    def read(self, ended, load, place):
        if self.good:
            found = re.search(self.good, ended.out)
            if not found or int(found[1]) != load.requests:
                raise Refused(f"{self.name} says {found[0] if found else ended.out[-300:]}")
        return {}


class Wrk(Tool):
    """It counts seconds and not requests, so its requests are the server's count, and its start-up,
    some milliseconds, stays in. What is under way at its end is cut: a request a connection."""

    counts_seconds = True
    rate = 20_000  # Requests a second, about: enough to last as long as the others.

    def __init__(self, program):
        super().__init__("wrk", lambda load, server, place: [
            program, "-t1", f"-c{load.in_flight}", f"-d{self.seconds(load)}s",
            "-s", place.script_of_wrk(load), server.url])

    def seconds(self, load):
        return max(1, round(load.requests / self.rate))

    def counted(self, ended):
        found = re.search(r"(\d+) requests in", ended.out)
        if not found or "Non-2xx" in ended.out or "Socket errors" in ended.out:
            raise Refused(f"wrk says {ended.out[-300:]}")
        return int(found[1])

    def read(self, ended, load, place):
        self.counted(ended)
        return {}


def h2load(program):
    return Tool("h2load", lambda load, server, place: [
        program, "--h1", "-t1", "-n", load.requests, "-c", load.in_flight, "-m1", "-d", place.body(load),
        "-H", JSON, "-H", KEY, server.url], r"(\d+) succeeded")


def hey(program):
    return Tool("hey", lambda load, server, place: [
        program, "-n", load.requests, "-c", load.in_flight, "-m", "POST", "-T", "application/json",
        "-D", place.body(load), "-H", KEY, server.url], r"\[200\]\s+(\d+) responses")


def ab(program):
    return Tool("ab", lambda load, server, place: [
        program, "-q", "-k", "-n", load.requests, "-c", load.in_flight, "-p", place.body(load),
        "-T", "application/json", "-H", KEY, server.url], r"Complete requests:\s+(\d+)")


def curl_parallel(program):
    return Tool("curl --parallel", lambda load, server, place: [
        program, "--disable", "--silent", "--show-error", "--fail", "--parallel", "--parallel-immediate",
        "--parallel-max", load.in_flight, "--config", place.transfers(load, server.url)])
