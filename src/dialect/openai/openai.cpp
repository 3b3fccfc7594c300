#include "dialect/openai/openai.hpp"

#include "dialect/request/body.hpp"

namespace skein {
namespace {

std::string_view path(const Endpoint&, const Prepared& request, std::string&) {
    return request.path.view();
}

void sign(HeaderLines& lines, const Endpoint&) { lines.add_key(); }

}  // namespace

const Dialect openai{
    .api = Api::openai,
    .name = "openai",
    .path = path,
    .sign = sign,
    .body = common_body,
};

}  // namespace skein
