#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "storage/imap_store.hpp"

namespace postern::storage {

/// A change of flags, ready to be made to any number of entries.
class flag_edit {
public:
    /// refused: a keyword is empty, too long or not printable ASCII, or there are too many to be an entry's. What is to be
    /// removed may be anything.
    [[nodiscard]] static core::result<flag_edit> make(const flag_change& wanted);

    /// What an entry with the flags `now` gets. refused: it would have too many keywords.
    [[nodiscard]] core::result<entry_flags> apply(entry_flags now) const;

private:
    explicit flag_edit(const flag_change& wanted);
    [[nodiscard]] std::vector<std::string> apply_keywords(const std::vector<std::string>& now) const;

    flag_change::action what_;
    entry_flags wanted_;                           // without keywords
    std::map<std::string, std::string> keywords_;  // in lower case, as they are spelled
};

/// Keywords as a row has them.
[[nodiscard]] std::string to_column(const std::vector<std::string>& keywords);
[[nodiscard]] std::vector<std::string> keywords_from_column(std::string_view column);

}  // namespace postern::storage
