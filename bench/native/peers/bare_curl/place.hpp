// One place in flight: an easy handle that is set up once, and only asks something else.
#pragma once
#include "../arguments.hpp"
#include "../question_body.hpp"

#include <curl/curl.h>

#include <cstddef>
#include <cstdint>
#include <string>

namespace skein::bench {

class SocketSet;

// The lines of every request's head.
curl_slist* head_lines();

class Place {
public:
    // What is borrowed must outlive the place.
    struct Shared {
        CURLU* url;
        curl_slist* head;
        SocketSet* sockets;
    };

    Place(const Arguments& arguments, std::uint32_t multi, const Shared& shared);
    ~Place() { curl_easy_cleanup(easy_); }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;

    CURL* easy() const { return easy_; }
    std::uint32_t multi() const { return multi_; }

    // Only the number in the body is new; libcurl reads the body where it is.
    void prepare(std::size_t request);

    bool answered() const;
    std::size_t answer_bytes() const { return counted_ + answer_.size(); }

private:
    static std::size_t keep(char* data, std::size_t size, std::size_t count, void* place);
    static std::size_t count(char* data, std::size_t size, std::size_t count, void* place);
    static int close_socket(void* sockets, curl_socket_t fd);

    CURL* const easy_ = curl_easy_init();
    const std::uint32_t multi_;
    QuestionBody body_;
    std::string answer_{};
    std::size_t counted_ = 0;  // Of a stream, which is not kept.
};

}  // namespace skein::bench
