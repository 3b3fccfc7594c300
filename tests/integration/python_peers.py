"""The makers' clients for Python, and litellm: where they are."""
import os
import pathlib

ROOT = pathlib.Path(__file__).resolve().parents[2]
PEERS = ROOT / "build" / "python-peers"
SOURCES = ROOT / "tests" / "peers" / "python"
PYTHON = PEERS / "bin" / "python"
WHY_NOT = "" if PYTHON.exists() else f"there is no {PEERS.relative_to(ROOT)}; scripts/get_python_peers says why"
# No proxy of this machine is asked for what is on this machine.
QUIET = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
