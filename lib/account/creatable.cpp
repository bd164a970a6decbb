#include "account/creatable.hpp"

#include <algorithm>

#include "account/errc.hpp"
#include "core/unicode.hpp"
#include "smtp/address.hpp"

namespace postern::account {

namespace {

constexpr std::size_t max_name = 1024;
constexpr std::size_t max_local_part = 64;

bool has_control(std::string_view text) {
    return std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

}  // namespace

core::result<void> check_new_address(const storage::canonical_address& address) {
    if (address.local_part.size() > max_local_part) {
        return core::fail(errc::invalid_address,
                          "the part before the @ is longer than 64 octets, and not every server sends to such an address");
    }
    if (has_control(address.local_part)) {
        return core::fail(errc::invalid_address, "the part before the @ has a control character");
    }
    // The resolver takes such a name for a request to relay: it would never get mail.
    if (smtp::is_route_like(address.local_part)) {
        return core::fail(errc::invalid_address,
                          "the part before the @ has one of % ! @, which stand for a route to elsewhere");
    }
    return {};
}

core::result<void> check_name(std::string_view name) {
    if (!core::is_utf8(name)) return core::fail(errc::invalid_value, "the name is not UTF-8");
    if (name.size() > max_name) return core::fail(errc::invalid_value, "the name is longer than 1024 octets");
    if (has_control(name)) return core::fail(errc::invalid_value, "the name has a control character or a line break");
    return {};
}

core::result<void> check_quota(std::optional<std::int64_t> limit) {
    if (!limit || *limit >= 1) return {};
    return core::fail(errc::invalid_value, "the quota must be at least one octet; leave it out for no limit");
}

}  // namespace postern::account
