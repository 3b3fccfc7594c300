"""skein in the life of a process: Ctrl-C, forks, its end, and whole jobs."""
import json
import signal
import unittest

from case import NEVER, PATIENCE, Case, main, skein

OPEN = "client = skein.Client([{'base_url': sys.argv[1], 'model': 'm'}])\n"


class Process(Case):
    def ended(self, process):
        out, err = process.communicate(timeout=PATIENCE)
        return process.returncode, out, err

    def test_ctrl_c_ends_every_wait(self):
        for wait in ("client.ask('x')", "list(client.map(['x']))", "client.submit('x').result()",
                     "list(client.stream('x'))", "asyncio.run(client.aask('x'))",
                     "client.submit('x'); client._core.wait_for_all()"):
            with self.subTest(wait):
                self.server = self.mock(NEVER)
                process = self.program(
                    f"import asyncio\n{OPEN}try:\n    {wait}\nexcept KeyboardInterrupt:\n    print('interrupted')\n")
                self.all_in_flight(1)
                process.send_signal(signal.SIGINT)
                self.assertEqual(self.ended(process), (0, "interrupted\n", ""))
                self.all_left(1)

    def test_a_program_ends_with_requests_in_flight(self):
        for last in ("", "sys.exit(3)", "raise KeyError", "client.map(['x'])", "del client"):
            with self.subTest(last):
                self.server = self.mock(NEVER)
                process = self.program(
                    f"{OPEN}future = client.submit('x')\nstream = client.stream('y')\n"
                    f"print('asked', sys.stdin.read() if False else '')\nimport urllib.request, time\n"
                    f"while b'\"in_flight\":2' not in urllib.request.urlopen("
                    f"sys.argv[1].replace('/v1', '/ledger')).read(): pass\n{last}\n")
                status, out, err = self.ended(process)
                expected = {"sys.exit(3)": 3, "raise KeyError": 1}.get(last, 0)
                self.assertEqual((status, out.strip()), (expected, "asked"), err)
                self.assertNotIn("Fatal", err)
                self.all_left(2)

    def test_a_child_is_told_to_open_its_own_and_the_parent_goes_on(self):
        self.server = self.mock()
        process = self.program(OPEN + """
assert client.ask('echo:a').text == 'a'
reply = client.ask('echo:kept')
pid = os.fork()
if pid == 0:
    for call in (lambda: client.ask('x'), lambda: client.submit('x'), client.tally):
        try:
            call()
        except RuntimeError as error:
            assert 'fork' in str(error), error
        else:
            os._exit(5)
    assert reply.text == 'kept'
    client.close()
    mine = skein.Client([{'base_url': sys.argv[1], 'model': 'm'}])
    assert mine.ask('echo:child').text == 'child'
    mine.close()
    sys.exit(0)
_, status = os.waitpid(pid, 0)
assert os.waitstatus_to_exitcode(status) == 0, status
assert client.ask('echo:b').text == 'b'
""")
        self.assertEqual(self.ended(process), (0, "", ""))

    def test_processes_of_a_pool_may_have_clients(self):
        self.server = self.mock()
        process = self.program(OPEN + """
import multiprocessing
def ask(i):
    with skein.Client([{'base_url': sys.argv[1], 'model': 'm'}]) as mine:
        return mine.ask(f'echo:{i}').text
if __name__ == '__main__':
    client.ask('x')
    with multiprocessing.get_context('fork').Pool(2) as pool:
        print(pool.map(ask, range(4)))
""")
        self.assertEqual(self.ended(process), (0, "['0', '1', '2', '3']\n", ""))


class Jobs(Case):
    def test_a_job_runs_to_its_end_and_says_how_far_it_is(self):
        server = self.mock("latency: 20ms")
        self.rows(200)
        job = self.job(server.url, "limits: {in_flight: 20}").read_text()
        job = job.replace("file: rows.jsonl", f"file: {self.folder}/rows.jsonl").replace(
            "file: out.jsonl", f"file: {self.folder}/out.jsonl")
        seen = []
        report = skein.run(job.encode(), on_progress=seen.append, every=0)
        self.assertEqual((report.code, report.ok, report.error), (0, True, ""))
        self.assertEqual((report.tally["written"], len(self.output())), (200, 200))
        self.assertIn("run complete", report.text)
        self.assertGreater(len(seen), 0)
        self.assertEqual({"rows", "done", "written", "tally"} - set(seen[0]), set())

    def test_a_job_file_is_named_by_its_path_and_wrong_ones_are_said(self):
        server = self.mock()
        self.rows(3)
        report = skein.run(self.job(server.url))
        self.assertTrue(report.ok, report.error)
        self.assertEqual(len(self.output()), 3)
        report = skein.run(self.folder / "not-there.yaml")
        self.assertEqual(report.code, 2)
        self.assertIn("not-there.yaml", report.error)
        self.assertEqual(skein.run({"endpoints": 3}).code, 2)

    def test_an_exception_of_on_progress_stops_the_job(self):
        server = self.mock(NEVER)
        self.rows(3)
        path = self.job(server.url, "grace: 0s")

        def fail(progress):
            raise KeyError(json.dumps(progress)[:9])

        with self.assertRaises(KeyError):
            skein.run(path, on_progress=fail)

    def test_ctrl_c_stops_a_job_and_once_more_cancels_it(self):
        self.server = self.mock(NEVER)
        self.rows(3)
        self.job(self.server.url, "grace: 1h")
        process = self.program("""
import signal
def interrupt(*_):
    print('heard')
    raise KeyboardInterrupt
signal.signal(signal.SIGINT, interrupt)
try:
    skein.run('job.yaml', on_progress=lambda p: print(p['tally']['in_flight']), every=0)
except KeyboardInterrupt:
    print('interrupted')
""")
        self.all_in_flight(3)
        self.until(process, "3")
        process.send_signal(signal.SIGINT)
        self.until(process, "heard")
        self.until(process, "3")
        process.send_signal(signal.SIGINT)
        self.all_left(3)
        out, err = process.communicate(timeout=PATIENCE)
        self.assertEqual((process.returncode, out.splitlines()[-1], err), (0, "interrupted", ""))

    def until(self, process, words):
        """Reads lines until this one."""
        while (line := process.stdout.readline()) != words + "\n":
            self.assertNotEqual(line, "", "it has ended")


if __name__ == "__main__":
    main()
