"""The machine: its cores, who runs on which, and what it is."""
import contextlib
import os
import pathlib
import platform
import re
import resource
import subprocess

ALL = sorted(os.sched_getaffinity(0))
SERVER = {ALL[0]}
CLIENT = {ALL[1] if len(ALL) > 1 else ALL[0]}
BOTH = SERVER | CLIENT


@contextlib.contextmanager
def pinned_to(cores):
    """What this thread starts meanwhile runs there for life; the thread itself goes back."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def lift_limits():
    """Ten thousand connections need as many descriptors; children inherit this."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def environment(**more):
    """Ours, without what would send a peer through a proxy or change a job's settings."""
    kept = {name: value for name, value in os.environ.items()
            if not re.search(r"proxy", name, re.IGNORECASE) and not name.startswith("SKEIN_")}
    return kept | more


def first_line(*command):
    """What a program says of its version; nothing if it cannot be asked."""
    try:
        ended = subprocess.run(command, capture_output=True, text=True, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return (ended.stdout or ended.stderr).strip().split("\n")[0]


def package_version(package):
    """Nothing if it is not installed."""
    state, _, version = first_line("dpkg-query", "-W", "-f", "${db:Status-Status} ${Version}", package).partition(" ")
    return version if state == "installed" else ""


def processor():
    text = pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8")
    found = re.search(r"model name\s*:\s*(.*)", text)
    return found[1] if found else platform.machine()


def memory_gib():
    text = pathlib.Path("/proc/meminfo").read_text(encoding="utf-8")
    return int(re.search(r"MemTotal:\s*(\d+)", text)[1]) / 2**20


def described():
    system = platform.freedesktop_os_release().get("PRETTY_NAME", platform.system())
    return (f"{len(ALL)} cores of {processor()}, {memory_gib():.0f} GiB, {system}, "
            f"kernel {platform.release()}")
