#pragma once

#include <cstddef>

#include "message/attachment.hpp"
#include "message/body_selection.hpp"
#include "message/octet_window.hpp"
#include "message/part.hpp"

namespace postern::message {

[[nodiscard]] constexpr bool is_attachment(part_role role) {
    return role == part_role::attachment || role == part_role::inline_;
}

/// What is told of a part that is an attachment; decodes it for its size.
[[nodiscard]] attachment describe_attachment(octet_window& window, const part& p, part_role role, std::size_t id);

}  // namespace postern::message
