"""The mock server, whose weather a figure names: for what the canned server does not do."""
import importlib.util
import os

from . import build, machine


def mock(weather):
    """As the integration tests start it: stopped by its own handle, and with a ledger."""
    os.environ["SKEIN_BUILD"] = str(build.folder())
    path = build.ROOT / "tests" / "integration" / "harness.py"
    spec = importlib.util.spec_from_file_location("integration", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    with machine.pinned_to(machine.SERVER):
        return module.Mock(weather)
