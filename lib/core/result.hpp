#pragma once

#include <expected>
#include <string>
#include <system_error>
#include <utility>

namespace postern::core {

/// An expected failure: what kind (a module's errc) and what a person needs to know beyond the kind.
///
/// `detail` is for logs and command-line output; it never holds a password or message content, and remote peers are
/// shown it only where a session says so.
struct error {
    std::error_code code;
    std::string detail;

    /// "detail" when there is one, else the code's own message.
    [[nodiscard]] std::string message() const { return detail.empty() ? code.message() : detail; }
};

/// A value or an expected failure. Exceptions are left for broken infrastructure and bugs.
template <class T>
using result = std::expected<T, error>;

/// Makes the failing half of a result from a module's errc.
template <class Errc>
    requires std::is_error_code_enum_v<Errc>
[[nodiscard]] std::unexpected<error> fail(Errc code, std::string detail = {}) {
    return std::unexpected(error{make_error_code(code), std::move(detail)});
}

}  // namespace postern::core
