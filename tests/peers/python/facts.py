"""What every client is asked to do, and how a program tells what it found: one line of JSON on its output.
The same as ../facts.mjs, for the clients for Python. The judge of these facts is python_peers_test.py."""
import json
import sys

ROOT = sys.argv[1]  # Of the server, without `/v1`.
TEXT = "echo:one two three"
JSON = 'echo:{"q":"a dot"}'
RETRY = "please fail once"
SCHEMA = {"type": "object", "properties": {"q": {"type": "string"}}, "required": ["q"],
          "additionalProperties": False}
NAME, DESCRIPTION = "find", "Looks something up"


def failing(status):
    return f"please fail with {status}"


def tell(checks):
    """A check that throws is a fact as well: its status, and who refused the answer."""
    facts = {}
    for name, check in checks.items():
        try:
            facts[name] = check()
        except Exception as error:  # Of many classes.
            status = getattr(error, "status_code", None) or getattr(error, "code", None)
            facts[name] = {"status": status, "error": type(error).__name__, "message": str(error)[:1500]}
    print(json.dumps(facts))
