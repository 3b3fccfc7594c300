"""A server that answers as a list of rules says. The first rule that fits a request decides:

    prompt    the beginning of the last message's text
    path      the path of the request
    requests  [first, last] of all requests, from 1
    asked     [first, last] of the requests with the same prompt, from 1

What it does then: `status` (200), `headers`, `body` (JSON, or a text sent as it stands), `delay` in
seconds, `cut` (the connection closes after so many bytes of the body). `{epoch_ms+7200}` in a header or
body becomes the milliseconds since 1970 in two hours, `{epoch_s+7200}` the seconds.
"""
import asyncio
import collections
import json
import re
import threading
import time

MOMENT = re.compile(r"\{epoch_(ms|s)\+(\d+)\}")
FITTING = {"prompt", "path", "requests", "asked"}
DOING = {"status", "headers", "body", "delay", "cut"}


def with_moments(text):
    """The text with each moment in its place."""
    scale = {"ms": 1000, "s": 1}
    return MOMENT.sub(lambda found: str(int((time.time() + int(found[2])) * scale[found[1]])), text)


class Server:
    """Serves on a thread until `close`. `asked` counts requests by their prompt."""

    def __init__(self, rules):
        for rule in rules:
            assert rule.keys() <= FITTING | DOING, rule
        self.rules = rules
        self.asked = collections.Counter()
        self.loop = asyncio.new_event_loop()
        self.listening = self.loop.run_until_complete(asyncio.start_server(self.serve, "127.0.0.1", 0))
        self.port = self.listening.sockets[0].getsockname()[1]
        self.tasks = set()
        self.thread = threading.Thread(target=self.loop.run_forever)
        self.thread.start()

    def close(self):
        asyncio.run_coroutine_threadsafe(self.end(), self.loop).result()
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()

    async def end(self):
        self.listening.close()
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    async def serve(self, reader, writer):
        self.tasks.add(asyncio.current_task())
        try:
            while await self.exchange(reader, writer):
                pass
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # The client has left.
        finally:
            self.tasks.discard(asyncio.current_task())
            writer.close()

    async def exchange(self, reader, writer):
        """One request and its answer; gives whether the connection lives on."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        length = re.search(r"(?im)^content-length:\s*(\d+)", head)
        body = await reader.readexactly(int(length[1]) if length else 0)
        prompt = prompt_of(body)
        self.asked[prompt] += 1
        rule = self.rule_for(prompt, head.split(" ")[1])
        await asyncio.sleep(rule.get("delay", 0))
        whole = answer(rule)
        cut = rule.get("cut")
        writer.write(whole if cut is None else whole[:whole.index(b"\r\n\r\n") + 4 + cut])
        await writer.drain()
        return cut is None

    def rule_for(self, prompt, path):
        def within(bounds, number):
            return bounds is None or bounds[0] <= number <= bounds[1]

        for rule in self.rules:
            if (prompt.startswith(rule.get("prompt", "")) and path == rule.get("path", path)
                    and within(rule.get("requests"), self.asked.total())
                    and within(rule.get("asked"), self.asked[prompt])):
                return rule
        return {"status": 404, "body": "no rule fits"}


def prompt_of(body):
    """The text of the last message; nothing if there is none."""
    try:
        return json.loads(body)["messages"][-1]["content"]
    except (ValueError, LookupError, TypeError):
        return ""


def answer(rule):
    """The bytes of an answer."""
    body = rule.get("body", "")
    kind = "text/plain" if isinstance(body, str) else "application/json"
    text = with_moments(body if isinstance(body, str) else json.dumps(body)).encode()
    lines = {"content-type": kind, "content-length": len(text), **rule.get("headers", {})}
    head = "".join(f"{name}: {with_moments(str(value))}\r\n" for name, value in lines.items())
    return f"HTTP/1.1 {rule.get('status', 200)} Scripted\r\n{head}\r\n".encode() + text
