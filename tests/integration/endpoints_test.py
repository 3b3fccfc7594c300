"""Several endpoints, circuits, budgets: who is asked what and when, judged by each server's own ledger."""
import json
import os
import subprocess

import harness

QUICK = """
limits: {in_flight: %d, attempts: 4}
backoff: {base: 2ms, max: 10ms, throttled_base: 2ms, throttled_max: 10ms}
"""


def by_status(status, count="", **more):
    rest = "".join(f", {key}: {value}" for key, value in more.items())
    return f"faults: [{{fault: status, status: {status}{rest}{f', count: {count}' if count else ''}}}]"


class Case(harness.Case):
    def endpoints(self, *endpoints, rows=100, in_flight=8, extra="", **output):
        """A job at these endpoints: each a mapping of keys, in the order in which they are given."""
        self.rows(rows)
        path = self.job("unused", QUICK % in_flight + extra, **output)
        lines = "".join(
            "  - {" + ", ".join(f'{key}: "{value}"' if isinstance(value, str) else f"{key}: {value}"
                                for key, value in endpoint.items()) + "}\n"
            for endpoint in endpoints)
        text = path.read_text()
        begin, end = text.index("  - name: main"), text.index("input:")
        self.write("job.yaml", text[:begin] + lines + text[end:])

    def served(self):
        served = {}
        for line in self.output():
            served[line["skein"]["endpoint"]] = served.get(line["skein"]["endpoint"], 0) + 1
        return served

    def all_is_well(self, rows):
        output = self.output()
        self.assertEqual([line["custom_id"] for line in output], [f"row-{i}" for i in range(1, rows + 1)])
        self.assertEqual([line["error"] for line in output], [None] * rows)

    def counted(self, err, *mocks):
        """What is reported is what the servers saw."""
        seen = sum(mock.ledger()["requests"] for mock in mocks)
        self.assertEqual(self.reported(err, "attempts \\("), seen)
        self.assertEqual(sum(line["skein"]["attempts"] for line in self.output()), seen)


class SeveralEndpoints(Case):
    def test_two_of_a_tier_share_the_load(self):
        one, two = self.mock("latency: 10ms"), self.mock("latency: 10ms")
        self.endpoints({"name": "one", "base_url": one.url, "in_flight": 3},
                       {"name": "two", "base_url": two.url, "in_flight": 4})
        _, err = self.run_job()
        self.all_is_well(100)
        self.counted(err, one, two)
        self.assertEqual(one.ledger()["most_in_flight"], 3)
        self.assertEqual(two.ledger()["most_in_flight"], 4)
        self.assertEqual(self.served(), {"one": one.ledger()["requests"], "two": two.ledger()["requests"]})
        self.assertRegex(err, r"one: \d+ attempts, \d+ completed")

    def test_a_later_tier_is_not_asked_while_the_first_is_merely_busy(self):
        first, later = self.mock("latency: 10ms"), self.mock()
        self.endpoints({"name": "later", "base_url": later.url, "tier": 1},
                       {"name": "first", "base_url": first.url, "in_flight": 1})
        self.run_job()
        self.all_is_well(100)
        self.assertEqual(later.ledger()["requests"], 0)
        self.assertEqual(first.ledger()["most_in_flight"], 1)

    def test_a_later_tier_serves_when_the_first_is_down_and_no_longer(self):
        first, later = self.mock(by_status(500)), self.mock("latency: 20ms")
        self.endpoints({"name": "first", "base_url": first.url},
                       {"name": "later", "base_url": later.url, "tier": 1}, rows=3000, in_flight=4)
        process = self.start("run", "job.yaml")
        later.until(lambda ledger: ledger["requests"] > 50)
        self.assertLess(first.ledger()["requests"], 20, "five in a row, and what was in flight")
        first.change("latency: 1ms")
        _, err = process.communicate(timeout=harness.PATIENCE)
        err = err.decode()
        self.assertEqual(process.returncode, 0, err)
        self.all_is_well(3000)
        self.counted(err, first, later)
        self.assertIn("endpoint=first circuit opened", err)
        self.assertIn("endpoint=first circuit closed", err)
        self.assertGreater(self.served()["first"], 1000, "it serves again")
        rest = [line["skein"]["endpoint"] for line in self.output()][-1000:]
        self.assertEqual(set(rest), {"first"}, "and alone")

    def test_a_refused_key_sends_its_rows_elsewhere(self):
        closed, other = self.mock(by_status(401)), self.mock()
        self.endpoints({"name": "closed", "base_url": closed.url, "api_key": "${TEST_KEY}"},
                       {"name": "other", "base_url": other.url}, in_flight=8)
        status, _, err = self.skein("run", "job.yaml", env={**os.environ, "TEST_KEY": "CANARY-7f3e"})
        self.assertEqual(status, 0, err)
        self.all_is_well(100)
        self.counted(err, closed, other)
        self.assertEqual(self.served(), {"other": 100})
        self.assertLessEqual(closed.ledger()["requests"], 8, "those in flight at the first answer")
        self.assertIn("endpoint=closed closed for this run: auth", err)
        self.assertNotIn("CANARY", err)

    def test_when_none_is_left_the_run_stops_and_names_each_with_its_key(self):
        one, two = self.mock(by_status(401)), self.mock(by_status(401))
        self.endpoints({"name": "one", "base_url": one.url, "api_key": "${TEST_ONE}"},
                       {"name": "two", "base_url": two.url, "api_key": "${TEST_TWO}"}, rows=500)
        env = {**os.environ, "TEST_ONE": "CANARY-7f3e", "TEST_TWO": "CANARY-81aa"}
        status, _, err = self.skein("run", "job.yaml", env=env)
        self.assertEqual(status, 3, err)
        for word in ("one: auth", "two: auth", "its key is from $TEST_ONE", "its key is from $TEST_TWO"):
            self.assertIn(word, err)
        self.assertNotIn("CANARY", err)
        self.assertLessEqual(one.ledger()["requests"] + two.ledger()["requests"], 16)
        self.assertEqual(self.journal(), [], "no row is at fault")

    def test_no_key_goes_to_another_endpoint(self):
        one, two = self.mock("require_key: true"), self.mock("require_key: true")
        self.endpoints({"name": "one", "base_url": one.url, "api_key": "${TEST_ONE}"},
                       {"name": "two", "base_url": two.url})
        status, _, err = self.skein("run", "job.yaml", env={**os.environ, "TEST_ONE": "CANARY-7f3e"})
        self.assertEqual(status, 0, err)
        self.assertEqual(two.ledger()["answered"].keys(), {"401"}, "it never saw a key")
        self.assertEqual(self.served(), {"one": 100})

    def test_one_that_always_throttles_costs_little(self):
        weary, well = self.mock(by_status(429)), self.mock("latency: 20ms")
        self.endpoints({"name": "weary", "base_url": weary.url},
                       {"name": "well", "base_url": well.url}, rows=400, extra="seed: 7")
        job = (self.folder / "job.yaml").read_text()
        self.write("job.yaml", job.replace("throttled_base: 2ms, throttled_max: 10ms",
                                           "throttled_base: 200ms, throttled_max: 1s"))
        _, err = self.run_job()
        self.all_is_well(400)
        self.counted(err, weary, well)
        self.assertLess(weary.ledger()["requests"], 40)

    def test_a_slow_one_gets_a_small_share(self):
        slow, fast = self.mock("latency: 200ms"), self.mock("latency: 20ms")
        self.endpoints({"name": "slow", "base_url": slow.url},
                       {"name": "fast", "base_url": fast.url}, rows=1000, in_flight=16)
        self.run_job()
        self.all_is_well(1000)
        self.assertGreater(slow.ledger()["requests"], 0)
        self.assertLess(slow.ledger()["requests"], 150)


class Outages(Case):
    def test_a_total_outage_costs_few_requests_and_no_row(self):
        mock = self.mock(by_status(503))
        self.endpoints({"name": "main", "base_url": mock.url}, rows=300, in_flight=16)
        process = self.start("run", "job.yaml")
        mock.until(lambda _: self.bursts(mock) > 3)
        outage = mock.ledger()["requests"]
        mock.change("latency: 1ms")
        _, err = process.communicate(timeout=harness.PATIENCE)
        err = err.decode()
        self.assertEqual(process.returncode, 0, err)
        self.all_is_well(300)
        self.counted(err, mock)
        self.assertLessEqual(outage, 2 * 16 + 35 + 4, "what was in flight, the quota, and probes")

    def bursts(self, mock):
        """Requests that came together, told apart by half a second of silence."""
        arrived = sorted(entry["arrived_ns"] for entry in mock.entries())
        return 1 + sum(later - earlier > 0.5e9 for earlier, later in zip(arrived, arrived[1:]))

    def test_nothing_is_sent_before_retry_after(self):
        mock = self.mock(by_status(429, count=1, headers="{retry-after: 2}") + "\nlatency: 5ms")
        self.endpoints({"name": "main", "base_url": mock.url}, rows=60, in_flight=4)
        _, err = self.run_job()
        self.all_is_well(60)
        self.counted(err, mock)
        entries = mock.entries()
        refused = next(entry for entry in entries if entry["answered"] == "429")
        told = refused["finished_ns"]
        later = [entry["arrived_ns"] - told for entry in entries if entry["arrived_ns"] > told]
        on_the_way = [after for after in later if after < 1.5e9]
        self.assertLess(len(on_the_way), 4 + 4, "what had left, or was leaving")
        self.assertTrue(all(after < 0.3e9 for after in on_the_way), on_the_way)
        first = min(after for after in later if after >= 1.5e9)
        self.assertGreaterEqual(first, 2.0e9)
        self.assertLess(first, 2.6e9)

    def test_a_run_that_is_killed_and_started_again_and_again_keeps_its_rate(self):
        rpm, starts = 300, 12
        mock = self.mock("latency: 5ms")
        self.endpoints({"name": "main", "base_url": mock.url, "rpm": rpm}, rows=400)
        for _ in range(starts):
            begun = mock.ledger()["requests"]
            process = self.start("run", "job.yaml", stderr=subprocess.DEVNULL)
            mock.until(lambda ledger, begun=begun: ledger["requests"] > begun)
            process.kill()
            process.communicate()
        arrived = sorted(entry["arrived_ns"] / 1e9 for entry in mock.entries())
        allowed = rpm / 60 * (1 + arrived[-1] - arrived[0]) + 1  # A second's worth may be saved up, once.
        self.assertLessEqual(len(arrived), allowed)

    def test_what_a_server_tells_of_its_limit_is_kept_before_it_has_to_say_so(self):
        mock = self.mock("rpm: 1200\nburst: 10\nlatency: 10ms")
        self.endpoints({"name": "main", "base_url": mock.url}, rows=80)
        _, err = self.run_job()
        self.all_is_well(80)
        self.counted(err, mock)
        self.assertLess(mock.ledger()["answered"].get("429", 0), 8)

    def test_a_day_off_ends_the_run_with_the_reason(self):
        mock = self.mock(by_status(429, headers="{retry-after: 86400}"))
        self.endpoints({"name": "main", "base_url": mock.url}, rows=50)
        _, err = self.run_job(expect=3)
        self.assertIn("main: asked for a longer pause than limits.max_retry_after allows", err)
        self.assertEqual(self.journal(), [], "no row is at fault")
        self.assertLessEqual(mock.ledger()["requests"], 8)

    def test_a_day_off_of_one_is_work_for_the_other(self):
        tired, other = self.mock(by_status(429, headers="{retry-after: 86400}")), self.mock()
        self.endpoints({"name": "tired", "base_url": tired.url},
                       {"name": "other", "base_url": other.url, "tier": 1})
        _, err = self.run_job()
        self.all_is_well(100)
        self.assertEqual(self.served(), {"other": 100})
        self.assertLessEqual(tired.ledger()["requests"], 8)

    def test_a_row_that_always_fails_stops_by_itself(self):
        mock = self.mock("faults: [{fault: status, status: 500, contains: What is 7 and}]")
        self.endpoints({"name": "main", "base_url": mock.url}, rows=40)
        _, err = self.run_job(expect=1)
        output = self.output()
        self.assertEqual([line["skein"]["seq"] for line in output if line["error"]], [7])
        self.assertEqual(output[6]["skein"]["attempts"], 4)
        self.counted(err, mock)


class Budgets(Case):
    def budget(self, limits, expect, **endpoint):
        mock = self.mock("latency: 2ms")
        self.endpoints({"name": "main", "base_url": mock.url, **endpoint}, rows=100)
        job = (self.folder / "job.yaml").read_text()
        self.write("job.yaml", job.replace("attempts: 4", f"attempts: 4, {limits}")
                   .replace("request:\n", "request:\n  max_tokens: 20\n"))
        status, _, err = self.skein("run", "job.yaml")
        self.assertEqual(status, 3, err)
        self.assertIn("stopped: over_budget", err)
        self.assertIn(expect, err)
        self.assertRegex(err, r"0 failed, \d+ left undone")
        return mock, err

    def test_no_more_requests_than_allowed(self):
        mock, err = self.budget("max_requests: 40", "limits.max_requests is 40")
        self.assertEqual(mock.ledger()["requests"], 40)
        self.assertEqual(len(self.journal()), 40)
        self.run_job("--set", "limits.max_requests=1000")
        self.all_is_well(100)
        self.assertEqual(mock.ledger()["requests"], 100, "nothing is asked twice")

    def test_no_more_tokens_than_allowed(self):
        mock, _ = self.budget("max_tokens: 1000", "limits.max_tokens is 1000")
        ledger = mock.ledger()
        self.assertLessEqual(ledger["prompt_tokens"] + ledger["completion_tokens"], 1000)
        self.assertGreater(ledger["prompt_tokens"] + ledger["completion_tokens"], 800)

    def test_no_higher_cost_than_allowed(self):
        mock, err = self.budget("max_cost: 0.005", "limits.max_cost is 0.005", input_price=1, output_price=10)
        ledger = mock.ledger()
        cost = (ledger["prompt_tokens"] + 10 * ledger["completion_tokens"]) / 1e6
        self.assertLessEqual(cost, 0.005)
        self.assertGreater(cost, 0.004)
        self.assertIn(f"cost {cost:.6f}", err)


class Hedging(Case):
    def test_what_is_late_is_asked_for_elsewhere_and_both_are_counted(self):
        silent = "".join(f"  - {{fault: silence, contains: What is {row} and}}\n" for row in range(150, 160))
        one, two = self.mock(f"latency: 5ms\nfaults:\n{silent}"), self.mock("latency: 5ms")
        self.endpoints({"name": "one", "base_url": one.url}, {"name": "two", "base_url": two.url},
                       rows=200, extra="timeouts: {first_byte: 20s}")
        _, err = self.run_job("--set", "limits.hedging=true")
        self.all_is_well(200)
        self.counted(err, one, two)
        asked = one.ledger()["requests"] + two.ledger()["requests"]
        self.assertEqual(self.reported(err, "hedges"), one.ledger()["client_left"])
        self.assertGreater(asked, 200)
        self.assertLessEqual(asked, 210, "one in twenty at most")


class Addresses(harness.Case):
    def test_the_address_at_which_a_server_says_it_listens_is_this_machine(self):
        mock = self.mock()
        self.rows(5)
        self.job(mock.url.replace("127.0.0.1", "0.0.0.0"))
        self.run_job()
        self.assertEqual(mock.ledger()["requests"], 5)

    def test_a_row_for_another_operation_than_that_of_an_exact_url_fails_alone_and_is_not_sent(self):
        mock = self.mock()
        row = {"method": "POST", "body": {"model": "m", "input": "x", "messages": [{"role": "user", "content": "x"}]}}
        self.write("rows.jsonl", "".join(
            json.dumps({**row, "custom_id": str(number), "url": f"/v1/{path}"}) + "\n"
            for number, path in enumerate(["chat/completions", "embeddings", "chat/completions"], 1)))
        text = self.job(mock.url).read_text().replace("base_url", "url").replace(mock.url, f"{mock.url}/chat/completions")
        text = "\n".join(line for line in text.splitlines() if not line.startswith(("request", "  messages")))
        self.write("job.yaml", text + "\n")
        self.run_job(expect=1)
        codes = [line["error"] and line["error"]["code"] for line in self.output()]
        self.assertEqual(codes, [None, "bad_input", None])
        self.assertIn("is for /chat/completions", self.output()[1]["error"]["message"])
        self.assertEqual(mock.ledger()["requests"], 2)


if __name__ == "__main__":
    harness.main()
