// An answer, whole or as a stream, or an error: read in pieces it comes to what it comes to in one,
// and what comes of it is fit to be shown and written down. read_answer.hpp tells the form of an
// input.
#include "read_answer.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    using namespace skein;
    fuzz::Given given{bytes, size};
    const auto asked = fuzz::asked(given);
    Endpoint endpoint;
    endpoint.api_key = Secret{std::string{fuzz::key}};
    fuzz::check_answer(given, asked, endpoint);
    return 0;
}
