"""Local workers as they should be: where they run, what they know, and who may ask them."""
import http.client
import os
import pathlib
import socket

import devices_test
import harness
import local_case

CANARY = "CANARY-7f3e"
KEYS = {"OPENAI_API_KEY": CANARY, "HF_TOKEN": CANARY, "TEST_KEY": CANARY, "MY_PASSWORD": CANARY}
NVML = {"LD_LIBRARY_PATH": str(devices_test.NVML), "FAKE_GPUS": "2"}
NO_GPU = {"CUDA_VISIBLE_DEVICES": ""}


def command_lines():
    """Of everything that runs, as `ps` shows them."""
    lines = []
    for path in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
        try:
            lines.append(path.read_bytes().decode(errors="replace"))
        except OSError:
            pass  # It has just ended.
    return "\n".join(lines)


class Places(local_case.Case):
    def test_a_job_needs_no_endpoint_but_its_own_workers(self):
        self.local_job()
        err = self.finish()
        output = self.all_is_well()
        self.none_asked_twice()
        self.assertEqual({line["skein"]["endpoint"] for line in output}, {"local-0"})
        self.assertEqual({line["skein"]["attempts"] for line in output}, {1})
        self.assertIn("local-0 starts on cpu", err)
        self.assertNotIn("WARN", err.upper())

    def test_it_listens_at_a_socket_or_at_a_port_given_or_chosen(self):
        for at in (("--socket", "{socket}"), ("--port", "{port}"), ()):
            with self.subTest(at):
                self.local_job(command=self.command(at=at))
                self.finish("--set", "output.overwrite=true")
                self.all_is_well()

    def test_a_command_has_its_places_filled_in(self):
        rest = ["{model}", "{device}", "{slots}", "{context}", "{name}", "{other", "--", "a b"]
        self.local_job(command=self.command(*rest), model="some/model", in_flight_per_worker=3, context_tokens=77,
                       arguments=["more"])
        self.finish()
        told = self.director.those("started")[0]["rest"]
        self.assertEqual([word for word in told if word != "--"],
                         ["some/model", "cpu", "3", "77", "some/model", "{other", "a b", "more"])

    def started_on(self, count, env, **local):
        """What each of the first workers was told of its device; none is asked before all are there."""
        hold = self.rules["asked"] = self.hold()
        self.local_job(command=self.command("{device}"), in_flight_per_worker=1, **local)
        run = self.begin(env=env)
        self.director.until(count, "listening")
        hold.let_go()
        self.assertEqual(run.end()[0], 0, run.said)
        self.all_is_well()
        told = {}
        for event in self.director.those("started"):
            environment = event["environment"]
            self.assertEqual(environment.get("CUDA_DEVICE_ORDER"), "PCI_BUS_ID")
            told.setdefault(event["rest"][0], []).append(environment.get("CUDA_VISIBLE_DEVICES"))
        return told

    def test_worker_i_sees_device_i_mod_n_and_no_other(self):
        told = self.started_on(4, NVML, devices="auto", workers_per_device=2)
        self.assertEqual(told, {"0": ["0"] * 2, "1": ["1"] * 2})
        self.all_is_well()

    def test_the_users_own_cuda_visible_devices_is_what_is_chosen_from(self):
        told = self.started_on(1, {**NVML, "CUDA_VISIBLE_DEVICES": "1"}, devices="auto")
        self.assertEqual(told, {"1": ["1"]})

    def test_of_what_the_user_shows_each_worker_sees_its_own_and_no_more(self):
        foreign = {**NVML, "CUDA_VISIBLE_DEVICES": "1,0", "CUDA_DEVICE_ORDER": "FASTEST_FIRST"}
        told = self.started_on(2, foreign, devices="auto")
        self.assertEqual(told, {"1": ["1"], "0": ["0"]})

    def test_on_the_processor_a_worker_sees_none_of_what_the_user_shows(self):
        told = self.started_on(1, {**NVML, "CUDA_VISIBLE_DEVICES": "0"}, devices="cpu")
        self.assertEqual(told, {"cpu": [""]})

    def test_a_device_may_be_pinned_by_its_uuid(self):
        told = self.started_on(1, NVML, devices=[1], pin_by="uuid")
        self.assertEqual(told, {devices_test.uuid(1): [devices_test.uuid(1)]})

    def test_on_the_processor_a_worker_sees_no_gpu(self):
        told = self.started_on(1, NVML, devices="cpu")
        self.assertEqual(told, {"cpu": [""]})


class Trust(local_case.Case):
    def environment(self, **local):
        self.local_job(**local)
        self.finish("--set", "output.overwrite=true", env=KEYS)
        return self.director.those("started")[-1]["environment"]

    def test_no_key_travels_into_a_worker_unless_it_is_named(self):
        environment = self.environment()
        self.assertNotIn(CANARY, str(environment))
        self.assertIn("PATH", environment)
        environment = self.environment(environment=["TEST_KEY", "HF_TOKEN"])
        self.assertEqual({name for name, value in environment.items() if value == CANARY},
                         {"TEST_KEY", "HF_TOKEN"})

    def foreign(self, where, path="/v1/chat/completions", **headers):
        """Asked by somebody of this machine who was given nothing."""
        client = http.client.HTTPConnection("localhost")
        client.sock = socket.socket(socket.AF_UNIX)
        client.sock.connect(where)
        client.request("POST", path, b'{"messages": [{"content": "Let me in"}]}', headers)
        status = client.getresponse().status
        client.close()
        return status

    def test_who_has_not_the_token_is_sent_away_and_nobody_can_read_it(self):
        hold = self.rules["asked"] = self.hold()
        self.local_job()
        run = self.begin("-v")
        self.director.until(1, "asked")
        token = self.director.those("started")[0]["environment"]["SKEIN_WORKER_TOKEN"]
        self.assertRegex(token, r"^[0-9a-f]{32}$")
        self.assertNotIn(token, command_lines())
        where = self.director.those("listening")[0]["at"]
        self.assertEqual(self.foreign(where), 401)
        self.assertEqual(self.foreign(where, authorization=f"Bearer {token[::-1]}"), 401)
        self.assertEqual(os.stat(os.path.dirname(where)).st_mode & 0o777, 0o700)
        hold.let_go()
        self.assertEqual(run.end()[0], 0, run.said)
        self.assertNotIn(token, run.said)
        for path in self.folder.glob("*.jsonl*"):
            self.assertNotIn(token, path.read_text())
        self.assertEqual({event["token"] for event in self.director.those("health")}, {f"Bearer {token}"})

    def test_every_run_has_a_token_of_its_own_and_leaves_no_folder(self):
        tokens = {self.environment()["SKEIN_WORKER_TOKEN"] for _ in range(3)}
        self.assertEqual(len(tokens), 3)
        self.assertEqual(list((self.folder / "run" / "skein").iterdir()), [])


class Refusals(local_case.Case):
    def test_a_pool_that_cannot_be_is_told_before_anything_happens(self):
        empty = self.folder / "empty"
        empty.mkdir()
        pools = (
            (dict(command=["no-such-engine"]), "there is no program no-such-engine in any folder of PATH"),
            (dict(command=["./no-such-engine"]), "no-such-engine; install it, or say where it is"),
            (dict(command=self.command("{sokcet}")), "{sokcet} cannot be filled in; these can: {model}"),
            (dict(engine="llama-server", program="/bin/true", model="none.gguf"), "there is no model "),
            (dict(engine="llama-server", program="/bin/true", model="empty"), "is a folder"),
            (dict(engine="vllm", program="/bin/true", model="some/model", devices="auto"), "GPU"),
            (dict(devices=[0]), "GPU"),
        )
        for pool, words in pools:
            with self.subTest(words):
                self.local_job(**pool)
                self.refused(words, env=NO_GPU)

    def test_a_gpu_that_is_not_there_is_told_with_those_that_are(self):
        self.local_job(devices=[0, 2])
        self.refused("2", env=NVML)

    def test_what_is_hidden_from_us_is_not_used(self):
        self.local_job(devices=[0])
        for env in ({**NVML, "CUDA_VISIBLE_DEVICES": ""}, {**NVML, "FAKE_INIT": "9"}):
            with self.subTest(env):
                self.refused("GPU", env=env)

    def test_without_a_gpu_auto_does_with_the_processor(self):
        self.local_job(devices="auto")
        self.finish(env=NO_GPU)
        self.all_is_well()
        self.assertEqual(self.director.those("started")[0]["environment"]["CUDA_VISIBLE_DEVICES"], "")

    def test_where_it_is_not_required_a_job_goes_on_without_it_with_one_warning(self):
        with harness.Mock() as mock:
            self.local_job(mock.url, command=["no-such-engine"], required=False)
            err = self.finish()
            self.all_is_well(by=("remote",))
            self.assertEqual(mock.ledger()["requests"], local_case.ROWS)
        self.assertEqual(err.count("there will be no local pool: "), 1, err)
        self.assertIn("no-such-engine", err)
        self.local_job(mock.url, command=["no-such-engine"], required=False)
        status, out, _ = self.skein("check", "job.yaml", env=self.env)
        self.assertEqual(status, 0)
        self.assertRegex(out, r"local +none: .*no-such-engine")

    def test_alone_it_is_required_whatever_is_said(self):
        self.local_job(command=["no-such-engine"], required=False)
        self.refused("no-such-engine")

    def test_a_plan_tells_of_the_workers_and_starts_none(self):
        self.local_job(workers_per_device=2)
        status, out, err = self.skein("check", "job.yaml", env=self.env)
        self.assertEqual((status, err), (0, ""))
        self.assertRegex(out, r"local +2 workers of \S+python\S*, local-0 on cpu; local-1 on cpu, 4 in flight")
        self.assertEqual(self.director.events, [])


if __name__ == "__main__":
    harness.main()
