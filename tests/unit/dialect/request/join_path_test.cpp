#include "dialect/request/join_path.hpp"

#include "support/catch.hpp"

#include <string>
#include <vector>

using namespace skein;

TEST_CASE("A base URL and a path are joined without repeating a segment.", "[dialect]") {
    struct Row {
        std::string base;
        std::string path;
        std::string expected;
    };
    for (const auto& row : std::vector<Row>{
             {"http://h/v1", "/v1/responses", "http://h/v1/responses"},
             {"http://h/v1/", "/v1/responses", "http://h/v1/responses"},
             {"http://h", "/v1/responses", "http://h/v1/responses"},
             {"http://h/openai/v1", "/openai/v1/responses", "http://h/openai/v1/responses"},
             {"http://h/openai/v1", "/v1/moderations", "http://h/openai/v1/moderations"},
             {"http://h/v1", "/responses", "http://h/v1/responses"},
             {"http://h/v1", "/images/generations", "http://h/v1/images/generations"},
             {"http://h/api/paas/v4",
              "/v4/chat/completions",
              "http://h/api/paas/v4/chat/completions"},
             {"http://h/api/paas/v4", "/v1/responses", "http://h/api/paas/v4/responses"},
             {"http://h/v1", "/v4/chat/completions", "http://h/v1/chat/completions"},
             {"http://h", "/v4/chat/completions", "http://h/v4/chat/completions"},
             {"http://h/v1beta/openai", "/v1/responses", "http://h/v1beta/openai/responses"},
             {"http://h/v1", "/score", "http://h/score"},
             {"http://h/v1", "/v1/score", "http://h/v1/score"},
             {"http://h/gate", "/v1/models/m:run?x=1", "http://h/gate/v1/models/m:run?x=1"},
             {"http://h/v1beta", "/v1/models/m:run", "http://h/v1/models/m:run"},
             {"http://h/v1/p/google", "/models/m:run", "http://h/v1/p/google/models/m:run"},
             {"http://h/llm/v1", "/rerank", "http://h/llm/rerank"},
             {"http://h/v1", "/v2/rerank", "http://h/v2/rerank"},
             {"http://h", "/score", "http://h/score"},
             {"http://h/v1", "/openai/v1/chat/completions", "http://h/openai/v1/chat/completions"},
             {"http://h/openai",
              "/openai/deployments/d/chat/completions?api-version=2024-10-21",
              "http://h/openai/deployments/d/chat/completions?api-version=2024-10-21"},
             {"http://h/v1", "/v10/x", "http://h/v10/x"},
             {"http://h/llm", "/v1/chat/completions", "http://h/llm/chat/completions"},
             {"http://h/llm", "/v4/chat/completions", "http://h/llm/v4/chat/completions"},
         }) {
        INFO(row.base << " and " << row.path);
        CHECK(join_path(row.base, row.path) == row.expected);
    }
}
