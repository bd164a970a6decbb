#include "dns/records.hpp"

#include <arpa/inet.h>

#include <fmt/format.h>

namespace postern::dns {

namespace {

std::string address_text(int family, const void* address) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    ::inet_ntop(family, address, text.data(), text.size());
    return text.data();
}

/// RFC 1035 5.1: a character-string in quotes, with \DDD for what does not print.
std::string in_quotes(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        const auto octet = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (octet < 0x20 || octet > 0x7e) {
            out += fmt::format("\\{:03}", octet);
        } else {
            out += c;
        }
    }
    return out + '"';
}

struct writer {
    std::string operator()(const a_record& r) const { return address_text(AF_INET, r.address.data()); }
    std::string operator()(const aaaa_record& r) const { return address_text(AF_INET6, r.address.data()); }
    std::string operator()(const mx_record& r) const { return fmt::format("{} {}.", r.preference, r.exchange); }
    std::string operator()(const txt_record& r) const { return in_quotes(r.text); }
    std::string operator()(const ptr_record& r) const { return r.name + '.'; }
    std::string operator()(const cname_record& r) const { return r.name + '.'; }
    std::string operator()(const tlsa_record& r) const {
        auto text = fmt::format("{} {} {} ", r.usage, r.selector, r.matching_type);
        for (const char c : r.data) text += fmt::format("{:02x}", static_cast<unsigned char>(c));
        return text;
    }
};

}  // namespace

std::string_view name_of(record_type type) noexcept {
    switch (type) {
        case record_type::a: return "A";
        case record_type::aaaa: return "AAAA";
        case record_type::cname: return "CNAME";
        case record_type::mx: return "MX";
        case record_type::ptr: return "PTR";
        case record_type::soa: return "SOA";
        case record_type::txt: return "TXT";
        case record_type::tlsa: return "TLSA";
    }
    return "unknown";
}

std::string to_text(const record& r) { return std::visit(writer{}, r); }

}  // namespace postern::dns
