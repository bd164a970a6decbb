#include "net/tls_contexts.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include <openssl/ssl.h>

namespace postern::net {

namespace ssl = boost::asio::ssl;

namespace {

/// Chooses the certificate by the name the client asks for (RFC 6066 section 3).
int on_server_name(SSL* connection, int*, void* argument) {
    const auto* name = SSL_get_servername(connection, TLSEXT_NAMETYPE_host_name);
    if (!name) return SSL_TLSEXT_ERR_NOACK;
    auto* const chosen = static_cast<const tls_server_context::set*>(argument)->for_host(name).native_handle();
    if (chosen != SSL_get_SSL_CTX(connection)) SSL_set_SSL_CTX(connection, chosen);
    return SSL_TLSEXT_ERR_OK;
}

}  // namespace

void set_tls_rules(ssl::context& context) {
    auto* const c = context.native_handle();
    SSL_CTX_set_min_proto_version(c, TLS1_2_VERSION);  // RFC 8996: nothing older
    SSL_CTX_set_max_proto_version(c, TLS1_3_VERSION);
    SSL_CTX_set_options(c, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
    // For TLS 1.2; those of 1.3 are all of this kind.
    if (SSL_CTX_set_cipher_list(c, "ECDHE+AESGCM:ECDHE+CHACHA20") != 1) throw std::runtime_error(last_openssl_error());
}

tls_server_context::set::set(std::vector<tls_certificate> certificates) : certificates_(std::move(certificates)) {
    for (const auto& each : certificates_) {
        auto& made = contexts_.emplace_back(std::make_unique<ssl::context>(ssl::context::tls_server));
        set_tls_rules(*made);
        auto* const c = made->native_handle();
        SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_OFF);  // resumption by tickets: nothing is kept for a client
        SSL_CTX_set_tlsext_servername_callback(c, on_server_name);
        SSL_CTX_set_tlsext_servername_arg(c, this);
        if (!each.handles().install(c)) throw std::runtime_error(last_openssl_error());
    }
}

ssl::context& tls_server_context::set::for_host(std::string_view name) const {
    auto found = std::ranges::find_if(certificates_, [&](const auto& each) { return each.names_host(name); });
    if (found == certificates_.end())
        found = std::ranges::find_if(certificates_, [&](const auto& each) { return each.names_wildcard_of(name); });
    if (found == certificates_.end()) return standard();
    return *contexts_[static_cast<std::size_t>(found - certificates_.begin())];
}

tls_server_context::tls_server_context(std::vector<tls_certificate> certificates)
    : set_(std::make_shared<const set>(std::move(certificates))) {}

tls_server_context::~tls_server_context() = default;

std::vector<tls_certificate> tls_server_context::certificates() const { return set_->certificates(); }

void tls_server_context::replace(std::vector<tls_certificate> certificates) {
    set_ = std::make_shared<const set>(std::move(certificates));
}

tls_client_context::state::state(peer expected, const std::filesystem::path& authorities) : context_(ssl::context::tls_client) {
    set_tls_rules(context_);
    if (expected == peer::anybody) return;
    context_.set_verify_mode(ssl::verify_peer);
    if (authorities.empty()) {
        context_.set_default_verify_paths();
    } else {
        context_.load_verify_file(authorities.string());
    }
}

tls_client_context::tls_client_context(peer expected, const std::filesystem::path& authorities)
    : state_(std::make_shared<const state>(expected, authorities)) {}

tls_client_context::~tls_client_context() = default;

}  // namespace postern::net
