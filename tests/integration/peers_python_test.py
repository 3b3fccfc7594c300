"""The makers' clients for Python before the mock server, with the checks of their clients for Node.
`scripts/get_python_peers` fetches them, where they can be had."""
import json
import subprocess
import sys

import harness
import peers_test
import python_peers
from peers_test import CALL, USAGE


class PythonPeers(peers_test.Peers):
    test_the_ai_sdk_which_checks_every_answer = None  # There is none for Python.

    def facts(self, program, *arguments):
        root = self.server.url.removesuffix("/v1")
        done = subprocess.run(
            [python_peers.PYTHON, python_peers.SOURCES / f"{program}_says.py", root, *arguments],
            cwd=self.folder, env=python_peers.QUIET, capture_output=True, text=True, timeout=harness.PATIENCE)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout.splitlines()[-1])

    def test_openai_over_responses(self):
        said = {"text": "one two three", "reason": "completed", "usage": USAGE}
        called = {**CALL, "reason": "completed"}
        self.check(
            self.facts("responses"),
            {"chat": said, "stream": said, "tools": called, "tools_stream": called,
             "structured": CALL["arguments"], "retry": "completed"},
            {"error_401": 401, "error_429": 429, "error_500": 500})
        self.check_retries()


if __name__ == "__main__":
    if python_peers.WHY_NOT:
        print(f"skipped: {python_peers.WHY_NOT}")
        sys.exit(77)
    harness.main()
