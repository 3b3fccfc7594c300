"""A model that recites what stands between brackets, one byte a token, if it is called as it should be. It
asks its director, a socket of the test, before it loads and before each step."""
import json
import math
import os
import socket
import types

import torch

__version__ = "4.57.1"
END, BEGIN, VOCABULARY = 256, 257, 258
director = socket.socket(socket.AF_UNIX)
director.connect(os.environ["STUB_DIRECTOR"])
answers = director.makefile()


def ask(**event):
    director.sendall(json.dumps(event).encode() + b"\n")
    answer = answers.readline().strip()
    if answer == "oom":
        raise torch.cuda.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB.")
    if answer == "cuda":
        raise RuntimeError("CUDA error: an illegal memory access was encountered\nCompile with ...")
    if answer == "bug":
        raise RuntimeError("the shapes do not fit")
    if answer == "package":
        raise ImportError("this model needs sentencepiece", name="sentencepiece")
    if answer == "unknown":
        raise OSError("there is no such model\nand more lines about it")


class Tokenizer:
    eos_token_id = END
    chat_template = os.environ.get("STUB_TEMPLATE", "yes")

    def __call__(self, text, add_special_tokens):
        return {"input_ids": [BEGIN] * add_special_tokens + list(text.encode())}

    def decode(self, tokens, skip_special_tokens, clean_up_tokenization_spaces):
        assert skip_special_tokens and not clean_up_tokenization_spaces
        return bytes(token for token in tokens if token < END).decode(errors="replace")

    def apply_chat_template(self, chat, tokenize, add_generation_prompt):
        assert not tokenize and add_generation_prompt
        if chat[0]["role"] == "wizard":
            raise ValueError("no wizards in this house")
        return "".join(f"<{entry['role']}>{entry['content']}" for entry in chat) + "<assistant>:"


class Model:
    text_config = types.SimpleNamespace(max_position_embeddings=1000)
    config = types.SimpleNamespace(get_text_config=lambda: Model.text_config, eos_token_id=None)
    generation_config = types.SimpleNamespace(eos_token_id=[END])

    def to(self, device):
        return self

    def eval(self):
        return self

    def get_input_embeddings(self):
        return types.SimpleNamespace(weight=types.SimpleNamespace(shape=(VOCABULARY, 1)))

    def forward(self, input_ids, attention_mask, position_ids, past_key_values, use_cache, logits_to_keep):
        assert use_cache and logits_to_keep == 1
        past = past_key_values or [[] for _ in input_ids.data]
        ask(rows=len(input_ids.data), width=len(input_ids.data[0]), past=len(past[0]))
        seen = [old + new for old, new in zip(past, input_ids.data)]
        texts = [real(*row) for row in zip(seen, attention_mask.data, position_ids.data)]
        logits = torch.Tensor([[likely(recite(text))] for text in texts])
        return types.SimpleNamespace(logits=logits, past_key_values=seen)

    __call__ = forward


def real(tokens, mask, positions):
    """The tokens of a row that are no padding, if the mask and the positions are right."""
    assert len(tokens) == len(mask), "the mask covers the past too"
    text = [token for token, on in zip(tokens, mask) if on]
    if mask[-1]:
        assert positions[-1] == len(text) - 1, positions
    assert max(positions) < Model.text_config.max_position_embeddings, "out of the model's positions"
    return text


def recite(text):
    """What may come next: what is in brackets, less what was said after the colon."""
    text = bytes(token for token in text if token < END)
    task, _, said = text.rpartition(b":")
    whole = task[task.rfind(b"[") + 1:task.rfind(b"]")]
    return whole[len(said)] if len(said) < len(whole) else END


def likely(token):
    """A `?` is any letter, a `%` is x nine times out of ten, else y."""
    chances = {ord("?"): dict.fromkeys(range(ord("a"), ord("z") + 1), 1 / 26),
               ord("%"): {ord("x"): 0.9, ord("y"): 0.1}}.get(token, {token: 1.0})
    return [math.log(chances.get(i, 1e-30)) for i in range(VOCABULARY)]


class AutoTokenizer:
    @staticmethod
    def from_pretrained(model):
        ask(load=model)
        return Tokenizer()


class AutoModelForCausalLM:
    @staticmethod
    def from_pretrained(model, dtype):
        assert dtype == os.environ.get("STUB_DTYPE", "auto"), dtype
        return Model()
