#!/usr/bin/env python3
"""Breaks the core on purpose, one place at a time, and demands that a test notices.

A mutant that survives shows a promise that no test holds us to. Takes minutes; not part of ctest.

    tests/mutants/mutants.py [--jobs N] [--prefix COMMAND] [WORDS ...]

WORDS choose the mutants whose description contains one of them; without any, all are tried.
"""
import argparse
import html
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from typing import NamedTuple

ROOT = pathlib.Path(__file__).resolve().parents[2]
COPIED = ["CMakeLists.txt", "include", "src", "tests"]
ROOMS = "model;limit;order;measure;worker;dispatch;law"
PATIENCE = 120  # Seconds for one run of the tests; a mutant that loops for ever is dead as well.


class Mutant(NamedTuple):
    breaks: str
    file: str
    old: str
    new: str


HEDGES = "src/dispatch/dispatcher_hedges.cpp"
DESK = "src/dispatch/desk.cpp"
ENDPOINT = "src/dispatch/endpoint_limits.cpp"
LIFE = "src/worker/life.cpp"

MUTANTS = [
    Mutant("a room lets one more in", "src/limit/room.hpp",
           "taken_ < places_ ? now : never", "taken_ <= places_ ? now : never"),
    Mutant("a bucket fills beyond its burst", "src/limit/token_bucket.cpp",
           "return std::min(burst_, level_ + std::max(0.0, elapsed.count()) * per_second_);",
           "return level_ + std::max(0.0, elapsed.count()) * per_second_;"),
    Mutant("a bucket forgets its debt", "src/limit/token_bucket.cpp",
           "level_ = std::min(burst_, level_at(now) - more);",
           "level_ = std::max(0.0, std::min(burst_, level_at(now) - more));"),
    Mutant("a shorter pause takes back a longer one", "src/limit/pause.hpp",
           "until_ = std::max(until_, until);", "until_ = until;"),
    Mutant("the backoff grows without end", "src/limit/backoff.cpp",
           "return ceiling < most ? ceiling : most;", "return ceiling;"),
    Mutant("the buffer gives the same number twice", "src/order/reorder_buffer.hpp",
           "        ++next_;\n        --waiting_;", "        --waiting_;"),
    Mutant("an endpoint that asks for a pause is not paused", ENDPOINT,
           "        pause_.extend_to(now + spread(", "        Pause{}.extend_to(now + spread("),
    Mutant("the desk ignores the cap on all attempts", DESK,
           "    if (line_.empty() || is_full()) return std::nullopt;",
           "    if (line_.empty()) return std::nullopt;"),
    Mutant("a reply keeps no place until it is recorded", "src/dispatch/desk.hpp",
           "void keep_place() { ++unrecorded_; }", "void keep_place() {}"),
    Mutant("the desk serves the newest first", "src/dispatch/line.hpp",
           "std::pmr::map<Sequence, Waiting>;", "std::pmr::map<Sequence, Waiting, std::greater<>>;"),
    Mutant("who never served anybody is asked on without a rest", ENDPOINT,
           "(has_served_ && adaptive_.places() > 1)", "(adaptive_.places() > 1)"),
    Mutant("each of a burst that is sent away doubles the rest", ENDPOINT,
           "    if (stay.since <= paused_at_) return;\n", ""),
    Mutant("a body is taken for ready whatever the model", "src/dialect/address.cpp",
           "    return model.find('\\\\') == model.npos &&\n", "    return true ||\n"),
    Mutant("an endpoint keeps the place of who has left", ENDPOINT, "    room_.leave();\n", ""),
    Mutant("what an attempt did cost is not learned", ENDPOINT,
           "        tokens_.correct(now, used - tokens_.charge_for(stay.paid.tokens));\n", "        (void)used;\n"),
    Mutant("a closed endpoint is still ready", ENDPOINT,
           "if (!is_there_ || !shut_.empty() || !breaker_.is_well()) return never;",
           "if (!is_there_ || !breaker_.is_well()) return never;"),
    Mutant("refusals close an endpoint though they did not come in a row", ENDPOINT,
           "is_refusal ? refusals_in_a_row_ + 1 : 0;",
           "is_refusal ? refusals_in_a_row_ + 1 : refusals_in_a_row_;"),
    Mutant("a busy endpoint lets a later tier serve", DESK,
           "return endpoints_[i].is_well(now);",
           "return endpoints_[i].ready_at(now, {}) <= now;"),
    Mutant("a later tier serves as well", DESK,
           "return endpoints_[i].settings().tier > tier;", "return tier < 0;"),
    Mutant("two probes are made at once", "src/limit/breaker.cpp",
           "    if (is_probing_) return never;\n", ""),
    Mutant("who leaves late has a say in the new state of a circuit", "src/limit/breaker.cpp",
           "    if (permit != generation_) return Turn::none;\n", ""),
    Mutant("a probe of which nothing came keeps its place", "src/limit/breaker.cpp",
           "    is_probing_ = false;\n    if (verdict == Verdict::neutral)",
           "    if (verdict == Verdict::neutral)"),
    Mutant("a probe that fails uses up an attempt", "src/dispatch/retry.cpp",
           "    if (was_probe && attempts > 1) return false;\n", ""),
    Mutant("retries cost nothing", "src/limit/retry_quota.hpp", "        level_ -= cost;\n", ""),
    Mutant("a retry that waits for its quota holds up the others", "src/dispatch/line.hpp",
           "(who.retry_cost > 0 ? paying : free)", "free"),
    Mutant("nobody goes alone when all wait for the quota", DESK,
           "nothing_is_under_way && line_.all_pay(is_local(at));", "nothing_is_under_way && false;"),
    Mutant("all go at once when all wait for the quota", DESK,
           "nothing_is_under_way && line_.all_pay(is_local(at));", "line_.all_pay(is_local(at));"),
    Mutant("a retry goes back to where it failed", DESK,
           "return way.endpoint == who.last; }", "return way.endpoint != who.last; }"),
    Mutant("pushed back, an endpoint keeps its places", "src/limit/adaptive_room.cpp",
           "places_ * 7 / 10", "places_"),
    Mutant("an endpoint that is back is stormed", ENDPOINT, "    adaptive_.start_slowly();\n", ""),
    Mutant("what a server tells of its limit is not heard", "src/limit/learned_limit.cpp",
           "    if (now >= valid_until_) return now;", "    return now;"),
    Mutant("a limit of the run is passed by what is in flight", "src/dispatch/budget.cpp",
           "    tokens_.take(expense.tokens());\n", ""),
    Mutant("what failed is taken to have cost nothing", "src/dispatch/lesson.cpp",
           "result.sent && (!fault || executed(fault->kind) != Executed::no)", "!fault"),
    Mutant("hedges are made without bounds", "src/limit/hedge_share.hpp",
           "return (hedged_ + 1) * one_in <= asked_;", "return true;"),
    Mutant("what has begun is hedged all the same", HEDGES,
           "    forget_hedge(at->first, at->second);\n", "    (void)at;\n"),
    Mutant("the slower of two is not stopped", HEDGES,
           "        out.emplace_back(StopAttempt{life.attempt});\n", "        (void)out;\n"),
    Mutant("a later fault hides the answer that was there first", HEDGES,
           "    if (!is_made_good) {", "    if (false) {"),
    Mutant("who cannot pay is chosen to probe", "src/dispatch/line.hpp",
           "if (who.latest <= now || !can(who)) continue;", "if (who.latest <= now) continue;"),
    Mutant("an absurd cost keeps everybody away for hours", "src/limit/token_bucket.hpp",
           "return std::min(cost, most_);", "return cost;"),
    Mutant("a server that loads its model is taken for well", "src/model/fault_table.cpp",
           "R::when_ready, V::unhealthy,", "R::when_ready, V::neutral,  "),
    Mutant("a request is tried once too often", "src/dispatch/retry.cpp",
           "tries.counted < attempts", "tries.counted <= attempts"),
    Mutant("what is tried again at once is so for ever", "src/dispatch/retry.cpp",
           "if (retry == Retry::at_once && !std::exchange(tries.used_at_once, true))",
           "if (retry == Retry::at_once)"),
    Mutant("a retry is planned beyond the deadline", "src/dispatch/dispatcher.cpp",
           "soonest >= latest_start(life.admitted, life.deadline)", "now > life.deadline"),
    Mutant("who has no time left is served all the same", DESK,
           "if (who && who->latest <= soonest) return who->seq;",
           "if (who && who->latest < TimePoint::min()) return who->seq;"),
    Mutant("what fails while stopping is tried again", "src/dispatch/dispatcher.cpp",
           "if (stopping_)\n        return give_up", "if (false)\n        return give_up"),
    Mutant("a deadline outlives its request", "src/dispatch/dispatcher.cpp",
           "    deadlines_.erase({life.deadline, seq});\n", ""),
    Mutant("a pause outlives its request", "src/dispatch/dispatcher.cpp",
           "            pauses_.erase({life.pause_ends, seq});\n", ""),
    Mutant("an answer that came while it was being cancelled is lost", "src/dispatch/dispatcher.cpp",
           "    if (!fault) {\n", "    if (!fault && !life.stopped) {\n"),
    Mutant("requests wait for an endpoint when none is left", "src/dispatch/dispatcher.cpp",
           "if (const auto why = desk_.unusable(now)) {",
           "if (const auto why = desk_.unusable(now); why && false) {"),
    Mutant("the bytes of a request are never given back", "src/dispatch/dispatcher.cpp",
           "    bytes_ -= life.request->bytes();\n", ""),
    Mutant("what was certainly not executed is billed", "src/dispatch/dispatcher.cpp",
           "executed(fault->kind) != Executed::no", "true"),
    Mutant("a refused key does not close its endpoint", ENDPOINT,
           "lesson.effect == Effect::close || refusals_in_a_row_", "refusals_in_a_row_"),
    Mutant("workers serve while a remote endpoint is busy", DESK,
           "return endpoints_[i].is_well(now);",
           "return endpoints_[i].is_well(now) && endpoints_[i].ready_at(now, {}) != never;"),
    Mutant("workers do not wait for the remote side to come back", DESK,
           "if (settings.after == Duration::zero()) return now;",
           "if (settings.after >= Duration::zero()) return now;"),
    Mutant("workers wait for the one that went first, not last", DESK,
           "from = std::max(from, later(since, settings.after));",
           "from = from > now ? from : later(since, settings.after);"),
    Mutant("workers are probed before their time", DESK,
           "std::max(ready, serves_from(endpoints_[at], now))", "ready"),
    Mutant("workers are asked as a second endpoint before their time", DESK,
           " && serves_from(endpoint, now) <= now", ""),
    Mutant("workers wait where the remote side is closed for good", ENDPOINT,
           "const bool for_long = !shut_.empty() || parked_until_ > now;",
           "const bool for_long = parked_until_ > now;"),
    Mutant("workers that died are asked on", ENDPOINT,
           "    if (lesson.effect == Effect::vanish && stay.life == life_) vanish();\n", ""),
    Mutant("workers are taken for dead because the ones before them died", ENDPOINT,
           "lesson.effect == Effect::vanish && stay.life == life_", "lesson.effect == Effect::vanish"),
    Mutant("workers that are new keep the open circuit of the old", ENDPOINT,
           "    breaker_.start_anew();\n", ""),
    Mutant("workers may die of one request three times and more", "src/dispatch/retry.cpp",
           "tries.used_twice++ < 2", "tries.used_twice++ < 3"),
    Mutant("workers are called again and again", "src/dispatch/dispatcher.cpp",
           "!std::exchange(has_called_, true)", "!has_called_"),
    Mutant("workers are called at the first fault", "src/dispatch/endpoint_limits.hpp",
           "breaker_.faults_in_a_row() > 1", "breaker_.faults_in_a_row() > 0"),
    Mutant("workers are probed with what they cannot serve", DESK,
           "return affordable(who, at) && may_serve(at, who);", "return affordable(who, at);"),
    Mutant("workers are asked as a second endpoint for what they cannot serve", DESK,
           "at != who.last && may_serve(at, who)", "at != who.last"),
    Mutant("what workers cannot serve waits for ever where nobody else is left",
           "src/dispatch/dispatcher.cpp",
           "if (desk_.oldest_not_local() && desk_.is_all_local(now)) {", "if (false) {"),
    Mutant("what workers turn down is not asked of the remote side", "src/dispatch/dispatcher.cpp",
           "if (is_for_others(now, flight.grant.endpoint, fault)) {", "if (false) {"),
    Mutant("what two workers turn down is not asked of the remote side", HEDGES,
           "if (is_for_others(now, flight.grant.endpoint, *fault)) {", "if (false) {"),
    Mutant("what workers cannot serve is thought to be free", DESK,
           "!endpoint.shut().empty() || !may_serve(by_tier_[i], who)", "!endpoint.shut().empty()"),
    Mutant("what workers cannot serve keeps their retries waiting", DESK,
           "line_.all_pay(is_local(at))", "line_.all_pay(false)"),
    Mutant("a worker may miss one look more", LIFE,
           "++missed_ >= settings_.misses", "++missed_ > settings_.misses"),
    Mutant("a worker is found well by a look from before", LIFE,
           "if (!is_looking_ || e.look != look_) return;", "if (!is_looking_) return;"),
    Mutant("a worker that answers nothing gets on because nobody waits for it", LIFE,
           "    if (moves) {\n", "    if (moves || e.pulse.in_flight == 0) {\n"),
    Mutant("a worker that loads for ten minutes is forgiven all", "src/worker/restarts.cpp",
           "    lately_.push_back(now);\n", "    lately_.push_back(now);\n    ready(now);\n"),
    Mutant("a stop forgets the worker whose end is on its way", LIFE,
           "    if (state_ == State::ending) return;  // Its end is on its way.\n", ""),
    Mutant("a worker's replacement counts as a failure", LIFE,
           "if (!is_replaced_) restarts_.started(now);", "restarts_.started(now);"),
    Mutant("a worker that fails is started for ever", "src/worker/restarts.cpp",
           "    if (lately_.size() >= settings_.starts) return std::nullopt;\n", ""),
    Mutant("a worker that lacks memory asks for all the context there is", "src/worker/preset.cpp",
           "std::max<std::size_t>(size.context / 2, 1);", "size.context / 2;"),
]


class Workshop:
    """A copy of the tree, and one build of it in which only what changed is compiled again."""

    def __init__(self, folder, prefix, jobs):
        self.tree, self.build = folder / "tree", folder / "build"
        self.prefix, self.jobs = prefix, jobs
        self.tree.mkdir()
        for name in COPIED:
            source = ROOT / name
            copy = shutil.copytree if source.is_dir() else shutil.copy2
            copy(source, self.tree / name)
        self.run("cmake", "-S", self.tree, "-B", self.build, "-G", "Ninja",
                 "-DCMAKE_BUILD_TYPE=Debug", "-DCMAKE_CXX_FLAGS=-O1 -g0", "-DSKEIN_MIND_ONLY=ON",
                 f"-DSKEIN_TEST_ROOMS={ROOMS}").check_returncode()

    def run(self, *command):
        return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def compile(self):
        """What the compiler said, if it did not like it."""
        done = self.run(*self.prefix, "ninja", "-C", self.build, f"-j{self.jobs}", "mind_tests")
        return done.stdout if done.returncode else None

    def killer(self):
        """Which test failed; nothing if none did."""
        report = self.build / "report.xml"
        report.unlink(missing_ok=True)
        tests = [self.build / "tests" / "mind_tests", "--abort", "-r", "xml", "-o", report]
        environment = {"SKEIN_LAW_SEEDS": "300", **os.environ}
        try:
            done = subprocess.run(tests, env=environment, timeout=PATIENCE,
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        except subprocess.TimeoutExpired:
            return "a test that ran out of time"
        if done.returncode == 0:
            return None
        told = report.read_text(errors="replace") if report.exists() else ""
        names = re.findall(r'<TestCase name="([^"]*)"', told)
        return html.unescape(names[-1]) if names else f"the tests ended with {done.returncode}"

    def try_out(self, mutant):
        """Whether it was killed, and by whom, or why not."""
        path = self.tree / mutant.file
        text = path.read_text()
        if text.count(mutant.old) != 1:
            return False, f"its text stands {text.count(mutant.old)} times in {mutant.file}"
        path.write_text(text.replace(mutant.old, mutant.new))
        try:
            complaint = self.compile()
            if complaint:
                return False, "does not compile:\n" + complaint[-2000:]
            killer = self.killer()
            return killer is not None, killer or "SURVIVES"
        finally:
            path.write_text(text)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--prefix", default="", help="put before every call of ninja: `nice`")
    parser.add_argument("words", nargs="*")
    arguments = parser.parse_args()
    chosen = [m for m in MUTANTS
              if not arguments.words or any(word in m.breaks for word in arguments.words)]

    with tempfile.TemporaryDirectory(prefix="skein-mutants-") as folder:
        workshop = Workshop(pathlib.Path(folder), shlex.split(arguments.prefix), arguments.jobs)
        trouble = workshop.compile() or workshop.killer()
        if trouble:
            sys.exit(f"the tests must pass before anything is broken: {trouble}")
        alive = 0
        print("| what is broken | who notices |\n|---|---|")
        for mutant in chosen:
            killed, by = workshop.try_out(mutant)
            alive += not killed
            print(f"| {mutant.breaks} | {by} |", flush=True)
        print(f"{len(chosen) - alive} of {len(chosen)} mutants were noticed")
    sys.exit(1 if alive else 0)


if __name__ == "__main__":
    main()
