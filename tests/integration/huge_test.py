"""Prompts of 100,000 tokens and answers of 10 MB, in every API: every byte arrives, plain and streamed."""
import json
import random

import harness
import json_server

APIS = ("openai", "responses", "anthropic", "gemini")
PIECE = 4096  # Characters of a streamed piece.


def words(size, seed):
    """Text of so many bytes in UTF-8, at least, with what readers of JSON and of events stumble over."""
    dice = random.Random(seed)
    odd = ["ä", "\u2028", "\"", "\\", "\n", "data:", "{", "\U0001f9f6", "\t", "</script>"]
    text, length = [], 0
    while length < size:
        word = dice.choice(odd) + "x" * dice.randint(500, 1500)
        text.append(word)
        length += len(word.encode()) + 1
    return " ".join(text)


def asked_text(path, body):
    if path.startswith("/v1beta/"):
        return body["contents"][0]["parts"][0]["text"]
    content = (body.get("messages") or body["input"])[0]["content"]
    return content if isinstance(content, str) else content[0]["text"]


def response(text):
    part = {"type": "output_text", "text": text, "annotations": []}
    return {"object": "response", "status": "completed", "model": "m",
            "output": [{"type": "message", "role": "assistant", "content": [part]}]}


def plain(path, text):
    if path == "/v1/responses":
        return response(text)
    if path == "/v1/messages":
        return {"type": "message", "role": "assistant", "model": "m", "stop_reason": "end_turn",
                "content": [{"type": "text", "text": text}], "usage": {"input_tokens": 1, "output_tokens": 1}}
    if path.startswith("/v1beta/"):
        return {"candidates": [{"content": {"role": "model", "parts": [{"text": text}]}, "finishReason": "STOP"}]}
    return {"model": "m", "choices": [{"index": 0, "finish_reason": "stop",
                                       "message": {"role": "assistant", "content": text}}]}


def streamed(path, text):
    """The same as events, each a part of the text."""
    pieces = [text[at:at + PIECE] for at in range(0, len(text), PIECE)]
    if path == "/v1/responses":
        # As OpenAI does: the whole text comes four times more behind its pieces.
        place = {"output_index": 0, "content_index": 0}
        whole = response(text)
        yield {"type": "response.created", "response": {"status": "in_progress", "output": []}}
        yield from ({"type": "response.output_text.delta", "delta": piece, **place} for piece in pieces)
        yield {"type": "response.output_text.done", "text": text, **place}
        yield {"type": "response.content_part.done", "part": whole["output"][0]["content"][0], **place}
        yield {"type": "response.output_item.done", "output_index": 0, "item": whole["output"][0]}
        yield {"type": "response.completed", "response": whole}
    elif path == "/v1/messages":
        begun = {**plain(path, ""), "content": [], "stop_reason": None}
        yield {"type": "message_start", "message": begun}
        yield {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}
        yield from ({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": piece}}
                    for piece in pieces)
        yield {"type": "content_block_stop", "index": 0}
        yield {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 1}}
        yield {"type": "message_stop"}
    elif path.startswith("/v1beta/"):
        yield from ({"candidates": [{"content": {"role": "model", "parts": [{"text": piece}]}}]} for piece in pieces)
        yield {"candidates": [{"content": {"role": "model", "parts": []}, "finishReason": "STOP"}]}
    else:
        yield from ({"choices": [{"index": 0, "delta": {"content": piece}}]} for piece in pieces)
        yield {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}


class Echo(json_server.Handler):
    disable_nagle_algorithm = True

    def answer_to(self, body):
        path = self.path.partition("?")[0]
        text = asked_text(path, body)
        if not body.get("stream") and "streamGenerateContent" not in path:
            return self.send(200, json.dumps(plain(path, text)))
        events = "".join(f"data: {json.dumps(event, ensure_ascii=False)}\n\n" for event in streamed(path, text))
        self.send(200, events + ("data: [DONE]\n\n" if "chat" in path else ""), "text/event-stream")


class Huge(harness.Case):
    def test_long_prompts_and_answers_arrive_byte_by_byte(self):
        texts = [words(500_000, 1), "short", words(10_000_000, 2)]
        server = json_server.Server(Echo)
        self.addCleanup(server.close)
        self.write("rows.jsonl", "".join(json.dumps({"prompt": text}) + "\n" for text in texts))
        for api in APIS:
            for stream in (False, True):
                with self.subTest(api=api, stream=stream):
                    self.write("job.yaml", f"""version: 1
endpoints: [{{name: main, api: {api}, base_url: "{server.url}{"/v1" * (api == "openai")}", model: m, max_tokens: 9}}]
input: {{file: rows.jsonl}}
request: {{stream: {str(stream).lower()}, messages: [{{role: user, content: "{{{{ prompt }}}}"}}]}}
output: {{file: out.jsonl, overwrite: true}}
""")
                    self.run_job("--overwrite")
                    said = [line["response"]["body"]["choices"][0]["message"]["content"] for line in self.output()]
                    # Not assertEqual, which would print 10 MB.
                    self.assertEqual([len(text) for text in said], [len(text) for text in texts])
                    self.assertTrue(said == texts)


if __name__ == "__main__":
    harness.main()
