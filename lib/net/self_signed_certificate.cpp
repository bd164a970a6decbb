#include "net/self_signed_certificate.hpp"

#include <chrono>
#include <memory>
#include <stdexcept>

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "net/tls_contexts.hpp"

namespace postern::net {

namespace {

constexpr auto validity = std::chrono::days(3653);  // ten years
constexpr auto slow_clocks = std::chrono::days(1);
constexpr int serial_bits = 127;                 // RFC 5280 4.1.2.2: positive, at most 20 octets
constexpr std::size_t longest_common_name = 64;  // X.520 upper bound

using bio_ptr = std::unique_ptr<BIO, openssl_deleter<BIO, BIO_free_all>>;
using bignum_ptr = std::unique_ptr<BIGNUM, openssl_deleter<BIGNUM, BN_free>>;
using extension_ptr = std::unique_ptr<X509_EXTENSION, openssl_deleter<X509_EXTENSION, X509_EXTENSION_free>>;

void require(bool done) {
    if (!done) throw std::runtime_error("self-signed certificate: " + last_openssl_error());
}

void set_serial(X509* certificate) {
    const bignum_ptr number(BN_new());
    require(number && BN_rand(number.get(), serial_bits, BN_RAND_TOP_ANY, BN_RAND_BOTTOM_ANY) == 1);
    require(BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr);
}

void set_times(X509* certificate, core::timestamp now) {
    const auto begin = std::chrono::system_clock::to_time_t(std::chrono::floor<std::chrono::seconds>(now - slow_clocks));
    const auto end = std::chrono::system_clock::to_time_t(std::chrono::floor<std::chrono::seconds>(now + validity));
    require(ASN1_TIME_set(X509_getm_notBefore(certificate), begin) && ASN1_TIME_set(X509_getm_notAfter(certificate), end));
}

void set_names(X509* certificate, const std::string& hostname) {
    const auto common = hostname.substr(0, longest_common_name);
    auto* const subject = X509_get_subject_name(certificate);
    require(X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(common.data()),
                                       static_cast<int>(common.size()), -1, 0) == 1);
    require(X509_set_issuer_name(certificate, subject) == 1);
}

void add_extension(X509* certificate, int id, const std::string& value) {
    const extension_ptr made(X509V3_EXT_conf_nid(nullptr, nullptr, id, value.c_str()));
    require(made && X509_add_ext(certificate, made.get(), -1) == 1);
}

std::string text_in(BIO* memory) {
    char* begin = nullptr;
    const auto size = BIO_get_mem_data(memory, &begin);
    return {begin, static_cast<std::size_t>(size)};
}

}  // namespace

pem_pair make_self_signed_certificate(std::string_view hostname, core::timestamp now) {
    const evp_pkey_ptr key(EVP_EC_gen("P-256"));
    const x509_ptr certificate(X509_new());
    require(key && certificate && X509_set_version(certificate.get(), X509_VERSION_3) == 1);
    set_serial(certificate.get());
    set_times(certificate.get(), now);
    set_names(certificate.get(), std::string(hostname));
    require(X509_set_pubkey(certificate.get(), key.get()) == 1);
    add_extension(certificate.get(), NID_subject_alt_name, "DNS:" + std::string(hostname));
    add_extension(certificate.get(), NID_basic_constraints, "critical,CA:FALSE");
    add_extension(certificate.get(), NID_ext_key_usage, "serverAuth");
    require(X509_sign(certificate.get(), key.get(), EVP_sha256()) > 0);

    const bio_ptr chain_text(BIO_new(BIO_s_mem()));
    const bio_ptr key_text(BIO_new(BIO_s_secmem()));
    require(chain_text && PEM_write_bio_X509(chain_text.get(), certificate.get()) == 1);
    require(key_text && PEM_write_bio_PrivateKey(key_text.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1);
    return {.certificate = text_in(chain_text.get()), .private_key = text_in(key_text.get())};
}

}  // namespace postern::net
