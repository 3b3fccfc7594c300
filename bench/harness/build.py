"""Builds what is measured, and installs the peers."""
import os
import pathlib
import shutil
import subprocess
import sys

from . import machine, peers

ROOT = pathlib.Path(__file__).resolve().parents[2]
PRESET = ROOT / "build" / "bench"
NODE_FOLDER = ROOT / "build" / "bench-peers"
NODE_SOURCES = ROOT / "bench" / "peers"
PYTHON = "/usr/bin/python3"  # Debian's, whose packages the Python peers need.

# Our own programs in C++: the canned server, and the peers by name.
NATIVE = {"server": "skein-bench-server", "bare curl-multi": "bare_curl", "bare Asio": "bare_asio",
          "bare curl-multi, eager": "bare_curl", "skein library": "skein_library"}

# Those of them that are clients, and what they are told beyond the common command line.
OURS = {"bare curl-multi": [], "bare curl-multi, eager": ["--eager"], "bare Asio": [], "skein library": []}

TARGETS = ["skein-bench-server", "bare_curl", "bare_asio", "skein_library_peer"]

# What of Debian each peer needs.
PACKAGES = {
    "wrk": ["wrk"], "h2load": ["nghttp2-client"], "hey": ["hey"], "ab": ["apache2-utils"],
    "curl --parallel": ["curl"], "aiohttp": ["python3", "python3-aiohttp"],
    "ThreadPoolExecutor + requests": ["python3", "python3-requests"],
    "aiohttp with retries": ["python3", "python3-aiohttp"],
    "threads with retries": ["python3", "python3-requests"],
}
TOOLS = ["libssl-dev", "openssl"]  # Of the native programs, and for the certificate of `tls`.
PYTHON_PEERS = {"aiohttp": "aiohttp_semaphore.py", "ThreadPoolExecutor + requests": "threads_requests.py",
                "threads, naive backoff": "threads_backoff.py", "aiohttp with retries": "weather_aiohttp.py",
                "threads with retries": "weather_threads.py"}
NODE_PEERS = {"undici + p-limit": "undici_p_limit.mjs", "openai npm": "openai_p_limit.mjs"}


def say(text):
    print(text, file=sys.stderr, flush=True)


def run(*command, **options):
    """Gives whether it went well; its output is shown only if not."""
    ended = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                           text=True, **options)
    if ended.returncode != 0:
        say("\n".join(ended.stdout.splitlines()[-30:]))
    return ended.returncode == 0


def build():
    """The release build with our native programs. SKEIN_BUILD names another build of skein, and
    SKEIN_BENCH_NATIVE another folder with the native programs; what is named is not built."""
    if "SKEIN_BUILD" in os.environ and "SKEIN_BENCH_NATIVE" in os.environ:
        return
    targets = [] if "SKEIN_BENCH_NATIVE" in os.environ else list(TARGETS)
    targets += [] if "SKEIN_BUILD" in os.environ else ["skein", "skein-mock"]
    say("building …")
    ready = run(ROOT / "scripts" / "setup", "bench") and not install_packages(TOOLS)
    if not ready or not run(ROOT / "scripts" / "build", "bench", *targets):
        say("bench/run: the build failed")
        sys.exit(2)


def folder():
    return pathlib.Path(os.environ.get("SKEIN_BUILD", PRESET)).resolve()


def skein():
    return folder() / "src" / "skein"


def native(name):
    return pathlib.Path(os.environ.get("SKEIN_BENCH_NATIVE", PRESET / "bench" / "native")) / NATIVE[name]


def install_packages(packages):
    """Gives the packages that could not be had."""
    lacking = [package for package in packages if not machine.package_version(package)]
    if not lacking or not shutil.which("apt-get"):
        return lacking
    as_root = [] if os.geteuid() == 0 else ["sudo", "-n"]
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    say(f"installing: {' '.join(lacking)}")
    run(*as_root, "apt-get", "update", env=quiet)
    install = [*as_root, "apt-get", "install", "-y", "--no-install-recommends"]
    if not run(*install, *lacking, env=quiet):
        for package in lacking:  # One that is not to be had must not keep the others away.
            run(*install, package, env=quiet)
    return [package for package in lacking if not machine.package_version(package)]


def install_node():
    """Gives why there are no Node peers, or nothing. They run from a copy, so that what npm brings
    stays out of the source tree."""
    lacking = [] if shutil.which("node") and shutil.which("npm") else install_packages(["nodejs", "npm"])
    if lacking:
        return f"no {' and no '.join(lacking)}"
    NODE_FOLDER.mkdir(parents=True, exist_ok=True)
    lock = "package-lock.json"
    same = (NODE_FOLDER / lock).exists() and (NODE_FOLDER / lock).read_bytes() == (NODE_SOURCES / lock).read_bytes()
    for file in [*NODE_SOURCES.glob("*.mjs"), *NODE_SOURCES.glob("*.json"), NODE_SOURCES / ".npmrc"]:
        shutil.copy(file, NODE_FOLDER)
    if same and (NODE_FOLDER / "node_modules" / "openai").exists():
        return ""
    say("installing the Node peers")
    return "" if run("npm", "ci", cwd=NODE_FOLDER) else "npm ci failed"


def find_peers():
    """Installs and gives the peers by name, and of those that cannot be had, why."""
    have = {name: peers.Peer(name, native(name), after=words) for name, words in OURS.items()}
    lacking = set(install_packages(sorted({*TOOLS, *(one for packages in PACKAGES.values() for one in packages)})))
    missing = {name: "not installed: " + " ".join(sorted(lacking & set(packages)))
               for name, packages in PACKAGES.items() if lacking & set(packages)}
    makers = {"wrk": peers.Wrk, "h2load": peers.h2load, "hey": peers.hey, "ab": peers.ab,
              "curl --parallel": peers.curl_parallel}
    for name, make in makers.items():
        if name not in missing:
            have[name] = make(shutil.which(name.split()[0]))
    for name, file in PYTHON_PEERS.items():
        if name not in missing:
            have[name] = peers.Peer(name, PYTHON, NODE_SOURCES / file)
    why = install_node()
    for name, file in NODE_PEERS.items():
        if why:
            missing[name] = why
        else:
            have[name] = peers.Peer(name, "node", NODE_FOLDER / file)
    for name in OURS:
        if not have[name].words[0].exists():
            missing[name] = "not built"
            del have[name]
    return have, missing


def versions():
    """What was measured, by name."""
    packages = {"libcurl": "libcurl4", "OpenSSL": "libssl3", "Boost": "libboost1.81-dev", "wrk": "wrk",
                "h2load": "nghttp2-client", "hey": "hey", "ab": "apache2-utils", "curl": "curl",
                "aiohttp": "python3-aiohttp", "requests": "python3-requests"}
    told = {name: machine.package_version(package) or "–" for name, package in packages.items()}
    told |= {"Python": machine.first_line(PYTHON, "--version").removeprefix("Python "),
             "Node": machine.first_line("node", "--version").removeprefix("v") or "–"}
    lines = (NODE_SOURCES / "package.json").read_text(encoding="utf-8").split('"dependencies": {')[1].split("}")[0]
    for pair in lines.replace('"', "").split(","):
        name, version = pair.split(":")
        told[name.strip()] = version.strip()
    return told
