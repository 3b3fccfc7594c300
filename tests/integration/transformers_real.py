"""The server over the packages themselves, where they are installed: a tiny model of random weights."""
import importlib.util
import json
import unittest

import harness
from transformers_worker import Line, Worker

THERE = all(importlib.util.find_spec(name) for name in ("torch", "transformers", "tokenizers"))
TEMPLATE = "{% for m in messages %}<{{ m.role }}>{{ m.content }}{% endfor %}<assistant>"
PROMPTS = ["One", "Two words", "Three short words", "And a prompt that is a good deal longer than the others"]


def make_model(folder):
    """A byte is a token; weights of chance, the same each time."""
    import tokenizers
    import torch
    import transformers

    signs = sorted(tokenizers.pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {sign: i for i, sign in enumerate(signs)}
    raw = tokenizers.Tokenizer(tokenizers.models.BPE(vocab=vocabulary, merges=[]))
    raw.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    raw.decoder = tokenizers.decoders.ByteLevel()
    tokenizer = transformers.PreTrainedTokenizerFast(tokenizer_object=raw, eos_token="<end>")
    tokenizer.chat_template = TEMPLATE
    tokenizer.save_pretrained(folder)
    torch.manual_seed(1)
    config = transformers.LlamaConfig(
        vocab_size=len(tokenizer), hidden_size=64, intermediate_size=128, num_hidden_layers=2,
        num_attention_heads=4, num_key_value_heads=2, max_position_embeddings=512, bos_token_id=None,
        eos_token_id=tokenizer.eos_token_id, initializer_range=0.5,
    )
    transformers.LlamaForCausalLM(config).save_pretrained(folder)


@unittest.skipUnless(THERE, "torch, transformers and tokenizers are not all installed")
class Real(harness.Case):
    def setUp(self):
        super().setUp()
        make_model(self.folder / "model")

    def worker(self, *arguments):
        return Worker(self, "--device", "cpu", *arguments, model=str(self.folder / "model"), stubs=()).ready()

    def line(self, worker):
        line = Line(worker)
        self.addCleanup(line.close)
        return line

    def body(self, prompt, **more):
        return {"messages": [{"role": "user", "content": prompt}], "temperature": 0, "max_tokens": 40, **more}

    def reference(self, prompt):
        """What transformers itself goes on with."""
        import torch
        import transformers

        tokenizer = transformers.AutoTokenizer.from_pretrained(self.folder / "model")
        model = transformers.AutoModelForCausalLM.from_pretrained(self.folder / "model")
        tokens = tokenizer(f"<user>{prompt}<assistant>")["input_ids"]
        made = model.generate(torch.tensor([tokens]), max_new_tokens=40, do_sample=False)[0].tolist()
        return tokenizer.decode(made[len(tokens):], skip_special_tokens=True,
                                clean_up_tokenization_spaces=False)

    def test_greedy_answers_are_those_of_transformers_alone_and_together(self):
        worker = self.worker()
        alone = [self.line(worker).get("/v1/chat/completions", self.body(prompt)) for prompt in PROMPTS]
        lines = [self.line(worker) for _ in PROMPTS]
        for line, prompt in zip(lines, PROMPTS):
            line.ask("/v1/chat/completions", self.body(prompt))
        together = [line.hear() for line in lines]
        for prompt, (status, one), (_, other) in zip(PROMPTS, alone, together):
            self.assertEqual(status, 200, one)
            words = one["choices"][0]["message"]["content"]
            self.assertEqual(other["choices"][0]["message"]["content"], words)
            self.assertEqual(words, self.reference(prompt))
            self.assertEqual(one["usage"]["prompt_tokens"], len(f"<user>{prompt}<assistant>"))

    def test_a_stream_says_the_same(self):
        line = self.line(self.worker())
        _, whole = line.get("/v1/chat/completions", self.body("One"))
        line.ask("/v1/chat/completions", self.body("One", stream=True))
        events = [event for event in line.getresponse().read().decode().split("\n\n") if event]
        deltas = [json.loads(event[6:])["choices"][0]["delta"] for event in events[:-1]]
        words = "".join(delta.get("content", "") for delta in deltas)
        self.assertEqual(words, whole["choices"][0]["message"]["content"])

    def test_seeds(self):
        line = self.line(self.worker())
        drawn = [line.get("/v1/chat/completions", self.body("One", temperature=1.5, top_p=0.9, seed=seed))
                 for seed in (1, 1, 2)]
        first, again, other = (body["choices"][0]["message"]["content"] for _, body in drawn)
        self.assertEqual(first, again)
        self.assertNotEqual(first, other)
