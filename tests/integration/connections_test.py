"""Too few open files and too few ports: a run that cannot work is refused, one that can, works."""
import contextlib
import ctypes
import os
import resource
import subprocess

import harness

CLONE_NEWNET = 0x40000000


@contextlib.contextmanager
def network_of_our_own():
    """A network without anybody else, in which this process is and those that it starts. Raises
    OSError where that is not allowed."""
    libc = ctypes.CDLL(None, use_errno=True)
    before = os.open("/proc/self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    try:
        if libc.unshare(CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), "unshare")
        try:
            subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
            yield
        finally:
            libc.setns(before, CLONE_NEWNET)
    finally:
        os.close(before)


def ports_that_may_call(count):
    with open("/proc/sys/net/ipv4/ip_local_port_range", "w", encoding="ascii") as file:
        file.write(f"40000 {40000 + count - 1}")


def open_files(count):
    return lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (count, count))


class Connections(harness.Case):
    def test_more_in_flight_than_files_may_be_open_is_refused(self):
        mock = self.mock()
        self.rows(300)
        self.job(mock.url, "limits: {in_flight: 200}\n")
        for command in ("run", "check"):
            status, _, err = self.skein(command, "job.yaml", preexec_fn=open_files(64))
            self.assertEqual(status, 2, err)
            self.assertIn("ulimit -n", err)
            self.assertIn("in_flight is 200", err)
        self.assertEqual(mock.ledger()["requests"], 0)

    def test_as_many_in_flight_as_files_allow_are_in_flight(self):
        for url in (self.mock("latency: 20ms\n").url, "mock:"):
            with self.subTest(url):
                self.rows(400)
                self.job(url, "limits: {in_flight: 40}\n")
                spare = 64 + (40 if url == "mock:" else 0)  # There both ends are ours.
                status, _, err = self.skein("run", "job.yaml", "--overwrite",
                                            preexec_fn=open_files(40 + spare))
                self.assertEqual(status, 0, err)
                self.assertNotIn("attempts that failed", err)
                status, _, err = self.skein("run", "job.yaml", "--overwrite",
                                            preexec_fn=open_files(40 + spare - 1))
                self.assertEqual(status, 2, err)

    def test_when_ports_run_out_connecting_is_tried_again_and_all_is_done(self):
        ports, rows = 50, 200
        with contextlib.ExitStack() as stack:
            try:
                stack.enter_context(network_of_our_own())
            except OSError as error:
                self.skipTest(f"no network of our own to be had: {error}")
            mock = stack.enter_context(harness.Mock("latency: 100ms\n"))
            self.rows(rows)
            ports_that_may_call(ports)
            self.job(mock.url, f"limits: {{in_flight: {ports + 5}, attempts: 12}}\n"
                               "backoff: {base: 100ms}\n")
            _, err = self.run_job()
            ports_that_may_call(20_000)  # One of them for us.
            ledger = mock.ledger()
        self.assertEqual(ledger["answered"], {"200": rows})
        self.assertRegex(err, r"attempts that failed: connect \d", "else there were ports enough")
        self.assertEqual([line["skein"]["seq"] for line in self.output()], list(range(1, rows + 1)))


if __name__ == "__main__":
    harness.main()
