"""A pool of local workers for figures: llama-server with a tiny model, or mock servers where it cannot be had."""
from . import build

SCRIPTS = build.ROOT / "scripts"
ENGINE = build.ROOT / "build" / "engine"
TEXT, LAYERS = " ".join(map(str, range(1, 101))), "16"  # Not too quick: some hundred answers a second.


def has_engine():
    """Fetches it if it is not there; says why if it cannot be had."""
    return build.run(SCRIPTS / "get_engine")


def local_pool(place, workers, **more):
    """The section `local` of a job, and what the workers are, in words."""
    pool = {"devices": "cpu", "workers_per_device": workers, "start": "standby", **more}
    if not has_engine():
        mock = build.folder() / "mock_server" / "skein-mock"
        command = [str(mock), "--port", "{port}"]
        return {"engine": "command", "command": command, "model": "m", **pool}, "mock servers (no llama-server here)"
    model = place.folder / "tiny.gguf"
    if not model.exists():
        build.run(SCRIPTS / "make_tiny_model", model, TEXT, LAYERS)
    return {"engine": "llama-server", "program": str(ENGINE / "llama-server"), "model": str(model), "context_tokens": 1024,
            "arguments": ["-t", "1", "-tb", "1"], **pool}, "llama-server with a tiny model"
