#include "account/address.hpp"

#include <algorithm>

#include "account/errc.hpp"
#include "core/unicode.hpp"
#include "smtp/address.hpp"

namespace postern::account {

namespace {

constexpr std::size_t max_canonical_local_part = 256;  // what the database holds; folding can lengthen, by half at most
constexpr std::size_t max_quoted = 100;                // of the user's own text in a message to him

/// The user's text as it may stand in an error's detail.
std::string quote(std::string_view text) {
    if (!core::is_utf8(text)) return "this";
    return text.size() <= max_quoted ? '"' + std::string(text) + '"' : "this";
}

/// RFC 1123 2.1: a top-level name is alphabetic, so what ends in digits is an IPv4 address that lost its brackets.
bool ends_in_number(std::string_view domain) {
    const auto last = domain.substr(domain.rfind('.') + 1);
    return std::ranges::all_of(last, [](char c) { return c >= '0' && c <= '9'; });
}

std::string explain(std::string_view text, smtp::address_fault fault) {
    if (fault == smtp::address_fault::too_long) return quote(text) + " is too long for a mail address";
    const auto about = text.find('@') == std::string_view::npos ? " has no @: write name@example.org"
                                                                : " is not a mail address: write name@example.org";
    return quote(text) + about;
}

}  // namespace

core::result<storage::canonical_address> parse_address(std::string_view text) {
    const auto parsed = smtp::parse_mailbox(text);
    if (!parsed) return core::fail(errc::invalid_address, explain(text, parsed.error()));
    if (parsed->is_literal()) {
        return core::fail(errc::invalid_address, quote(text) + " is at an IP address; mail accounts are at a domain name");
    }
    auto local_part = core::fold_case(parsed->local_part);
    if (!local_part || local_part->empty() || local_part->size() > max_canonical_local_part) {
        return core::fail(errc::invalid_address, quote(text) + " has a local part that cannot be used");
    }
    auto domain = core::to_a_label(parsed->domain);
    if (!domain || ends_in_number(*domain)) {
        return core::fail(errc::invalid_address, quote(parsed->domain) + " is not a domain name");
    }
    return storage::canonical_address{std::move(*local_part), std::move(*domain)};
}

core::result<storage::canonical_address> parse_alias_address(std::string_view text) {
    if (!text.starts_with('@')) return parse_address(text);
    auto domain = parse_domain(text.substr(1));
    if (!domain) return core::fail(errc::invalid_address, std::move(domain.error().detail));
    return storage::canonical_address{"", std::move(*domain)};
}

core::result<std::string> parse_domain(std::string_view text) {
    // What RCPT would not take as a domain (RFC 5321 4.1.2) is none to have mail at.
    const auto parsed = smtp::parse_mailbox("postmaster@" + std::string(text));
    auto domain = parsed && !parsed->is_literal() ? core::to_a_label(parsed->domain) : std::nullopt;
    if (!domain || ends_in_number(*domain)) {
        return core::fail(errc::invalid_domain, quote(text) + " is not a domain name: write it like example.org");
    }
    return std::move(*domain);
}

std::optional<std::string> without_tag(std::string_view local_part) {
    const auto plus = local_part.find('+');
    if (plus == std::string_view::npos || plus == 0) return std::nullopt;
    return std::string(local_part.substr(0, plus));
}

bool is_always_deliverable(std::string_view local_part) noexcept { return local_part == "postmaster" || local_part == "abuse"; }

std::string to_text(const storage::canonical_address& address) {
    const auto domain = core::to_u_label(address.domain);
    if (address.local_part.empty()) return '@' + domain;
    smtp::address written;
    written.local_part = address.local_part;
    written.domain = domain;
    written.text = storage::to_string(address);  // only so that it is not taken for the null path
    return smtp::to_string(written);
}

}  // namespace postern::account
