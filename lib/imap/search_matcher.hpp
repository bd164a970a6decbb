#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/clock.hpp"
#include "core/content.hpp"
#include "imap/protocol/search_key.hpp"
#include "imap/selected_mailbox.hpp"

namespace postern::imap {

/// The words of a message, as SEARCH compares them: decoded, without case (RFC 9051 6.4.4). Of a body the first 2 MiB.
struct searched_text {
    std::vector<std::pair<std::string, std::string>> headers{};  ///< names in lower case; values folded
    std::vector<std::string> bodies{};                           ///< folded
    std::optional<core::timestamp> date{};                       ///< the Date field's day, midnight, whatever its zone
};

/// May block, and throws, as reading the content does.
[[nodiscard]] searched_text read_searched_text(const core::content& octets);

/// Says which messages a search key is true of.
class search_matcher {
public:
    /// `in`: the mailbox its numbers mean; `saved`: the uids that "$" means.
    search_matcher(search_key key, const selected_mailbox& in, const std::vector<std::uint32_t>& saved);

    /// nullopt: only what is in the message tells.
    [[nodiscard]] std::optional<bool> judge(std::uint32_t number, const storage::imap_entry& entry) const;

    [[nodiscard]] bool judge(std::uint32_t number, const storage::imap_entry& entry, const searched_text& text) const;

    static constexpr std::size_t longest_text = 1024;  ///< octets that are looked for

    /// Whether a key looks for more than longest_text.
    [[nodiscard]] bool looks_for_too_much() const noexcept { return too_long_; }

    /// Whether MODSEQ is one of the keys: the answer then tells the highest (RFC 7162 3.1.5).
    [[nodiscard]] bool asks_for_modseq() const noexcept { return asks_for_modseq_; }

private:
    void prepare(search_key& key, const selected_mailbox& in);

    search_key key_;
    sequence_set saved_;  // uids
    bool too_long_ = false;
    bool asks_for_modseq_ = false;
};

}  // namespace postern::imap
