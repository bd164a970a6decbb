#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "core/result.hpp"
#include "message/search_terms.hpp"
#include "net/awaitable.hpp"
#include "storage/records.hpp"

namespace postern::storage {

/// An entry whose words are to be indexed.
struct unindexed_entry {
    entry_id id;
    account_id account;
    message_id message;
    bool known = false;  ///< it was moved with its words in the index: nothing is to be done
};

/// The next of them.
struct unindexed_entries {
    std::vector<unindexed_entry> entries;
    std::map<mailbox_id, std::int64_t> progress;  ///< uids below these are done with when these are
};

/// An entry as it is found.
struct search_document {
    entry_id entry;
    account_id account;
    message_id message;
    message::search_words words;
};

/// Words that must be there, or must not.
struct search_term {
    enum class place { anywhere, sender, recipients, subject };

    message::search_phrase phrase;
    place in = place::anywhere;
    bool excluded = false;
};

/// What is looked for: entries for which all of it is true.
struct search_criteria {
    static constexpr std::size_t most_terms = 50;

    std::vector<search_term> terms{};
    std::optional<bool> has_attachments{};
    std::optional<bool> seen{};
    std::optional<bool> flagged{};
    std::optional<std::vector<mailbox_id>> mailboxes{};  ///< in one of these
    std::vector<mailbox_id> other_mailboxes{};           ///< in none of these
    std::optional<core::timestamp> since{};              ///< received then or later
    std::optional<core::timestamp> before{};             ///< received earlier
};

struct search_page {
    std::vector<entry> entries;    ///< newest first (ids descending)
    std::optional<entry_id> next;  ///< ask for those below this for the next page; nullopt: this was the last
};

/// The index of what is in messages, beside the mailboxes, and what is found by it.
///
/// Flow: next_unindexed(); make words of these messages' octets (message::words_of); index(). What is removed goes out of the
/// index with its entry. An entry is found once it is indexed, which deliveries do not wait for. Of what is beyond
/// message::search_words' bounds, a search knows nothing. Every call may fail with errc::unavailable or errc::failed.
class search_store {
public:
    virtual ~search_store() = default;

    /// The next `limit` (1 to 1,000) entries that arrived in mailboxes of `account`, or of all of them, and are not in the
    /// index; fewer than `limit`: there are no more, or, on PostgreSQL, another process is at it.
    virtual net::awaitable<core::result<unindexed_entries>> next_unindexed(std::optional<account_id> account,
                                                                           std::size_t limit) = 0;

    /// Indexes `documents`, each in place of what was there of its entry, and notes the progress. Done behind the deliveries;
    /// not durable at once, but what is lost is found again. What is not there any more is passed over.
    virtual net::awaitable<core::result<void>> index(std::vector<search_document> documents,
                                                     std::map<mailbox_id, std::int64_t> progress) = 0;

    /// The newest `limit` (1 to 500) of the account's entries below `before` that `wanted` is true of.
    virtual net::awaitable<core::result<search_page>> search(account_id account, search_criteria wanted,
                                                             std::optional<entry_id> before, std::size_t limit) = 0;
};

}  // namespace postern::storage
