#pragma once

#include <system_error>

namespace postern::storage {

/// Why storage could not do what was asked.
enum class errc {
    unavailable = 1,  ///< no connection to the database; nothing was stored; may be tried again
    outcome_unknown,  ///< the connection broke during commit: stored or not, nobody knows; never acknowledge
    failed,           ///< the database refused for a reason of its own (disk full, timeout); nothing was stored
    already_exists,   ///< domain, account or alias of that name
    not_found,        ///< no such row, or not this account's
    refused,          ///< a rule of ours forbids it; detail says which
    over_quota,       ///< every recipient is over quota; nothing was stored
    some_over_quota,  ///< some recipients are over quota; nothing was stored
    account_gone,     ///< an account was removed or disabled after RCPT; nothing was stored
    schema_newer,     ///< the database was migrated by a newer program
    schema_older,     ///< the database wants migrating and the caller may not
    bad_url,          ///< database.url is not understood
};

[[nodiscard]] std::error_code make_error_code(errc e) noexcept;

}  // namespace postern::storage

template <>
struct std::is_error_code_enum<postern::storage::errc> : std::true_type {};
