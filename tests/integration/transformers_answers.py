"""What the server over transformers answers, whole and in streams."""
from transformers_case import CHAT, TEXT, Case, chat, content, text


class Answers(Case):
    def setUp(self):
        super().setUp()
        self.line1 = self.line(self.worker("--name", "small"))

    def ask(self, path, body):
        return self.line1.get(path, body)

    def test_a_chat(self):
        status, body = self.ask(CHAT, chat("[hello]", model="small"))
        self.assertEqual(status, 200)
        self.assertTrue(body.pop("id").startswith("chatcmpl-"))
        self.assertIsInstance(body.pop("created"), int)
        self.assertEqual(body, {
            "object": "chat.completion", "model": "small",
            "choices": [{"index": 0, "message": {"role": "assistant", "content": "hello"}, "logprobs": None,
                         "finish_reason": "stop"}],
            "usage": {"prompt_tokens": len("<user>[hello]<assistant>:"), "completion_tokens": 6,
                      "total_tokens": 31},  # What ends it is a token too.
        })

    def test_a_completion(self):
        status, body = self.ask(TEXT, text("[hello]:"))
        self.assertTrue(body["id"].startswith("cmpl-"))
        self.assertEqual(body["object"], "text_completion")
        self.assertEqual(body["choices"], [
            {"index": 0, "text": "hello", "logprobs": None, "finish_reason": "stop"}])
        self.assertEqual(body["usage"], {"prompt_tokens": 9, "completion_tokens": 6, "total_tokens": 15})
        for prompt in (["[hello]:"], [257, *b"[hello]:"]):
            self.assertEqual(content(self.ask(TEXT, text(prompt))), "hello")
        self.assertEqual(content(self.ask(TEXT, {"prompt": f"[{'a' * 40}]:", "temperature": 0})), "a" * 16)

    def test_a_chat_in_a_stream(self):
        def chunk(delta, reason=None):
            return {"object": "chat.completion.chunk", "model": "small", "choices": [
                {"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}]}

        first, last = chunk({"role": "assistant", "content": ""}), chunk({}, "stop")
        events = [first, *(chunk({"content": piece}) for piece in "hey"), last]
        self.assertEqual(self.stream(self.line1, CHAT, chat("[hey]")), [*events, "[DONE]"])
        usage = {"prompt_tokens": 23, "completion_tokens": 4, "total_tokens": 27}
        events = [{**event, "usage": None} for event in events]
        events.append({**events[0], "choices": [], "usage": usage})
        counted = chat("[hey]", stream_options={"include_usage": True})
        self.assertEqual(self.stream(self.line1, CHAT, counted), [*events, "[DONE]"])
        self.assertEqual(self.line1.get("/health")[0], 200, "the connection goes on")

    def test_a_completion_in_a_stream(self):
        events = self.stream(self.line1, TEXT, text("[hey]:", max_tokens=2))
        self.assertEqual(events.pop(), "[DONE]")
        said = [(event["object"], event["choices"][0]["text"], event["choices"][0]["finish_reason"])
                for event in events]
        self.assertEqual(said, [("text_completion", "h", None), ("text_completion", "e", None),
                                ("text_completion", "", "length")])

    def test_the_bytes_of_a_stream(self):
        self.line1.ask(CHAT, chat("[a]", stream=True))
        with self.line1.sock.makefile("rb") as answer:
            head = b"".join(iter(answer.readline, b"\r\n"))
            self.assertIn(b"\r\nTransfer-Encoding: chunked\r\n", head)
            chunks = []
            while size := int(answer.readline(), 16):
                chunks.append(answer.read(size))
                self.assertEqual(answer.read(2), b"\r\n")
            self.assertEqual(answer.readline(), b"\r\n")
        self.assertEqual(chunks[-1], b"data: [DONE]\n\n")
        for chunk in chunks[:-1]:
            self.assertRegex(chunk, rb"^data: {.*}\n\n$")

    def test_lengths(self):
        both = {"max_completion_tokens": 3, "max_tokens": 9}
        for limit in ({"max_tokens": 3}, {"max_completion_tokens": 3}, both):
            _, body = self.ask(CHAT, chat("[hello]", **limit))
            self.assertEqual(body["choices"][0]["finish_reason"], "length")
            self.assertEqual((content((200, body)), body["usage"]["completion_tokens"]), ("hel", 3))

    def test_stop_texts_are_not_told_wherever_they_are_cut(self):
        for stop, words in (("lo w", "hel"), (["zzz", "ld"], "hello wor"), ("h", ""),
                            (["o w", "lo"], "hel"), (["orldx", "rl"], "hello wo"),
                            (["o", "lo"], "hel")):
            body = chat("[hello world]", stop=stop)
            with self.subTest(stop):
                status, whole = self.ask(CHAT, body)
                self.assertEqual(content((status, whole)), words)
                self.assertEqual(whole["choices"][0]["finish_reason"], "stop")
                *events, _ = self.stream(self.line1, CHAT, body)
                deltas = [event["choices"][0]["delta"].get("content", "") for event in events]
                self.assertEqual("".join(deltas), words)

    def test_a_stop_text_half_said_at_the_end_is_told(self):
        _, body = self.ask(CHAT, chat("[hello]", stop="llx", max_tokens=4))
        self.assertEqual((content((200, body)), body["choices"][0]["finish_reason"]), ("hell", "length"))

    def test_characters_of_several_tokens_are_told_whole(self):
        *events, _ = self.stream(self.line1, CHAT, chat("[für 漢😀]"))
        deltas = [event["choices"][0]["delta"].get("content", "") for event in events]
        self.assertEqual(deltas, ["", "f", "ü", "r", " ", "漢", "😀", ""])
        self.assertEqual(content(self.ask(CHAT, chat("[ü]", max_tokens=1))), "\ufffd")

    def test_seeds_and_temperatures(self):
        def drawn(**more):
            return content(self.ask(CHAT, {**chat("[????????????]"), **more}))

        self.assertEqual(drawn(temperature=0), "a" * 12)
        self.assertEqual(drawn(temperature=1e-300), "a" * 12)
        once = drawn(temperature=1, seed=7)
        self.assertEqual(drawn(temperature=1, seed=7), once)
        self.assertNotEqual(drawn(temperature=1, seed=8), once)
        self.assertGreater(len(set(once)), 3)
        self.assertNotEqual(drawn(temperature=1), drawn(temperature=1))
        self.assertGreater(len(set(drawn(temperature=None))), 3)  # It is 1 by itself.

    def test_a_low_temperature_prefers_the_likely(self):
        def rare(temperature):
            body = chat(f"[{'%' * 200}]", temperature=temperature, seed=1)
            return content(self.ask(CHAT, body)).count("y")

        self.assertEqual(rare(0.1), 0)
        self.assertTrue(5 < rare(1) < 40 < rare(2) < 80, [rare(1), rare(2)])  # About 20 and 50.

    def test_top_p(self):
        def drawn(top_p):
            return set(content(self.ask(CHAT, chat(f"[{'%' * 200}]", temperature=1, seed=1, top_p=top_p))))

        self.assertEqual(drawn(1), {"x", "y"})
        self.assertEqual(drawn(0.95), {"x", "y"})
        for top_p in (0.85, 0):
            self.assertEqual(drawn(top_p), {"x"})

    def test_a_content_in_parts(self):
        parts = [{"type": "text", "text": "[he"}, {"type": "text", "text": "y]"}]
        self.assertEqual(content(self.ask(CHAT, chat(parts))), "hey")

    def test_the_list_of_models(self):
        self.assertEqual([model["id"] for model in self.line1.get("/v1/models")[1]["data"]], ["small"])

    def test_what_asks_for_nothing_may_be_there(self):
        body = chat("[hey]", n=1, tools=[], logprobs=False, stop=None, user="u",
                    response_format={"type": "text"})
        self.assertEqual(content(self.ask(CHAT, body)), "hey")
