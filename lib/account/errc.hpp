#pragma once

#include <system_error>

namespace postern::account {

/// Why something about domains, accounts, aliases or passwords was not done. The error's detail says it to a person.
enum class errc {
    invalid_address = 1,  ///< not a mail address, or not one that can be local
    invalid_domain,       ///< not a domain name
    invalid_password,     ///< against the password policy
    invalid_value,        ///< a name or a quota out of bounds
    already_exists,       ///< the address or domain is taken
    not_found,            ///< no such domain, account or alias
    refused,              ///< a rule forbids it; detail says which and what to do first
    busy,                 ///< too many password hashes are waiting; try again in a second
    unavailable,          ///< no connection to the database, or nobody knows whether the change was stored
    failed,               ///< the database refused for a reason of its own
};

[[nodiscard]] std::error_code make_error_code(errc e) noexcept;

}  // namespace postern::account

template <>
struct std::is_error_code_enum<postern::account::errc> : std::true_type {};
