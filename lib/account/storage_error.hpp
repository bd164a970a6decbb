#pragma once

#include <string>

#include "core/result.hpp"

namespace postern::account {

/// What storage said, in this module's errc and in words for whoever asked. `what` is the thing in question ("the domain
/// example.org"); storage's own detail is kept where it says more than that.
[[nodiscard]] std::unexpected<core::error> from_storage(const core::error& why, const std::string& what);

}  // namespace postern::account
