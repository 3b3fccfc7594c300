"""Asks a server for each request of a file of JSON lines, through litellm.

    litellm_says.py PROVIDER/MODEL URL FILE

Prints one line of JSON for each request that litellm itself refuses: its number and why."""
import json
import os
import sys

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
os.environ["LITELLM_LOCAL_ANTHROPIC_BETA_HEADERS"] = "True"
import litellm  # noqa: E402 (what it reads when it is imported stands above)

litellm.telemetry = False
litellm.suppress_debug_info = True

model, url, file = sys.argv[1:]
with open(file, encoding="utf-8") as lines:
    for number, line in enumerate(lines):
        body = json.loads(line)
        body.pop("model")
        try:
            litellm.completion(model=model, api_base=url, api_key="none", num_retries=0, max_retries=0, **body)
        except Exception as error:  # Of many classes.
            print(json.dumps([number, f"{type(error).__name__}: {error}"]))
