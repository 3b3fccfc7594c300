/* skein for C, and for every language that can call C. The guide is docs/c.md.
 *
 * Settings and requests travel as text (YAML or JSON), so that a new setting is no new ABI. Replies
 * and pieces of streamed answers come as events, by a queue that the program empties when it likes.
 *
 * Threads: every function may be called on any thread, at the same time as any other; only
 * skein_close must be the last call for its client, and begin when no other is running. One event
 * is used by one thread at a time.
 * Callbacks: skein calls the program on the program's own threads alone (skein_run), but for the
 * log (skein_on_log). Signals are blocked on all threads of skein.
 * Fork: a client stays with the process that opened it. In a child of that process skein_ask
 * gives SKEIN_NOT_ASKED, the others give 0 or do nothing, and skein_close only forgets the client.
 * Errors: no function aborts, throws, or sets errno on purpose. A client or event must not be NULL,
 * except where it is closed or freed.
 * Stability: this is version 0. Until version 1, names and meanings may change with each release. */
#ifndef SKEIN_SKEIN_H
#define SKEIN_SKEIN_H

#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define SKEIN_API __attribute__((visibility("default")))
#else
#define SKEIN_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

typedef struct skein_client skein_client;
typedef struct skein_event skein_event;

/* Bytes of UTF-8, not ended by a zero. Lives as long as the event that it was taken from. `data` is
 * never NULL, and `size` 0 says that there is nothing. */
typedef struct skein_text {
    const char* data;
    size_t size;
} skein_text;

/* Kinds of events. A program frees and skips a kind that it does not know. */
#define SKEIN_REPLY 1 /* The one outcome of a request: an answer or a fault. */
#define SKEIN_CHUNK 2 /* A piece of a streamed answer. All of them come before the reply. */

/* `flags` of skein_ask_options. */
#define SKEIN_CHUNKS 1u /* Make the request a streamed one, and give its pieces as they come. */

/* From skein_ask: nothing was asked, and no reply will come. The memory is used up, the client was
 * opened before a fork, or the options are not as this library knows them. */
#define SKEIN_NOT_ASKED UINT64_MAX

/* Who answered (skein_reply_served_by). */
#define SKEIN_NOBODY 0
#define SKEIN_REMOTE 1
#define SKEIN_LOCAL 2

/* Levels of the log. */
#define SKEIN_DEBUG 0
#define SKEIN_INFO 1
#define SKEIN_WARN 2
#define SKEIN_ERROR 3

/* How skein_run ended: as the exit status of the program `skein`. */
#define SKEIN_RUN_COMPLETE 0
#define SKEIN_RUN_SOME_FAILED 1
#define SKEIN_RUN_WRONG_JOB 2
#define SKEIN_RUN_BY_POLICY 3
#define SKEIN_RUN_LOCAL_FAILURE 4
#define SKEIN_RUN_STOPPED 130

/* How one request is asked. Zero-filled but for `size`, it means what NULL means. Members are only
 * ever added at the end; `size` says which of them the caller knows. */
typedef struct skein_ask_options {
    uint32_t size;       /* sizeof(skein_ask_options) */
    uint32_t flags;      /* SKEIN_CHUNKS, or 0. */
    int64_t deadline_ns; /* From its place in `limits.window` to its reply, all tries included. 0:
                            `timeouts.request`; negative: none. */
    const char* path;    /* NULL: /v1/chat/completions. Is copied. */
} skein_ask_options;

/* The version of this ABI: 0. May be called before anything else, also after a fork. */
SKEIN_API uint32_t skein_abi(void);

/* The version of the library, as "0.1.0". Lives as long as the library. */
SKEIN_API const char* skein_version(void);

/* Frees a text that skein_open, skein_tally or skein_run has given. NULL is allowed. */
SKEIN_API void skein_free(void* text);

/* Opens a client and starts its threads; connects to nothing yet. `text` is what a job file says of
 * whom to ask and how: `endpoints`, `local`, `fallback`, `proxy`, `prices`, `limits`, `timeouts`,
 * `backoff`, `read`, `expect`, `seed`. It is read before the call returns. An `api_key` may stand
 * in it as it is, unlike in a job file. Reads the environment for `${NAME}`, so no other thread may
 * change that meanwhile. Relative paths are relative to the current folder.
 * NULL: the settings are wrong, or threads cannot be had. `*why`, if `why` is not NULL, then says
 * all that is wrong, one line each, ended by a zero, to be freed by skein_free; else it is NULL. */
SKEIN_API skein_client* skein_open(const char* text, size_t size, char** why);

/* Cancels what is not answered, ends all threads, and frees the client with the events that were not
 * taken. Takes at most a few seconds. Events that were taken stay valid. NULL is allowed. */
SKEIN_API void skein_close(skein_client* client);

/* Takes no more requests: a later skein_ask gets the fault `cancelled`. Does not wait. Afterwards
 * skein_take gives 0 once every reply was taken, however long it may wait. */
SKEIN_API void skein_shut(skein_client* client);

/* As skein_shut, and waits until every reply is in the queue, at most `wait_ns`; negative: without
 * limit. 1 if they are, else 0. A streamed answer needs somebody who takes and frees its pieces
 * meanwhile. */
SKEIN_API int skein_drain(skein_client* client, int64_t wait_ns);

/* Asks `body`, a JSON object as the API of `path` takes it; the endpoint adds its model. Never
 * waits, and never fails: what cannot be sent comes back as a reply with a fault. `body` is copied.
 * `tag` is a number of the caller's, which comes back with each event of this request. The result
 * is the id for skein_cancel. 0: it was refused at once, and its reply is on its way. There is no
 * back-pressure here: whoever has many requests asks no more than so many ahead of their replies. */
SKEIN_API uint64_t skein_ask(
    skein_client* client,
    const char* body,
    size_t size,
    uint64_t tag,
    const skein_ask_options* options
);

/* Cancels one request, without waiting. Its reply still comes: the fault `cancelled`, or the answer
 * if that was there first. An id whose request has ended, 0 and SKEIN_NOT_ASKED are ignored. */
SKEIN_API void skein_cancel(skein_client* client, uint64_t id);

/* Cancels every request, and shuts the client as skein_shut does. Does not wait. */
SKEIN_API void skein_cancel_all(skein_client* client);

/* Takes the events that are there, oldest first, at most `most`. Each is the caller's, to be freed
 * by skein_event_free. If there is none it waits for the first: `wait_ns`, 0 not at all, negative
 * without limit. Gives their number. 0: none came in that time, or none can come any more because
 * the client is shut and every reply was taken. */
SKEIN_API size_t
skein_take(skein_client* client, skein_event** events, size_t most, int64_t wait_ns);

/* A descriptor for poll, epoll and event loops: readable while there are events. It is skein's: do
 * not read, write or close it. It lives until skein_close. Negative after a fork. */
SKEIN_API int skein_fd(skein_client* client);

/* The counters of the client so far as a JSON object, ended by a zero; to be freed by skein_free.
 * NULL: no memory is left. */
SKEIN_API char* skein_tally(skein_client* client);

/* The only callback on threads of skein: `log` is called with one line, without a line end, ended
 * by a zero, that is valid during the call. It must be quick, must be ready for several threads (no
 * two calls are made at the same time), and must not call skein. Warnings of the settings come
 * at once, within this call. NULL ends it: no call is running afterwards. */
typedef void (*skein_log)(void* user, int level, const char* line);
SKEIN_API void skein_on_log(skein_client* client, skein_log log, void* user);

/* --- Events --- */

SKEIN_API int skein_event_kind(const skein_event* event);
SKEIN_API uint64_t skein_event_tag(const skein_event* event);

/* Frees an event and all texts that were taken from it. For a chunk, this is what makes room: when
 * the chunks of a request that are not freed yet hold more than 64 kB, its transfer is paused, and
 * goes on when half of that is free. Other requests go on. NULL is allowed. */
SKEIN_API void skein_event_free(skein_event* event);

/* Of a reply. Of another event, texts are empty and numbers -1. */
SKEIN_API skein_text skein_reply_text(const skein_event* event); /* Of the first choice. */
SKEIN_API skein_text skein_reply_body(const skein_event* event); /* The whole answer as JSON. */
/* Empty: it was answered. Else the stable name of a fault: `timeout_idle`; new ones may appear. */
SKEIN_API skein_text skein_reply_fault(const skein_event* event);
SKEIN_API skein_text skein_reply_detail(const skein_event* event);         /* skein's words. */
SKEIN_API skein_text skein_reply_remote_message(const skein_event* event); /* The server's. */
SKEIN_API skein_text skein_reply_endpoint(const skein_event* event);
SKEIN_API skein_text skein_reply_model(const skein_event* event); /* As the server named it. */
SKEIN_API skein_text skein_reply_finish_reason(const skein_event* event);
SKEIN_API skein_text skein_reply_request_id(const skein_event* event);
/* All of the above but the body, and all numbers below, as one JSON object. Is made at the first
 * call. Empty if no memory is left. */
SKEIN_API skein_text skein_reply_json(skein_event* event);

SKEIN_API int32_t skein_reply_status(const skein_event* event); /* HTTP; 0: no response. */
SKEIN_API int32_t skein_reply_attempts(const skein_event* event);
SKEIN_API int32_t skein_reply_maybe_executed(const skein_event* event); /* Attempts, maybe billed. */
SKEIN_API int32_t skein_reply_served_by(const skein_event* event);
SKEIN_API int32_t skein_reply_begun(const skein_event* event); /* 1: pieces of it were given. */
SKEIN_API int32_t skein_reply_retryable(const skein_event* event); /* 1: the fault may pass. */
/* -1 where it is not known. */
SKEIN_API int64_t skein_reply_input_tokens(const skein_event* event);
SKEIN_API int64_t skein_reply_output_tokens(const skein_event* event);
SKEIN_API int64_t skein_reply_total_ns(const skein_event* event);
SKEIN_API int64_t skein_reply_queued_ns(const skein_event* event);
SKEIN_API int64_t skein_reply_first_byte_ns(const skein_event* event);
SKEIN_API int64_t skein_reply_first_token_ns(const skein_event* event);
SKEIN_API double skein_reply_cost(const skein_event* event);

/* Of a chunk. Of another event, texts are empty and the choice is -1. */
SKEIN_API skein_text skein_chunk_text(const skein_event* event);
SKEIN_API skein_text skein_chunk_reasoning(const skein_event* event);
SKEIN_API int32_t skein_chunk_choice(const skein_event* event);
/* Pieces of tool calls: `[{"call":0,"id":"…","name":"…","arguments":"…"}]`, or empty. */
SKEIN_API skein_text skein_chunk_calls(const skein_event* event);

/* --- Jobs --- */

/* Called about ten times a second during skein_run, on the thread that called it, with a JSON object
 * (`rows`, `done`, `written`, `tally`), ended by a zero and valid during the call. 0: go on. 1:
 * stop: take no more rows, and let what is in flight finish for `grace`. 2: cancel that, too. */
typedef int (*skein_observe)(void* user, const char* progress);

/* Runs a whole job, and blocks until its end. With `text` NULL, `name` is the path of a job file;
 * else `text` is the job, `name` stands for its file in messages, and relative paths are relative
 * to the current folder. `observe` may be NULL. Gives one of SKEIN_RUN_…; `*report`, if `report` is
 * not NULL, is a JSON object (`error`, `text` for people, `warnings`, `tally`), ended by a zero, to
 * be freed by skein_free, or NULL if no memory is left. Needs no client. */
SKEIN_API int skein_run(
    const char* text,
    size_t size,
    const char* name,
    skein_observe observe,
    void* user,
    char** report
);

#ifdef __cplusplus
}
#endif
#endif
