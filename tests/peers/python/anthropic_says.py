"""The official client of Anthropic for Python."""
import json

import anthropic
from facts import DESCRIPTION, JSON, NAME, RETRY, ROOT, SCHEMA, TEXT, failing, tell

client = anthropic.Anthropic(api_key="none", base_url=ROOT, max_retries=0)
patient = anthropic.Anthropic(api_key="none", base_url=ROOT, max_retries=2)
TOOLS = {"tools": [{"name": NAME, "description": DESCRIPTION, "input_schema": SCHEMA}],
         "tool_choice": {"type": "any"}}
FORM = {"format": {"type": "json_schema", "schema": SCHEMA}}
THINKING = {"thinking": {"type": "adaptive"}}


def asked(content, **more):
    return {"model": "m", "max_tokens": 64, "messages": [{"role": "user", "content": content}], **more}


def ask(content, with_client=client, **more):
    return with_client.messages.create(**asked(content, **more))


def streamed(content, **more):
    with client.messages.stream(**asked(content, **more)) as stream:
        return stream.get_final_message()


def text_of(message):
    return "".join(block.text for block in message.content if block.type == "text")


def said(message):
    return {"text": text_of(message), "reason": message.stop_reason,
            "usage": [message.usage.input_tokens, message.usage.output_tokens]}


def called(message):
    call = next(block for block in message.content if block.type == "tool_use")
    return {"name": call.name, "arguments": call.input, "reason": message.stop_reason}


def thought(message):
    return [len(message.content[0].thinking) > 10, text_of(message)]


def count():
    messages = asked(TEXT)["messages"]
    return client.messages.count_tokens(model="m", messages=messages).input_tokens


tell({
    "chat": lambda: said(ask(TEXT)),
    "stream": lambda: said(streamed(TEXT)),
    "tools": lambda: called(ask(JSON, **TOOLS)),
    "tools_stream": lambda: called(streamed(JSON, **TOOLS)),
    "structured": lambda: json.loads(text_of(ask(JSON, extra_body={"output_config": FORM}))),
    "thinking": lambda: thought(ask(TEXT, **THINKING)),
    "thinking_stream": lambda: thought(streamed(TEXT, **THINKING)),
    "count": count,
    "models": lambda: [model.id for model in client.models.list()],
    "error_400": lambda: ask(TEXT, extra_body={"n": 2}),
    "error_401": lambda: ask(failing(401)),
    "error_429": lambda: ask(failing(429)),
    "error_500": lambda: ask(failing(500)),
    "retry": lambda: said(ask(RETRY, patient))["reason"],
})
