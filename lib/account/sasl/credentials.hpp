#pragma once

#include <string>
#include <string_view>

#include "account/sasl/mechanism.hpp"
#include "account/sasl/mechanisms.hpp"

/// What the mechanisms share.
namespace postern::account::sasl {

/// Why not, in SASL's words.
[[nodiscard]] refusal refuse(const login_failure& why, std::string detail = {});

/// Something that must not come here, or not in this form.
[[nodiscard]] refusal malformed(std::string detail);

/// Whether an authorization identity (RFC 4422 2) is nobody else's than that of who authenticates: empty, or the same address.
/// Nobody here may act for another.
[[nodiscard]] bool is_own(std::string_view authzid, std::string_view authcid);

/// A password as UTF-8. Octets that are not UTF-8 are taken for Latin-1, which is how Thunderbird sends a password in LOGIN.
[[nodiscard]] secret as_utf8(secret password);

/// Asks whether that is the password.
[[nodiscard]] net::awaitable<step> sign_in(const context& with, std::string login, secret password);

}  // namespace postern::account::sasl
