#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace postern::queue {

/// The part of a forward-path that says where its mail goes: the domain as A-labels in lower case, or the address literal in
/// brackets, in lower case. nullopt when `path` is no mailbox with a domain that can be looked up.
[[nodiscard]] std::optional<std::string> destination_of(std::string_view path);

}  // namespace postern::queue
