"""A server that runs already is asked, and left alone otherwise."""
import subprocess
import sys

import harness
import local_case
from fallback_case import Case


class Guest(Case):
    def run_server(self, port=0):
        number = len(self.director.those("listening"))
        server = subprocess.Popen([sys.executable, "-B", str(local_case.FAKE), "--director", self.director.path,
                                   "--port", str(port)], stderr=subprocess.DEVNULL, start_new_session=True)
        self.addCleanup(server.wait)
        self.addCleanup(server.kill)
        return server, self.director.until(number + 1, "listening")[-1]["at"][1]

    def test_it_is_asked_and_lives_on(self):
        server, port = self.run_server()
        self.local_job(engine="url", base_url=f"http://127.0.0.1:{port}/v1")
        err = self.finish()
        self.all_is_well()
        self.none_asked_twice()
        self.assertIsNone(server.poll())
        tokens = {event["token"] for event in self.director.those("health")}
        self.assertEqual(tokens, {None}, "it has none of ours")
        self.assertNotIn("local-0 starts", err)

    def test_the_look_at_a_server_goes_to_the_path_of_its_requests(self):
        server, port = self.run_server()
        self.local_job(engine="url", base_url=f"http://127.0.0.1:{port}")
        self.finish()
        self.all_is_well()
        paths = {event["path"] for name in ("warm_up", "asked") for event in self.director.those(name)}
        self.assertEqual(paths, {"/v1/chat/completions"})
        self.assertIsNone(server.poll())

    def test_one_that_goes_away_is_waited_for(self):
        server, port = self.run_server()
        self.local_job(rows=100, engine="url", base_url=f"http://127.0.0.1:{port}/v1", probe_interval="50ms")
        gate = self.hold()
        self.rules["asked"] = lambda event: gate(event) if event["question"] == "What is 30 and 30?" else None
        run = self.begin()
        self.director.until(30, "asked")
        server.kill()
        server.wait()
        run.until("local-0 is away")
        self.run_server(port)
        gate.let_go()
        self.assertEqual(run.end()[0], 0, run.said)
        self.all_is_well(100)
        self.assertLessEqual(max(self.director.asked().values()), 2)

    def test_one_with_a_cuda_error_is_not_killed(self):
        server, port = self.run_server()
        said = []

        def fail_once(event):
            if not said:
                said.append(event)
                return {"status": 500, "error": {"message": "CUDA error: an illegal memory access"}}
        self.rules["asked"] = fail_once
        self.local_job(engine="url", base_url=f"http://127.0.0.1:{port}/v1", probe_interval="50ms")
        self.finish()
        self.all_is_well()
        self.assertIsNone(server.poll())

    def test_one_that_is_not_there_is_waited_for_and_then_told(self):
        url = self.nobody()
        self.local_job(engine="url", base_url=url, startup_timeout="300ms")
        err = self.finish(expect=3)
        self.assertIn("local-0 is given up for this run: it was not ready after 300 ms", err)


if __name__ == "__main__":
    harness.main()
