"""A case of the tests of the server over transformers: workers, their director, and what is asked of them."""
import json

import harness
from transformers_worker import Director, Line, Worker

CHAT, TEXT = "/v1/chat/completions", "/v1/completions"


def chat(content, **more):
    return {"messages": [{"role": "user", "content": content}], "temperature": 0, **more}


def text(prompt, **more):
    return {"prompt": prompt, "temperature": 0, "max_tokens": 100, **more}


def content(answer):
    status, body = answer
    assert status == 200, body
    choice = body["choices"][0]
    return choice["message"]["content"] if "message" in choice else choice["text"]


class Case(harness.Case):
    def begin(self, *arguments, env=None, **options):
        """A worker that may not load yet, its director holding."""
        self.director = Director(self)
        self.director.hold()
        worker = Worker(self, *arguments, env={**self.director.environment, **(env or {})}, **options)
        self.director.direct()
        return worker

    def worker(self, *arguments, **options):
        worker = self.begin(*arguments, **options)
        worker.listens()
        self.director.say(always="go")
        worker.hear("ready")
        return worker

    def line(self, worker):
        line = Line(worker)
        self.addCleanup(line.close)
        return line

    def lines(self, worker, count):
        return [self.line(worker) for _ in range(count)]

    def in_flight(self, worker, count):
        """Asks until there are so many."""
        line = self.line(worker)
        while line.get("/progress")[1]["in_flight"] != count:
            self.assertIsNone(worker.process.poll(), worker.said)

    def stream(self, line, path, body):
        """The events of a stream, each as JSON but the last, and without what differs each time."""
        line.ask(path, {**body, "stream": True})
        answer = line.getresponse()
        self.assertEqual(answer.status, 200)
        self.assertEqual(answer.getheader("Content-Type"), "text/event-stream")
        return self.events(answer.read())

    def events(self, data):
        *events, rest = data.decode().split("\n\n")
        self.assertEqual(rest, "")
        self.assertTrue(all(event.startswith("data: ") for event in events), events)
        events = [event[6:] for event in events]
        values = [json.loads(event) for event in events if event != "[DONE]"]
        self.assertLessEqual(len({value["id"] for value in values if "id" in value}), 1)
        for value in values:
            value.pop("id", None)
            value.pop("created", None)
        return values + events[len(values):]
