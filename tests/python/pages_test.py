"""The programs in the README are run as they stand there."""
import re
import subprocess
import sys
import os

import case


class Pages(case.Case):
    def test_the_program_in_the_readme_gets_its_answers(self):
        text = (case.ROOT / "README.md").read_text(encoding="utf-8")
        programs = re.findall(r"```python\n(.*?)```", text, re.S)
        self.assertTrue(programs)
        for program in programs:
            done = subprocess.run(
                [sys.executable, "-X", "dev", "-W", "error", "-c", program], stdout=subprocess.PIPE, text=True,
                timeout=case.PATIENCE, check=True, env={**os.environ, "PYTHONPATH": str(case.ROOT / "python")})
            self.assertGreaterEqual(len(done.stdout.splitlines()), 2, done.stdout)


if __name__ == "__main__":
    case.main()
