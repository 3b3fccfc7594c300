#!/usr/bin/python3
"""A server with weather, for `bench/run weather`. It shares no code with the project. The fate of a
request is a function of the seed, the row and how often the row was asked before, so that every client
meets the same weather.

    server.py WEATHER    JSON, see `Weather`

Prints `port N`, serves until its standard input closes, and prints what it counted as one line of JSON.
"""
import asyncio
import collections
import hashlib
import json
import re
import sys

LENGTH = re.compile(rb"\r\ncontent-length:\s*(\d+)", re.IGNORECASE)
ROW = re.compile(rb'"(?:content|text)"\s*:\s*"(\d+)')  # A prompt begins with the number of its row.
NAMES = {200: "OK", 429: "Too Many Requests", 500: "Internal Server Error", 503: "Service Unavailable"}


class Weather:
    """What happens to whom. Its settings:

    api: the form of its answers (openai); seed, latency (seconds), slowest and skew: latency is drawn from `latency` to `slowest`, the more of
    it at the lower end the larger `skew` is; faults: a list of {share, of: row or attempt, status or kind:
    cut or malformed, headers, at_once}; cap: so many requests at once, and a 503 beyond; sick: every so
    many-th connection answers 500 only."""

    def __init__(self, settings):
        self.api = settings.get("api", "openai")
        self.seed = settings.get("seed", 1)
        self.latency = settings.get("latency", 0.05)
        self.slowest = settings.get("slowest", self.latency)
        self.skew = settings.get("skew", 1)
        self.faults = settings.get("faults", [])
        self.cap = settings.get("cap", 0)
        self.sick = settings.get("sick", 0)
        self.asked = collections.Counter()     # By row.
        self.answered = set()                  # Rows.
        self.statuses = collections.Counter()
        self.connections = 0
        self.now = self.most = 0               # Requests in flight.

    def draws(self, row, attempt):
        """Two numbers from 0 to 1."""
        digest = hashlib.blake2b(f"{self.seed}/{row}/{attempt}".encode(), digest_size=16).digest()
        return (int.from_bytes(half, "big") / 2**64 for half in (digest[:8], digest[8:]))

    def fate(self, row, attempt):
        """The fault of this attempt, or none, and its latency. `attempt` counts from 1."""
        of_row, _ = self.draws(row, 0)
        of_attempt, slow = self.draws(row, attempt)
        latency = self.latency + (self.slowest - self.latency) * slow**self.skew
        for fault in self.faults:
            if fault.get("of") == "row":
                of_row -= fault["share"]
                hit = -fault["share"] <= of_row < 0
            else:
                of_attempt -= fault["share"]
                hit = -fault["share"] <= of_attempt < 0
            if hit:
                return fault, 0 if fault.get("at_once") else latency
        return None, latency

    def meet(self, row, connection):
        self.asked[row] += 1
        self.most = max(self.most, self.now)
        fault, latency = self.fate(row, self.asked[row])
        if self.cap and self.now > self.cap:
            return {"status": 503}, 0
        if self.sick and connection % self.sick == 0:
            return {"status": 500}, latency
        return fault, latency

    def totals(self):
        return {"requests": sum(self.asked.values()), "rows": len(self.asked), "answered": len(self.answered),
                "most_of_a_row": max(self.asked.values(), default=0), "most_in_flight": self.most,
                "connections": self.connections, "statuses": self.statuses}


class Connection(asyncio.Protocol):
    def __init__(self, weather):
        self.weather = weather
        self.rest = b""
        self.waiting = 0
        self.served = 0

    def connection_made(self, transport):
        self.transport = transport
        self.weather.connections += 1
        self.number = self.weather.connections

    def connection_lost(self, _):
        self.weather.now -= self.waiting
        self.waiting = 0

    def data_received(self, data):
        self.rest += data
        while (body := self.take()) is not None:
            self.serve(body)

    def take(self):
        """The body of the next request, once it is whole."""
        head, end, body = self.rest.partition(b"\r\n\r\n")
        if not end:
            return None
        found = LENGTH.search(head)
        length = int(found[1]) if found else 0
        if len(body) < length:
            return None
        self.rest = body[length:]
        return body[:length]

    def serve(self, body):
        found = ROW.search(body)
        row = int(found[1]) if found else 0
        self.waiting += 1
        self.weather.now += 1
        fault, latency = self.weather.meet(row, self.number)
        asyncio.get_running_loop().call_later(latency, self.answer, row, fault or {})

    def answer(self, row, fault):
        if self.transport.is_closing():
            return
        self.waiting -= 1
        self.weather.now -= 1
        self.served += 1
        kind = fault.get("kind", "")
        status = fault.get("status", 200)
        self.weather.statuses[kind or str(status)] += 1
        if status == 200 and not kind:
            self.weather.answered.add(row)
        self.transport.write(spelt(self.weather.api, row, fault, status, kind))
        if kind == "cut":
            self.transport.close()


def answered(api, row):
    """A whole answer in the form of the API."""
    text = f"answer {row}"
    used = {"input_tokens": 10, "output_tokens": 5}
    if api == "anthropic":
        return {"type": "message", "role": "assistant", "model": "m", "stop_reason": "end_turn", "usage": used,
                "content": [{"type": "text", "text": text}]}
    if api == "gemini":
        return {"candidates": [{"content": {"role": "model", "parts": [{"text": text}]}, "finishReason": "STOP"}],
                "usageMetadata": {"promptTokenCount": 10, "candidatesTokenCount": 5, "totalTokenCount": 15}}
    if api == "responses":
        part = {"type": "output_text", "text": text, "annotations": []}
        return {"object": "response", "status": "completed", "model": "m", "usage": used,
                "output": [{"type": "message", "role": "assistant", "content": [part]}]}
    return {"object": "chat.completion", "model": "m",
            "choices": [{"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}}


def spelt(api, row, fault, status, kind):
    """The bytes of an answer."""
    if status == 200:
        body = json.dumps(answered(api, row)).encode()
    else:
        body = fault.get("body", json.dumps({"error": {"message": f"weather {status}", "code": status}})).encode()
    whole = len(body)
    if kind == "malformed":
        body = body[:whole // 2]
        whole = len(body)
    head = f"HTTP/1.1 {status} {NAMES.get(status, 'Weather')}\r\ncontent-type: application/json\r\n"
    head += "".join(f"{name}: {value}\r\n" for name, value in fault.get("headers", {}).items())
    head += f"content-length: {whole}\r\n\r\n"
    return head.encode() + (body[:whole // 2] if kind == "cut" else body)


async def serve(weather, connection=Connection):
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: connection(weather), "127.0.0.1", 0, backlog=4096)
    print("port", server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()
    print(json.dumps(weather.totals()), flush=True)


if __name__ == "__main__":
    asyncio.run(serve(Weather(json.loads(sys.argv[1]))))
