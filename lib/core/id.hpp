#pragma once

#include <charconv>
#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace postern::core {

/// A row's key, typed by what it names so that an account's id cannot be taken for a mailbox's.
///
/// Outside the program (JSON, SMTP replies, command line) an id is the decimal number as a string.
template <class Tag>
struct id {
    std::int64_t value = 0;  ///< positive for every stored row

    friend auto operator<=>(const id&, const id&) = default;
};

template <class Tag>
[[nodiscard]] std::string to_string(id<Tag> i) {
    return std::to_string(i.value);
}

/// Reads what to_string wrote: 1 to 19 digits, no sign, no leading zero; anything else is nullopt.
template <class Id>
[[nodiscard]] std::optional<Id> parse_id(std::string_view text) {
    Id parsed;
    const auto* end = text.data() + text.size();
    if (text.empty() || text.front() < '1' || text.front() > '9') return std::nullopt;
    const auto [stop, error] = std::from_chars(text.data(), end, parsed.value);
    if (error != std::errc{} || stop != end) return std::nullopt;
    return parsed;
}

using domain_id = id<struct domain_tag>;
using account_id = id<struct account_tag>;  ///< also the id of the account's own address
using alias_id = id<struct alias_tag>;      ///< also the id of the alias's address
using mailbox_id = id<struct mailbox_tag>;
using message_id = id<struct message_tag>;  ///< what was accepted, once; the id in `250 2.0.0 <id> accepted`
using entry_id = id<struct entry_tag>;      ///< a message in a mailbox; drawn from the same sequence as message_id
using queue_id = id<struct queue_tag>;      ///< a remote recipient's place in the queue; from that sequence too
using app_password_id = id<struct app_password_tag>;
using api_token_id = id<struct api_token_tag>;
using web_session_id = id<struct web_session_tag>;
using thread_id = id<struct thread_tag>;  ///< a conversation in one account: the number of its first entry

}  // namespace postern::core

template <class Tag>
struct std::hash<postern::core::id<Tag>> {
    std::size_t operator()(postern::core::id<Tag> i) const noexcept { return std::hash<std::int64_t>{}(i.value); }
};
