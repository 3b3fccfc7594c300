// Owning pointers (RAII) for libcurl's handles, lists and texts.
#pragma once
#include <curl/curl.h>

#include <memory>

namespace skein::wire {

struct CloseHandle {
    void operator()(CURL* easy) const noexcept { curl_easy_cleanup(easy); }
};
struct CloseUrl {
    void operator()(CURLU* url) const noexcept { curl_url_cleanup(url); }
};
struct CloseList {
    void operator()(curl_slist* list) const noexcept { curl_slist_free_all(list); }
};
struct CloseText {
    void operator()(char* text) const noexcept { curl_free(text); }
};

using EasyHandle = std::unique_ptr<CURL, CloseHandle>;
using UrlHandle = std::unique_ptr<CURLU, CloseUrl>;
using LineList = std::unique_ptr<curl_slist, CloseList>;
using CurlText = std::unique_ptr<char, CloseText>;

}  // namespace skein::wire
