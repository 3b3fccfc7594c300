"""What an API can answer: errors that pass, errors that stay, answers that are none. Each has its fault,
its number of tries and its words, and the others go on."""
import json
import os

import harness
import table
from table import answer

NULL = None


def chat(message, **more):
    return {"model": "small", "choices": [{"message": message, "finish_reason": "stop"}], **more}


def says(content, **more):
    return chat({"role": "assistant", "content": content}, **more)


def error(http, *headers, **members):
    return answer({"error": members}, *headers, status=http)


class Answers(table.Case):
    def test_an_error_that_passes_costs_one_more_request(self):
        self.recovers({
            f"{status}": {**answer("{}", status=status), "first_attempts": 1}
            for status in (408, 409, 425, 429, 500, 502, 503, 504, 520, 529)
        })

    def test_an_error_that_stays_is_asked_as_often_as_allowed_and_no_oftener(self):
        found = self.ask({"down": answer("{}", status=500)}, attempts=4)["down"]
        self.assertEqual((found.fault, found.asked), ("server_error", 4))
        self.assertEqual(found.line["skein"]["maybe_executed"], 4)

    def test_an_error_of_the_request_is_final(self):
        self.fails({
            "400": (error(400, message="no such field"), "rejected", 1, "no such field"),
            "403 for this one": (error(403, message="not this text"), "forbidden", 1, "not this text"),
            "404 for this one": (error(404, message="no such model"), "not_found", 1),
            "413": (error(413, message="too much"), "rejected", 1),
            "422": (answer({"detail": [{"msg": "field required"}]}, status=422),
                    "rejected", 1, "field required"),
            "a context": (error(400, code="context_length_exceeded", message="m"),
                          "context_exceeded", 1),
            "a page": (answer("<h1>Not acceptable\u0007</h1>", status=406), "rejected", 1),
        })

    def test_the_server_may_say_whether_to_try_again(self):
        self.fails({
            "500 and no": (error(500, ("x-should-retry", "false"), message="m"), "server_error", 1),
            "400 and yes": (error(400, ("x-should-retry", "true"), message="m"), "rejected", 2),
            "413 and perhaps": (error(413, ("x-should-retry", "perhaps"), message="m"), "rejected", 1),
        })

    def test_a_success_that_holds_an_error_is_that_error(self):
        self.fails({
            "overloaded": (error(200, type="overloaded_error", message="m"), "overloaded", 2, "m"),
            "by number": (error(200, code=400, message="m"), "rejected", 1),
            "only words": (answer({"error": "it broke"}), "server_error", 2, "it broke"),
            "beside an answer": (answer(says("half", error={"code": 502, "message": "m"})),
                                 "server_error", 2),
        })

    def test_what_is_no_answer_is_a_bad_response_and_asked_for_once_more(self):
        long, deep = "9" * 30, "[" * 100_000
        self.fails({
            "a page of the network": ({"fault": "html"}, "bad_response", 2,
                                      'not JSON: "<!DOCTYPE html>\\u000a<html><head>'),
            "nothing": ({"fault": "empty"}, "bad_response", 2, "empty"),
            "an empty object": (answer({}), "bad_response", 2),
            "no choices": (answer({"choices": []}), "bad_response", 2),
            "no content": (answer(chat({"content": NULL})), "bad_response", 2),
            "choices of another type": (answer({"choices": {}, "usage": "none"}), "bad_response", 2),
            "half of it": ({"fault": "bad_json"}, "bad_response", 2),
            "nested too deep": ({"fault": "deep_json"}, "bad_response", 2),
            "brackets alone": (answer(deep), "bad_response", 2),
            "a number beyond numbers": (answer('{"choices":[{"message":{"content":"x"}}],"a":1e999}'),
                                        "bad_response", 2, "number"),
            "a number of 30 digits": (
                answer('{"choices":[{"message":{"content":"x"}}],"a":%s}' % long),
                "bad_response", 2),
        }, attempts=2)

    def test_what_is_odd_and_yet_an_answer_comes_out_as_valid_json(self):
        found = self.ask({
            "a call instead of content": answer(chat({"content": NULL, "tool_calls": [{"id": "a"}]})),
            "wrong types beside it": answer(says("x", usage="none", id=7, created={})),
            "half a pair": answer('{"choices":[{"message":{"content":"a\\ud800b\\udc00"}}]}'),
            "NUL": answer('{"choices":[{"message":{"content":"a\\u0000b"}}]}'),
            "bytes that are no text": {"fault": "bad_utf8"},
            "a key that comes twice": answer(
                '{"choices":[{"message":{"content":"first","content":"second"}}]}'),
        }, expect=0)
        self.assertTrue(all(row.asked == 1 for row in found.values()))
        self.assertEqual(found["half a pair"].text, "a\ufffdb\ufffd")
        self.assertEqual(found["NUL"].text, "a\0b")
        self.assertEqual(found["bytes that are no text"].text, "\ufffd(\ufffd")
        raw = (self.folder / "out.jsonl").read_bytes()
        self.assertEqual(raw.count(b"\n"), len(raw.decode().splitlines()), "one line is one line")
        self.assertIn(b'"content":"first","content":"second"', raw, "as the server wrote it")

    def test_an_answer_by_another_model_is_given_with_a_warning(self):
        found = self.ask({
            "the same": answer(says("x")),
            "another": answer({**says("x"), "model": "large"}),
            "with its date": answer({**says("x"), "model": "small-2026-11-21"}),
            "unnamed": answer({**says("x"), "model": NULL}),
        }, expect=0)
        self.assertEqual({title for title, row in found.items()
                          if row.line["skein"].get("model_mismatch")}, {"another"})

    def test_tokens_that_nobody_counted_are_null_and_not_none_at_all(self):
        found = self.ask({"uncounted": answer(says("x"))}, expect=0)["uncounted"]
        self.assertIsNone(found.line["skein"]["usage"])

    def test_rate_headers_that_make_no_sense_hold_nobody_up(self):
        name = "x-ratelimit-%s-requests"
        senseless = [("-1", "1s"), ("0", "6m0s extra"), ("0", "-5s"), ("9" * 10_000, "1h"),
                     ("0", "2026-99-99T00:00:00Z"), ("NaN", "inf")]
        self.recovers({
            f"{i}": {**answer("{}", (name % "remaining", left), (name % "reset", reset), status=429),
                     "first_attempts": 1}
            for i, (left, reset) in enumerate(senseless)
        })


class Stops(harness.Case):
    """Answers after which it makes no sense to go on: exit status 3, and few requests."""

    def stopped(self, fault, kind, most=4):
        mock = self.mock(json.dumps({"faults": [fault]}))
        self.rows(300)
        self.job(mock.url, table.QUICK % 4)
        job = (self.folder / "job.yaml").read_text()
        self.write("job.yaml", job.replace("    model: small", "    model: small\n    api_key: ${TEST_KEY}"))
        status, _, err = self.skein("run", "job.yaml", env={**os.environ, "TEST_KEY": "CANARY-7f3e"})
        self.assertEqual(status, 3, err)
        self.assertIn("main", err, "the endpoint's name")
        self.assertRegex(err, rf"skein: stopped: .*\b{kind}\b")
        self.assertNotIn("CANARY", err)
        self.assertLessEqual(mock.ledger()["requests"], most)
        self.assertFalse((self.folder / "out.jsonl").exists())
        (self.folder / "out.jsonl.journal").unlink()

    def test_a_purse_that_is_empty_stops_the_run_whoever_says_it(self):
        for code in ("credit_balance_exhausted", "organization_spend_limit_exceeded",
                     "project_spend_limit_exceeded", "organization_usage_limit_exceeded"):
            with self.subTest(code):
                self.stopped(error(429, code=code, message="m"), "quota")
        with self.subTest("Anthropic"):
            self.stopped(error(429, type="rate_limit_error", message="m",
                               details={"error_code": "enforced_spend_limit_reached"}), "quota")
        with self.subTest("Gemini, per day"):
            self.stopped(error(429, code=429, status="RESOURCE_EXHAUSTED", message="m",
                               details=[{"violations": [{"quotaId": "RequestsPerDayPerModel"}]}]),
                         "quota")

    def test_a_key_that_google_does_not_know_stops_the_run(self):
        self.stopped(error(400, code=400, status="INVALID_ARGUMENT", message="m",
                           details=[{"reason": "API_KEY_INVALID"}]), "auth")

    def test_a_model_that_is_not_there_stops_the_run_after_five_in_a_row(self):
        self.stopped(error(404, code="model_not_found", message="m"), "not_found", most=5 + 3)


class Waits(harness.Case):
    """Pauses that the server asks for, measured by its own clock."""

    def waited(self, fault, least, most):
        """After this answer, which only the first request gets, nothing arrives for so long."""
        mock = self.mock(json.dumps({"faults": [{**fault, "count": 1}]}))
        self.rows(5)
        self.job(mock.url, table.QUICK.replace("in_flight: 4", "in_flight: 1") % 3)
        self.run_job("--overwrite")
        first, *later = sorted(mock.entries(), key=lambda entry: entry["arrived_ns"])
        self.assertEqual(len(later), 5)
        pause = (later[0]["arrived_ns"] - first["finished_ns"]) / 1e9
        self.assertGreaterEqual(pause, least)
        self.assertLess(pause, most)

    def test_a_pause_is_kept_to_by_all_and_not_drawn_out(self):
        self.waited(answer("{}", ("retry-after", "1"), status=429), 1, 3)
        self.waited(answer("{}", ("retry-after-ms", "700"), ("retry-after", "60"), status=503), 0.7, 3)

    def test_a_pause_in_the_body_is_kept_to(self):
        self.waited(error(429, code=429, status="RESOURCE_EXHAUSTED", message="m",
                          details=[{"violations": [{"quotaId": "RequestsPerMinutePerModel"}]},
                                   {"retryDelay": "0.6s"}]), 0.6, 3)

    def test_a_moment_is_one_of_the_servers_clock_however_wrong_that_is(self):
        for day in ("Fri, 29 Sep 2023", "Wed, 29 Sep 2100"):
            with self.subTest(day):
                self.waited(answer("{}", ("date", f"{day} 16:26:37 GMT"),
                                   ("retry-after", f"{day} 16:26:38 GMT"), status=429), 1, 3)
        reset = "anthropic-ratelimit-requests-%s"
        self.waited(answer("{}", ("date", "Fri, 29 Sep 2023 16:26:37 GMT"), (reset % "remaining", "0"),
                           (reset % "reset", "2023-09-29T18:26:38+02:00"), status=429), 1, 3)

    def test_a_limit_of_answers_that_is_used_up_is_waited_for(self):
        told = "anthropic-ratelimit-output-tokens-%s"
        self.waited(answer("{}", ("date", "Fri, 29 Sep 2023 16:26:37 GMT"), (told % "remaining", "0"),
                           (told % "reset", "2023-09-29T16:26:38Z"), status=429), 1, 3)

    def test_a_moment_that_is_past_is_no_pause(self):
        self.waited(answer("{}", ("retry-after", "Fri, 29 Sep 2023 16:26:37 GMT"), status=429), 0, 2)

    def test_a_request_larger_than_the_rate_of_tokens_goes_alone_and_does_not_wait_for_ever(self):
        mock = self.mock("latency: 100ms\n")
        self.rows(3)
        self.job(mock.url, table.QUICK % 1)
        job = (self.folder / "job.yaml").read_text()
        self.write("job.yaml", job.replace("request:\n", "request:\n  max_tokens: 4000\n")
                   .replace("    model: small", "    model: small\n    tpm: 3000"))
        self.run_job()
        ledger = mock.ledger()
        self.assertEqual((ledger["requests"], ledger["most_in_flight"]), (3, 1))

    def limited(self, limits, part):
        """Seconds from the first request to the last with these limits, and what came before the last."""
        mock = self.mock()
        self.rows(20)
        self.job(mock.url, table.QUICK % 1)
        job = (self.folder / "job.yaml").read_text()
        self.write("job.yaml", job.replace("    model: small", f"    model: small\n{limits}"))
        self.run_job("--overwrite")
        used = [line["response"]["body"]["usage"][part] for line in self.output()]
        arrived = [entry["arrived_ns"] for entry in mock.entries()]
        self.assertEqual(len(arrived), 20)
        return (max(arrived) - min(arrived)) / 1e9, sum(used) - max(used)

    def test_output_tpm_holds_back_by_the_tokens_of_answers_alone(self):
        seconds, tokens = self.limited("    output_tpm: 6000\n    max_tokens: 50", "completion_tokens")
        self.assertGreater(tokens, 150)
        # A hundred tokens a second, and a hundred at once.
        self.assertGreater(seconds, (tokens - 100) / 100 - 0.05)
        self.assertLess(seconds, tokens / 100 + 2)

    def test_input_tpm_holds_back_by_the_tokens_of_prompts_alone(self):
        seconds, tokens = self.limited("    input_tpm: 6000\n    output_tpm: 1000000", "prompt_tokens")
        self.assertGreater(tokens, 120)
        self.assertGreater(seconds, (tokens - 100) / 100 - 0.05)
        self.assertLess(seconds, tokens / 100 + 2)

    def test_check_names_the_limits_of_prompts_and_of_answers(self):
        self.rows(1)
        self.job("mock:")
        job = (self.folder / "job.yaml").read_text()
        self.write("job.yaml", job.replace("    model: small",
                                           "    model: small\n    input_tpm: 800\n    output_tpm: 200.5"))
        status, out, err = self.skein("check", "job.yaml")
        self.assertEqual(status, 0, err)
        self.assertIn(", 800 tokens/min of prompts, 200.5 tokens/min of answers", out)


if __name__ == "__main__":
    harness.main()
