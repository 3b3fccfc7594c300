"""Streams that end too early, say something else, or say it oddly. A row gets the whole answer of one
stream, and never a word of one that failed."""
import json

import harness
import scripted
import table
from table import answer, events

FIRST = {"first_attempts": 1}
DONE = "data: [DONE]\n\n"


def chunk(content="", finish=None, index=0, **more):
    delta = {"content": content} if content else {}
    choice = {"index": index, "delta": delta, "finish_reason": finish}
    return "data: " + json.dumps({"choices": [choice], **more}) + "\n\n"


def data(value):
    return f"data: {value if isinstance(value, str) else json.dumps(value)}\n\n"


HALF = chunk("half of ")
STOP = chunk(finish="stop")
USAGE = data({"choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 2}})


class Events(table.Case):
    def test_a_stream_that_is_not_whole_is_asked_for_again_and_nothing_of_it_is_kept(self):
        overloaded = json.dumps({"type": "error", "error": {"type": "overloaded_error", "message": "m"}})
        self.recovers({
            "ended in good order, half way": {"fault": "cut_stream", "after_tokens": 2, **FIRST},
            "reset": {"fault": "reset", "after_bytes": 400, **FIRST},
            "cut off": {"fault": "truncate", "after_bytes": 400, **FIRST},
            "done without a finish": {"fault": "done_without_finish", **FIRST},
            "the last event lacks its blank line": events(HALF, STOP[:-1], **FIRST),
            "an error, then nothing": {"fault": "error_in_stream", "after_tokens": 2, **FIRST},
            "an error, then done": events(HALF, data({"error": {"message": "m"}}), DONE, **FIRST),
            "an error, as an event": events(HALF, f"event: error\ndata: {overloaded}\n\n", **FIRST),
            "an error, as a field": events(
                HALF, 'error: {"code":500,"message":"m"}\n\n', DONE, **FIRST),
            "an error after the finish": events(HALF, STOP, data({"error": "late"}), DONE, **FIRST),
            "no JSON in the middle": events(HALF, data("<html>"), STOP, DONE, **FIRST),
            "nothing at all": events(**FIRST),
            "comments alone": events(": ping\n\n" * 50, **FIRST),
            "one choice of two": events(
                chunk("a"), chunk("b", index=1), STOP, DONE, **FIRST),
        }, stream=True)

    def test_a_stream_that_always_fails_has_the_fault_of_its_last_time(self):
        self.fails({
            "cut": ({"fault": "cut_stream", "after_tokens": 2}, "incomplete_stream", 2, "0 of 1"),
            "done": ({"fault": "done_without_finish"}, "incomplete_stream", 2, "[DONE]"),
            "its own words": (events(HALF, 'error: {"code":400,"message":"bad seed"}\n\n', DONE),
                              "rejected", 1, "bad seed"),
            "no JSON": (events(HALF, data("<html>\u0007")), "bad_response", 2, "<html>"),
            "a page": ({"fault": "html"}, "bad_response", 2, "text/html"),
            "packed": (table.raw("HTTP/1.1 200 OK\ncontent-type: text/event-stream\n"
                                 "content-encoding: gzip", "\u001f\u008b\u0008"),
                       "bad_response", 2, "encoded as gzip"),
        }, stream=True)

    def test_a_stream_may_be_odd_and_whole(self):
        found = self.ask({
            "no done": events(chunk("a"), STOP),
            "a count after the finish": events(chunk("b"), STOP, USAGE, DONE),
            "no count": events(chunk("c"), STOP, DONE),
            "strange events": events("event: ping\ndata: x\n\n", ": hi\n\n", "retry: 5\nid: 7\n\n",
                                     chunk("d"), data({"type": "new"}), STOP, DONE),
            "strange deltas": events(
                chunk("e"), data({"choices": [{"delta": {"sparkle": 1, "content": 5}}]}), STOP),
            "not a stream": answer({"choices": [{"message": {"content": "f"}}]}),
            "other line ends": events(chunk("g").replace("\n", "\r\n"), STOP.replace("\n", "\r")),
            "a byte order mark": events("\ufeff", chunk("h"), STOP, DONE),
        }, stream=True, expect=0)
        self.assertEqual("".join(row.text for row in found.values()), "abcdefgh")
        self.assertTrue(all(row.asked == 1 for row in found.values()))
        counts = {title: row.line["skein"]["usage"] for title, row in found.items()}
        self.assertEqual(counts.pop("a count after the finish"),
                         {"input_tokens": 3, "output_tokens": 2})
        self.assertEqual(set(counts.values()), {None})

    def test_every_choice_that_was_asked_for_must_finish(self):
        both = events(chunk("a"), chunk("b", index=1), STOP, chunk(finish="stop", index=1), DONE)
        one = events(chunk("a"), chunk("b", index=1), STOP, DONE)
        found = self.ask({"both": both, "one": one}, stream=True, more="n: 2,")
        self.assertIsNone(found["both"].fault)
        choices = found["both"].line["response"]["body"]["choices"]
        self.assertEqual([choice["message"]["content"] for choice in choices], ["a", "b"])
        self.assertEqual((found["one"].fault, found["one"].asked), ("incomplete_stream", 2))


class Open(harness.Case):
    """Streams whose connection stays open."""

    def run_against(self, url, extra):
        self.rows(2)
        self.job(url, table.QUICK.replace("in_flight: 4", "in_flight: 1") % 2 + extra)
        job = (self.folder / "job.yaml").read_text()
        self.write("job.yaml", job.replace("request:\n", "request:\n  stream: true\n"))
        self.run_job()
        return [line["skein"]["attempts"] for line in self.output()]

    def test_a_connection_that_stays_open_after_the_end_holds_up_nobody(self):
        waited = []

        def serve(line):
            line.read_request()
            line.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n")
            line.write((chunk("fine") + STOP + DONE).encode())
            waited.append(line.until_closed())

        with scripted.Server(serve) as server:
            self.assertEqual(self.run_against(server.url, ""), [1, 1])
        self.assertEqual(len(waited), 2)
        self.assertLess(max(waited), 5)

    def test_bytes_without_content_end_at_the_time_for_content(self):
        waited = []

        def serve(line):
            line.read_request()
            line.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n")
            if line.number == 1:
                waited.append(line.until_closed(ping=b": still here\n\n"))
            else:
                line.write((chunk("fine") + STOP + DONE).encode())

        with scripted.Server(serve) as server:
            self.assertEqual(
                self.run_against(server.url, "timeouts: {content: 600ms, idle: 20s}"), [2, 1])
        self.assertGreater(waited[0], 0.5)
        self.assertLess(waited[0], 5)


if __name__ == "__main__":
    harness.main()
