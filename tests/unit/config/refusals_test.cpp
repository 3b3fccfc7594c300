// Errors of single values of a job file.
#include "support/catch.hpp"
#include "unit/config/config_support.hpp"
#include "unit/config/slips.hpp"

using namespace skein::test;

TEST_CASE("A misspelt key is refused with the right key.", "[config]") {
    check_all({
        appended("limit: {}\n", "12:1: unknown key 'limit'; did you mean 'limits'?"),
        appended(
            "limits:\n  in_fligth: 3\n",
            "13:3: unknown key 'in_fligth' in limits; did you mean 'in_flight'?"
        ),
        appended(
            "timeouts: {conect: 1s}\n",
            "12:12: unknown key 'conect' in timeouts; did you mean 'connect'?"
        ),
        appended(
            "backoff: {limit: 1s}\n",
            "12:11: unknown key 'limit' in backoff; it can be: base, max, throttled_base, "
            "throttled_max"
        ),
        appended("read: {boddy: 1}\n", "12:8: unknown key 'boddy' in read; did you mean 'body'?"),
        appended("attempts: 3\n", "12:1: unknown key 'attempts'; it belongs into limits"),
        appended("Version: 1\n", "12:1: unknown key 'Version'; did you mean 'version'?"),
        in_endpoint(
            "wealth: x",
            "5:5: unknown key 'wealth' in endpoints; it can be: name, api, base_url, url, model, "
            "api_key, api_key_file, api_key_command, api_key_lifetime, auth, api_version, "
            "max_tokens, compat, drop, extra, on, raw, headers, in_flight, tier, weight, rpm, tpm, "
            "input_tpm, output_tpm, input_price, output_price, cached_price, cache_write_price, "
            "cache_write_1h_price, "
            "reasoning_price, price_as, proxy, ca_file, client_cert, client_key, allow_plaintext"
        ),
        in_endpoint("ulr: x", "5:5: unknown key 'ulr' in endpoints; did you mean 'url'?"),
        in_endpoint(
            "baseurl: x", "5:5: unknown key 'baseurl' in endpoints; did you mean 'base_url'?"
        ),
        changed(
            "  file: prompts.jsonl\n",
            "  path: x\n",
            "6:3: unknown key 'path' in input; it can be: file, format, encoding, delimiter, id, "
            "blank"
        ),
        changed(
            "  file: replies.jsonl\n",
            "  fiel: x\n",
            "8:3: unknown key 'fiel' in output; did you mean 'file'?"
        ),
    });
}

TEST_CASE("An API that skein does not speak is refused with those that it speaks.", "[config]") {
    check_all({
        in_endpoint(
            "api: cohere",
            "5:10: api must be one of openai, responses, anthropic, gemini, azure, raw, not cohere"
        ),
    });
}

TEST_CASE("The error about a header shows its name escaped.", "[config]") {
    check_all({in_endpoint("headers: {\"a\\rb\": }", "5:15: a\\u000db must be a text")});
}

TEST_CASE("Errors that concern several endpoints have their place in the job file.", "[config]") {
    check_all({
        in_endpoint("tier: -1", "5:11: tier must be a whole number from 0 to 100, not -1"),
        in_endpoint("tier: 101", "5:11: tier must be a whole number from 0 to 100, not 101"),
        in_endpoint("weight: 0", "5:13: weight must be a number from 0.01 to 100, not 0"),
        in_endpoint("weight: heavy", "5:13: weight must be a number from 0.01 to 100, not heavy"),
        in_endpoint(
            "input_price: -1",
            "5:18: input_price must be a price per million tokens, like 0.15, not -1"
        ),
        changed(
            "input:\n",
            "  - {name: main, base_url: 'mock:'}\ninput:\n",
            "5:12: two endpoints are called main; the name tells them apart in logs and output "
            "lines"
        ),
        changed(
            "input:\n",
            "  - {name: spare, base_url: 'ftp://x'}\ninput:\n",
            "5:29: a URL begins with https:// (or with http:// to this machine, unix:, or mock:)"
        ),
        appended(
            "limits: {max_cost: 5}\n",
            "12:20: max_cost needs the price of a million tokens: give an endpoint its input_price "
            "and "
            "output_price"
        ),
        appended(
            "limits: {max_requests: 1.5}\n",
            "12:24: max_requests must be a whole number from 0 to 1000000000000000, not 1.5"
        ),
        appended(
            "limits: {max_failures: 101%}\n",
            "12:24: max_failures must be a number of rows like 100, or a share like 5% (0: no "
            "limit), not 101%"
        ),
        appended(
            "limits: {max_failures: 0%}\n",
            "12:24: max_failures must be a number of rows like 100, or a share like 5% (0: no "
            "limit), not 0%"
        ),
        appended(
            "limits: {same_refusals: -1}\n",
            "12:25: same_refusals must be a whole number from 0 to 1000000, not -1"
        ),
        appended(
            "limits: {max_cost: a lot}\n",
            "12:20: max_cost must be a sum like 25 or 0.5 (0: no limit), not a lot"
        ),
    });
}

TEST_CASE("A value that is no number, or outside its range, is refused.", "[config]") {
    const auto in_flight = [](const std::string& value, const std::string& found) {
        return appended(
            "limits: {in_flight: " + value + "}\n",
            "12:21: in_flight must be a whole number from 1 to 100000, not " + found
        );
    };
    check_all({
        in_flight("-3", "-3"),
        in_flight("0", "0"),
        in_flight("100001", "100001"),
        in_flight("010", "010"),
        in_flight("0x10", "0x10"),
        in_flight("1_000", "1_000"),
        in_flight("1e30", "1e30"),
        in_flight("1.5", "1.5"),
        in_flight(".nan", ".nan"),
        in_flight(".inf", ".inf"),
        in_flight("10s", "10s"),
        in_flight("'8'", "the text \"8\""),
        in_flight("''", "the text \"\""),
        in_flight("true", "true"),
        in_flight("[8]", "a list"),
        in_flight("{a: 8}", "a mapping"),
        in_flight("99999999999999999999999", "99999999999999999999999"),
        appended(
            "limits: {attempts: 0}\n", "12:20: attempts must be a whole number from 1 to 100, not 0"
        ),
        appended(
            "limits: {window: 100000001}\n",
            "12:18: window must be a whole number from 1 to 100000000, not 100000001"
        ),
        appended(
            "limits: {wire_threads: 17}\n",
            "12:24: wire_threads must be a whole number from 0 to 16, not 17"
        ),
        appended(
            "seed: -1\n", "12:7: seed must be a whole number from 0 to 18446744073709551615, not -1"
        ),
        appended("read: {depth: 0}\n", "12:15: depth must be a whole number from 1 to 1000, not 0"),
        appended(
            "read: {body: 5TB}\n",
            "12:14: body must be a size like 64MiB, 256kB or 4096 (bytes), at most 1073741824, not "
            "5TB"
        ),
        appended(
            "read: {body: 2GiB}\n",
            "12:14: body must be a size like 64MiB, 256kB or 4096 (bytes), at most 1073741824, not "
            "2GiB"
        ),
        in_endpoint(
            "rpm: -1",
            "5:10: rpm must be a number per minute, like 3000 or 0.5 (0: no such limit), not -1"
        ),
        in_endpoint(
            "rpm: .nan",
            "5:10: rpm must be a number per minute, like 3000 or 0.5 (0: no such limit), not .nan"
        ),
        in_endpoint(
            "tpm: 1_000",
            "5:10: tpm must be a number per minute, like 3000 or 0.5 (0: no such limit), not "
            "1_000; "
            "write digits alone, without a leading zero"
        ),
        in_endpoint(
            "in_flight: 100001",
            "5:16: in_flight must be a whole number from 0 to 100000, not 100001"
        ),
        changed(
            "version: 1\n",
            "version: 2\n",
            "1:10: version must be 1, the only version there is, not 2"
        ),
        changed(
            "version: 1\n",
            "version: '1'\n",
            "1:10: version must be 1, the only version there is, not the text \"1\""
        ),
    });
}

TEST_CASE("A duration without a unit is refused.", "[config]") {
    const std::string rule =
        " must be a duration with its unit (us, ms, s, m, h), at most 8760h, not ";
    check_all({
        appended("grace: 10\n", "12:8: grace" + rule + "10; write 10s"),
        appended("timeouts: {idle: 0}\n", "12:18: idle" + rule + "0; write 0s"),
        appended("timeouts: {first_byte: 1.5}\n", "12:24: first_byte" + rule + "1.5; write 1.5s"),
        appended("timeouts:\n  connect: -1s\n", "13:12: connect" + rule + "-1s"),
        appended("backoff: {base: 5 s}\n", "12:17: base" + rule + "5 s"),
        appended("timeouts: {job: 9000h}\n", "12:17: job" + rule + "9000h"),
        appended("limits: {max_retry_after: soon}\n", "12:27: max_retry_after" + rule + "soon"),
        appended("grace: '10s'\n", "12:8: grace" + rule + "the text \"10s\""),
        appended("grace:\n", "12:1: grace" + rule + "nothing"),
    });
}

TEST_CASE("A word that is not one of the allowed words is refused.", "[config]") {
    check_all({
        changed(
            "  file: prompts.jsonl\n",
            "  file: x\n  format: josnl\n",
            "7:11: format must be one of auto, openai-batch, anthropic-batch, "
            "gemini-batch, mistral-batch, jsonl, csv, text, json, not josnl; "
            "did you "
            "mean 'jsonl'?"
        ),
        changed(
            "  file: replies.jsonl\n",
            "  file: x\n  order: random\n",
            "9:10: order must be one of input, completion, not random"
        ),
        changed(
            "  file: replies.jsonl\n",
            "  file: x\n  durability: [each]\n",
            "9:15: durability must be one of none, interval, each, not a list"
        ),
        changed(
            "  file: replies.jsonl\n",
            "  file: x\n  overwrite: yes\n",
            "9:14: overwrite must be true or false, not yes"
        ),
        changed(
            "  file: replies.jsonl\n",
            "  file: x\n  timings: 'true'\n",
            "9:12: timings must be true or false, not the text \"true\""
        ),
        in_endpoint(
            "auth: basic",
            "5:11: auth must be one of usual, bearer, none, or the name of a header like "
            "X-Api-Key, not basic"
        ),
        in_endpoint(
            "auth: baerer",
            "5:11: auth must be one of usual, bearer, none, or the name of a header like "
            "X-Api-Key, not baerer; did you mean 'bearer'?"
        ),
        in_endpoint(
            "auth: X Key",
            "5:11: 'X Key' is no header name: letters, digits and !#$%&'*+-.^_`|~ alone"
        ),
        in_endpoint(
            "raw: {answer: {text: /t}}",
            "5:10: raw is for api: raw; leave it out, or write api: raw"
        ),
        in_endpoint(
            "raw: [1]",
            "5:10: raw must be a mapping that says where the parts of requests and answers are, "
            "not a list"
        ),
        in_endpoint(
            "max_tokens: 0", "5:17: max_tokens must be a whole number from 1 to 1000000000, not 0"
        ),
        in_endpoint(
            "drop: seed", "5:11: drop must be a list of names of members, as in [seed, n], not seed"
        ),
        in_endpoint(
            "compat: router",
            "5:13: compat must be a list of words, as in [max_tokens, router], not router"
        ),
        in_endpoint(
            "compat: [router, max_token]",
            "5:22: compat has no word 'max_token'; did you mean 'max_tokens'?"
        ),
        in_endpoint(
            "compat: [slow]",
            "5:14: compat has no word 'slow'; it can be: max_tokens, max_completion_tokens, "
            "no_stream_options, random_seed, null_finish_reason, router"
        ),
        in_endpoint(
            "compat: [max_tokens, max_completion_tokens]",
            "5:13: compat has max_tokens and max_completion_tokens, which exclude each other; keep "
            "the one that the server knows"
        ),
        in_endpoint(
            "extra: [1]",
            "5:12: extra must be a mapping, whose members are added to every request, not a list"
        ),
        in_endpoint(
            "api: opneai",
            "5:10: api must be one of openai, responses, anthropic, gemini, azure, raw, not "
            "opneai; did "
            "you mean "
            "'openai'?"
        ),
        in_endpoint("allow_plaintext: 1", "5:22: allow_plaintext must be true or false, not 1"),
    });
}

TEST_CASE("A renamed key of skein 0.1 is refused with its new name.", "[config]") {
    check_all({
        appended(
            "limits: {longest_park: 15m}\n",
            "12:10: unknown key 'longest_park' in limits; it is called 'max_retry_after' now"
        ),
        appended(
            "backoff: {most: 8s}\n", "12:11: unknown key 'most' in backoff; it is called 'max' now"
        ),
        appended(
            "backoff: {throttled_most: 8s}\n",
            "12:11: unknown key 'throttled_most' in backoff; it is called 'throttled_max' now"
        ),
    });
}
