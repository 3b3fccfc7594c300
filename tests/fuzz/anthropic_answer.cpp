// An answer of Anthropic's Messages API, plain or as a stream. native_answer.hpp tells what must
// hold.
#include "native_answer.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    using namespace skein;
    fuzz::Given given{bytes, size};
    Endpoint endpoint;
    endpoint.api = Api::anthropic;
    endpoint.api_key = Secret{std::string{fuzz::key}};
    fuzz::check_native_answer(given, endpoint, "stop_reason", "message_stop");
    return 0;
}
