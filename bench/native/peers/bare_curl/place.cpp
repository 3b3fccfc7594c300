#include "place.hpp"

#include "socket_set.hpp"

namespace skein::bench {

curl_slist* head_lines() {
    auto* lines = curl_slist_append(nullptr, "content-type: application/json");
    return curl_slist_append(lines, "authorization: Bearer CANARY-key");
}

Place::Place(const Arguments& arguments, std::uint32_t multi, const Shared& shared)
    : multi_{multi}, body_{arguments.prompt, arguments.stream} {
    const auto set = [this](CURLoption option, auto value) {
        curl_easy_setopt(easy_, option, value);
    };
    set(CURLOPT_CURLU, shared.url);
    set(CURLOPT_HTTPHEADER, shared.head);
    set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_PROXY, "");
    set(CURLOPT_POSTFIELDS, body_.text().data());
    set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body_.text().size()));
    set(CURLOPT_WRITEFUNCTION, arguments.stream ? &Place::count : &Place::keep);
    set(CURLOPT_WRITEDATA, this);
    set(CURLOPT_CLOSESOCKETFUNCTION, &Place::close_socket);
    set(CURLOPT_CLOSESOCKETDATA, shared.sockets);
    set(CURLOPT_PRIVATE, this);
    if (!arguments.ca_file.empty()) set(CURLOPT_CAINFO, arguments.ca_file.c_str());
}

void Place::prepare(std::size_t request) {
    body_.number(request);
    answer_.clear();
    counted_ = 0;
}

bool Place::answered() const {
    long status = 0;
    curl_easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &status);
    return status == 200;
}

std::size_t Place::keep(char* data, std::size_t size, std::size_t count, void* place) {
    static_cast<Place*>(place)->answer_.append(data, size * count);
    return size * count;
}

std::size_t Place::count(char*, std::size_t size, std::size_t count, void* place) {
    static_cast<Place*>(place)->counted_ += size * count;
    return size * count;
}

int Place::close_socket(void* sockets, curl_socket_t fd) {
    static_cast<SocketSet*>(sockets)->close(fd);
    return 0;
}

}  // namespace skein::bench
