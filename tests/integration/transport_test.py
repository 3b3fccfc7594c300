"""What HTTP can do to an answer on its way: cut it, pad it, stall it, send it elsewhere. A row gets
the whole answer or a named fault, never a part; the ledger has every request."""
import json
import resource
import socket

import harness
import scripted
import table
from table import raw

FIRST = {"first_attempts": 1}
PLAIN = '{"choices":[{"message":{"content":"%s"},"finish_reason":"stop"}]}'
CUT = '{"choices":[{"message":{"content":"<0> all of'


class Transport(table.Case):
    def test_a_broken_answer_is_asked_for_again_and_nothing_of_it_is_kept(self):
        self.recovers({
            "closed before a byte": {"fault": "hang_up", **FIRST},
            "reset before a byte": {"fault": "reset", **FIRST},
            "closed within the headers": {
                "fault": "raw", "body": "HTTP/1.1 200 OK\r\ncontent-le", **FIRST},
            "closed within the body": {"fault": "truncate", "after_bytes": 90, **FIRST},
            "reset within the body": {"fault": "reset", "after_bytes": 90, **FIRST},
            "chunks without an end": raw(
                "HTTP/1.1 200 OK\ntransfer-encoding: chunked", f"{len(CUT):x}\r\n{CUT}\r\n", **FIRST),
            "no length, cut": raw("HTTP/1.1 200 OK\ncontent-type: application/json", CUT, **FIRST),
        })

    def test_kept_connections_that_die_cost_one_more_request_that_is_counted(self):
        mock = self.mock("faults: [{fault: hang_up_reused, every: 4}]\n")
        self.rows(60)
        self.job(mock.url, table.QUICK % 4)
        _, err = self.run_job()
        ledger = mock.ledger()
        attempts = [line["skein"]["attempts"] for line in self.output()]
        self.assertGreater(ledger["answered"]["hang_up_reused"], 5)
        self.assertEqual(sum(attempts), ledger["requests"])
        self.assertLessEqual(max(attempts), 2 * 4)
        self.assertEqual(self.reported(err, "attempts"), ledger["requests"])
        self.assertRegex(err, r"\bkeepalive_race \d")

    def test_an_answer_in_doubt_is_a_bad_response_and_asked_for_once_more(self):
        body = PLAIN % "fine"
        size = len(body)
        head = "HTTP/1.1 200 OK\ncontent-type: application/json\n"
        self.fails({
            "a length too short": ({"fault": "wrong_length", "bytes": 10}, "bad_response", 2),
            "two lengths": (raw(f"{head}content-length: {size}\ncontent-length: {size - 9}", body),
                            "bad_response", 2, "content-length"),
            "a length and chunks": (
                raw(f"{head}content-length: {size}\ntransfer-encoding: chunked", body),
                "bad_response", 2),
            "a negative length": (raw(f"{head}content-length: -4", body), "bad_response", 2),
            "another protocol": ({"fault": "raw", "body": "SSH-2.0-mock\r\n"}, "bad_response", 2),
            "a mail server": ({"fault": "raw", "body": "220 mail ESMTP\r\n"}, "bad_response", 2),
            "an encoding nobody knows": (raw(f"{head}content-encoding: zip, zap", "\u00ff\u0001"),
                                         "bad_response", 2, "encoded as zip, zap"),
            "endless headers": (raw(head + "x-more: a\n" * 40_000 + "x: b", body), "too_large", 1),
            "a header of a megabyte": (raw(f"{head}x: {'a' * 1_000_000}", body), "too_large", 1),
        })

    def test_what_is_odd_and_yet_clear_is_an_answer(self):
        head = "HTTP/1.1 200 OK\ncontent-type: application/json"
        interim = "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n" * 2000
        found = self.ask({
            "interim answers": {"fault": "raw", "body": interim + raw(head, PLAIN % "a")["body"]},
            "an encoding that is not there": raw(f"{head}\ncontent-encoding: gzip", PLAIN % "b"),
            "no length": raw(head, PLAIN % "c"),
        }, expect=0)
        self.assertEqual([(row.text, row.asked) for row in found.values()],
                         [("a", 1), ("b", 1), ("c", 1)])

    def test_too_large_an_answer_is_given_up_at_the_limit_and_not_asked_for_again(self):
        self.fails({
            "a large body": ({"fault": "huge", "bytes": 1_048_577}, "too_large", 1, "1048576"),
        }, extra="read: {body: 1MiB}")

    def test_a_bomb_does_not_go_off(self):
        mock = self.mock("faults: [{fault: deflate_bomb, contains: What is 2}]\n")
        most = []
        for rows in (1, 2):  # Without the bomb, then with it.
            self.rows(rows)
            self.job(mock.url, table.QUICK % 1 + "read: {body: 8MiB}")
            process = self.start("run", "job.yaml", "--overwrite")
            process.communicate(timeout=harness.PATIENCE)
            self.assertEqual(process.returncode, rows - 1)
            most.append(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)  # Of the largest.
        allowed = (8 + 32) * 1024 * (4 if harness.TSAN else 1)  # TSan keeps a shadow of several times the size.
        self.assertLess(most[1] - most[0], allowed, "kilobytes")

    def test_an_answer_that_stands_still_ends_at_its_time_and_is_asked_for_again(self):
        self.recovers({
            "no byte": {"fault": "silence", **FIRST},
            "only a head": {"fault": "stall", "after_bytes": 0, **FIRST},
            "half a body": {"fault": "stall", "after_bytes": 60, **FIRST},
            "byte by byte, for ever": {"fault": "trickle", "interval": "100ms", **FIRST},
            "a head byte by byte": {"fault": "slow_headers", "interval": "100ms", **FIRST},
        }, extra="timeouts: {first_byte: 500ms, idle: 500ms, attempt: 2s}")

    def test_a_stream_that_stands_still_ends_at_its_time_and_is_asked_for_again(self):
        self.recovers({
            "no byte": {"fault": "silence", **FIRST},
            "only a head": {"fault": "stall", "after_tokens": 0, **FIRST},
            "after a word": {"fault": "stall", "after_tokens": 1, **FIRST},
        }, stream=True, extra="timeouts: {first_byte: 500ms, idle: 500ms, content: 500ms}")

    def test_a_redirect_to_anywhere_is_refused(self):
        elsewhere = self.mock()
        places = [f"{elsewhere.url}/chat/completions", elsewhere.url.replace("127.0.0.1", "localhost"),
                  "https://192.0.2.1/", "file:///etc/hostname", "//192.0.2.1/", "/v1/chat/completions"]
        self.fails({
            f"{status} to {place}": ({"fault": "redirect", "status": status, "location": place},
                                     "redirect_refused", 1, "redirects are not followed")
            for status in (302, 307, 308) for place in places
        })
        self.assertEqual(elsewhere.ledger()["connections"], 1, "that of this very question")

    def test_a_server_that_closes_every_connection_costs_no_descriptors(self):
        mock = self.mock("keep_alive: false\n")
        rows = 200
        self.rows(rows)
        self.job(mock.url, table.QUICK % 1)
        process = self.start(  # in_flight and 64 of our own: not one more than it needs.
            "run", "job.yaml",
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (68, 68)))
        _, err = process.communicate(timeout=harness.PATIENCE)
        self.assertEqual(process.returncode, 0, err)
        ledger = mock.ledger()
        self.assertEqual(ledger["answered"], {"200": rows})
        self.assertGreaterEqual(ledger["connections"], rows)

    def test_a_refusal_before_the_request_has_been_read_is_that_refusal(self):
        def serve(line):
            line.read_head()
            line.write(b"HTTP/1.1 413 Too Large\r\nconnection: close\r\ncontent-length: 4\r\n\r\nmuch")
            line.peer.shutdown(socket.SHUT_WR)
            line.until_closed()

        self.write("rows.jsonl", json.dumps({"question": "x" * 20_000_000}))
        with scripted.Server(serve) as server:
            self.job(server.url, table.QUICK % 2)
            self.run_job(expect=1)
        line = self.output()[0]
        self.assertEqual((line["error"]["code"], line["response"]["status_code"]), ("rejected", 413))
        self.assertEqual(line["skein"]["attempts"], 1)

    def test_a_server_that_half_closes_within_an_answer_is_given_up_and_keeps_nobody_busy(self):
        def serve(line):
            line.read_request()
            if line.number > 1:
                return line.write(scripted.FINE)
            line.write(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{")
            line.peer.shutdown(socket.SHUT_WR)
            waited.append(line.until_closed())

        waited = []
        self.rows(1)
        with scripted.Server(serve) as server:
            self.job(server.url, table.QUICK % 2)
            self.run_job()
        self.assertEqual(self.output()[0]["skein"]["attempts"], 2)
        self.assertLess(waited[0], 5)


if __name__ == "__main__":
    harness.main()
