"""What the Python peers have in common: the command line, the prompt, the line of figures at the end.
The same command line is spoken by every peer of this bench, whatever it is written in."""
import argparse
import json
import sys
import time

KEY = "CANARY-key"
FILLER = "some words to fill the prompt with "


def arguments(streams):
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("requests", type=int)
    parser.add_argument("in_flight", type=int)
    parser.add_argument("--prompt", type=int, default=600, help="bytes")
    parser.add_argument("--cacert")
    if streams:
        parser.add_argument("--stream", action="store_true")
    return parser.parse_args()


def filler(size):
    return (FILLER * (size // len(FILLER) + 1))[:size]


def body(number, words, stream=False):
    """A request whose prompt begins with its number and is as long as `words`."""
    begin = f"{number} "
    asked = {"model": "m", "messages": [{"role": "user", "content": begin + words[len(begin):]}]}
    if stream:
        asked |= {"stream": True, "stream_options": {"include_usage": True}}
    return asked


class Figures:
    """Counts, and says at the end what was counted."""

    def __init__(self):
        self.failed = self.chunks = self.bytes = 0
        self.began = time.monotonic()

    def tell(self, requests):
        seconds = time.monotonic() - self.began
        print(json.dumps({"requests": requests, "failed": self.failed, "seconds": seconds,
                          "chunks": self.chunks, "bytes": self.bytes}))
        sys.exit(1 if self.failed else 0)
