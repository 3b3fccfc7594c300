"""A server that answers as a list of rules says. The first rule that fits a request decides:

    prompt    the beginning of the last message's text
    path      the path of the request, with its query
    requests  [first, last] of all requests, from 1
    asked     [first, last] of the requests with the same prompt, from 1
    has       paths of members that the request's body has: ["stream_options.include_usage"]
    lacks     paths of members that it has not
    is        values of members that it has: {"max_tokens": 100}
    sent      values of headers that the request has: {"api-key": "k"}

What the server does then:

    status    200 if nothing else is said
    headers   a header with the value null is left out
    body      JSON, or a text that is sent as it stands
    events    in place of a body: an event stream of these, JSON or text, and `[DONE]`
    ok        in place of a body: a whole chat answer with this text
    echo      in place of a body: a whole chat answer with the prompt as its text
    delay     in seconds
    comments  [count, seconds]: after the head so many SSE comments, so many seconds apart
    cut       the connection closes after so many bytes of the body
    write     files that it writes into the folder of the run before it answers: {"key.txt": "b"}

`{epoch_ms+7200}` in a header or body becomes the milliseconds since 1970 in two hours, `{epoch_s+7200}`
the seconds.
"""
import asyncio
import collections
import json
import re
import threading
import time

MOMENT = re.compile(r"\{epoch_(ms|s)\+(\d+)\}")
FITTING = {"prompt", "path", "requests", "asked", "has", "lacks", "is", "sent"}
DOING = {"status", "headers", "body", "events", "ok", "echo", "delay", "comments", "cut", "write"}


def with_moments(text):
    """The text with each moment in its place."""
    scale = {"ms": 1000, "s": 1}
    return MOMENT.sub(lambda found: str(int((time.time() + int(found[2])) * scale[found[1]])), text)


class Server:
    """Serves on a thread until `close`, on a free port and at `server.sock` in the folder. `asked` counts
    requests by their prompt, `bodies` has what they sent."""

    def __init__(self, rules, folder):
        for rule in rules:
            assert rule.keys() <= FITTING | DOING, rule
        self.rules = rules
        self.folder = folder
        self.asked = collections.Counter()
        self.bodies = []
        self.loop = asyncio.new_event_loop()
        self.listening = self.loop.run_until_complete(asyncio.start_server(self.serve, "127.0.0.1", 0))
        self.port = self.listening.sockets[0].getsockname()[1]
        self.at_socket = self.loop.run_until_complete(
            asyncio.start_unix_server(self.serve, folder / "server.sock"))
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
        self.at_socket.close()
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    async def serve(self, reader, writer):
        self.tasks.add(asyncio.current_task())
        try:
            while await self.exchange(reader, writer):
                pass
        except (asyncio.IncompleteReadError, asyncio.CancelledError, ConnectionError):
            pass  # The client has left, or the case is over.
        finally:
            self.tasks.discard(asyncio.current_task())
            writer.close()

    async def exchange(self, reader, writer):
        """One request and its answer; gives whether the connection lives on."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *lines = head.rstrip().split("\r\n")
        sent = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
        body = json_of(await reader.readexactly(int(sent.get("content-length", 0))))
        prompt = prompt_of(body)
        self.asked[prompt] += 1
        self.bodies.append(body)
        rule = self.rule_for(prompt, first.split(" ")[1], body, sent)
        await asyncio.sleep(rule.get("delay", 0))
        for name, text in rule.get("write", {}).items():
            (self.folder / name).write_text(text, encoding="utf-8")
        if "comments" in rule:
            return await self.with_comments(writer, *rule["comments"], answer(rule, prompt))
        whole = answer(rule, prompt)
        cut = rule.get("cut")
        writer.write(whole if cut is None else whole[:whole.index(b"\r\n\r\n") + 4 + cut])
        await writer.drain()
        return cut is None

    @staticmethod
    async def with_comments(writer, count, seconds, whole):
        """An answer that ends with its connection. The connection is not used again."""
        head, _, body = whole.partition(b"\r\n\r\n")
        head = re.sub(rb"\r\ncontent-length: \d+", b"", head)
        writer.write(head + b"\r\nconnection: close\r\n\r\n")
        for _ in range(count):
            await asyncio.sleep(seconds)
            writer.write(b": keep-alive\n\n")
            await writer.drain()
        writer.write(body)
        await writer.drain()
        return False

    def rule_for(self, prompt, path, body, sent):
        def within(bounds, number):
            return bounds is None or bounds[0] <= number <= bounds[1]

        for rule in self.rules:
            if (prompt.startswith(rule.get("prompt", "")) and path == rule.get("path", path)
                    and within(rule.get("requests"), self.asked.total())
                    and within(rule.get("asked"), self.asked[prompt])
                    and all(member(body, path) is not MISSING for path in rule.get("has", []))
                    and all(member(body, path) is MISSING for path in rule.get("lacks", []))
                    and all(member(body, path) == value for path, value in rule.get("is", {}).items())
                    and all(sent.get(name) == value for name, value in rule.get("sent", {}).items())):
                return rule
        return {"status": 404, "body": "no rule fits"}


MISSING = object()


def member(value, path):
    """What stands at `choices.0.text` in a JSON value, or MISSING."""
    for name in path.split("."):
        try:
            value = value[int(name)] if isinstance(value, list) else value[name]
        except (LookupError, TypeError, ValueError):
            return MISSING
    return value


def json_of(body):
    """The value, or None where it is no JSON."""
    try:
        return json.loads(body)
    except ValueError:
        return None


def prompt_of(body):
    """The text of the last message, or the input; nothing if there is neither."""
    for path in ("messages", "input", "prompt"):
        found = member(body, path)
        if path == "messages" and found is not MISSING and found:
            found = member(found[-1], "content")
        if isinstance(found, str):
            return found
        if isinstance(found, list):  # Parts: the texts of those that have one.
            return "".join(part.get("text", "") for part in found if isinstance(part, dict))
    return ""


def chat(text):
    """A whole answer to a chat."""
    return {"object": "chat.completion", "model": "m",
            "choices": [{"index": 0, "message": {"role": "assistant", "content": text},
                         "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}}


def answer(rule, prompt):
    """The bytes of an answer."""
    body, kind = rule.get("body", ""), "application/json"
    if "events" in rule:
        events = [event if isinstance(event, str) else json.dumps(event) for event in rule["events"]]
        body, kind = "".join(f"data: {event}\n\n" for event in [*events, "[DONE]"]), "text/event-stream"
    elif "ok" in rule or "echo" in rule:
        body = chat(prompt if "echo" in rule else rule["ok"])
    elif isinstance(body, str):
        kind = "text/plain"
    text = with_moments(body if isinstance(body, str) else json.dumps(body)).encode()
    lines = {"content-type": kind, "content-length": len(text), **rule.get("headers", {})}
    head = "".join(f"{name}: {with_moments(str(value))}\r\n" for name, value in lines.items()
                   if value is not None)
    return f"HTTP/1.1 {rule.get('status', 200)} Scripted\r\n{head}\r\n".encode() + text
