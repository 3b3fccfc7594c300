// A blocking client on a plain socket, with which the tests see the very bytes.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace skein::mock::test {

struct Response {
    int status = 0;
    std::map<std::string, std::string> headers{};  // Names in small letters.
    std::string head{};
    std::string body{};  // Chunks put together.
    bool whole = false;  // As long as was said.
};

// Every wait ends after some seconds, as a failed test. Throws std::runtime_error then.
class Client {
public:
    explicit Client(std::uint16_t port);
    ~Client();
    Client(Client&& other) noexcept;
    Client& operator=(Client&&) = delete;

    void send(std::string_view bytes);
    Response read();
    Response ask(std::string_view request);

    std::string read_some();  // Empty at the end of the connection.
    std::string read_until(std::string_view end);
    std::string read_all();  // Until the connection ends.
    bool was_reset() const { return reset_; }
    void leave();

private:
    void read_body(Response& response);
    std::string take(std::size_t size);
    bool fill();

    int socket_ = -1;
    std::string unread_{};
    bool reset_ = false;
};

// A request with a body, as text. `headers`: lines that end with \r\n.
std::string post(std::string_view path, std::string_view body, std::string_view headers = {});
std::string get(std::string_view path, std::string_view headers = {});
std::string chat(std::string_view prompt, std::string_view headers = {});
std::string chat_stream(std::string_view prompt, std::string_view headers = {});

}  // namespace skein::mock::test
