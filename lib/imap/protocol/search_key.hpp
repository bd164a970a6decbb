#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "imap/protocol/sequence_set.hpp"

namespace postern::imap {

/// What SEARCH looks for (RFC 9051 6.4.4): a tree of at most 1,000 keys, 20 deep.
struct search_key {
    enum class kind {
        all,      ///< also of NEW, OLD, RECENT's halves where they are always true
        none,     ///< never true: RECENT, NEW
        both,     ///< all of `keys`
        either,   ///< one of `keys`: OR
        negated,  ///< NOT `keys[0]`
        numbers,  ///< `set` by number
        uids,     ///< `set` by uid
        seen,
        flagged,
        answered,
        deleted,
        draft,
        keyword,  ///< `text`
        larger,   ///< than `number` octets
        smaller,
        modseq,       ///< at least `number`
        before,       ///< INTERNALDATE earlier than `time`, the beginning of a day (UTC)
        since,        ///< at `time` or later
        sent_before,  ///< likewise of the Date field
        sent_since,
        header,  ///< the field `name` holds `text`; an empty text: there is such a field
        subject,
        from,
        to,
        cc,
        bcc,   ///< that field holds `text`
        body,  ///< a text part holds `text`
        text,  ///< header or body does
    };

    kind what = kind::all;
    std::vector<search_key> keys{};
    sequence_set set{};
    std::string text{};
    std::string name{};
    std::uint64_t number = 0;
    core::timestamp time{};

    friend bool operator==(const search_key&, const search_key&) = default;
};

}  // namespace postern::imap
