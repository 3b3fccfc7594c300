/* A program in C11 that uses skein as docs/c.md says, and nothing else. The argument is a folder with
 * weather files of the mock server; each part says what it demands, and the first that is not so
 * ends the program. */
#define _DEFAULT_SOURCE
#include <skein/skein.h>

#include <dirent.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const int64_t second = INT64_C(1000000000);

static void demand(int is_so, const char* what, int line) {
    if (is_so) return;
    fprintf(stderr, "consumer.c:%d: not so: %s\n", line, what);
    exit(1);
}
#define DEMAND(what) demand((what) ? 1 : 0, #what, __LINE__)

static int is(skein_text text, const char* words) {
    return text.size == strlen(words) && memcmp(text.data, words, text.size) == 0;
}

static int holds(const char* text, const char* words) { return strstr(text, words) != NULL; }

/* A client of one mock server in this process. */
static skein_client* open_mock(const char* folder, const char* weather) {
    char settings[1024];
    char* why = NULL;
    skein_client* client;
    snprintf(
        settings,
        sizeof settings,
        "{\"endpoints\": [{\"name\": \"m\", \"base_url\": \"mock:%s%s%s\", \"model\": \"any\"}]}",
        weather ? folder : "",
        weather ? "/" : "",
        weather ? weather : ""
    );
    client = skein_open(settings, strlen(settings), &why);
    if (!client) fprintf(stderr, "%s\n", why ? why : "?");
    DEMAND(client != NULL && why == NULL);
    return client;
}

static uint64_t ask(skein_client* client, const char* words, uint64_t tag, const skein_ask_options* options) {
    char body[4096];
    snprintf(
        body, sizeof body, "{\"messages\": [{\"role\": \"user\", \"content\": \"echo:%s\"}]}", words
    );
    return skein_ask(client, body, strlen(body), tag, options);
}

static skein_event* take_one(skein_client* client) {
    skein_event* event = NULL;
    DEMAND(skein_take(client, &event, 1, 60 * second) == 1);
    return event;
}

static void asks_and_is_answered(const char* folder) {
    skein_client* client = open_mock(folder, NULL);
    skein_event* event;
    char* tally;
    DEMAND(ask(client, "one two", 7, NULL) != 0);
    event = take_one(client);
    DEMAND(skein_event_kind(event) == SKEIN_REPLY);
    DEMAND(skein_event_tag(event) == 7);
    DEMAND(is(skein_reply_text(event), "one two"));
    DEMAND(is(skein_reply_fault(event), "") && is(skein_reply_detail(event), ""));
    DEMAND(is(skein_reply_endpoint(event), "m") && is(skein_reply_finish_reason(event), "stop"));
    DEMAND(skein_reply_body(event).data[0] == '{');
    DEMAND(skein_reply_json(event).data[0] == '{');
    DEMAND(skein_reply_status(event) == 200 && skein_reply_attempts(event) == 1);
    DEMAND(skein_reply_served_by(event) == SKEIN_REMOTE && skein_reply_begun(event) == 0);
    DEMAND(skein_reply_input_tokens(event) > 0 && skein_reply_total_ns(event) > 0);
    DEMAND(skein_reply_cost(event) < 0 && skein_reply_first_token_ns(event) == -1);
    DEMAND(skein_chunk_choice(event) == -1 && is(skein_chunk_text(event), ""));
    tally = skein_tally(client);
    DEMAND(tally && holds(tally, "\"completed\":1"));
    skein_free(tally);
    skein_close(client);
    DEMAND(is(skein_reply_text(event), "one two")); /* An event outlives its client. */
    skein_event_free(event);
    skein_event_free(NULL);
    skein_close(NULL);
}

static void drains_by_descriptor(const char* folder) {
    enum { count = 200 };
    skein_client* client = open_mock(folder, NULL);
    struct pollfd waited = {skein_fd(client), POLLIN, 0};
    char seen[count] = {0};
    int replies = 0;
    uint64_t i;
    DEMAND(poll(&waited, 1, 0) == 0);
    for (i = 0; i < count; ++i) DEMAND(ask(client, "x", i, NULL) != 0);
    while (replies < count) {
        skein_event* events[16];
        size_t there, at;
        DEMAND(poll(&waited, 1, 60000) == 1);
        there = skein_take(client, events, 16, 0);
        for (at = 0; at < there; ++at) {
            const uint64_t tag = skein_event_tag(events[at]);
            DEMAND(tag < count && !seen[tag]);
            seen[tag] = 1;
            ++replies;
            skein_event_free(events[at]);
        }
    }
    DEMAND(poll(&waited, 1, 0) == 0); /* Empty again. */
    skein_close(client);
}

static void cancels(const char* folder) {
    skein_client* client = open_mock(folder, "never.yaml");
    skein_event* event = NULL;
    const uint64_t id = ask(client, "x", 1, NULL);
    DEMAND(skein_take(client, &event, 1, 1000000) == 0); /* A millisecond: nothing yet. */
    skein_cancel(client, id);
    event = take_one(client);
    DEMAND(is(skein_reply_fault(event), "cancelled") && skein_event_tag(event) == 1);
    DEMAND(skein_reply_detail(event).size > 0 && is(skein_reply_text(event), ""));
    skein_event_free(event);
    skein_cancel(client, id);
    skein_cancel(client, 0);
    ask(client, "x", 2, NULL);
    DEMAND(skein_drain(client, 1000000) == 0);
    skein_cancel_all(client);
    DEMAND(skein_drain(client, 60 * second) == 1);
    ask(client, "x", 3, NULL); /* Too late: its reply says so. */
    event = take_one(client);
    DEMAND(is(skein_reply_fault(event), "cancelled") && skein_event_tag(event) == 2);
    skein_event_free(event);
    event = take_one(client);
    DEMAND(is(skein_reply_fault(event), "cancelled") && skein_event_tag(event) == 3);
    skein_event_free(event);
    DEMAND(skein_take(client, &event, 1, -1) == 0); /* Shut and empty: no wait. */
    skein_close(client);
}

static void has_deadlines(const char* folder) {
    skein_client* client = open_mock(folder, "never.yaml");
    skein_ask_options options = {sizeof options, 0, 50000000, NULL};
    skein_event* event;
    ask(client, "x", 1, &options);
    event = take_one(client);
    DEMAND(is(skein_reply_fault(event), "deadline"));
    skein_event_free(event);
    skein_close(client); /* With nothing to wait for. */
}

static void refuses_what_cannot_be_sent(const char* folder) {
    skein_client* client = open_mock(folder, NULL);
    skein_ask_options options = {sizeof options, 1u << 30, 0, NULL};
    const char* const bodies[] = {"", "{", "[]", "no JSON \xff", "{\"messages\": 1, \"messages\": 2}"};
    size_t i;
    DEMAND(ask(client, "x", 0, &options) == SKEIN_NOT_ASKED); /* A flag of the future. */
    options.flags = 0;
    options.size = 4;
    DEMAND(ask(client, "x", 0, &options) == SKEIN_NOT_ASKED);
    for (i = 0; i < 4; ++i) {
        skein_event* event;
        DEMAND(skein_ask(client, bodies[i], strlen(bodies[i]), i, NULL) == 0);
        event = take_one(client);
        DEMAND(is(skein_reply_fault(event), "bad_input") && skein_event_tag(event) == i);
        DEMAND(skein_reply_attempts(event) == 0 && skein_reply_retryable(event) == 0);
        DEMAND(skein_reply_status(event) == 0 && skein_reply_served_by(event) == SKEIN_NOBODY);
        skein_event_free(event);
    }
    skein_shut(client);
    DEMAND(skein_take(client, (skein_event**)&bodies[0], 0, -1) == 0);
    skein_close(client);
}

static void streams(const char* folder) {
    skein_client* client = open_mock(folder, "typing.yaml");
    skein_ask_options options = {sizeof options, SKEIN_CHUNKS, 0, NULL};
    char text[256] = "";
    int pieces = 0;
    skein_event* event;
    DEMAND(ask(client, "one piece after the other", 9, &options) != 0);
    for (;;) {
        skein_text piece;
        event = take_one(client);
        DEMAND(skein_event_tag(event) == 9);
        if (skein_event_kind(event) != SKEIN_CHUNK) break;
        piece = skein_chunk_text(event);
        DEMAND(skein_chunk_choice(event) == 0 && skein_reply_attempts(event) == -1);
        DEMAND(is(skein_chunk_calls(event), "") && is(skein_reply_fault(event), ""));
        strncat(text, piece.data, piece.size);
        ++pieces;
        skein_event_free(event);
    }
    DEMAND(pieces > 3 && strcmp(text, "one piece after the other") == 0);
    DEMAND(is(skein_reply_text(event), text) && skein_reply_begun(event) == 1);
    DEMAND(skein_reply_first_token_ns(event) > 0);
    skein_event_free(event);
    skein_close(client);
}

/* Takes so many events, and then what comes until there is silence for a quarter of a second. */
static int take_all(skein_client* client, skein_event** events, int least, int most) {
    int count = 0;
    while (count < least) events[count++] = take_one(client);
    while (count < most && skein_take(client, events + count, 1, second / 4) == 1) ++count;
    return count;
}

/* A long answer whose pieces are taken and not freed: it stops, others go on, and freeing them lets
 * it go on. */
static void holds_back_who_does_not_free(const char* folder) {
    enum { words = 3000 };
    static char body[words * 8 + 128] = "{\"messages\": [{\"role\": \"user\", \"content\": \"echo:";
    static skein_event* events[2 * words];
    skein_client* client = open_mock(folder, NULL);
    skein_ask_options options = {sizeof options, SKEIN_CHUNKS, 0, NULL};
    skein_event* event;
    int i, held, pieces;
    for (i = 0; i < words; ++i) strcat(body, " word");
    strcat(body, "\"}]}");
    DEMAND(skein_ask(client, body, strlen(body), 1, &options) != 0);
    held = take_all(client, events, 50, 2 * words);
    DEMAND(held < words / 2);
    ask(client, "others go on", 2, NULL);
    event = take_one(client);
    DEMAND(skein_event_tag(event) == 2 && is(skein_reply_text(event), "others go on"));
    skein_event_free(event);
    for (i = 0; i < held; ++i) skein_event_free(events[i]);
    for (pieces = held;; ++pieces) {
        event = take_one(client);
        if (skein_event_kind(event) == SKEIN_REPLY) break;
        skein_event_free(event);
    }
    DEMAND(pieces == words && skein_reply_text(event).size == 5 * words);
    skein_event_free(event);
    /* One that is held back when its client goes; its pieces are freed afterwards. */
    DEMAND(skein_ask(client, body, strlen(body), 3, &options) != 0);
    held = take_all(client, events, 50, 2 * words);
    DEMAND(held < words / 2);
    skein_close(client);
    for (i = 0; i < held; ++i) skein_event_free(events[i]);
}

static void says_what_is_wrong(void) {
    const char* const wrong[] = {
        "", "endpoints: 3", "{\"endpoint\": []}", "input: {file: x}\nendpoints: [{name: a, base_url: 'mock:'}]",
        "endpoints: [{name: a, base_url: 'mock:', model: m}]\nlimits: {in_flight: 0}\nread: {deepth: 3}"};
    const char* const told[] = {"nothing", "list", "endpoints", "input is of job files alone", "in_flight"};
    size_t i;
    for (i = 0; i < 5; ++i) {
        char* why = NULL;
        DEMAND(skein_open(wrong[i], strlen(wrong[i]), &why) == NULL);
        if (!why || !holds(why, told[i])) fprintf(stderr, "%s\n", why ? why : "(none)");
        DEMAND(why != NULL && holds(why, told[i]));
        if (i == 4) DEMAND(holds(why, "settings:2:") && holds(why, "depth"));
        skein_free(why);
        DEMAND(skein_open(wrong[i], strlen(wrong[i]), NULL) == NULL);
    }
}

static void count_lines(void* user, int level, const char* line) {
    if (level == SKEIN_WARN && line[0] != '\0') ++*(int*)user;
}

static void logs(void) {
    const char* settings =
        "limits: {max_cost: 5}\n"
        "endpoints:\n"
        "  - {name: a, base_url: 'mock:', model: m, input_price: 1, output_price: 2}\n"
        "  - {name: b, base_url: 'mock:', model: m}\n";
    int lines = 0;
    skein_client* client = skein_open(settings, strlen(settings), NULL);
    DEMAND(client != NULL);
    skein_on_log(client, count_lines, &lines);
    DEMAND(lines == 1); /* The endpoint b has no price. */
    skein_on_log(client, NULL, NULL);
    skein_close(client);
}

/* In a child the client is shut, and closing it neither hangs nor disturbs the parent. */
static void survives_a_fork(const char* folder) {
    skein_client* client = open_mock(folder, NULL);
    skein_event* event = NULL;
    int status = 1;
    pid_t child = fork();
    if (child == 0) {
        int is_shut = ask(client, "x", 1, NULL) == SKEIN_NOT_ASKED && skein_take(client, &event, 1, -1) == 0 &&
                      skein_drain(client, -1) == 0 && skein_fd(client) < 0 && skein_tally(client) == NULL;
        skein_cancel(client, 1);
        skein_cancel_all(client);
        skein_close(client);
        _exit(is_shut ? 0 : 1);
    }
    DEMAND(waitpid(child, &status, 0) == child && status == 0);
    ask(client, "still here", 2, NULL);
    event = take_one(client);
    DEMAND(is(skein_reply_text(event), "still here"));
    skein_event_free(event);
    skein_close(client);
}

/* This thread does not take a signal, and so nobody does: it stays pending. */
static void leaves_signals_alone(const char* folder) {
    skein_client* client = open_mock(folder, NULL);
    sigset_t ours, pending;
    DEMAND(ask(client, "x", 1, NULL) != 0);
    skein_event_free(take_one(client));
    sigemptyset(&ours);
    sigaddset(&ours, SIGUSR1);
    sigprocmask(SIG_BLOCK, &ours, NULL);
    kill(getpid(), SIGUSR1);
    DEMAND(sigpending(&pending) == 0 && sigismember(&pending, SIGUSR1) == 1);
    signal(SIGUSR1, SIG_IGN);
    sigprocmask(SIG_UNBLOCK, &ours, NULL);
    skein_close(client);
}

static int entries_of(const char* path) {
    int count = 0;
    DIR* folder = opendir(path);
    while (folder && readdir(folder)) ++count;
    if (folder) closedir(folder);
    return count;
}

static void leaves_nothing(const char* folder) {
    int i, threads, descriptors;
    skein_close(open_mock(folder, NULL)); /* What a library opens once. */
    threads = entries_of("/proc/self/task");
    descriptors = entries_of("/proc/self/fd");
    for (i = 0; i < 20; ++i) {
        skein_client* client = open_mock(folder, NULL);
        ask(client, "x", 1, NULL);
        skein_close(client);
    }
    DEMAND(entries_of("/proc/self/task") == threads);
    DEMAND(entries_of("/proc/self/fd") == descriptors);
}

static int stops(void* user, const char* progress) {
    ++*(int*)user;
    return holds(progress, "\"written\":") ? 2 : 0;
}

static int run(const char* weather, const char* folder, skein_observe observe, int* seen, char** report) {
    char job[1024];
    snprintf(
        job,
        sizeof job,
        "version: 1\nendpoints: [{name: m, base_url: 'mock:%s/%s', model: any}]\n"
        "input: {file: %s/rows.txt}\nrequest: {messages: [{role: user, content: '{{ text }}'}]}\n"
        "output: {file: out-%s.jsonl, overwrite: true}\n",
        folder, weather, folder, weather
    );
    return skein_run(job, strlen(job), "a job", observe, seen, report);
}

static void runs_jobs(const char* folder) {
    int seen = 0;
    char* report = NULL;
    int code = run("quick.yaml", folder, NULL, NULL, &report);
    if (code != SKEIN_RUN_COMPLETE) fprintf(stderr, "%s\n", report ? report : "?");
    DEMAND(code == SKEIN_RUN_COMPLETE && report && holds(report, "\"written\":3"));
    DEMAND(holds(report, "\"error\":\"\"") && holds(report, "run complete"));
    skein_free(report);
    DEMAND(run("never.yaml", folder, stops, &seen, &report) == SKEIN_RUN_STOPPED && seen > 0);
    DEMAND(report != NULL);
    skein_free(report);
    DEMAND(skein_run(NULL, 0, "not-there.yaml", NULL, NULL, &report) == SKEIN_RUN_WRONG_JOB);
    DEMAND(report && holds(report, "not-there.yaml"));
    skein_free(report);
    DEMAND(skein_run("version: 2", 10, "a job", NULL, NULL, NULL) == SKEIN_RUN_WRONG_JOB);
}

int main(int argc, char** argv) {
    const char* folder = argc > 1 ? argv[1] : ".";
    DEMAND(skein_abi() == 0 && skein_version()[0] != '\0');
    asks_and_is_answered(folder);
    drains_by_descriptor(folder);
    cancels(folder);
    has_deadlines(folder);
    refuses_what_cannot_be_sent(folder);
    streams(folder);
    holds_back_who_does_not_free(folder);
    says_what_is_wrong();
    logs();
    survives_a_fork(folder);
    leaves_signals_alone(folder);
    leaves_nothing(folder);
    runs_jobs(folder);
    puts("all is as the header says");
    return 0;
}
