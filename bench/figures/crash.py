"""`bench/run crash`: killed 50 times at random moments, and the journal cut at every byte of its last
three records. The test that CI runs in small, in full."""
import os
import subprocess
import sys

from harness import build


def measure():
    test = build.ROOT / "tests" / "integration" / "resume_test.py"
    environment = {**os.environ, "SKEIN_BUILD": str(build.folder()), "SKEIN_KILLS": "50", "SKEIN_CUT_STEP": "1"}
    return subprocess.run([sys.executable, test, "-v"], env=environment, cwd=test.parent).returncode
