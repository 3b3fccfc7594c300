"""A name server, a wall clock and a fate that do as they are told: see tests/preload/preload.cpp."""
import collections
import os
import pathlib
import tempfile

import harness

LIBRARY = harness.BUILD / "tests" / "libskein_preload.so"


class Preload:
    """What it is told is files in a folder; `environment` is for the program that shall believe it."""

    def __init__(self, case, **files):
        folder = tempfile.TemporaryDirectory()
        case.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.tell(**files)

    def tell(self, **files):
        """From now on: `names=` lines of `HOST [after SECONDS] ANSWER`, `clock=` seconds, `fate=`
        `CALL TIMES SIGNAL`, `writes=` `badly`, `sync=` milliseconds that each fdatasync takes longer."""
        for name, text in files.items():
            new = self.folder / "new"
            new.write_text(f"{text}\n")
            new.replace(self.folder / name)

    @property
    def environment(self):
        # Ours stands before the sanitizer's runtime, which looks for itself in the first place.
        asan = f"verify_asan_link_order=0:{os.environ.get('ASAN_OPTIONS', '')}"
        return {**os.environ, "LD_PRELOAD": str(LIBRARY), "SKEIN_PRELOAD": str(self.folder),
                "ASAN_OPTIONS": asan}

    def asked(self):
        """How often what was asked."""
        path = self.folder / "asked"
        return collections.Counter(path.read_text().splitlines() if path.exists() else [])
