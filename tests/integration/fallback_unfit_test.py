"""What a worker cannot serve waits for the endpoints, or fails with that reason."""
import json

import harness
from fallback_case import DOWN, REFUSED, SOON, Case


class Unfit(Case):
    def batch(self, mock, *questions, extra=None, **local):
        """Rows that are whole requests; `embed` before a question wants an embedding."""
        self.local_job(mock.url, extra={**SOON, "input": {"file": "rows.jsonl", "format": "openai-batch"},
                                        "request": None, **(extra or {})}, **local)
        lines = []
        for i, question in enumerate(questions, 1):
            is_embedding = question.startswith("embed ")
            body = {"input": question}
            if not is_embedding:
                body = {"messages": [{"role": "user", "content": question}]}
            path = "/v1/embeddings" if is_embedding else "/v1/chat/completions"
            lines.append(json.dumps(
                {"custom_id": f"row-{i}", "method": "POST", "url": path, "body": {"model": "small", **body}}))
        self.write("rows.jsonl", "\n".join(lines) + "\n")

    def waits(self, question, **local):
        mock = self.mock(DOWN)
        self.batch(mock, "a", question, "b", **local)
        run = self.begin()
        self.director.until(2, "asked")
        self.assertNotIn(question, set(self.director.asked()))
        mock.change("latency: 1ms")
        self.assertEqual(run.end()[0], 0, run.said)
        self.assertEqual([line["skein"]["served_by"] for line in self.output()], ["local", "remote", "local"])
        self.assertEqual(sorted(self.director.asked().items()), [("a", 1), ("b", 1)])

    def fails(self, question, code, words, weather=REFUSED, **local):
        mock = self.mock(weather)
        self.batch(mock, "a", question, "b", **local)
        self.finish(expect=1)
        errors = [line["error"] for line in self.output()]
        self.assertEqual([errors[0], errors[2]], [None, None])
        self.assertEqual(errors[1]["code"], code)
        self.assertIn(words, errors[1]["message"])

    def test_embeddings_wait_for_an_endpoint(self):
        self.waits("embed this")

    def test_what_is_too_long_waits_for_an_endpoint(self):
        self.waits("long " * 500, context_tokens=100)

    def test_embeddings_fail_with_the_reason_where_no_endpoint_is_left(self):
        self.fails("embed this", "rejected", "the local model serves no embeddings")

    def test_what_is_too_long_fails_with_the_reason_where_no_endpoint_is_left(self):
        self.fails("long " * 500, "context_exceeded", "do not fit the local model, which takes 100",
                   context_tokens=100)

    def refuse_long(self):
        error = {"status": 400, "error": {"message": "the request exceeds the available context size",
                                          "code": "context_length_exceeded"}}
        self.rules["asked"] = lambda event: error if len(event["question"]) > 50 else None

    def test_what_a_worker_finds_too_long_waits_for_an_endpoint(self):
        self.refuse_long()
        question = "long " * 40
        mock = self.mock(DOWN)
        self.batch(mock, "a", question, "b")
        run = self.begin()
        self.director.until(3, "asked")
        mock.change("latency: 1ms")
        self.assertEqual(run.end()[0], 0, run.said)
        self.assertEqual([line["skein"]["served_by"] for line in self.output()], ["local", "remote", "local"])
        self.none_asked_twice()

    def test_what_a_worker_finds_too_long_fails_with_the_reason_where_no_endpoint_is_left(self):
        self.refuse_long()
        self.fails("long " * 40, "context_exceeded", "exceeds the available context size")
        self.none_asked_twice()

    def test_where_the_model_serves_embeddings_they_are_served(self):
        mock = self.mock(REFUSED)
        self.batch(mock, "a", "embed this", embeddings=True)
        self.finish()
        self.assertEqual([line["skein"]["served_by"] for line in self.output()], ["local"] * 2)
        self.assertEqual(self.output()[1]["response"]["body"]["data"][0]["embedding"], [0.5, 1])


if __name__ == "__main__":
    harness.main()
