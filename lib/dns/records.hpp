#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace postern::dns {

/// The record types Postern asks for, with their numbers (RFC 1035 3.2.2, RFC 3596, RFC 6698).
enum class record_type : std::uint16_t { a = 1, cname = 5, mx = 15, ptr = 12, soa = 6, txt = 16, aaaa = 28, tlsa = 52 };

/// RFC 1035 3.4.1: an IPv4 address, network byte order.
struct a_record {
    std::array<std::uint8_t, 4> address{};
    friend bool operator==(const a_record&, const a_record&) = default;
};

/// RFC 3596 2.2: an IPv6 address, network byte order.
struct aaaa_record {
    std::array<std::uint8_t, 16> address{};
    friend bool operator==(const aaaa_record&, const aaaa_record&) = default;
};

/// RFC 1035 3.3.9. A null MX (RFC 7505) is preference 0 and an empty exchange.
struct mx_record {
    std::uint16_t preference = 0;
    std::string exchange;
    friend bool operator==(const mx_record&, const mx_record&) = default;
};

/// RFC 1035 3.3.14: the character-strings joined, as SPF (RFC 7208 3.3), DKIM and DMARC read them.
struct txt_record {
    std::string text;
    friend bool operator==(const txt_record&, const txt_record&) = default;
};

struct ptr_record {
    std::string name;
    friend bool operator==(const ptr_record&, const ptr_record&) = default;
};

struct cname_record {
    std::string name;
    friend bool operator==(const cname_record&, const cname_record&) = default;
};

/// RFC 6698 2.1.
struct tlsa_record {
    std::uint8_t usage = 0;
    std::uint8_t selector = 0;
    std::uint8_t matching_type = 0;
    std::string data;  ///< octets
    friend bool operator==(const tlsa_record&, const tlsa_record&) = default;
};

using record = std::variant<a_record, aaaa_record, mx_record, txt_record, ptr_record, cname_record, tlsa_record>;

/// What a question came to. The difference between the last three decides between bounce and retry, all the way up.
enum class status {
    found,              ///< records are there
    no_data,            ///< the name exists, records of this type do not (RFC 2308 2.2)
    no_such_name,       ///< NXDOMAIN (RFC 2308 2.1)
    temporary_failure,  ///< no server gave an answer that can be trusted; ask again later
};

/// The answer to one question.
struct answer {
    dns::status status = dns::status::temporary_failure;
    std::vector<record> records;  ///< of the type asked for, in the server's order; CNAMEs on the way are followed, not listed
    std::string canonical_name;   ///< the name at the end of the CNAMEs; the question's own where there were none
    std::chrono::seconds ttl{0};  ///< the least on the way; for no_data and no_such_name RFC 2308's; 0 for a failure
    bool authenticated = false;   ///< the AD bit (RFC 4035 3.2.3): worth what the path to the server is worth
    bool from_cache = false;
    std::string failure;  ///< why, for temporary_failure
};

/// "MX"; for logs and the command line.
[[nodiscard]] std::string_view name_of(record_type type) noexcept;

/// One record as a zone file writes its data: "10 mx.example.test."
[[nodiscard]] std::string to_text(const record& r);

}  // namespace postern::dns
