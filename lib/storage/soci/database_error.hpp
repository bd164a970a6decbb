#pragma once

#include <exception>
#include <stdexcept>
#include <string>

#include "core/result.hpp"
#include "storage/errc.hpp"

namespace postern::storage {

/// What a database call of ours throws: an errc, PostgreSQL's SQLSTATE where there is one, and words for the log.
class database_error : public std::runtime_error {
public:
    database_error(errc code, const std::string& said, std::string sqlstate = {})
        : std::runtime_error(said), code_(code), sqlstate_(std::move(sqlstate)) {}

    [[nodiscard]] errc code() const noexcept { return code_; }
    [[nodiscard]] const std::string& sqlstate() const noexcept { return sqlstate_; }

private:
    errc code_;
    std::string sqlstate_;
};

/// What a statement threw, SOCI's exceptions included, as a database_error; says nothing of parameters or rows.
///
/// unavailable: the connection is gone (SQLSTATE class 08, 57P01 to 57P05, 25P03, 25006), or could not be made.
/// already_exists: a unique constraint. failed: all else. What the statement did is undone when the transaction is.
/// Commit is another matter: connection::commit says outcome_unknown itself.
[[nodiscard]] database_error explain(const std::exception& thrown);

/// The same as the failing half of a result.
[[nodiscard]] core::error to_error(const std::exception& thrown);

/// Whether this SQLSTATE says that the session is over or of no more use.
[[nodiscard]] bool is_connection_lost(const std::string& sqlstate) noexcept;

/// The class of failure of a SQLSTATE ("" when there is none).
[[nodiscard]] errc errc_of_sqlstate(const std::string& sqlstate) noexcept;

}  // namespace postern::storage
