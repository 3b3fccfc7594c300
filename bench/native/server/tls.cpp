#include "tls.hpp"

#include <cstdio>
#include <cstdlib>
#include <openssl/err.h>

namespace skein::bench {
namespace {

void require(bool fine, const char* what) {
    if (fine) return;
    std::fprintf(stderr, "skein-bench-server: %s\n", what);
    ERR_print_errors_fp(stderr);
    std::exit(2);
}

}  // namespace

Tls::Tls(const std::string& certificate, const std::string& key) {
    if (certificate.empty()) return;
    context_.reset(SSL_CTX_new(TLS_server_method()));
    auto* const context = context_.get();
    require(context != nullptr, "OpenSSL could not start");
    require(
        SSL_CTX_use_certificate_chain_file(context, certificate.c_str()) == 1,
        "cannot use the certificate"
    );
    require(
        SSL_CTX_use_PrivateKey_file(context, key.c_str(), SSL_FILETYPE_PEM) == 1,
        "cannot use the key"
    );
    require(SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) == 1, "OpenSSL has no TLS 1.3");
    // One system call for a record, not one for its head and one for the rest.
    SSL_CTX_set_read_ahead(context, 1);
    // Ten thousand connections at rest should not hold two buffers of 16 kB each.
    SSL_CTX_set_mode(
        context,
        SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
            SSL_MODE_RELEASE_BUFFERS
    );
}

TlsSession Tls::session(int fd) const {
    if (!context_) return nullptr;
    TlsSession session{SSL_new(context_.get())};
    require(session && SSL_set_fd(session.get(), fd) == 1, "OpenSSL made no session");
    SSL_set_accept_state(session.get());
    return session;
}

}  // namespace skein::bench
