// TLS 1.3 by OpenSSL, on sockets that do not block.
#pragma once
#include <memory>
#include <openssl/ssl.h>
#include <string>

namespace skein::bench {

struct FreeTls {
    void operator()(SSL* session) const { SSL_free(session); }
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
using TlsSession = std::unique_ptr<SSL, FreeTls>;

class Tls {
public:
    // With empty names: no TLS, and `session` gives none. Exits with status 2 if it cannot be.
    Tls(const std::string& certificate, const std::string& key);

    TlsSession session(int fd) const;

private:
    std::unique_ptr<SSL_CTX, FreeTls> context_;
};

}  // namespace skein::bench
