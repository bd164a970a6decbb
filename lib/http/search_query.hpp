#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/problem.hpp"
#include "storage/search_store.hpp"

namespace postern::http {

/// What a person looks for, as the parameter `q` says it: words with blanks between, all of which must be true of a message.
///
///     lunch "at noon"            words anywhere; in quotes words that follow one another
///     from:bob to: subject:      words of the sender, the recipients, the subject; each may be in quotes
///     has:attachment  is:unread  is:read  is:flagged
///     in:archive in:"My box"     a mailbox, by its name or what it is for
///     after:2026-01-31           received on that day (UTC) or later
///     before:2026-01-31          received before that day
///     lun*                       words that begin so
///     -lunch -from:bob           the opposite of any of these
///
/// What looks like an operator and is none is words. What an operator cannot mean is refused rather than ignored, so that a
/// misspelt one never looks like a search that found nothing. What has no letter and no digit is ignored beside other words.
struct search_query {
    static constexpr std::size_t longest = 2'000;  ///< octets

    storage::search_criteria wanted;  ///< all but the mailboxes, whose ids are not known here
    std::vector<std::string> in;      ///< names; a message must be in all of them
    std::vector<std::string> not_in;
    bool nothing = false;  ///< no message can be what is asked for
};

/// 400 naming `q`.
[[nodiscard]] outcome<search_query> parse_search(std::string_view q);

/// Puts the ids of the mailboxes that are named into `query`. A name that no mailbox has is nowhere.
void resolve_mailboxes(search_query& query, const std::vector<storage::mailbox>& mailboxes);

}  // namespace postern::http
