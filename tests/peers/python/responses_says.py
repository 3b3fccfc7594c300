"""The official client of OpenAI for Python, over the Responses API."""
import json

import openai
from facts import DESCRIPTION, JSON, NAME, RETRY, ROOT, SCHEMA, TEXT, failing, tell

client = openai.OpenAI(api_key="none", base_url=ROOT + "/v1", max_retries=0)
patient = openai.OpenAI(api_key="none", base_url=ROOT + "/v1", max_retries=2)
TOOLS = {"tools": [{"type": "function", "name": NAME, "description": DESCRIPTION, "parameters": SCHEMA,
                    "strict": True}], "tool_choice": "required"}
FORM = {"format": {"type": "json_schema", "name": "found", "schema": SCHEMA, "strict": True}}


def ask(content, with_client=client, **more):
    return with_client.responses.create(model="m", input=content, **more)


def streamed(content, **more):
    with client.responses.stream(model="m", input=content, **more) as stream:
        return stream.get_final_response()


def said(response):
    return {"text": response.output_text, "reason": response.status,
            "usage": [response.usage.input_tokens, response.usage.output_tokens]}


def called(response):
    call = next(item for item in response.output if item.type == "function_call")
    return {"name": call.name, "arguments": json.loads(call.arguments), "reason": response.status}


tell({
    "chat": lambda: said(ask(TEXT)),
    "stream": lambda: said(streamed(TEXT)),
    "tools": lambda: called(ask(JSON, **TOOLS)),
    "tools_stream": lambda: called(streamed(JSON, **TOOLS)),
    "structured": lambda: json.loads(ask(JSON, text=FORM).output_text),
    "error_401": lambda: ask(failing(401)),
    "error_429": lambda: ask(failing(429)),
    "error_500": lambda: ask(failing(500)),
    "retry": lambda: said(ask(RETRY, patient))["reason"],
})
