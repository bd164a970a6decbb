#include "net/tls_session.hpp"

#include <algorithm>
#include <cctype>

#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <boost/asio/ip/address.hpp>

#include "net/tls_contexts.hpp"

namespace postern::net {

namespace asio = boost::asio;
using asio::ssl::stream_base;
using boost::system::error_code;

namespace {

constexpr std::size_t most_read_at_once = 64 * 1024;
constexpr std::size_t most_written_at_once = 64 * 1024;
constexpr std::size_t kept_capacity = 20 * 1024;  // one record's; more is given back
constexpr std::size_t channel_binding_size = 32;

/// RFC 9266 section 2.
std::string exported_binding(SSL* ssl) {
    constexpr std::string_view label = "EXPORTER-Channel-Binding";
    constexpr unsigned char no_context[1] = {};
    // RFC 9266 section 3: before TLS 1.3 the exporter is unique to a connection with the extended master secret only.
    if (SSL_version(ssl) != TLS1_3_VERSION && SSL_get_extms_support(ssl) != 1) return {};
    std::string out(channel_binding_size, '\0');
    const auto done = SSL_export_keying_material(ssl, reinterpret_cast<unsigned char*>(out.data()), out.size(), label.data(),
                                                 label.size(), no_context, 0, 1);
    return done == 1 ? out : std::string();
}

tls_info describe(SSL* ssl) {
    tls_info info;
    info.version = SSL_get_version(ssl);
    if (const auto* name = SSL_CIPHER_standard_name(SSL_get_current_cipher(ssl))) info.cipher = name;
    if (const auto* name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name)) info.server_name = lower_case_host(name);
    info.peer_verified = SSL_get_verify_mode(ssl) != SSL_VERIFY_NONE && SSL_get_verify_result(ssl) == X509_V_OK;
    info.channel_binding = exported_binding(ssl);
    return info;
}

/// Whom we ask for, and whom the certificate has to name.
void expect_server(SSL* ssl, const std::string& name) {
    error_code not_an_address;
    asio::ip::make_address(name, not_an_address);
    if (not_an_address) {
        SSL_set_tlsext_host_name(ssl, name.c_str());  // RFC 6066 section 3: never for an address
        SSL_set1_host(ssl, name.c_str());
        SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    } else {
        X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), name.c_str());
    }
}

}  // namespace

void tls_transport::flush(error_code& ec) {
    while (unsent() > 0 && !ec) sent_ += socket_.write_some(asio::buffer(unsent_) + sent_, ec);
    if (ec == asio::error::would_block) ec = {};
    if (unsent() > 0) return;
    sent_ = 0;
    if (unsent_.capacity() > kept_capacity) {
        unsent_ = std::string();
    } else {
        unsent_.clear();
    }
}

tls_session::tls_session(tcp_socket& socket, const tls_server_context& as)
    : context_(as.current()), stream_(tls_transport(socket), as.current()->standard()), side_(stream_base::server) {}

tls_session::tls_session(tcp_socket& socket, const tls_client_context& as, std::string_view server_name)
    : context_(as.shared()), stream_(tls_transport(socket), as.shared()->context()), side_(stream_base::client) {
    expect_server(stream_.native_handle(), std::string(server_name));
}

tls_session::~tls_session() = default;

error_code tls_session::handshake() {
    error_code ec;
    stream_.next_layer().allow_reading(most_read_at_once);
    stream_.handshake(side_, ec);
    if (!ec) info_ = std::make_unique<tls_info>(describe(stream_.native_handle()));
    return ec;
}

std::size_t tls_session::read(const asio::mutable_buffer& into, error_code& ec) {
    stream_.next_layer().allow_reading(most_read_at_once);
    return stream_.read_some(into, ec);
}

std::size_t tls_session::write(std::string_view octets, error_code& ec) {
    std::size_t taken = 0;
    octets = octets.substr(0, most_written_at_once);
    stream_.next_layer().allow_reading(0);
    while (taken < octets.size() && !ec) taken += stream_.write_some(asio::buffer(octets) + taken, ec);
    if (!ec) ec = flush();
    return taken;
}

error_code tls_session::flush() {
    error_code ec;
    stream_.next_layer().flush(ec);
    return ec;
}

void tls_session::shut_down() {
    if (!info_ || unsent()) return;
    error_code ignored;
    stream_.next_layer().allow_reading(0);
    stream_.shutdown(ignored);
    static_cast<void>(flush());
}

std::string tls_session::explain(const error_code& ec) {
    const auto verified = SSL_get_verify_result(stream_.native_handle());
    if (side_ == stream_base::client && !info_ && verified != X509_V_OK &&
        SSL_get_verify_mode(stream_.native_handle()) != SSL_VERIFY_NONE) {
        return X509_verify_cert_error_string(verified);
    }
    return ec.message();
}

}  // namespace postern::net
