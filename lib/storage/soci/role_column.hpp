#pragma once

#include <array>
#include <string_view>

#include "storage/records.hpp"

/// The column mailbox.role: one word each, NULL (here: "") for a mailbox of the user's own.
namespace postern::storage {

inline constexpr std::array<std::string_view, 7> role_words = {"", "inbox", "sent", "drafts", "junk", "trash", "archive"};

[[nodiscard]] inline std::string_view to_column(mailbox_role role) { return role_words.at(static_cast<std::size_t>(role)); }

[[nodiscard]] inline mailbox_role role_from_column(std::string_view word) {
    for (std::size_t i = 1; i < role_words.size(); ++i) {
        if (role_words[i] == word) return static_cast<mailbox_role>(i);
    }
    return mailbox_role::none;
}

}  // namespace postern::storage
