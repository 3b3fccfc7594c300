"""A small server that speaks the OpenAI API over PyTorch and transformers. skein starts one for each place
in its local pool. It has one model, on the one device that it sees, and answers only this machine: by a unix
socket, or on loopback.

  Model     the only class that knows torch: loads, turns text into tokens, makes the next token of each row
  Row       one answer under way: the model's thread feeds it, its connection's thread listens to it
  Batcher   the model's thread: who shares the next step
  Handler   HTTP, one thread for each connection
"""
import argparse
import collections
import dataclasses
import hmac
import http.server
import importlib.util
import inspect
import json
import os
import queue
import select
import signal
import socket
import socketserver
import sys
import threading
import time
import uuid

BODY_CAP = 16 << 20  # Bytes. A longer request body is refused without reading it to its end.
PATIENT_CAP = 8 * BODY_CAP  # Bytes of a refused body to read and drop, so that the client reads the answer.
JOIN_EVERY = 8  # Steps. A joining row costs the batch one prefill of all its texts, so rows join together,
STEP_WORTH = 256  # and only after enough steps since the last join. Prefill tokens that one step pays for.
GREEDY_BELOW = 1e-3  # A lower temperature would overflow; it means greedy decoding anyway.
POISONED, NO_MEMORY = 70, 71  # Exit statuses.
# Parameters that would change an answer and are not supported, with their neutral values.
UNSUPPORTED = {
    "n": (1,), "best_of": (1,), "tools": ([],), "functions": ([],), "logprobs": (False,), "echo": (False,),
    "top_logprobs": (0,), "suffix": ("",), "logit_bias": ({},), "response_format": ({"type": "text"},),
    "frequency_penalty": (0,), "presence_penalty": (0,),
}


def log(text):
    print(text, file=sys.stderr, flush=True)


def first_line(error):
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def leave(status, text):
    """Ends the process from any thread, without a word to those who wait."""
    log(text)
    os._exit(status)


class Refusal(Exception):
    def __init__(self, status, message, kind="invalid_request_error", code=None, param=None):
        super().__init__(message)
        self.status = status
        self.body = {"error": {"message": message, "type": kind, "param": param, "code": code}}


def wrong(param, allowed, found):
    text = json.dumps(found)
    return Refusal(400, f"'{param}' must be {allowed}, but is {text[:80]}", param=param)


@dataclasses.dataclass
class Question:
    """A request's body, checked. `prompt` is a text or tokens, or the messages of a chat."""
    chat: bool
    prompt: object
    limit: object
    temperature: float
    top_p: float
    seed: object
    stops: list
    stream: bool
    include_usage: bool

    @classmethod
    def read(cls, data, chat, served):
        body = parse(data)
        refuse_unsupported(body)
        model = typed(body, "model", str, "a text", served)
        if model != served:
            raise Refusal(404, f"there is no model {json.dumps(model)} here, only {json.dumps(served)}",
                          code="model_not_found", param="model")
        options = typed(body, "stream_options", dict, "an object", {})
        which = "max_tokens" if body.get("max_completion_tokens") is None else "max_completion_tokens"
        return cls(
            chat=chat,
            prompt=messages(body) if chat else prompt(body),
            limit=number(body, which, None if chat else 16, 1, 1 << 31, int),
            temperature=number(body, "temperature", 1.0, 0, 2),
            top_p=number(body, "top_p", 1.0, 0, 1),
            seed=number(body, "seed", None, -(1 << 63), (1 << 63) - 1, int),
            stops=stops(body),
            stream=typed(body, "stream", bool, "true or false", False),
            include_usage=typed(options, "include_usage", bool, "true or false", False),
        )


def parse(data):
    try:
        body = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise Refusal(400, f"the body is not JSON: {first_line(error)}") from None
    if not isinstance(body, dict):
        raise Refusal(400, "the body must be a JSON object")
    return body


def refuse_unsupported(body):
    for key, neutral in UNSUPPORTED.items():
        if body.get(key) is not None and body[key] not in neutral:
            raise Refusal(400, f"'{key}' is not supported here; leave it out", code="unsupported", param=key)


def typed(body, key, kind, words, default):
    value = body.get(key)
    if value is not None and not isinstance(value, kind):
        raise wrong(key, words, value)
    return default if value is None else value


def number(body, key, default, low, high, kind=(int, float)):
    value = body.get(key)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, kind) or not low <= value <= high:
        raise wrong(key, f"{'an integer' if kind is int else 'a number'} from {low} to {high}", value)
    return value


def stops(body):
    value = body.get("stop")
    texts = [] if value is None else [value] if isinstance(value, str) else value
    if not isinstance(texts, list) or not all(isinstance(text, str) and text for text in texts):
        raise wrong("stop", "a text or a list of texts, none of them empty", value)
    return texts


def prompt(body):
    value = body.get("prompt")
    if isinstance(value, list) and len(value) == 1 and isinstance(value[0], str):
        value = value[0]
    tokens = isinstance(value, list) and value and all(type(token) is int and token >= 0 for token in value)
    if not tokens and not (isinstance(value, str) and value):
        raise wrong("prompt", "one text or one list of tokens, not empty", value)
    return value


def messages(body):
    value = body.get("messages")
    if not isinstance(value, list) or not value:
        raise wrong("messages", "a list with at least one message", value)
    return [message(f"messages[{i}]", entry) for i, entry in enumerate(value)]


def message(where, entry):
    if not isinstance(entry, dict) or not isinstance(entry.get("role"), str):
        raise wrong(where, "an object with a 'role' and a 'content'", entry)
    content = entry.get("content")
    parts = content if isinstance(content, list) else [{"type": "text", "text": content or ""}]
    for part in parts:
        if not isinstance(part, dict) or part.get("type") != "text" or not isinstance(part.get("text"), str):
            raise wrong(f"{where}.content", "a text, or a list of parts of the type 'text'", content)
    return {"role": entry["role"], "content": "".join(part["text"] for part in parts)}


class Text:
    """Tokens to text, piece by piece. A character may take several tokens: a piece ends where it is whole."""

    def __init__(self, decode, before):
        self.decode = decode
        self.tokens = list(before)  # The text before decides about spaces.
        self.start = 0
        self.told = len(self.tokens)

    def add(self, token):
        self.tokens.append(token)
        piece = self.rest()
        if not piece or piece.endswith("\ufffd"):
            return ""
        self.start, self.told = self.told, len(self.tokens)
        return piece

    def rest(self):
        """What is not told yet; its last character may not be whole."""
        return self.decode(self.tokens[self.start:])[len(self.decode(self.tokens[self.start:self.told])):]


def cut(text, texts):
    """What of the text can be told, what may still become one of the stop texts, and if one was found."""
    found = [at for at in (text.find(stop) for stop in texts) if at >= 0]
    if found:
        return text[:min(found)], "", True
    longest = max((size for stop in texts for size in range(1, len(stop)) if text.endswith(stop[:size])),
                  default=0)
    return text[:len(text) - longest], text[len(text) - longest:], False


class Gone(Exception):
    """The client has left."""


class Row:
    def __init__(self, question, tokens, limit, decode):
        self.question = question
        self.prompt = tokens
        self.made = []
        self.limit = limit
        self.generator = None  # A torch generator if the request has a seed.
        self.over = False
        self.reason = None
        self.answered = threading.Event()
        self.news = queue.SimpleQueue()  # Pieces of text; a Refusal, or at the end None.
        self.hears, self.rings = socket.socketpair()  # Each end belongs to one thread.
        self.hears.setblocking(False)
        self.rings.setblocking(False)
        self.text = Text(decode, [] if question.chat else tokens[-4:])
        self.held = ""

    def add(self, token, ends):
        """On the model's thread. What ends an answer is counted and not told."""
        self.made.append(token)
        stopped = token in ends
        last = stopped or len(self.made) >= self.limit
        piece = "" if stopped else self.text.add(token)
        if last:
            piece += self.text.rest()
        told, self.held, found = cut(self.held + piece, self.question.stops)
        self.tell(told)
        if found or last:
            self.tell("" if found else self.held)
            self.reason = "stop" if found or stopped else "length"
            self.end(None)

    def tell(self, piece):
        if piece:
            self.news.put(piece)
            if self.question.stream:
                self.ring()

    def end(self, how):
        self.over = True
        self.news.put(how)
        self.ring()

    def ring(self):
        try:
            self.rings.send(b".")
        except OSError:  # The socket is full (the signal is pending) or closed.
            pass

    def pieces(self, connection):
        """On the connection's thread, until the answer's end."""
        waits = select.poll()
        waits.register(self.hears, select.POLLIN)
        waits.register(connection, select.POLLIN)
        while True:
            ready = [descriptor for descriptor, _ in waits.poll()]
            if connection.fileno() in ready:
                self.look_at(connection)
                waits.unregister(connection)  # The next request has arrived early.
            if self.hears.fileno() in ready:
                self.hears.recv(4096)
            while not self.news.empty():
                piece = self.news.get()
                if isinstance(piece, Refusal):
                    raise piece
                if piece is None:
                    return
                yield piece

    @staticmethod
    def look_at(connection):
        try:
            if connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT):
                return
        except OSError:
            pass
        raise Gone

    def close(self):
        self.over = True
        self.answered.set()
        self.hears.close()

    def usage(self):
        return {"prompt_tokens": len(self.prompt), "completion_tokens": len(self.made),
                "total_tokens": len(self.prompt) + len(self.made)}


class Model:
    def __init__(self, options):
        import torch
        import transformers

        self.torch = torch
        self.device = options.device
        if self.device == "auto":
            self.device = "cuda" if torch.cuda.is_available() else "cpu"
        if self.device == "cuda" and not torch.cuda.is_available():
            raise ValueError("--device cuda: torch sees no CUDA device (its build, the driver or "
                             "CUDA_VISIBLE_DEVICES may be the reason); --device cpu needs none")
        log(f"loading {options.model} on {self.device}")
        self.tokenizer = transformers.AutoTokenizer.from_pretrained(options.model)
        self.template = getattr(self.tokenizer, "chat_template", None)
        if self.template:
            need("jinja2")
        version = tuple(int(part) for part in transformers.__version__.split(".")[:2])
        dtype = options.dtype if options.dtype == "auto" else getattr(torch, options.dtype)
        named = {"dtype" if version >= (4, 56) else "torch_dtype": dtype}
        self.model = transformers.AutoModelForCausalLM.from_pretrained(options.model, **named)
        self.model = self.model.to(self.device).eval()
        config = self.model.config
        config = config.get_text_config() if hasattr(config, "get_text_config") else config
        most = getattr(config, "max_position_embeddings", None) or options.context
        self.context = min(options.context, most)
        self.vocabulary = self.model.get_input_embeddings().weight.shape[0]
        self.ends = self.end_tokens()
        self.takes = inspect.signature(self.model.forward).parameters
        self.reading = threading.Lock()  # Tokenizers are not thread-safe.

    def end_tokens(self):
        ends = {self.tokenizer.eos_token_id}
        for config in (self.model.config, getattr(self.model, "generation_config", None)):
            end = getattr(config, "eos_token_id", None)
            ends.update(end if isinstance(end, (list, tuple)) else [end])
        return ends - {None}

    def decode(self, tokens):
        if not tokens:
            return ""
        with self.reading:
            return self.tokenizer.decode(tokens, skip_special_tokens=True, clean_up_tokenization_spaces=False)

    def encode(self, question):
        if isinstance(question.prompt, list) and not question.chat:
            return question.prompt
        templated = question.chat and self.template
        with self.reading:
            text = self.templated(question.prompt) if question.chat else question.prompt
            try:
                return list(self.tokenizer(text, add_special_tokens=not templated)["input_ids"])
            except (UnicodeError, TypeError) as error:
                raise Refusal(400, f"the text cannot be made tokens: {first_line(error)}") from None

    def templated(self, chat):
        if not self.template:
            return "".join(f"{entry['role']}: {entry['content']}\n" for entry in chat) + "assistant:"
        try:
            return self.tokenizer.apply_chat_template(chat, tokenize=False, add_generation_prompt=True)
        except Exception as error:  # Chat templates raise exceptions of many types.
            raise Refusal(400, f"the model's chat template refuses this: {first_line(error)}",
                          param="messages") from None

    def row(self, question):
        tokens = self.encode(question)
        limit = question.limit or max(1, self.context - len(tokens))
        if len(tokens) + limit > self.context:
            raise Refusal(400, f"the prompt has {len(tokens)} tokens, and {limit} more are asked for, but "
                          f"the context has room for {self.context} tokens", code="context_length_exceeded")
        if not tokens or max(tokens) >= self.vocabulary:
            raise Refusal(400, f"the prompt must have at least one token, each below {self.vocabulary}")
        return Row(question, tokens, limit, self.decode)


class Batch:
    """Rows side by side, padded on the left. For newcomers there is a new one, which reads all texts again:
    that costs a few steps, and asks nothing about how a model keeps its past."""

    def __init__(self, model, rows):
        self.model = model
        self.torch = model.torch
        self.rows = rows
        self.steps = 0
        self.past = None
        self.mask = None
        self.lengths = []

    def step(self):
        """The next token of each row; of those that are over, anything."""
        with self.torch.inference_mode():
            tokens, positions = self.next() if self.steps else self.first()
            extra = {"position_ids": positions, "logits_to_keep": 1, "num_logits_to_keep": 1}
            result = self.model.model(
                input_ids=tokens, attention_mask=self.mask, past_key_values=self.past, use_cache=True,
                **{name: value for name, value in extra.items() if name in self.model.takes},
            )
            self.past = result.past_key_values
            self.steps += 1
            return self.choose(result.logits[:, -1].float())

    def tensor(self, values):
        return self.torch.tensor(values, device=self.model.device)

    def first(self):
        texts = [row.prompt + row.made for row in self.rows]
        self.lengths = [len(text) for text in texts]
        pads = [max(self.lengths) - length for length in self.lengths]
        self.mask = self.tensor([[0] * pad + [1] * length for pad, length in zip(pads, self.lengths)])
        tokens = self.tensor([[0] * pad + text for pad, text in zip(pads, texts)])
        positions = [[0] * pad + list(range(length)) for pad, length in zip(pads, self.lengths)]
        return tokens, self.tensor(positions)

    def next(self):
        live = [not row.over for row in self.rows]
        tokens = self.tensor([[row.made[-1] if on else 0] for row, on in zip(self.rows, live)])
        # A finished row must not exceed the maximum position of the model.
        positions = self.tensor([[length if on else 0] for length, on in zip(self.lengths, live)])
        self.mask = self.torch.cat([self.mask, self.tensor([[int(on)] for on in live])], dim=1)
        self.lengths = [length + 1 for length in self.lengths]
        return tokens, positions

    def choose(self, logits):
        likeliest = self.torch.argmax(logits, dim=-1).tolist()
        return [best if row.over or row.question.temperature < GREEDY_BELOW else self.draw(logits[i], row)
                for i, (row, best) in enumerate(zip(self.rows, likeliest))]

    def draw(self, logits, row):
        torch, question = self.torch, row.question
        if question.seed is not None and row.generator is None:
            row.generator = torch.Generator(device=self.model.device)
            row.generator.manual_seed(question.seed)
        chances = torch.softmax((logits - logits.max()) / question.temperature, dim=-1)
        chances, order = torch.sort(chances, descending=True)
        before = torch.cumsum(chances, dim=-1) - chances
        before[0] = -1.0  # The most likely token is always kept.
        drawn = torch.multinomial(chances * (before < question.top_p), 1, generator=row.generator)
        return order[drawn].item()


class Batcher:
    def __init__(self, slots):
        self.changed = threading.Condition()
        self.slots = slots
        self.model = None
        self.waiting = collections.deque()
        self.batch = None
        self.rows = []  # The rows of the batch.
        self.tokens = 0
        self.closed = None  # A Refusal for requests that still arrive.

    def submit(self, row):
        with self.changed:
            if self.closed:
                raise self.closed
            self.waiting.append(row)
            self.changed.notify()

    def progress(self):
        with self.changed:
            rows = [*self.waiting, *self.rows]
            return {"tokens": self.tokens, "in_flight": sum(not row.over for row in rows)}

    def run(self, options):
        """The model's thread, which only ends with the process."""
        try:
            self.load(options)
            while True:
                self.turn()
                failure = self.step()
                if failure:
                    self.failed(failure)
        except Exception as error:
            leave(1, f"the model's thread failed: {type(error).__name__}: {first_line(error)}")

    def load(self, options):
        try:
            self.model = Model(options)
        except Exception as error:
            if isinstance(error, ImportError) and error.name:
                missing(error.name)
            if out_of_memory(error):
                leave(NO_MEMORY, f"out of memory while loading {options.model}: {first_line(error)}")
            if "CUDA error" in str(error):
                leave(POISONED, f"cannot load {options.model}: {first_line(error)}")
            leave(1, f"cannot load {options.model}: {first_line(error)}")
        log(f"ready: {options.model} on {self.model.device}, {self.slots} slots, "
            f"context {self.model.context}")

    def turn(self):
        """Waits for work. The batch goes on, or gives way to a new one where there is room for who waits."""
        with self.changed:
            live = [row for row in self.rows if not row.over]
            if not live:
                self.batch, self.rows = None, []  # Frees their memory for the next batch.
                self.changed.wait_for(self.anyone_waits)
            room = self.slots - len(live)
            if live and (room <= 0 or not self.anyone_waits() or not self.pays(live)):
                return
            newcomers = [self.waiting.popleft() for _ in range(min(room, len(self.waiting)))]
            self.rows = live + newcomers
        self.batch = Batch(self.model, self.rows)

    def pays(self, live):
        """Has the batch made steps enough to be read again?"""
        read = sum(len(row.prompt) + len(row.made) for row in live)
        return self.batch.steps >= max(JOIN_EVERY, read / STEP_WORTH)

    def anyone_waits(self):
        self.waiting = collections.deque(row for row in self.waiting if not row.over)
        return bool(self.waiting)

    def step(self):
        """Says what went wrong, without the traceback: that would keep the batch's memory."""
        try:
            for row, token in zip(self.rows, self.batch.step()):
                if not row.over:
                    self.tokens += 1
                    row.add(token, self.model.ends)
        except Exception as error:  # Any failure ends this batch only; the next one may succeed.
            return error.with_traceback(None)
        return None

    def failed(self, error):
        self.batch = None
        poisoned = "CUDA error" in str(error) and not out_of_memory(error)
        refusal = Refusal(500, first_line(error), "server_error")
        if out_of_memory(error):
            refusal = Refusal(503, self.shrink(), "server_error", "out_of_memory")
        with self.changed:
            ended, self.rows = [row for row in self.rows if not row.over], []
            if poisoned:
                self.closed = refusal
                ended += self.waiting
                self.waiting.clear()
        for row in ended:
            row.end(refusal)
        if poisoned:  # After a CUDA error every later call would fail.
            last = time.monotonic() + 1
            for row in ended:
                row.answered.wait(max(0, last - time.monotonic()))
            leave(POISONED, f"the device is of no use to this process any more: {first_line(error)}")
        log(f"a batch of {len(ended)} failed: {first_line(error)}")

    def shrink(self):
        had, self.slots = self.slots, max(1, self.slots // 2)
        self.model.torch.cuda.empty_cache()
        if had == 1:
            return "out of memory with one request alone; a smaller --context refuses such ones beforehand"
        log(f"out of memory: {had} slots are too many, now {self.slots}")
        return f"out of memory with up to {had} requests at once; now {self.slots} are allowed"


def out_of_memory(error):
    text = str(error).lower()
    return isinstance(error, MemoryError) or any(words in text for words in (
        "out of memory", "can't allocate memory", "not enough memory"))


class Answer:
    """The JSON of an answer, whole or in chunks, as a chat or as plain text."""

    def __init__(self, row, served):
        self.row = row
        self.chat = row.question.chat
        name = ("chatcmpl-" if self.chat else "cmpl-") + uuid.uuid4().hex
        self.head = {"id": name, "object": "text_completion", "created": int(time.time()), "model": served}

    def whole(self, text):
        said = {"message": {"role": "assistant", "content": text}} if self.chat else {"text": text}
        kind = {"object": "chat.completion"} if self.chat else {}
        choices = [self.choice(said, self.row.reason)]
        return {**self.head, **kind, "choices": choices, "usage": self.row.usage()}

    def chunk(self, delta, reason=None):
        """A delta is as in a chat."""
        said = {"delta": delta} if self.chat else {"text": delta.get("content", "")}
        return self.chunks([self.choice(said, reason)], None)

    def chunks(self, choices, usage):
        kind = {"object": "chat.completion.chunk"} if self.chat else {}
        usage = {"usage": usage} if self.row.question.include_usage else {}
        return {**self.head, **kind, "choices": choices, **usage}

    @staticmethod
    def choice(said, reason):
        return {"index": 0, **said, "logprobs": None, "finish_reason": reason}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.answer()

    def do_POST(self):
        self.answer()

    def answer(self):
        self.streaming = False
        try:
            body = self.body()
            self.route(body)
        except Refusal as refusal:
            self.refuse(refusal)
        except (Gone, ConnectionError):
            self.close_connection = True

    def body(self):
        """Read before anything is refused, or the connection could not go on."""
        lengths = set(self.headers.get_all("Content-Length", []))
        if "Transfer-Encoding" in self.headers or (self.command == "POST" and not lengths):
            self.close_connection = True
            raise Refusal(411, "a body needs a Content-Length here; chunks are not read")
        length = lengths.pop() if lengths else "0"
        if lengths or not (length.isascii() and length.isdigit() and len(length) < 16):
            self.close_connection = True
            raise Refusal(400, "Content-Length must be one number")
        if int(length) <= BODY_CAP:
            return self.rfile.read(int(length))
        self.close_connection = True
        left = min(int(length), PATIENT_CAP)
        while left > 0 and (piece := self.rfile.read1(min(left, 1 << 16))):
            left -= len(piece)
        raise Refusal(413, f"the body has {length} bytes; at most {BODY_CAP} are read")

    def route(self, body):
        path = self.path.split("?")[0]
        routes = {
            "/health": ("GET", self.health), "/progress": ("GET", self.progress),
            "/v1/models": ("GET", self.models), "/v1/embeddings": ("POST", self.embeddings),
            "/v1/chat/completions": ("POST", lambda: self.complete(body, True)),
            "/v1/completions": ("POST", lambda: self.complete(body, False)),
        }
        if path != "/health":
            self.authorize()
        if path not in routes:
            raise Refusal(404, f"there is no {path[:80]} here, only {', '.join(routes)}")
        method, go = routes[path]
        if self.command != method:
            raise Refusal(405, f"{path} takes {method}, not {self.command}")
        go()

    def authorize(self):
        """The same time for every wrong token."""
        token = self.server.token
        given = self.headers.get("Authorization", "").encode("utf-8", "replace")
        if token and not hmac.compare_digest(given, b"Bearer " + token):
            raise Refusal(401, "this needs the bearer token that the server was started with",
                          code="invalid_api_key")

    def health(self):
        self.loaded()
        self.give(200, {"status": "ok"})

    def loaded(self):
        if self.server.batcher.model is None:
            raise Refusal(503, "Loading model", "unavailable_error", "loading")
        return self.server.batcher.model

    def progress(self):
        self.give(200, self.server.batcher.progress())

    def models(self):
        model = {"id": self.server.served, "object": "model", "created": 0, "owned_by": "local"}
        self.give(200, {"object": "list", "data": [model]})

    def embeddings(self):
        raise Refusal(501, "this server has no embeddings", "not_supported_error")

    def complete(self, body, chat):
        model = self.loaded()
        row = model.row(Question.read(body, chat, self.server.served))
        try:
            self.server.batcher.submit(row)
            answer = Answer(row, self.server.served)
            if row.question.stream:
                self.stream(row, answer)
            else:
                self.give(200, answer.whole("".join(row.pieces(self.connection))))
        except Refusal as refusal:
            self.refuse(refusal)
        finally:
            row.close()

    def stream(self, row, answer):
        """Its status waits for the first piece: until then it may still be an error."""
        for piece in row.pieces(self.connection):
            self.begin_stream(answer)
            self.event(answer.chunk({"content": piece}))
        self.begin_stream(answer)
        self.event(answer.chunk({}, row.reason))
        if row.question.include_usage:
            self.event(answer.chunks([], row.usage()))
        self.write_chunk(b"data: [DONE]\n\n")
        self.write_chunk(b"")

    def begin_stream(self, answer):
        if self.streaming:
            return
        self.streaming = True
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Cache-Control", "no-cache")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        if answer.chat:
            self.event(answer.chunk({"role": "assistant", "content": ""}))

    def event(self, value):
        self.write_chunk(b"data: " + json.dumps(value).encode() + b"\n\n")

    def write_chunk(self, data):
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))

    def refuse(self, refusal):
        if not self.streaming:
            self.give(refusal.status, refusal.body)
            return
        self.close_connection = True
        self.event(refusal.body)
        self.write_chunk(b"")

    def give(self, status, value):
        data = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(data)

    def send_error(self, code, message=None, explain=None):
        """What the base class finds wrong before it asks us."""
        self.close_connection = True
        self.streaming = False
        self.refuse(Refusal(code, message or self.responses[code][0]))

    def version_string(self):
        return "skein"

    def log_message(self, *_):
        pass


class LoopbackHandler(Handler):
    disable_nagle_algorithm = True


class Listener(socketserver.ThreadingMixIn, socketserver.TCPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128
    allow_reuse_address = True

    def handle_error(self, request, client_address):
        error = sys.exc_info()[1]
        if not isinstance(error, ConnectionError):
            log(f"a connection failed: {type(error).__name__}: {first_line(error)}")


class UnixListener(Listener):
    address_family = socket.AF_UNIX


def listen(options):
    if not options.socket:
        listener = Listener(("127.0.0.1", options.port), LoopbackHandler)
        return listener, f"http://127.0.0.1:{listener.server_address[1]}"
    old = os.umask(0o177)  # Accessible to the owner only.
    try:
        return UnixListener(options.socket, Handler), f"unix:{options.socket}"
    finally:
        os.umask(old)


def need(package):
    if importlib.util.find_spec(package) is None:
        missing(package)


def missing(package):
    leave(1, f"the Python package {package} is missing for {sys.executable}; "
          f"install it with: {sys.executable} -m pip install {package}")


def arguments():
    parser = argparse.ArgumentParser(description="OpenAI-compatible server over transformers")
    parser.add_argument("--model", required=True, help="a folder, or a name that transformers knows")
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--socket", help="path of the unix socket")
    where.add_argument("--port", type=int, help="port on loopback, 0 for a free one")
    parser.add_argument("--name", help="as which the model is served")
    parser.add_argument("--slots", type=int, default=4, help="most requests in one batch")
    parser.add_argument("--context", type=int, default=4096, help="most tokens of prompt and answer")
    parser.add_argument("--device", choices=("auto", "cuda", "cpu"), default="auto")
    parser.add_argument("--dtype", choices=("auto", "float32", "float16", "bfloat16"), default="auto")
    options = parser.parse_args()
    for name in ("slots", "context"):
        if getattr(options, name) < 1:
            parser.error(f"--{name} must be at least 1, but is {getattr(options, name)}")
    return options


def main():
    options = arguments()
    need("torch")
    need("transformers")
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    try:
        listener, address = listen(options)
    except (OSError, OverflowError) as error:
        leave(1, f"cannot listen on {options.socket or options.port}: {first_line(error)}")

    def stop(number, _):
        if options.socket and os.path.exists(options.socket):
            os.unlink(options.socket)
        leave(0, f"stopping: {signal.Signals(number).name}")

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    listener.token = os.environ.pop("SKEIN_WORKER_TOKEN", "").encode()
    listener.served = options.name or options.model
    listener.batcher = Batcher(options.slots)
    log(f"listening on {address}")
    threading.Thread(target=listener.batcher.run, args=(options,), daemon=True).start()
    listener.serve_forever()


if __name__ == "__main__":
    main()
