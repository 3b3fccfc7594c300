"""The official clients, types and servers of others: where they are, and a folder in which a program of
Node finds them."""
import json
import os
import pathlib
import shutil
import subprocess

import harness

ROOT = pathlib.Path(__file__).resolve().parents[2]
PEERS = ROOT / "build" / "peers"
SOURCES = ROOT / "tests" / "peers"
MODULES = PEERS / "node_modules"
WHY_NOT = "" if MODULES.exists() and shutil.which("node") else \
    f"there is no {MODULES.relative_to(ROOT)}; scripts/get_peers says why"
# No proxy of this machine is asked for what is on this machine.
QUIET = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}


def prepare(folder):
    """Node looks for packages beside the file that it runs, so the files are copied beside a link."""
    for source in SOURCES.glob("*.mjs"):
        shutil.copy(source, folder)
    (folder / "node_modules").symlink_to(MODULES)


def facts(case, program, *arguments):
    """What a program of tests/peers/ found, as one object."""
    done = subprocess.run(["node", f"{program}.mjs", *arguments], cwd=case.folder, env=QUIET,
                          capture_output=True, text=True, timeout=harness.PATIENCE)
    case.assertEqual(done.returncode, 0, done.stderr)
    return json.loads(done.stdout.splitlines()[-1])
