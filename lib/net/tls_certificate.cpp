#include "net/tls_certificate.hpp"

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <fstream>
#include <sstream>
#include <utility>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "net/errc.hpp"
#include "net/tls_contexts.hpp"

namespace postern::net {

namespace {

constexpr std::size_t largest_file = 1024 * 1024;

using bio_ptr = std::unique_ptr<BIO, openssl_deleter<BIO, BIO_free_all>>;

std::unexpected<core::error> fault(std::string_view file, std::string_view what) {
    return core::fail(errc::bad_certificate, std::string(file) + ' ' + std::string(what));
}

core::result<std::string> read_file(const std::filesystem::path& path) {
    errno = 0;
    std::ifstream in(path, std::ios::binary);
    std::string text(largest_file + 1, '\0');
    if (!in || in.peek() == std::ifstream::traits_type::eof()) {
        const auto why = errno;
        return fault(path.string(), why ? "cannot be read: " + std::generic_category().message(why) : "is empty");
    }
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(in.gcount()));
    if (text.size() > largest_file) return fault(path.string(), "is larger than 1 MiB");
    return text;
}

bio_ptr reader(std::string_view text) { return bio_ptr(BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))); }

/// For a key that is locked: nobody is there to be asked for the passphrase.
int no_passphrase(char*, int, int, void* asked) {
    *static_cast<bool*>(asked) = true;
    return -1;
}

core::result<std::vector<x509_ptr>> read_chain(std::string_view pem, std::string_view name) {
    std::vector<x509_ptr> chain;
    const auto from = reader(pem);
    while (x509_ptr next{PEM_read_bio_X509(from.get(), nullptr, nullptr, nullptr)}) chain.push_back(std::move(next));
    const auto last = ERR_peek_last_error();
    const bool at_end = ERR_GET_LIB(last) == ERR_LIB_PEM && ERR_GET_REASON(last) == PEM_R_NO_START_LINE;
    const auto why = last_openssl_error();
    if (!at_end) return fault(name, "holds a certificate that cannot be read: " + why);
    if (chain.empty()) return fault(name, "holds no certificate in PEM form");
    return chain;
}

core::result<evp_pkey_ptr> read_key(std::string_view pem, std::string_view name) {
    bool locked = false;
    evp_pkey_ptr key(PEM_read_bio_PrivateKey(reader(pem).get(), nullptr, no_passphrase, &locked));
    const auto why = last_openssl_error();
    if (locked) return fault(name, "is encrypted; a server needs its key without a passphrase");
    if (!key) return fault(name, "holds no private key in PEM form: " + why);
    return key;
}

core::timestamp to_timestamp(const ASN1_TIME* time) {
    std::tm parts{};
    if (ASN1_TIME_to_tm(time, &parts) != 1) return {};
    return core::timestamp(std::chrono::seconds(timegm(&parts)));
}

std::string text_of(const ASN1_STRING* s) {
    return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(s)), static_cast<std::size_t>(ASN1_STRING_length(s))};
}

std::vector<std::string> names_in(X509* certificate) {
    std::vector<std::string> names;
    auto* const found = static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
    for (int i = 0; i < sk_GENERAL_NAME_num(found); ++i) {
        const auto* each = sk_GENERAL_NAME_value(found, i);
        if (each->type == GEN_DNS) names.push_back(lower_case_host(text_of(each->d.dNSName)));
    }
    GENERAL_NAMES_free(found);
    if (!names.empty()) return names;
    auto* const subject = X509_get_subject_name(certificate);
    const auto at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
    if (at >= 0) names.push_back(lower_case_host(text_of(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)))));
    return names;
}

std::string subject_of(X509* certificate) {
    const bio_ptr text(BIO_new(BIO_s_mem()));
    if (!text || X509_NAME_print_ex(text.get(), X509_get_subject_name(certificate), 0, XN_FLAG_RFC2253) < 0) return {};
    char* octets = nullptr;
    const auto size = BIO_get_mem_data(text.get(), &octets);
    return size > 0 ? std::string(octets, static_cast<std::size_t>(size)) : std::string();
}

}  // namespace

std::string last_openssl_error() {
    const auto number = ERR_peek_last_error();
    ERR_clear_error();
    const auto* reason = ERR_reason_error_string(number);
    return reason ? reason : "unknown reason";
}

std::string lower_case_host(std::string_view name) {
    std::string lower(name);
    for (auto& c : lower)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return lower;
}

bool tls_certificate::data::install(SSL_CTX* context) const {
    if (SSL_CTX_use_certificate(context, chain.front().get()) != 1) return false;
    for (auto issuer = chain.begin() + 1; issuer != chain.end(); ++issuer)
        if (SSL_CTX_add1_chain_cert(context, issuer->get()) != 1) return false;
    return SSL_CTX_use_PrivateKey(context, key.get()) == 1;
}

core::result<tls_certificate> tls_certificate::load(const std::filesystem::path& chain, const std::filesystem::path& key) {
    const auto chain_pem = read_file(chain);
    if (!chain_pem) return std::unexpected(chain_pem.error());
    // One file is read once: another process may put its own in that place between two readings.
    const auto key_pem = key == chain ? chain_pem : read_file(key);
    if (!key_pem) return std::unexpected(key_pem.error());
    return parse(*chain_pem, *key_pem, chain.string(), key.string());
}

core::result<tls_certificate> tls_certificate::parse(std::string_view chain_pem, std::string_view key_pem,
                                                     std::string_view chain_name, std::string_view key_name) {
    ERR_clear_error();
    auto chain = read_chain(chain_pem, chain_name);
    if (!chain) return std::unexpected(chain.error());
    auto key = read_key(key_pem, key_name);
    if (!key) return std::unexpected(key.error());
    auto* const own = chain->front().get();
    if (X509_check_private_key(own, key->get()) != 1) {
        ERR_clear_error();
        return fault(key_name, "is not the private key of the certificate in " + std::string(chain_name));
    }
    auto made = std::make_shared<data>(data{.chain = std::move(*chain),
                                            .key = std::move(*key),
                                            .subject = subject_of(own),
                                            .names = names_in(own),
                                            .valid_from = to_timestamp(X509_get0_notBefore(own)),
                                            .valid_until = to_timestamp(X509_get0_notAfter(own))});
    // OpenSSL has rules of its own, such as how long a key must be: it shall say no now, not at the first client.
    boost::asio::ssl::context trial(boost::asio::ssl::context::tls_server);
    set_tls_rules(trial);
    if (!made->install(trial.native_handle())) return fault(chain_name, "is of no use: " + last_openssl_error());
    return tls_certificate(std::move(made));
}

const std::string& tls_certificate::subject() const noexcept { return data_->subject; }

const std::vector<std::string>& tls_certificate::names() const noexcept { return data_->names; }

bool tls_certificate::names_host(std::string_view host) const {
    return std::ranges::find(names(), lower_case_host(host)) != names().end();
}

bool tls_certificate::names_wildcard_of(std::string_view host) const {
    const auto dot = host.find('.');
    if (dot == 0 || dot == std::string_view::npos) return false;
    return std::ranges::find(names(), '*' + lower_case_host(host.substr(dot))) != names().end();
}

core::timestamp tls_certificate::valid_from() const noexcept { return data_->valid_from; }

core::timestamp tls_certificate::valid_until() const noexcept { return data_->valid_until; }

}  // namespace postern::net
