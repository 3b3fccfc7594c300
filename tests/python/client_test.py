"""skein.Client without an event loop."""
import concurrent.futures
import gc
import threading
import unittest

from case import NEVER, PATIENCE, Case, main, skein

echo = "echo:{}".format


class Asking(Case):
    def test_a_reply_says_all_that_is_known_of_it(self):
        with self.client() as client:
            reply = client.ask("echo:hello")
        self.assertEqual((reply.text, reply.ok, reply.fault, reply.status), ("hello", True, None, 200))
        self.assertEqual((reply.attempts, reply.maybe_executed, reply.endpoint), (1, 1, "main"))
        self.assertEqual((reply.finish_reason, reply.model, reply.begun), ("stop", "m", False))
        self.assertEqual(reply.json()["choices"][0]["message"]["content"], "hello")
        self.assertGreater(reply.usage.input_tokens, 0)
        self.assertGreater(reply.timing.total, 0)
        self.assertIsNone(reply.timing.first_token)
        self.assertIsNone(reply.cost)
        self.assertIn("hello", repr(reply))

    def test_a_request_is_a_text_or_messages_or_a_body_or_bytes(self):
        messages = [{"role": "user", "content": "echo:Grüße 🦊"}]
        client = self.client()
        asked = ["echo:Grüße 🦊", messages, {"messages": messages}, skein.Request(messages, deadline=60),
                 '{"messages":[{"role":"user","content":"echo:Grüße 🦊"}]}'.encode()]
        self.assertEqual({client.ask(request).text for request in asked}, {"Grüße 🦊"})
        vectors = client.ask(skein.Request({"input": "x"}, path="/v1/embeddings")).json()
        self.assertEqual(len(vectors["data"][0]["embedding"]), 8)
        with self.assertRaisesRegex(TypeError, "not float"):
            client.ask(1.5)

    def test_a_fault_is_raised_when_the_text_is_read_and_not_before(self):
        client = self.client("faults: [{fault: status, status: 404, contains: gone}]")
        reply = client.ask("gone")
        self.assertEqual((reply.ok, reply.fault.kind, reply.status), (False, "not_found", 404))
        for read in (lambda: reply.text, lambda: reply.body, reply.json):
            with self.assertRaises(skein.Fault) as caught:
                read()
            self.assertEqual((caught.exception.kind, caught.exception.status), ("not_found", 404))
            self.assertFalse(caught.exception.retryable)
        self.assertIn("not_found", repr(reply))
        self.assertIsNone(reply.usage)
        self.assertEqual(client.ask(b"{").fault.kind, "bad_input")
        self.assertEqual(client.ask("\ud800").fault.kind, "bad_input")

    def test_a_deadline_ends_a_request(self):
        client = self.client(NEVER)
        self.assertEqual(client.ask(skein.Request("x", deadline=0.05)).fault.kind, "deadline")

    def test_a_key_may_stand_in_the_settings_and_is_shown_nowhere(self):
        server = self.mock("require_key: true\nkey: right\n")
        with skein.Client([{"base_url": server.url, "model": "m", "api_key": "right"}]) as client:
            self.assertEqual(client.ask("echo:in").text, "in")
            self.assertNotIn("right", repr(client))
        with skein.Client([{"base_url": server.url, "model": "m", "api_key": "wrong"}]) as client:
            self.assertEqual(client.ask("echo:in").fault.kind, "auth")

    def test_wrong_settings_are_a_value_error_that_says_where_and_what(self):
        for settings, words in ((b"endpoints: 3", "settings:1:12: endpoints must be a list"),
                                ({"input": {"file": "x"}}, "input is of job files alone"),
                                ({"endpoints": []}, "endpoints"), ("", "nothing in it")):
            with self.assertRaisesRegex(ValueError, words):
                skein.Client(settings=settings)
        with self.assertRaisesRegex(ValueError, "in_flight"):
            skein.Client([{"base_url": "mock:", "model": "m"}], in_flight=0)
        with self.assertRaises(TypeError):
            skein.Client({"base_url": "mock:"})
        with self.assertRaises(TypeError):
            skein.Client([], settings="endpoints: []")

    def test_settings_as_text_and_as_sections_are_those_of_a_job_file(self):
        text = "endpoints: [{name: first, base_url: 'mock:', model: m}]\nlimits: {attempts: 2}\n"
        with skein.Client(settings=text) as client:
            self.assertEqual(client.ask("echo:x").endpoint, "first")
        with skein.Client([{"base_url": "mock:", "model": "m"}], settings={"limits": {"attempts": 1}}) as client:
            self.assertEqual(client.ask("echo:x").endpoint, "main")
            self.assertEqual(client.tally()["completed"], 1)


class Mapping(Case):
    def test_replies_come_in_the_order_of_their_requests(self):
        client = self.client("latency: {uniform: {from: 0ms, to: 20ms}}")
        self.assertEqual([reply.text for reply in client.map(echo, range(500))], [str(i) for i in range(500)])
        self.assertEqual([reply.text for reply in client.map([echo("a"), echo("b")])], ["a", "b"])
        self.assertEqual([reply.text for reply in client.map("echo:{}{}".format, "ab", "cd")], ["ac", "bd"])
        self.assertEqual(list(client.map([])), [])

    def test_unordered_replies_come_as_they_arrive_and_say_whose_they_are(self):
        client = self.client("latency: 0ms\nfaults: [{fault: silence, contains: slow}]")
        replies = client.map([echo("slow")] + [echo(i) for i in range(50)], ordered=False)
        self.assertEqual({next(replies).text for _ in range(50)}, {str(i) for i in range(50)})
        replies.close()
        with self.assertRaises(StopIteration):
            next(replies)
        self.assertEqual(sorted(r.index for r in client.map(map(echo, range(9)), ordered=False)), list(range(9)))

    def test_the_input_is_read_by_the_reader_and_no_more_than_a_window_ahead(self):
        client = self.client(window=10)
        read, threads = [], set()

        def rows():
            for i in range(100):
                read.append(i)
                threads.add(threading.current_thread())
                yield echo(i)

        given = 0
        replies = client.map(rows())
        self.assertEqual(read, [])
        for reply in replies:
            self.assertLessEqual(len(read) - given, 10)
            given += 1
            self.assertEqual(reply.index, given - 1)
        self.assertEqual((given, threads), (100, {threading.current_thread()}))

    def test_a_failed_request_and_a_failed_input_do_not_lose_the_others(self):
        client = self.client()
        replies = list(client.map([echo("a"), b"[", echo("c")]))
        self.assertEqual([reply.ok for reply in replies], [True, False, True])

        def rows():
            yield echo("a")
            raise KeyError("row")

        replies = client.map(rows())
        with self.assertRaises(KeyError):
            next(replies)
        self.assertEqual([reply.text for reply in replies], ["a"])

    def test_a_dropped_map_cancels_what_was_not_read(self):
        weather = f"{NEVER}faults: [{{fault: status, status: 404, contains: first}}]"
        client = self.client(weather, in_flight=20)
        for reply in client.map(["first"] + ["x"] * 19):
            self.assertFalse(reply.ok)
            self.all_in_flight(19)
            break
        self.all_left(19)

    def test_a_hint_tells_progress_bars_how_many_there_are(self):
        client = self.client()
        replies = client.map([echo(i) for i in range(7)])
        self.assertEqual(replies.__length_hint__(), 7)
        next(replies)
        self.assertEqual(replies.__length_hint__(), 6)

    def test_what_is_no_list_of_requests_is_refused(self):
        client = self.client()
        for wrong in ("text", b"{}", {"messages": []}):
            with self.assertRaises(TypeError):
                client.map(wrong)
        with self.assertRaises(TypeError):
            client.map(echo)


class Submitting(Case):
    def test_a_future_is_that_of_the_standard_library(self):
        client = self.client()
        futures = {client.submit(echo(i)): str(i) for i in range(50)}
        for future in concurrent.futures.as_completed(futures, PATIENCE):
            self.assertEqual(future.result().text, futures[future])
        done, rest = concurrent.futures.wait(futures, PATIENCE)
        self.assertEqual((len(done), len(rest)), (50, 0))

    def test_cancelling_a_future_ends_its_request_at_the_server(self):
        client = self.client(NEVER)
        future = client.submit("x")
        self.all_in_flight(1)
        with self.assertRaises(concurrent.futures.TimeoutError):
            future.result(timeout=0.01)
        self.assertTrue(future.cancel())
        self.all_left(1)
        self.assertTrue(future.cancelled())
        done, _ = concurrent.futures.wait([future], PATIENCE)
        self.assertEqual(done, {future})

    def test_a_callback_may_ask_and_may_close_but_not_wait(self):
        client = self.client()
        chain, refused = [], []
        ended = threading.Event()

        def go_on(future):
            chain.append(future.result().text)
            try:
                client.ask("x")
            except RuntimeError as error:
                refused.append(error)
            if len(chain) < 3:
                client.submit(echo(len(chain))).add_done_callback(go_on)
            else:
                client.close()
                ended.set()

        client.submit(echo(0)).add_done_callback(go_on)
        self.assertTrue(ended.wait(PATIENCE))
        self.assertEqual((chain, len(refused)), (["0", "1", "2"], 3))

    def test_many_threads_share_a_client(self):
        client = self.client()
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            texts = list(pool.map(lambda i: client.ask(echo(i)).text, range(200)))
        self.assertEqual(texts, [str(i) for i in range(200)])


class Ending(Case):
    def test_with_waits_for_all_replies(self):
        with self.client("latency: 50ms") as client:
            futures = [client.submit(echo(i)) for i in range(20)]
        self.assertEqual([future.result(0).text for future in futures], [str(i) for i in range(20)])

    def test_with_cancels_after_an_exception(self):
        with self.assertRaises(KeyError), self.client(NEVER) as client:
            future = client.submit("x")
            self.all_in_flight(1)
            raise KeyError
        self.assertEqual(future.result(0).fault.kind, "cancelled")
        self.all_left(1)

    def test_a_closed_client_says_so_and_its_replies_stay(self):
        client = self.client()
        reply = client.ask("echo:here")
        client.close()
        client.close()
        self.assertEqual(reply.text, "here")
        for call in (lambda: client.ask("x"), lambda: client.submit("x"), client.tally, lambda: client.map([])):
            with self.assertRaisesRegex(RuntimeError, "closed"):
                call()

    def test_a_dropped_client_ends_and_one_that_is_waited_for_does_not(self):
        self.client()
        before = threading.active_count()
        endpoint = {"base_url": self.server.url, "model": "m"}
        self.assertEqual(skein.Client([endpoint]).submit("echo:x").result(PATIENCE).text, "x")
        self.assertEqual([r.text for r in skein.Client([endpoint]).map(["echo:y"])], ["y"])
        gc.collect()
        for thread in threading.enumerate():
            if thread.name == "skein":
                thread.join(PATIENCE)
        self.assertEqual(threading.active_count(), before)

    def test_replies_are_freed(self):
        client = self.client()
        for _ in client.map(map(echo, range(300))):
            pass
        gc.collect()
        before = len(gc.get_objects())
        for _ in client.map(map(echo, range(3000))):
            pass
        gc.collect()
        self.assertLess(len(gc.get_objects()) - before, 300)


class Streaming(Case):
    def test_an_answer_comes_piece_by_piece(self):
        client = self.client("per_token: 5ms")
        with client.stream("echo:one two three") as stream:
            with self.assertRaises(RuntimeError):
                _ = stream.reply
            texts = [chunk.text for chunk in stream]
        self.assertGreater(len(texts), 1)
        self.assertEqual("".join(texts), "one two three")
        self.assertEqual((stream.reply.text, stream.reply.begun), ("one two three", True))
        self.assertGreater(stream.reply.timing.first_token, 0)
        self.assertEqual(list(stream), [])

    def test_tool_calls_come_in_pieces(self):
        tool = {"type": "function", "function": {"name": "look", "parameters": {"type": "object"}}}
        body = {"messages": [{"role": "user", "content": 'echo:{"q":"x"}'}], "tools": [tool],
                "tool_choice": "required"}
        calls = [piece for chunk in self.client().stream(body) for piece in chunk.calls]
        self.assertEqual("".join(piece["name"] for piece in calls), "look")
        self.assertEqual("".join(piece["arguments"] for piece in calls), '{"q":"x"}')

    def test_leaving_a_stream_ends_it_at_the_server(self):
        client = self.client("per_token: 20ms")
        for left, leave in enumerate((lambda stream: stream.close(), lambda stream: None)):
            stream = client.stream("echo:" + "word " * 5000)
            self.assertNotEqual(next(stream).text, "")
            leave(stream)
            del stream
            self.all_left(left + 1)

    def test_a_slow_reader_gets_all_and_holds_up_nobody(self):
        client = self.client()
        words = "word " * 20000
        stream = client.stream("echo:" + words)
        first = next(stream)
        self.assertEqual(client.ask("echo:others").text, "others")
        self.assertEqual(first.text + "".join(chunk.text for chunk in stream), words)

    def test_a_stream_that_breaks_off_keeps_what_was_read(self):
        client = self.client("faults: [{fault: cut_stream, after_tokens: 3}]")
        stream = client.stream("echo:a b c d e f")
        self.assertEqual("".join(chunk.text for chunk in stream), "a b c")
        self.assertEqual((stream.reply.fault.kind, stream.reply.begun), ("incomplete_stream", True))


if __name__ == "__main__":
    main()
