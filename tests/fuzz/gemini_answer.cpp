// An answer of Gemini, plain or as a stream, which has no mark at its end: the reason alone tells
// it. native_answer.hpp tells what must hold.
#include "native_answer.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    using namespace skein;
    fuzz::Given given{bytes, size};
    Endpoint endpoint;
    endpoint.api = Api::gemini;
    endpoint.api_key = Secret{std::string{fuzz::key}};
    fuzz::check_native_answer(given, endpoint, "finishReason", "");
    return 0;
}
