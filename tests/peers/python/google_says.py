"""The official client of Gemini for Python."""
import json

from facts import DESCRIPTION, JSON, NAME, RETRY, ROOT, SCHEMA, TEXT, failing, tell
from google import genai
from google.genai import types


def client(**more):
    return genai.Client(api_key="none", http_options=types.HttpOptions(base_url=ROOT, **more))


CLIENT = client()  # A client that nobody holds closes its connections.
PATIENT = client(retry_options=types.HttpRetryOptions(attempts=3, initial_delay=0.001, max_delay=0.001))
models = CLIENT.models
patient = PATIENT.models
CALLED = {
    "tools": [{"function_declarations": [
        {"name": NAME, "description": DESCRIPTION, "parameters_json_schema": SCHEMA}]}],
    "tool_config": {"function_calling_config": {"mode": "ANY"}},
    "automatic_function_calling": {"disable": True},
}
THINKING = {"thinking_config": {"include_thoughts": True}}


def ask(content, with_models=models, **config):
    return [with_models.generate_content(model="m", contents=content, config=config or None)]


def streamed(content, **config):
    return list(models.generate_content_stream(model="m", contents=content, config=config or None))


def parts_of(answers):
    return [part for answer in answers for part in answer.candidates[0].content.parts or []]


def reason_of(answers):
    return answers[-1].candidates[0].finish_reason.value


def said(answers):
    usage = answers[-1].usage_metadata
    return {"text": "".join(part.text or "" for part in parts_of(answers) if not part.thought),
            "reason": reason_of(answers), "usage": [usage.prompt_token_count, usage.candidates_token_count]}


def called(answers):
    call = next(part.function_call for part in parts_of(answers) if part.function_call)
    return {"name": call.name, "arguments": call.args, "reason": reason_of(answers)}


def thought(answers):
    has_thought = any(part.thought and len(part.text) > 10 for part in parts_of(answers))
    return [has_thought, said(answers)["text"]]


tell({
    "chat": lambda: said(ask(TEXT)),
    "stream": lambda: said(streamed(TEXT)),
    "tools": lambda: called(ask(JSON, **CALLED)),
    "tools_stream": lambda: called(streamed(JSON, **CALLED)),
    "structured": lambda: json.loads(said(ask(
        JSON, response_mime_type="application/json", response_json_schema=SCHEMA))["text"]),
    "thinking": lambda: thought(ask(TEXT, **THINKING)),
    "thinking_stream": lambda: thought(streamed(TEXT, **THINKING)),
    "count": lambda: models.count_tokens(model="m", contents=TEXT).total_tokens,
    "embeddings": lambda: [len(one.values) for one in models.embed_content(
        model="m", contents=["one", "two"]).embeddings],
    "blocked": lambda: ask("please block this")[0].prompt_feedback.block_reason.value,
    "bare_error": lambda: len(streamed("please break the stream")),
    "error_400": lambda: ask(TEXT, candidate_count=99),
    "error_401": lambda: ask(failing(401)),
    "error_429": lambda: ask(failing(429)),
    "error_500": lambda: ask(failing(500)),
    "retry": lambda: reason_of(ask(RETRY, patient)),
})
