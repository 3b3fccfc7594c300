#!/usr/bin/env python3
"""Breaks the core on purpose, one place at a time, and demands that a test notices.

A mutant that survives shows a promise that no test holds us to. Takes minutes; not part of ctest.

    tests/mutants/mutants.py [--jobs N] [--prefix COMMAND] [WORDS ...]
    tests/mutants/mutants.py --check      builds nothing: could every mutant be made and noticed?

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
ROOMS = "json;input;model;schema;limit;measure;dialect/http;dialect/request;dialect/answer;dialect/openai;dialect/anthropic;dialect/gemini;dialect/azure;dialect/responses;dialect;local/lifecycle;local/plan;dispatch;job/output;law"
PATIENCE = 120  # Seconds for one run of the tests; a mutant that loops for ever is dead as well.


class Mutant(NamedTuple):
    breaks: str
    file: str
    old: str
    new: str


ANSWERS = "src/dispatch/dispatcher_answers.cpp"
CHUNKS = "src/dispatch/dispatcher_chunks.cpp"
GROWTH = "src/dialect/answer/growth.cpp"
HEDGES = "src/dispatch/dispatcher_hedges.cpp"
DESK = "src/dispatch/desk.cpp"
ENDPOINT = "src/dispatch/endpoint_limits.cpp"
TOKENS = "src/dispatch/token_limits.cpp"
DISPATCHER = "src/dispatch/dispatcher.cpp"
RETRIES = "src/dispatch/dispatcher_retries.cpp"
MESSAGES = "src/dispatch/desk_messages.cpp"
LINE = "src/dispatch/line.hpp"
RETRY = "src/dispatch/retry.cpp"
REFUSALS = "src/dispatch/refusals.cpp"
HELD = "src/dispatch/dispatcher_refusals.cpp"
MEMBERS = "src/dispatch/refused_members.cpp"
ADAPTIVE = "src/limit/adaptive_concurrency.cpp"
BREAKER = "src/limit/breaker.cpp"
RECENT = "src/limit/recent_attempts.hpp"
QUOTA = "src/limit/retry_quota.hpp"
KEY = "src/limit/key_renewal.cpp"
LIFE = "src/local/lifecycle/worker_fsm.cpp"
UNPACKER = "src/input/unpacker.cpp"
TEXT_CHECK = "src/input/text_check.cpp"

MUTANTS = [
    Mutant("a packed stream that is cut off counts as whole", UNPACKER,
           "return state_->between && state_->members > 0;", "return true;"),
    Mutant("a second member of gzip is not unpacked", UNPACKER,
           "SKEIN_ASSERT(inflateReset(&gzip) == Z_OK);", "return {.taken = zeros + bytes.size()};"),
    Mutant("what follows gzip is left out without a word", UNPACKER,
           "return {.problem = after_the_end(\"gzip\")};", "return {.taken = zeros + bytes.size()};"),
    Mutant("a delimiter within quotes counts", "src/input/delimiter.cpp",
           "if (!quoted && found != candidates.end())", "if (found != candidates.end())"),
    Mutant("a character that is cut in two is no character", TEXT_CHECK,
           "const auto begun = begun_character(text);", "const std::size_t begun = 0;"),
    Mutant("letters of windows-1252 in latin1 are taken for controls", "src/input/decoder.cpp",
           "state_->latin1 = is_latin1(encoding);", "state_->latin1 = !is_latin1(encoding);"),
    Mutant("a short signature counts in a text", "src/input/known_files.cpp",
           "!(has_binary || is_sure(bytes))", "!(has_binary || !is_sure(bytes))"),
    Mutant("a bracket within a string ends a value", "src/input/array_cutter.cpp",
           "    if (c == '\"') in_string_ = true;\n", ""),
    Mutant("a late refusal of an old key counts against the present one", KEY,
           "if (generation != generation_ || state_ == State::lost) return use();",
           "if (state_ == State::lost) return use();"),
    Mutant("a refused key that is fetched unchanged is used again", KEY,
           "if (!is_another && is_refused_) return failed(now);", ""),
    Mutant("a refused key is kept where no other is fetched", KEY,
           "generation_ > 0 && !is_refused_", "generation_ > 0"),
    Mutant("a key that was not refused is lost with a fetch", KEY,
           "generation_ > 0 && !is_refused_", "false"),
    Mutant("a key that is fetched twice at once", KEY, "    state_ = State::fetching;\n", ""),
    Mutant("keys that are all refused are fetched for ever", KEY,
           "unproven_ < max_unproven ? State::to_fetch : State::lost", "State::to_fetch"),
    Mutant("an answer to an old key speaks for the present one", KEY,
           "if (generation == generation_) unproven_ = 0;", "unproven_ = 0;"),
    Mutant("a key has no lifetime", KEY, "now - since_ >= settings_.lifetime", "false"),
    Mutant("a room lets one more in", "src/limit/concurrency_limit.hpp",
           "taken_ < places_ ? now : never", "taken_ <= places_ ? now : never"),
    Mutant("a bucket fills beyond its burst", "src/limit/token_bucket.cpp",
           "return std::min(burst_, level_ + std::max(0.0, elapsed.count()) * per_second_);",
           "return level_ + std::max(0.0, elapsed.count()) * per_second_;"),
    Mutant("a bucket forgets its debt", "src/limit/token_bucket.cpp",
           "level_ = std::min(burst_, level_at(now) - more);",
           "level_ = std::max(0.0, std::min(burst_, level_at(now) - more));"),
    Mutant("the limit of answers holds nobody back", TOKENS,
           "         output_.ready_at(now, cost.output),\n", ""),
    Mutant("the limit of prompts is charged nothing", TOKENS,
           "    input_.take(now, cost.input);\n", ""),
    Mutant("the charge of an answer stays what was expected", TOKENS,
           "    output_.correct(now, output - output_.charge_for(cost.output));\n", ""),
    Mutant("what a cache served counts at Anthropic", TOKENS,
           "counts_cached ? 0 : usage.cached_tokens", "std::int64_t{0}"),
    Mutant("a shorter pause takes back a longer one", "src/limit/pause.hpp",
           "until_ = std::max(until_, until);", "until_ = until;"),
    Mutant("the backoff grows without end", "src/limit/backoff.cpp",
           "return ceiling < max ? ceiling : max;", "return ceiling;"),
    Mutant("the buffer gives the same number twice", "src/job/output/reorder_buffer.hpp",
           "        ++next_;\n        --waiting_;", "        --waiting_;"),
    Mutant("an endpoint that asks for a pause is not paused", ENDPOINT,
           "        pause_.extend_to(now + spread(", "        Pause{}.extend_to(now + spread("),
    Mutant("the desk ignores the cap on all attempts", DESK,
           "    if (line_.empty() || may_none_leave()) return std::nullopt;",
           "    if (line_.empty()) return std::nullopt;"),
    Mutant("a reply keeps no place until it is recorded", "src/dispatch/desk.hpp",
           "void keep_place() { ++unrecorded_; }", "void keep_place() {}"),
    Mutant("the desk serves the newest first", LINE,
           "std::pmr::map<Sequence, Waiting>;", "std::pmr::map<Sequence, Waiting, std::greater<>>;"),
    Mutant("who never served anybody is asked on without a rest", ENDPOINT,
           "(has_served_ && may_be_noise)", "may_be_noise"),
    Mutant("each of a burst that is sent away doubles the rest", ENDPOINT,
           "    if (permit.since <= paused_at_) return;\n", ""),
    Mutant("a Response that failed is an answer", "src/dialect/responses/answer_translator.cpp",
           "    if (auto error = error_of(response, status)) return error;\n", ""),
    Mutant("a Response that is not finished is an answer", "src/dialect/responses/answer_translator.cpp",
           "!output || status == \"queued\" || status == \"in_progress\"", "!output"),
    Mutant("commentary of a Response is the answer", "src/dialect/responses/output.cpp",
           "if (json::text_or_empty(message, \"phase\") == \"commentary\") return;", ""),
    Mutant("a chat is kept by Responses", "src/dialect/responses/question_writer.cpp",
           "add_flag(out, \"store\", false);", "add_flag(out, \"store\", true);"),
    Mutant("the last event of Responses may lack what was said", "src/dialect/responses/stream_translator.cpp",
           "!is_filtered && !pieces_.are_in(*output)", "false"),
    Mutant("a second last event of Responses counts", "src/dialect/responses/stream_translator.cpp",
           "    if (whole_) return;\n", ""),
    Mutant("places without end are kept of a Response", "src/dialect/responses/gathered.cpp",
           "parts_.size() >= max_parts && ", "false && "),
    Mutant("a body is taken for ready whatever the model", "src/dialect/request/body.cpp",
           "    return model.find('\\\\') == model.npos &&\n", "    return true ||\n"),
    Mutant("an endpoint keeps the place of who has left", ENDPOINT, "    room_.leave();\n", ""),
    Mutant("what an attempt did cost is not learned", TOKENS,
           "    all_.correct(now, all - all_.charge_for(cost.all));\n", "    (void)all;\n"),
    Mutant("a closed endpoint is still ready", ENDPOINT,
           "if (!is_there_ || !shut_.empty() || !breaker_.is_well() || is_doubted()) return never;",
           "if (!is_there_ || !breaker_.is_well() || is_doubted()) return never;"),
    Mutant("refusals close an endpoint though they did not come in a row", ENDPOINT,
           "is_refusal ? refusals_in_a_row_ + 1 : 0;",
           "is_refusal ? refusals_in_a_row_ + 1 : refusals_in_a_row_;"),
    Mutant("a busy endpoint lets a later tier serve", DESK,
           "return can(i) && endpoints_[i].is_well(now);",
           "return can(i) && endpoints_[i].ready_at(now, {}) <= now;"),
    Mutant("a later tier serves as well", DESK,
           "return endpoints_[i].settings().tier > tier;", "return tier < 0;"),
    Mutant("two probes are made at once", BREAKER,
           "    if (is_probing_) return never;\n", ""),
    Mutant("who leaves late has a say in the new state of a circuit", BREAKER,
           "    if (permit.generation != generation_) return Turn::none;\n", ""),
    Mutant("a probe of which nothing came keeps its place", BREAKER,
           "    is_probing_ = false;\n    if (verdict == Verdict::neutral)",
           "    if (verdict == Verdict::neutral)"),
    Mutant("retries cost nothing", QUOTA, "        level_ -= cost;\n", ""),
    Mutant("a retry that waits for its quota holds up the others", LINE,
           "rows_[who.retry_cost > 0 ? paying : free]", "rows_[free]"),
    Mutant("nobody goes alone when all wait for the quota", DESK,
           "nothing_is_under_way && line_.all_pay(can);", "nothing_is_under_way && false;"),
    Mutant("all go at once when all wait for the quota", DESK,
           "nothing_is_under_way && line_.all_pay(can);", "line_.all_pay(can);"),
    Mutant("a retry goes back to where it failed", DESK,
           "return candidate.endpoint == who.last;\n", "return candidate.endpoint != who.last;\n"),
    Mutant("pushed back, an endpoint keeps its places", ADAPTIVE,
           "if (pushed_back && is_beyond_noise()) {", "if (false) {"),
    Mutant("an endpoint that is back is stormed", ENDPOINT, "    adaptive_.start_slowly();\n", ""),
    Mutant("what a server tells of its limit is not heard", "src/limit/learned_limit.cpp",
           "    if (now >= valid_until_) return now;", "    return now;"),
    Mutant("a limit of the run is passed by what is in flight", "src/dispatch/budget.cpp",
           "    tokens_.take(estimate.tokens());\n", ""),
    Mutant("what failed is taken to have cost nothing", "src/dispatch/endpoint_feedback.cpp",
           "result.sent && (!fault || executed(fault->kind) != Executed::no)", "!fault"),
    Mutant("hedges are made without bounds", "src/limit/hedge_share.hpp",
           "return (hedged_ + 1) * one_in <= asked_;", "return true;"),
    Mutant("an answer that was handed on in part is asked for again", DISPATCHER,
           "if (life.handed_on != AttemptId{}) {", "if (false) {"),
    Mutant("a hedge follows the first piece of an answer", CHUNKS,
           "    forget_hedge(seq, life);\n", ""),
    Mutant("the other attempt goes on beside the one that is read", CHUNKS,
           "if (other != AttemptId{}) out", "if (false) out"),
    Mutant("two attempts are handed on", CHUNKS,
           "life.handed_on != AttemptId{} || life.stopped", "life.stopped"),
    Mutant("a piece is handed on after a stop", CHUNKS,
           " || life.stopped || is_answered", " || is_answered"),
    Mutant("the hedge's answer stands in for the one that was read", CHUNKS,
           "if (id == life.handed_on) {", "if (id != AttemptId{}) {"),
    Mutant("a piece of text is told twice", GROWTH,
           "    told = all.size();\n", ""),
    Mutant("a placeholder of arguments is told", GROWTH,
           "if (!may_be_replaced) tell(arguments", "if (!may_be_replaced || !is_over) tell(arguments"),
    Mutant("what has begun is hedged all the same", HEDGES,
           "    forget_hedge(at->first, at->second);\n", "    (void)at;\n"),
    Mutant("the slower of two is not stopped", HEDGES,
           "        out.emplace_back(StopAttempt{life.attempt});\n", "        (void)out;\n"),
    Mutant("a later fault hides the answer that was there first", HEDGES,
           "    if (!is_made_good) {", "    if (false) {"),
    Mutant("who cannot pay is chosen to probe", LINE,
           "if (who.latest <= now || !can(who)) continue;", "if (who.latest <= now) continue;"),
    Mutant("an absurd cost keeps everybody away for hours", "src/limit/token_bucket.hpp",
           "return std::min(cost, max_);", "return cost;"),
    Mutant("a server that loads its model is taken for well", "src/model/fault_table.cpp",
           "R::patient,    V::unhealthy,", "R::patient,    V::neutral,  "),
    Mutant("a request is asked again however often it was answered", ANSWERS,
           "    if (answers.count >= settings_.answers) return false;\n", ""),
    Mutant("an answer that did not fit costs nothing", ANSWERS,
           "    add(*answers.usage, *unfit.usage);\n", ""),
    Mutant("a keyword that is not known is read over", "src/schema/compiler.cpp",
           'if (!word) return refuse(at, "skein does not check this keyword; take it out");',
           "if (!word) return;"),
    Mutant("an answer and its schema may take as long as they like", "src/schema/walk.cpp",
           "if (steps > means_) is_entangled_ = true;", ""),
    Mutant("a request is tried once too often", RETRY,
           "tries.counted >= attempts", "tries.counted > attempts"),
    Mutant("what is tried again at once is so for ever", RETRY,
           "if (retry == Retry::at_once && !std::exchange(tries.used_at_once, true))",
           "if (retry == Retry::at_once)"),
    Mutant("a retry is planned beyond the deadline", RETRIES,
           "soonest >= latest_start(life.clock, life.deadline)", "now > life.deadline"),
    Mutant("who has no time left is served all the same", DESK,
           "if (who->latest <= soonest) return who->seq;",
           "if (who->latest < TimePoint::min()) return who->seq;"),
    Mutant("what fails while stopping is tried again", RETRIES,
           "life.next = *next;\n    if (stopping_)", "life.next = *next;\n    if (false)"),
    Mutant("a deadline outlives its request", DISPATCHER,
           "    deadlines_.erase({life.deadline, seq});\n", ""),
    Mutant("a pause outlives its request", DISPATCHER,
           "            pauses_.erase({life.pause_ends, seq});\n", ""),
    Mutant("an answer that came while it was being cancelled is lost", DISPATCHER,
           "    if (!fault) {\n", "    if (!fault && !life.stopped) {\n"),
    Mutant("requests wait for an endpoint when none is left", DISPATCHER,
           "if (const auto why = desk_.unusable(now)) {",
           "if (const auto why = desk_.unusable(now); why && false) {"),
    Mutant("the bytes of a request are never given back", DISPATCHER,
           "    bytes_ -= life.request->bytes();\n", ""),
    Mutant("what was certainly not executed is billed", DISPATCHER,
           "executed(fault->kind) != Executed::no", "true"),
    Mutant("a refused key does not close its endpoint", ENDPOINT,
           "feedback.effect == Effect::close || are_all_refused", "are_all_refused"),
    Mutant("workers serve while a remote endpoint is busy", DESK,
           "return can(i) && endpoints_[i].is_well(now);",
           "return can(i) && endpoints_[i].is_well(now) && endpoints_[i].ready_at(now, {}) != never;"),
    Mutant("workers do not wait for the remote side to come back", DESK,
           "if (settings.after == Duration::zero()) return now;",
           "if (settings.after >= Duration::zero()) return now;"),
    Mutant("workers wait for the one that went first, not last", DESK,
           "from = std::max(from, saturating_add(since, settings.after));",
           "from = from > now ? from : saturating_add(since, settings.after);"),
    Mutant("workers are probed before their time", DESK,
           "                 serves_from(at, *who, now),\n", ""),
    Mutant("workers are asked as a second endpoint before their time", DESK,
           " && serves_from(at, who, now) <= now", ""),
    Mutant("workers wait where the remote side is closed for good", ENDPOINT,
           "const bool for_long = !shut_.empty() || parked_until_ > now;",
           "const bool for_long = parked_until_ > now;"),
    Mutant("workers that died are asked on", ENDPOINT,
           "    if (feedback.effect == Effect::vanish && permit.life == life_) vanish();\n", ""),
    Mutant("workers are taken for dead because the ones before them died", ENDPOINT,
           "feedback.effect == Effect::vanish && permit.life == life_", "feedback.effect == Effect::vanish"),
    Mutant("workers that are new keep the open circuit of the old", ENDPOINT,
           "    breaker_.start_anew();\n", ""),
    Mutant("workers may die of one request three times and more", RETRY,
           "tries.used_twice++ < 2", "tries.used_twice++ < 3"),
    Mutant("workers are called again and again", DISPATCHER,
           "!std::exchange(has_called_, true)", "!has_called_"),
    Mutant("workers are called at the first fault", "src/dispatch/endpoint_limits.hpp",
           "breaker_.faults_in_a_row() > 1", "breaker_.faults_in_a_row() > 0"),
    Mutant("workers are probed with what they cannot serve", DESK,
           "return affordable(who, at) && may_serve(at, who) &&", "return affordable(who, at) &&"),
    Mutant("workers are asked as a second endpoint for what they cannot serve", DESK,
           "at != who.last && may_serve(at, who)", "at != who.last"),
    Mutant("what workers cannot serve waits for ever where nobody else is left",
           DISPATCHER,
           "while (const auto seq = desk_.stranded(now)) {",
           "while (const auto seq = std::optional<Sequence>{}) {"),
    Mutant("what workers turn down is not asked of the remote side", RETRIES,
           "if (is_for_others(now, life, endpoint, fault)) {", "if (false) {"),
    Mutant("what two workers turn down is not asked of the remote side", HEDGES,
           "if (is_for_remote(now, life, flight.grant.endpoint, *fault)) {", "if (false) {"),
    Mutant("what workers cannot serve is thought to be free", MESSAGES,
           "!endpoint.shut().empty() || !may_serve(by_tier_[i], who)", "!endpoint.shut().empty()"),
    Mutant("what workers cannot serve keeps their retries waiting", DESK,
           "line_.all_pay(can)", "line_.all_pay([](const Waiting&) { return true; })"),
    Mutant("a worker may miss one look more", LIFE,
           "++missed_ >= settings_.misses", "++missed_ > settings_.misses"),
    Mutant("a worker is found well by a look from before", LIFE,
           "if (!is_looking_ || e.look != look_) return;", "if (!is_looking_) return;"),
    Mutant("a worker that answers nothing gets on because nobody waits for it", LIFE,
           "    if (moves) {\n", "    if (moves || e.activity.in_flight == 0) {\n"),
    Mutant("a worker that loads for ten minutes is forgiven all", "src/local/lifecycle/restarts.cpp",
           "    lately_.push_back(now);\n", "    lately_.push_back(now);\n    ready(now);\n"),
    Mutant("a stop forgets the worker whose end is on its way", LIFE,
           "    if (state_ == State::ending) return;  // The process is being ended already.\n", ""),
    Mutant("a worker's replacement counts as a failure", LIFE,
           "if (!is_replaced_) restarts_.started(now);", "restarts_.started(now);"),
    Mutant("a worker that fails is started for ever", "src/local/lifecycle/restarts.cpp",
           "    if (lately_.size() >= settings_.starts) return std::nullopt;\n", ""),
    Mutant("a worker that lacks memory asks for all the context there is", "src/local/plan/preset.cpp",
           "std::max<std::size_t>(size.context / 2, 1);", "size.context / 2;"),
    Mutant("noise: an attempt under way counts as one that failed", RECENT,
           "attempt.end == End::failed ? 1 : 0", "attempt.end != End::well ? 1 : 0"),
    Mutant("noise: an attempt under way is passed over", RECENT,
           "if (attempt.end == End::no_evidence) continue;",
           "if (attempt.end == End::no_evidence || attempt.end == End::under_way) continue;"),
    Mutant("noise: what is usual is ignored, five failures of eight always open a circuit", BREAKER,
           "if (!has_been_well_) return true;", "return true;"),
    Mutant("noise: retries that fail are what is usual for first tries", BREAKER,
           "(permit.is_retry ? again_ : first_)", "first_"),
    Mutant("noise: a request at fault is evidence against its endpoint", ENDPOINT,
           "feedback.is_success || !is_at_fault(permit);", "true;"),
    Mutant("noise: a request is at fault though nothing was answered since it last failed", ENDPOINT,
           "serves_others_since(permit.paid.failed_at) && answered_at_ > permit.paid.last_failed_at;",
           "serves_others_since(permit.paid.failed_at);"),
    Mutant("noise: retries of a request at fault take from the quota", DESK,
           "endpoint.serves_others_since(who.failed_at) ||", ""),
    Mutant("noise: an answer earns less than one retry", QUOTA, "earned = 4 * 14;", "earned = 1;"),
    Mutant("noise: a push-back opens the circuit of an endpoint that serves", ENDPOINT,
           "counts && !is_busy(permit, feedback)", "counts"),
    Mutant("noise: backoff grows while others are served", RETRY,
           "if (others.are_served && (", "if (false && ("),
    Mutant("noise: the share that is usual counts those that are looked at", BREAKER,
           "first_.without(share.ended - share.retries_ended, share.failed - share.retries_failed);",
           "first_.value();"),
    Mutant("outage: push-backs open no circuit at the last place", ENDPOINT,
           "serves &&\n           adaptive_.places() > 1;", "serves;"),
    Mutant("outage: push-backs open no circuit, however long nothing is answered", ENDPOINT,
           "has_served_ && serves &&\n           adaptive_.places() > 1;",
           "has_served_ && adaptive_.places() > 1;"),
    Mutant("outage: behind an open circuit a 429 is no sign of life", ENDPOINT,
           "return is_alive ? Verdict::healthy : feedback.verdict;", "return feedback.verdict;"),
    Mutant("outage: a probe in vain makes its endpoint rest beside its circuit", ENDPOINT,
           "(has_served_ || permit.is_probe) && feedback.verdict", "has_served_ && feedback.verdict"),
    Mutant("outage: rows at fault make an endpoint look worse than another", BREAKER,
           "    const auto failed = static_cast<double>(share.failed - share.retries_failed);\n    return share.first_tries() == 0 ? 0 : failed / static_cast<double>(share.first_tries());",
           "    return share.value();"),
    Mutant("refusals: an endpoint is closed though an answer may still come", ENDPOINT,
           "is_doubted() && room_.taken() == 0", "is_doubted()"),
    Mutant("refusals: an endpoint that has refused all so far is asked on", ENDPOINT,
           "!breaker_.is_well() || is_doubted()) return never;", "!breaker_.is_well()) return never;"),
    Mutant("refusals: a job ends though an answer may still come", HELD,
           "return refusals_.common() && !desk_.has_served() && attempts_.empty();",
           "return refusals_.common() && !desk_.has_served();"),
    Mutant("refusals: requests leave though all so far were refused", DISPATCHER,
           "desk_.hold_back(are_all_refused && !attempts_.empty());", ""),
    Mutant("outage: half of all may fail though another endpoint does better", BREAKER,
           "end.rival && is_worse_than(*end.rival);", "false;"),
    Mutant("outage: however long it is, there is a probe each second", BREAKER,
           "std::clamp(share, settings_.open_for, settings_.max)", "settings_.open_for"),
    Mutant("outage: a row that it used up is not spared", RETRIES,
           "if (is_used_up && is_outage(now, life.first_sent)) {", "if (false) {"),
    Mutant("outage: a row is spared though an endpoint is well", RETRIES,
           "desk_.answered_at() < since && !desk_.is_any_well(now);", "desk_.answered_at() < since;"),
    Mutant("outage: a row is spared though others have been answered since", RETRIES,
           "desk_.answered_at() < since && !desk_.is_any_well(now);", "!desk_.is_any_well(now);"),
    Mutant("outage: a row that a server may have executed is spared", RETRIES,
           "is_retryable(fault.kind) && life.maybe_executed == 0;", "is_retryable(fault.kind);"),
    Mutant("outage: a deadline in it counts against the row", RETRIES,
           "is_outage(now, life.clock)", "false"),
    Mutant("outage: silence until the deadline is no evidence", DISPATCHER,
           "const bool is_out_of_time = life.stopped == FaultKind::deadline;",
           "const bool is_out_of_time = false;"),
    Mutant("outage: an attempt that began just before the deadline is evidence",
           "src/dispatch/endpoint_feedback.cpp",
           "result.trail.first_byte == never && time.waited >= time.limit / 2;",
           "result.trail.first_byte == never;"),
    Mutant("outage: silence since the begin counts against the row", RETRIES,
           "settings_.spares && life.stopped == FaultKind::deadline && !desk_.has_any_shown_life();",
           "false;"),
    Mutant("outage: limits.first_answer is ignored", ENDPOINT,
           "after(first_began_, settings_.first_answer)", "never"),
    Mutant("outage: the longest outage is ignored", ENDPOINT,
           "after(breaker_.away_since(), settings_.max_outage)", "never"),
    Mutant("outage: an endpoint that only says to wait is never given up", ENDPOINT,
           "if (is_long) told_to_wait_ = std::min(told_to_wait_, now);", "(void)is_long;"),
    Mutant("outage: the web page of a proxy is a sign of life", "src/dispatch/endpoint_feedback.cpp",
           "        case FaultKind::bad_response:\n", ""),
    Mutant("outage: one request makes all probes", LINE,
           "if (!freshest || is_fresher(who, *freshest)) freshest = &who;",
           "if (!freshest) freshest = &who;"),
    Mutant("load: a trial that shows noise restores nothing", ADAPTIVE,
           "return end_trial(true);", "return end_trial(false);"),
    Mutant("load: a trial always ends in noise", ADAPTIVE,
           "if (as_double(pushed_back_) < std::max(2.0, half)) return end_trial(false);",
           "if (as_double(pushed_back_) < std::max(2.0, half)) return end_trial(true);"),
    Mutant("load: a trial begins before all push-backs are in", ADAPTIVE,
           "held_until_ = now + std::min(3 * time_to_push_back, max_hold);",
           "held_until_ = now;"),
    Mutant("load: a trial in which nothing is answered ends at once", ADAPTIVE,
           "    if (pushed_back_ == ended_ && now < judge_at_) return Turn::none;\n", ""),
    Mutant("load: after it the limit is at once what it was", ADAPTIVE,
           "std::min(places_ + step_, max_);", "max_;"),
    Mutant("load: the limit grows beyond all bounds", ADAPTIVE,
           "std::min(places_ + step_, max_);", "places_ + step_;"),
    Mutant("load: after it the limit never grows", ADAPTIVE,
           "        set(places);\n        return places_ ==",
           "        set(places_);\n        return places_ =="),
    Mutant("load: what chance brings is taken for it", ADAPTIVE,
           " + deviations * std::sqrt(expected);", ";"),
    Mutant("load: the end of a job is taken for it", ADAPTIVE,
           "    if (busiest_ * 2 < places_ && began() < enough_for_a_look) return false;\n", ""),
    Mutant("load: a rate that is used up is taken for it", ENDPOINT,
           "!feedback.pushed_back || is_used_up(feedback.news)",
           "!feedback.pushed_back"),
    Mutant("load: retries pushed back are taken for it, though first tries are not", ENDPOINT,
           "retries_pushed_back_.value() < hopeless", "retries_pushed_back_.value() <= 1"),
    Mutant("attempts: being told to wait uses one up", RETRY,
           "retry == Retry::patient || retry == Retry::renewed ||", "retry == Retry::renewed ||"),
    Mutant("a replaced key uses up an attempt", RETRY,
           "retry == Retry::renewed || retry == Retry::elsewhere ||", "retry == Retry::elsewhere ||"),
    Mutant("attempts: one that never left is used up", RETRY,
           "||\n           !was_sent;", ";"),
    Mutant("attempts: a request that alone is told to wait waits for ever", RETRY,
           "tries.in_vain >= attempts && is_at_fault(", "false && is_at_fault("),
    Mutant("attempts: a request is at fault though the others wait as well", RETRY,
           "static_cast<double>(others.in_vain + 1) /", "static_cast<double>(1) /"),
    Mutant("attempts: a request is at fault though the others are not served any more", RETRY,
           "!others.are_served_now || others.in_vain >= others.asked", "others.in_vain >= others.asked"),
    Mutant("attempts: a pause of a millisecond, named again and again, is all there is", RETRY,
           "fault.retry_after && (tries.in_vain <= taken_at_its_word || failure.others.are_served_now);",
           "fault.retry_after.has_value();"),
    Mutant("attempts: what others met before it failed speaks against a request", RETRIES,
           "    others.in_vain -= life.before.in_vain;\n", ""),
    Mutant("attempts: the retry after a lost race is made on any connection", RETRY,
           "return NextTry{.on_new_connection = had_died};", "return NextTry{};"),
    Mutant("attempts: later retries after a lost race are made on any connection", RETRY,
           "        .on_new_connection = had_died};", "        .on_new_connection = false};"),
    Mutant("attempts: none is told that it needs a new connection", DISPATCHER,
           "life.next.on_new_connection,", "false,"),
    Mutant("time: it runs from admission on", DISPATCHER,
           "    if (own > Duration::zero()) start_clock(now, e.seq, at->second, own);\n",
           "    const auto time = own > Duration::zero() ? own : settings_.time;\n"
           "    if (time > Duration::zero()) start_clock(now, e.seq, at->second, time);\n"),
    Mutant("time: each attempt has all of it", DISPATCHER,
           "if (life.clock == never && !has_own_deadline &&", "if (!has_own_deadline &&"),
    Mutant("refusals: none is held back before the first answer", RETRIES,
           "if (!next && waits_for_others(endpoint, fault)) return hold(", "if (false) return hold("),
    Mutant("refusals: those held back permit so after an answer", HELD,
           "desk_.has_served() || is_known_for_all() ||", "is_known_for_all() ||"),
    Mutant("members: one that the caller wrote is asked for without", MEMBERS,
           "!has(request.added, row) || ", ""),
    Mutant("members: one that is named without having been sent stays out", MEMBERS,
           "state = State::cleared;", ""),
    Mutant("members: an endpoint that refused one is sent it again", DISPATCHER,
           "refused_members_.left_out(grant.endpoint)", "AddedMembers{0}"),
    Mutant("members: each refusal of ours is said", MEMBERS,
           "if (state == State::sent) news_", "news_"),
    Mutant("members: a hedge's refusal of ours is final", HEDGES,
           " || is_refused_for_ours(flight, *fault, out)", ""),
    Mutant("refusals: one held back until its time is over becomes a deadline", DISPATCHER,
           "life.state == State::held && why == FaultKind::deadline", "false"),
    Mutant("refusals: those in other words end the run as well", REFUSALS,
           "is_always_same_ && words == words_;", "is_always_same_;"),
    Mutant("refusals: numbers in them tell them apart", REFUSALS,
           "if (is_letter) letters += c;", "letters += c;"),
    Mutant("refusals: five close an endpoint that has answered", ENDPOINT,
           "feedback.effect == Effect::close_in_a_row && !has_served_;",
           "feedback.effect == Effect::close_in_a_row;"),
    Mutant("refusals: of one endpoint only the others are not asked", RETRIES,
           "if (desk_.is_local(at)) return is_for_remote(now, life, at, fault);\n",
           "return is_for_remote(now, life, at, fault);\n"),
    Mutant("by cause: a request may return to an endpoint that it left", RETRIES,
           "life.left.add(at);\n", ""),
    Mutant("by cause: a request may go on to anybody", RETRIES,
           "life.cannot = desk_.all_but(*next);\n", ""),
    Mutant("by cause: a request goes on to an endpoint that is closed", DESK,
           "!cannot.has(at) && is_usable(endpoints_[at], now)", "!cannot.has(at)"),
    Mutant("able: an endpoint is asked for what its API has no word for", DESK,
           " && !who.cannot.has(at);", ";"),
    Mutant("able: a later tier does not serve what only it can serve", DESK,
           "if (who.cannot.empty()) return usual;", "if (usual > 0) return usual;"),
    Mutant("able: what only a later tier can serve does not probe it", DESK,
           "line_.has_choosy() ? by_tier_.size() : usual;", "usual;"),
    Mutant("alone: no worker is cleared for a request", DESK, " && cleared_worker(now) != at;", ";"),
    Mutant("alone: a request enters among others", DESK,
           "who.alone ? worker.is_idle() :", "who.alone ? true :"),
    Mutant("alone: others run beside a request", DESK, "!worker.is_for_one_alone() && ", ""),
    Mutant("alone: the second retry after a death runs among others", RETRY,
           "NextTry{.alone = tries.used_twice == 2}", "NextTry{}"),
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
        environment = {"SKEIN_LAW_SEEDS": "1000", **os.environ}
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
        complaint = why_not(mutant)
        if complaint:
            return False, complaint
        path = self.tree / mutant.file
        text = path.read_text()
        path.write_text(text.replace(mutant.old, mutant.new))
        try:
            complaint = self.compile()
            if complaint:
                return False, "does not compile:\n" + complaint[-2000:]
            killer = self.killer()
            return killer is not None, killer or "SURVIVES"
        finally:
            path.write_text(text)


def why_not(mutant):
    """Why this mutant cannot be made, or not be noticed; nothing if it can."""
    path = ROOT / mutant.file
    count = path.read_text().count(mutant.old) if path.exists() else 0
    if count != 1:
        return f"its text stands {count} times in {mutant.file}"
    room = path.parent.relative_to(ROOT / "src").as_posix()
    tests = list((ROOT / "tests" / "unit" / room).glob("*_test.cpp"))
    if room not in ROOMS.split(";") or not tests:
        return f"no test of src/{room}/ is built (ROOMS)"
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--prefix", default="", help="put before every call of ninja: `nice`")
    parser.add_argument("--check", action="store_true", help="build nothing")
    parser.add_argument("words", nargs="*")
    arguments = parser.parse_args()
    if arguments.check:
        complaints = [f"{m.breaks}: {why}" for m in MUTANTS if (why := why_not(m))]
        print("\n".join(complaints) or f"{len(MUTANTS)} mutants can be made")
        sys.exit(1 if complaints else 0)
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
