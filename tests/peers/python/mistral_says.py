"""The official client of Mistral for Python, which checks every answer by a model of it."""
import json

import mistralai.client
from facts import DESCRIPTION, JSON, NAME, RETRY, ROOT, SCHEMA, TEXT, failing, tell
from mistralai.client.utils import BackoffStrategy, RetryConfig

client = mistralai.client.Mistral(api_key="none", server_url=ROOT)
PATIENT = {"retries": RetryConfig("backoff", BackoffStrategy(1, 2, 1, 10000), False)}
TOOLS = {"tools": [{"type": "function", "function": {
    "name": NAME, "description": DESCRIPTION, "parameters": SCHEMA}}], "tool_choice": "any"}
FORM = {"type": "json_schema", "json_schema": {"name": "found", "schema": SCHEMA}}


def ask(content, **more):
    return client.chat.complete(model="m", messages=[{"role": "user", "content": content}], **more)


def said(completion):
    return {"text": completion.choices[0].message.content, "reason": completion.choices[0].finish_reason,
            "usage": [completion.usage.prompt_tokens, completion.usage.completion_tokens]}


def streamed(content):
    text, reason = "", None
    for event in client.chat.stream(model="m", messages=[{"role": "user", "content": content}]):
        for choice in event.data.choices:
            text += choice.delta.content or ""
            reason = choice.finish_reason or reason
    return {"text": text, "reason": reason}


def called(completion):
    function = completion.choices[0].message.tool_calls[0].function
    return {"name": function.name, "arguments": json.loads(function.arguments),
            "reason": completion.choices[0].finish_reason}


tell({
    "chat": lambda: said(ask(TEXT)),
    "stream": lambda: streamed(TEXT),
    "tools": lambda: called(ask(JSON, **TOOLS)),
    "structured": lambda: json.loads(ask(JSON, response_format=FORM).choices[0].message.content),
    "embeddings": lambda: [len(one.embedding) for one in client.embeddings.create(
        model="m", inputs=["one", "two"]).data],
    "error_401": lambda: ask(failing(401)),
    "error_429": lambda: ask(failing(429)),
    "error_500": lambda: ask(failing(500)),
    "retry": lambda: said(ask(RETRY, **PATIENT))["reason"],
})
