"""Which GPUs there are and what may be done with them, by drivers that tell what they are told to: see
tests/fake_driver/."""
import ctypes
import json
import os
import unittest

import harness

DRIVERS = harness.BUILD / "tests" / "fake_driver"
NVML, CUDA = DRIVERS / "nvml", DRIVERS / "cuda"
LIBRARIES = ("libnvidia-ml.so.1", "libcuda.so.1")


def uuid(number, kind="GPU"):
    return f"{kind}-{0xa0 + number:08x}-0000-4000-8000-000000000000"


def has_driver():
    """Of the machine itself."""
    for name in LIBRARIES:
        try:
            ctypes.CDLL(name)
            return True
        except OSError:
            pass
    return False


class Devices(harness.Case):
    def text(self, *drivers, arguments=(), **variables):
        """What it says of a machine with these drivers; where one is left out there is a file that is
        none, so that the machine's own is not found."""
        for name in LIBRARIES:
            self.write(name, "")
        path = ":".join(map(str, (*drivers, self.folder)))
        clean = {name: value for name, value in os.environ.items() if not name.startswith("CUDA_")}
        environment = {**clean, **variables, "LD_LIBRARY_PATH": path}
        status, out, err = self.skein("devices", *arguments, env=environment)
        self.assertEqual((status, err), (0, ""))
        return out

    def json(self, *drivers, **variables):
        out = self.text(*drivers, arguments=["--json"], **variables)
        self.assertEqual(out.count("\n"), 1, "one line")
        return json.loads(out)

    def devices(self, *drivers, **variables):
        return self.json(*drivers, **variables)["devices"]

    def test_two_gpus_are_told_with_all_that_is_known_of_them(self):
        found = self.json(NVML, FAKE_GPUS="2")
        self.assertEqual((found["source"], found["driver"]), ("nvml", "999.1"))
        self.assertEqual([gpu["index"] for gpu in found["devices"]], [0, 1])
        self.assertEqual(found["devices"][1], {
            "index": 1, "uuid": uuid(1), "name": "Fake H100", "pci": "00000000:02:00.0",
            "memory_total": 80 << 30, "memory_free": 70 << 30, "processes": 3, "capability": "9.0",
            "mig": False, "parent_uuid": None, "visible": True, "visible_as": 1})
        self.assertEqual((found["unusable"], found["note"], found["why_none"]), ([], None, None))

    def test_people_read_a_table(self):
        lines = self.text(NVML, FAKE_GPUS="2").splitlines()
        self.assertEqual(lines[0], "2 devices, by NVML, driver 999.1")
        self.assertEqual(len({line.index("GPU-") for line in lines[2:]}), 1, "columns stand straight")
        self.assertRegex(lines[3], rf"^1 +1 +Fake H100 +70\.0 of 80\.0 GiB +9\.0 +3 +{uuid(1)}$")

    def test_what_nvml_does_not_know_is_not_made_up(self):
        gpu, = self.devices(NVML, FAKE_GPUS="1", FAKE_BARE="1")
        self.assertEqual([gpu[name] for name in ("memory_total", "memory_free", "processes", "capability")],
                         [None] * 4)
        self.assertEqual(gpu["uuid"], uuid(0))
        self.assertIn("? of ? GiB", self.text(NVML, FAKE_GPUS="1", FAKE_BARE="1"))

    def test_without_a_driver_it_says_so_and_what_works(self):
        out = self.text(FAKE_GPUS="2")
        for words in (*LIBRARIES, "no GPU: ", "`devices: cpu`"):
            self.assertIn(words, out)
        found = self.json()
        self.assertEqual((found["devices"], found["source"]), ([], None))
        self.assertIn("libnvidia-ml.so.1", found["why_none"])

    @unittest.skipIf(has_driver(), "there is a driver on this machine")
    def test_the_machine_itself_without_a_driver_says_which_libraries_it_has_not(self):
        status, out, err = self.skein("devices")
        self.assertEqual((status, err), (0, ""))
        for name in LIBRARIES:
            self.assertIn(f"{name}: cannot open shared object file", out)

    def test_a_driver_that_is_not_loaded_is_named_as_the_reason(self):
        out = self.text(NVML, FAKE_GPUS="2", FAKE_INIT="9")
        self.assertRegex(out, r"NVML cannot be used: Driver Not Loaded; \S*libcuda\.so\.1: ")
        out = self.text(NVML, CUDA, FAKE_INIT="9")
        self.assertIn("Driver Not Loaded; libcuda cannot be used: no CUDA-capable device is detected", out)
        self.assertIn("the driver 999.1 shows none", self.text(NVML, FAKE_GPUS="0"))

    def test_slices_are_told_instead_of_their_gpu(self):
        found = self.devices(NVML, FAKE_GPUS="3", FAKE_MIG="1")
        self.assertEqual([gpu["index"] for gpu in found], [0, 1, 1, 2])
        self.assertEqual([gpu["mig"] for gpu in found], [False, True, True, False])
        self.assertEqual({gpu["parent_uuid"] for gpu in found[1:3]}, {uuid(1)})
        self.assertEqual(found[2]["uuid"], uuid(101, "MIG"))
        self.assertEqual((found[2]["memory_free"], found[2]["pci"]), (9 << 30, "00000000:02:00.0"))
        self.assertRegex(self.text(NVML, FAKE_GPUS="3", FAKE_MIG="1"), r"(?m)^its UUID +1 MIG ")

    def test_a_gpu_that_was_to_be_sliced_and_is_not_is_no_device(self):
        found = self.json(NVML, FAKE_GPUS="2", FAKE_MIG="0", FAKE_SLICES="0")
        self.assertEqual([gpu["index"] for gpu in found["devices"]], [1])
        self.assertEqual(found["unusable"], ["GPU 0: MIG is on, and there is no slice"])

    def test_a_lost_gpu_is_left_out_and_the_others_keep_their_numbers(self):
        found = self.json(NVML, FAKE_GPUS="3", FAKE_LOST="1")
        self.assertEqual([gpu["index"] for gpu in found["devices"]], [0, 2])
        self.assertEqual(found["unusable"], ["GPU 1: GPU is lost"])
        self.assertIn("\nGPU 1: GPU is lost\n", self.text(NVML, FAKE_GPUS="3", FAKE_LOST="1"))
        only = self.json(NVML, CUDA, FAKE_GPUS="1", FAKE_LOST="0", FAKE_CUDA_GPUS="1")
        self.assertIn("GPU 0: GPU is lost", only["why_none"])

    def test_a_gpu_of_somebody_else_is_not_counted(self):
        found = self.json(NVML, FAKE_GPUS="3", FAKE_FORBIDDEN="0", CUDA_VISIBLE_DEVICES="0")
        self.assertEqual([gpu["index"] for gpu in found["devices"]], [0, 1])
        self.assertEqual([gpu["uuid"] for gpu in found["devices"] if gpu["visible"]], [uuid(1)])
        self.assertEqual(found["unusable"], [])

    def test_what_cuda_visible_devices_hides_is_marked_and_the_rest_counted_as_it_does(self):
        variables = {"FAKE_GPUS": "4", "CUDA_VISIBLE_DEVICES": f"3,{uuid(1)[:12]},9,0"}
        found = self.json(NVML, **variables)
        self.assertEqual([gpu["visible_as"] for gpu in found["devices"]], [None, 1, None, 0])
        self.assertIn("before '9'", found["note"])
        out = self.text(NVML, **variables)
        self.assertRegex(out, r"(?m)^hidden +0 ")
        self.assertRegex(out, r"(?m)^0 +3 ")
        self.assertIn("devices are counted as in CUDA_VISIBLE_DEVICES=3,GPU-000000a1,9,0\n", out)

    def test_a_variable_that_hides_every_gpu_is_named_as_the_reason(self):
        for value, words in (("", "is set and empty"), ("-1", "=-1"), ("NoDevFiles", "=NoDevFiles")):
            with self.subTest(value):
                out = self.text(NVML, FAKE_GPUS="2", CUDA_VISIBLE_DEVICES=value)
                self.assertRegex(out, rf"(?m)^no GPU: CUDA_VISIBLE_DEVICES ?{words}")
                self.assertIn("`devices: cpu`", out)
                found = self.json(NVML, FAKE_GPUS="2", CUDA_VISIBLE_DEVICES=value)
                self.assertEqual([gpu["visible"] for gpu in found["devices"]], [False, False])
                self.assertIn(words, found["why_none"])
        out = self.text(CUDA, FAKE_CUDA_GPUS="2", CUDA_VISIBLE_DEVICES="")
        self.assertIn("(with CUDA_VISIBLE_DEVICES=)", out)

    def test_without_nvml_libcuda_is_asked(self):
        found = self.json(CUDA, FAKE_CUDA_GPUS="2")
        self.assertEqual((found["source"], found["driver"]), ("cuda", "CUDA 13.2"))
        self.assertEqual([gpu["pci"] for gpu in found["devices"]], ["0000:01:00.0", "0000:02:00.0"],
                         "in PCI order, and not the fastest first")
        gpu = found["devices"][1]
        self.assertEqual((gpu["index"], gpu["uuid"]), (1, "GPU-a1010203-0405-0607-0809-0a0b0c0d0e0f"))
        self.assertEqual((gpu["memory_total"], gpu["memory_free"]), (64 << 30, None))
        self.assertEqual(gpu["capability"], "8.7")

    def test_libcuda_has_obeyed_the_variable_already(self):
        found = self.devices(CUDA, FAKE_CUDA_GPUS="3", CUDA_VISIBLE_DEVICES="2,0,-1")
        self.assertEqual([gpu["pci"] for gpu in found], ["0000:03:00.0", "0000:01:00.0"])
        self.assertEqual([gpu["visible_as"] for gpu in found], [0, 1])

    def test_a_slice_that_libcuda_tells_of_has_the_uuid_of_a_slice(self):
        gpu, = self.devices(CUDA, FAKE_CUDA_GPUS="1", FAKE_CUDA_NAME="Fake H100 MIG 1g.10gb")
        self.assertTrue(gpu["mig"])
        self.assertTrue(gpu["uuid"].startswith("MIG-a0"), gpu["uuid"])

    def test_libcuda_is_not_asked_where_nvml_knows(self):
        self.assertEqual(self.json(NVML, CUDA, FAKE_GPUS="1", FAKE_CUDA_GPUS="2")["source"], "nvml")

    def test_nothing_foreign_acts_on_a_terminal(self):
        evil = {"FAKE_CUDA_GPUS": "1", "FAKE_CUDA_NAME": "a\x1b[2Jb\u202ec"}
        for out in (self.text(CUDA, **evil), self.text(CUDA, arguments=["--json"], **evil)):
            self.assertNotRegex(out, "[\x1b\u202e]")
        self.assertEqual(self.devices(CUDA, **evil)[0]["name"], evil["FAKE_CUDA_NAME"])
        self.assertNotIn("\x1b", self.text(NVML, FAKE_GPUS="1", CUDA_VISIBLE_DEVICES="0,\x1b[2J"))
        self.assertNotIn("\x1b", self.text(CUDA, CUDA_VISIBLE_DEVICES="\x1b[2J"))


if __name__ == "__main__":
    harness.main()
