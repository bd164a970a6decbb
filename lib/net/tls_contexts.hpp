#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <boost/asio/ssl/context.hpp>

#include "net/tls_certificate.hpp"
#include "net/tls_client_context.hpp"
#include "net/tls_server_context.hpp"

/// What the TLS sources share and nobody else includes: OpenSSL's objects behind the public classes.
namespace postern::net {

template <class T, void (*free)(T*)>
struct openssl_deleter {
    void operator()(T* what) const noexcept { free(what); }
};
using x509_ptr = std::unique_ptr<X509, openssl_deleter<X509, X509_free>>;
using evp_pkey_ptr = std::unique_ptr<EVP_PKEY, openssl_deleter<EVP_PKEY, EVP_PKEY_free>>;

struct tls_certificate::data {
    std::vector<x509_ptr> chain;  ///< the server's own first
    evp_pkey_ptr key;
    std::string subject;
    std::vector<std::string> names;
    core::timestamp valid_from;
    core::timestamp valid_until;

    /// Makes `context` answer with it. False when OpenSSL refuses; its error queue says why.
    [[nodiscard]] bool install(SSL_CTX* context) const;
};

class tls_server_context::set {
public:
    explicit set(std::vector<tls_certificate> certificates);
    set(const set&) = delete;
    set& operator=(const set&) = delete;

    [[nodiscard]] boost::asio::ssl::context& standard() const { return *contexts_.front(); }
    [[nodiscard]] boost::asio::ssl::context& for_host(std::string_view name) const;
    [[nodiscard]] const std::vector<tls_certificate>& certificates() const noexcept { return certificates_; }

private:
    std::vector<tls_certificate> certificates_;
    std::vector<std::unique_ptr<boost::asio::ssl::context>> contexts_;  // one for each certificate
};

class tls_client_context::state {
public:
    state(peer expected, const std::filesystem::path& authorities);

    [[nodiscard]] boost::asio::ssl::context& context() const { return context_; }

private:
    mutable boost::asio::ssl::context context_;
};

/// Versions, ciphers and options, the same for both sides.
void set_tls_rules(boost::asio::ssl::context& context);

/// What the last failed call of OpenSSL was about, for a person; empties its queue.
[[nodiscard]] std::string last_openssl_error();

/// A host's name for comparing: ASCII in lower case.
[[nodiscard]] std::string lower_case_host(std::string_view name);

}  // namespace postern::net
