#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "imap/protocol/command.hpp"
#include "storage/records.hpp"

/// Names of mailboxes as IMAP shows them: a tree with "/" between its levels, the Inbox as INBOX (RFC 9051 5.1).
namespace postern::imap {

inline constexpr char hierarchy_delimiter = '/';

[[nodiscard]] std::string shown_name(const storage::mailbox& m);

/// nullptr: there is none of that name.
[[nodiscard]] const storage::mailbox* find_mailbox_named(const std::vector<storage::mailbox>& all, std::string_view name);

/// Those below `name` in the tree.
[[nodiscard]] std::vector<const storage::mailbox*> mailboxes_below(const std::vector<storage::mailbox>& all,
                                                                   std::string_view name);

/// "a", "a/b" of "a/b/c"; at most 16.
[[nodiscard]] std::vector<std::string> superiors_of(std::string_view name);

/// "\Sent" (RFC 6154); empty: none.
[[nodiscard]] std::string_view special_use_of(storage::mailbox_role role);

/// Whether `pattern` matches: "*" any octets, "%" any but the delimiter (RFC 9051 6.3.9). At most 256 octets with a wildcard in
/// them; a longer one matches nothing.
[[nodiscard]] bool matches_pattern(std::string_view pattern, std::string_view name);

/// A line of LIST's answer.
struct listed_mailbox {
    std::string name;
    const storage::mailbox* mailbox = nullptr;  ///< none: only what lies below it is there
    bool has_children = false;
    bool subscribed_below = false;  ///< with RECURSIVEMATCH: told for what lies below it
};

/// Whether there is more to match than a client can mean: 1,024 octets of patterns with wildcards.
[[nodiscard]] bool has_too_long_patterns(const list_command& wanted);

/// What LIST or LSUB is to tell, by name; pointers into `all`.
[[nodiscard]] std::vector<listed_mailbox> list_mailboxes(const std::vector<storage::mailbox>& all, const list_command& wanted);

/// "* LIST (\HasNoChildren \Sent) "/" Sent".
void write_listed(std::string& out, const listed_mailbox& m, const list_command& wanted, bool utf8);

}  // namespace postern::imap
