"""What others on the machine can see of a run: its command line, its files, its memory after a crash. No
key is in any of it."""
import contextlib
import os
import resource
import signal
import stat
import unittest

import harness
import keys

SOME_CORE = 1 << 20  # Bytes: the beginning of one is enough.
MOST_CORE = resource.getrlimit(resource.RLIMIT_CORE)[1]


def allow_cores(pid):
    resource.prlimit(pid, resource.RLIMIT_CORE, (SOME_CORE, MOST_CORE))


class Private(keys.Case):
    @contextlib.contextmanager
    def under_way(self, *arguments, **options):
        """A run that waits for a silent server; killed if it is still there."""
        mock = self.mock("faults: [{fault: silence}]\n")
        self.rows(1)
        self.job_with_keys(mock.url)
        # The sanitizer would see to cores and crashes in its own way.
        sanitizer = "disable_coredump=0:handle_segv=0:handle_abort=0:detect_leaks=0"
        process = self.start("run", "job.yaml", "-v", *arguments,
                             env={**self.env, "ASAN_OPTIONS": sanitizer, "TSAN_OPTIONS": sanitizer}, **options)
        self.addCleanup(lambda: process.poll() is None and process.kill())
        mock.until(lambda ledger: ledger["in_flight"] == 1)
        yield process
        process.kill()
        _, err = process.communicate(timeout=harness.PATIENCE)
        self.no_key_in(err.decode())

    def test_no_key_is_on_the_command_line(self):
        with self.under_way() as process:
            with open(f"/proc/{process.pid}/cmdline", "rb") as file:
                line = file.read().decode()
        self.assertIn("job.yaml", line)
        self.no_key_in(line)

    def crash(self, *arguments):
        """The limit of its core files, and the cores that it left when the limit had been raised."""
        with self.under_way(*arguments, preexec_fn=lambda: allow_cores(0)) as process:
            limit = resource.prlimit(process.pid, resource.RLIMIT_CORE)[0]
            allow_cores(process.pid)
            process.send_signal(signal.SIGSEGV)
            self.assertEqual(process.wait(harness.PATIENCE), -signal.SIGSEGV)
            cores = [path for path in self.folder.iterdir() if path.name.startswith("core")]
            for path in cores:
                path.unlink()
        return limit, len(cores)

    @unittest.skipIf(0 <= MOST_CORE < SOME_CORE, "no core files are allowed here")
    def test_a_crash_leaves_no_core_but_to_those_who_ask_for_one(self):
        self.assertEqual(self.crash(), (0, 0))
        limit, cores = self.crash("--allow-core")
        self.assertEqual(limit, SOME_CORE)
        with open("/proc/sys/kernel/core_pattern", encoding="ascii") as file:
            if file.read().strip() == "core":  # Else it goes elsewhere.
                self.assertEqual(cores, 1)

    def test_files_are_for_their_owner_alone(self):
        self.rows(3)
        self.job_with_keys(self.mock().url)
        old = os.umask(0)
        self.addCleanup(os.umask, old)
        with self.under_way():
            names = ["out.jsonl.journal", "out.jsonl.part"]
            modes = [stat.S_IMODE((self.folder / name).stat().st_mode) for name in names]
            self.assertEqual(modes, [0o600, 0o600])
        (self.folder / "out.jsonl.journal").unlink()
        self.job_with_keys(self.mock().url)
        self.run_with_keys(expect=0)
        self.assertEqual(stat.S_IMODE((self.folder / "out.jsonl").stat().st_mode), 0o600)

    def test_a_part_or_a_journal_that_is_a_link_is_not_followed(self):
        for name in ("out.jsonl.part", "out.jsonl.journal", "out.jsonl"):
            with self.subTest(name):
                victim = self.write("victim", "the work of a week\n")
                (self.folder / name).symlink_to(victim)
                self.rows(1)
                self.job_with_keys(self.mock().url)
                self.run_with_keys("--overwrite", expect=2)
                self.assertEqual(victim.read_text(), "the work of a week\n")
                (self.folder / name).unlink()


if __name__ == "__main__":
    harness.main()
