// Errors that concern a job file as a whole, or its endpoint.
#include "support/catch.hpp"
#include "unit/config/config_support.hpp"
#include "unit/config/slips.hpp"

using namespace skein;
using namespace skein::test;

TEST_CASE("A missing required key of a job is reported with advice.", "[config]") {
    const std::string files = "input: {file: a}\noutput: {file: b}\n";
    check_all({
        changed("version: 1\n", "", "1:1: version is missing; a job file begins with `version: 1`"),
        {"version: 1\n",
         "1:1: endpoints is missing; say whom to ask (or give a local pool)\n"
         "job.yaml:1:1: input.file is missing; say what to ask: a file, or - for stdin\n"
         "job.yaml:1:1: output.file is missing; say where replies go: a file, or - for stdout"},
        {"version: 1\nendpoints: []\n" + files,
         "2:12: endpoints must be a list of endpoints, each with a name and a base_url, not an "
         "empty list"},
        {"version: 1\nendpoints: {main: x}\n" + files,
         "2:12: endpoints must be a list of endpoints, each with a name and a base_url, not a "
         "mapping"},
        {"version: 1\nendpoints: [x]\n" + files,
         "2:13: an endpoint must be a mapping (name, base_url …), not x"},
        changed(
            "    base_url: https://llm.example.com/v1\n",
            "",
            "3:5: base_url is missing: where the endpoint is, as in https://llm.example.com/v1"
        ),
        changed(
            "input:\n  file: prompts.jsonl\n",
            "",
            "1:1: input.file is missing; say what to ask: a file, or - for stdin"
        ),
        changed(
            "  file: prompts.jsonl\n",
            "  format: csv\n",
            "6:3: input.file is missing; say what to ask: a file, or - for stdin"
        ),
        changed(
            "output:\n  file: replies.jsonl\n",
            "",
            "1:1: output.file is missing; say where replies go: a file, or - for stdout"
        ),
        changed(
            "input:\n  file: prompts.jsonl\n",
            "input: x\n",
            "5:8: input must be a mapping (`key: value` lines), not x"
        ),
        changed("  file: prompts.jsonl\n", "  file:\n", "6:3: file must be a text, not nothing"),
        changed("  file: prompts.jsonl\n", "  file: ''\n", "6:9: file must not be empty"),
        changed(
            "  file: prompts.jsonl\n", "  file: \"a\\nb\"\n", "6:9: there is a line break in file"
        ),
        changed(
            "  file: prompts.jsonl\n",
            "  file: \"a\\0b\"\n",
            "6:9: there is a control character in file"
        ),
        appended(
            "limits: [1]\n", "12:9: limits must be a mapping (`key: value` lines), not a list"
        ),
    });
}

TEST_CASE("A job's rows are whole requests, or fill a template.", "[config]") {
    const std::string request =
        "request:\n  messages:\n    - {role: user, content: '{{ question }}'}\n";
    const auto format = [](const std::string& name) {
        return "  file: prompts.jsonl\n  format: " + name + "\n";
    };
    for (const std::string name : {"jsonl", "csv", "text"}) {
        auto text = test::least_job_with("  file: prompts.jsonl\n", format(name));
        CHECK(complaint_about(text).empty());
        text.erase(text.find(request));
        CHECK(
            complaint_about(text) ==
            "job.yaml:1:1: request is missing; say what to ask of each row, with {{ field }} where "
            "it goes"
        );
    }
    auto batch = test::least_job_with("  file: prompts.jsonl\n", format("openai-batch"));
    CHECK(
        complaint_about(batch) ==
        "job.yaml:10:1: the rows of openai-batch are whole requests; leave request out, or use "
        "another format"
    );
    batch.erase(batch.find(request));
    CHECK(complaint_about(batch).empty());
    CHECK(complaint_about(least_job.substr(0, least_job.find(request))).empty());
}

TEST_CASE("An error in an endpoint has its place in the job file.", "[config]") {
    const auto url = [](const std::string& value, const std::string& complaint) {
        return changed("https://llm.example.com/v1", value, "4:15: " + complaint);
    };
    const std::string scheme =
        "a URL begins with https:// (or with http:// to this machine, unix:, or mock:)";
    const std::string port = "a port is a whole number from 1 to 65535";
    check_all({
        url("file:///etc/passwd", scheme),
        url("ftp://host/", scheme),
        url("llm.example.com", scheme),
        url("http://llm.example.com/v1",
            "plain http would send the key and every request readable over the network; "
            "write https, or allow_plaintext: true"),
        url("http://user:CANARY@127.0.0.1",
            "a URL holds no user and no password: they would be shown in logs; use api_key"),
        url("https://host:99999", port),
        url("https://host:0", port),
        url("https://host/a b", "a URL holds no spaces and no control characters"),
        url("\"https://host/\\r\\nX: 1\"", "there is a line break in base_url"),
        url("\"https://host/\\0\"", "there is a control character in base_url"),
        url("http://[::1%25eth0]", "an address with a zone id (%eth0) is not allowed"),
        url("https://host/v1#key", "a URL has no fragment (#) here"),
        in_endpoint("model: \"a\\r\\nb\"", "5:12: there is a line break in model"),
        in_endpoint(
            "headers: {x y: 1}",
            "5:15: 'x y' is no header name: letters, digits and !#$%&'*+-.^_`|~ alone"
        ),
        in_endpoint(
            "headers: {x-a: 1, Host: evil}", "5:23: 'Host' is set by skein itself; leave it out"
        ),
        in_endpoint(
            "headers: {x-a: \"CANARY\\r\\nb\"}",
            "5:15: the value of the header x-a cannot be sent: there is a line break in it"
        ),
        in_endpoint(
            "headers: {authorization: CANARY}",
            "5:15: 'authorization' is written from the key; give it as api_key or api_key_file"
        ),
        in_endpoint("headers: CANARY", "5:14: headers must be a mapping of names to texts"),
        in_endpoint("headers: {x-a: [1]}", "5:20: x-a must be a text"),
        in_endpoint("ca_file: none.pem", "5:14: there is no CA file none.pem"),
        in_endpoint("client_cert: none.pem", "5:18: there is no certificate none.pem"),
        in_endpoint(
            "client_key: " SKEIN_SOURCE_FOLDER "/README.md",
            "5:17: client_key needs client_cert, the certificate it is of"
        ),
        in_endpoint(
            "api_key_command: sh -c x",
            "5:22: api_key_command must be a list: the program and each of its arguments; no shell "
            "reads it, not sh -c x"
        ),
        in_endpoint(
            "api_key_command: [no-such-program]",
            "5:22: there is no program no-such-program that could be run"
        ),
        in_endpoint(
            "api_key_lifetime: 1h", "5:23: api_key_lifetime is of a key that api_key_command prints"
        ),
        in_endpoint("url: https://host", "5:5: base_url and url exclude each other; keep one"),
        in_endpoint(
            "proxy: ftp://proxy:1",
            "5:12: a proxy is http://host:port, https://host:port or socks5h://host:port; or "
            "environment, or none"
        ),
        in_endpoint(
            "proxy: http://proxy",
            "5:12: a proxy has a port, as in http://proxy.example.com:3128; or environment, or none"
        ),
        in_endpoint("api_key_file: none.key", "5:19: the key file none.key does not exist"),
        in_endpoint(
            "api_key_file: a\n    api_key: ${A}",
            "5:19: the key file a does not exist\n"
            "job.yaml:6:5: api_key_file and api_key exclude each other; keep one\n"
            "job.yaml:6:14: the environment variable A is not set, or is empty"
        ),
        changed(
            "name: main",
            "name: a b",
            "3:11: an endpoint's name is 1 to 64 letters, digits, '-' and '_': it stands in every "
            "log"
        ),
    });
}

TEST_CASE("A variable that is not set is an error at the place of its use.", "[config]") {
    const test::Variable missing{"SKEIN_TEST_MISSING", std::nullopt};
    check_all({
        changed(
            "prompts.jsonl",
            "in-${SKEIN_TEST_MISSING}.jsonl",
            "6:9: the environment variable SKEIN_TEST_MISSING is not set (for a literal ${ write "
            "$${)"
        ),
        changed(
            "{{ question }}",
            "${QUESTION",
            "11:29: ${ begins the name of an environment variable, as in ${NAME}; "
            "for a literal ${ write $${"
        ),
    });
}

TEST_CASE(
    "Duplicate keys, anchors and other YAML features are refused in a job file.", "[config]"
) {
    check_all({
        appended(
            "limits: {in_flight: 1}\nlimits: {in_flight: 2}\n",
            "13:1: the key 'limits' stands here twice, first at job.yaml:12:1"
        ),
        appended(
            "limits: &l {in_flight: 1}\n",
            "12:9: anchors (&name) are not allowed here; write the value out"
        ),
        appended(
            "limits:\n\tin_flight: 1\n",
            "13:2: a tab where spaces are wanted: YAML is indented by spaces alone"
        ),
        appended("---\nversion: 1\n", "12:1: a second document begins here; there can be only one"),
        appended(
            "limits: {in_flight: !!int 1}\n",
            "12:21: tags (!name) are not allowed here; put quotes around a text"
        ),
        changed(
            "'{{ question }}'",
            "{{ question }}",
            "11:30: a key must be a text, not a mapping; is a bracket not closed, or does a value "
            "that begins with { or [ want quotes around it?"
        ),
    });
}
