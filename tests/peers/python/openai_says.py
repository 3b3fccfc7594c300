"""The official client of OpenAI for Python."""
import json

import openai
from facts import DESCRIPTION, JSON, NAME, RETRY, ROOT, SCHEMA, TEXT, failing, tell

client = openai.OpenAI(api_key="none", base_url=ROOT + "/v1", max_retries=0)
patient = openai.OpenAI(api_key="none", base_url=ROOT + "/v1", max_retries=2)
TOOLS = {"tools": [{"type": "function", "function": {
    "name": NAME, "description": DESCRIPTION, "parameters": SCHEMA, "strict": True}}], "tool_choice": "required"}
FORM = {"type": "json_schema", "json_schema": {"name": "found", "schema": SCHEMA, "strict": True}}


def ask(content, with_client=client, **more):
    return with_client.chat.completions.create(
        model="m", messages=[{"role": "user", "content": content}], **more)


def streamed(content, **more):
    with client.chat.completions.stream(model="m", messages=[{"role": "user", "content": content}],
                                        stream_options={"include_usage": True}, **more) as stream:
        return stream.get_final_completion()


def said(completion):
    return {"text": completion.choices[0].message.content, "reason": completion.choices[0].finish_reason,
            "usage": [completion.usage.prompt_tokens, completion.usage.completion_tokens]}


def called(completion):
    function = completion.choices[0].message.tool_calls[0].function
    return {"name": function.name, "arguments": json.loads(function.arguments),
            "reason": completion.choices[0].finish_reason}


tell({
    "chat": lambda: said(ask(TEXT)),
    "stream": lambda: said(streamed(TEXT)),
    "tools": lambda: called(ask(JSON, **TOOLS)),
    "tools_stream": lambda: called(streamed(JSON, **TOOLS)),
    "structured": lambda: json.loads(ask(JSON, response_format=FORM).choices[0].message.content),
    "embeddings": lambda: [len(one.embedding) for one in client.embeddings.create(
        model="m", input=["one", "two"], encoding_format="float").data],
    "models": lambda: [model.id for model in client.models.list()],
    "error_401": lambda: ask(failing(401)),
    "error_429": lambda: ask(failing(429)),
    "error_500": lambda: ask(failing(500)),
    "retry": lambda: said(ask(RETRY, patient))["reason"],
})
