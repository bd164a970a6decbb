#include "imap/mailbox_listing.hpp"

#include <algorithm>
#include <map>

#include <boost/algorithm/string/predicate.hpp>

#include "imap/protocol/responses.hpp"

namespace postern::imap {

namespace {

constexpr std::size_t longest_pattern = 256;
constexpr std::size_t longest_patterns = 1024;  // of those with wildcards, together

using storage::mailbox_role;

bool has_wildcard(std::string_view pattern) { return pattern.find_first_of("*%") != std::string_view::npos; }

/// One octet more of the pattern: from where in the name it had come to, to where it can have come.
void step(char p, std::string_view name, std::vector<bool>& reached) {
    if (p != '*' && p != '%') {
        for (auto i = name.size(); i > 0; --i) reached[i] = reached[i - 1] && name[i - 1] == p;
        reached[0] = false;
        return;
    }
    for (std::size_t i = 1; i <= name.size(); ++i) {
        if (reached[i - 1] && (p == '*' || name[i - 1] != hierarchy_delimiter)) reached[i] = true;
    }
}

bool is_below(std::string_view name, std::string_view above) {
    return name.size() > above.size() && name.starts_with(above) && name[above.size()] == hierarchy_delimiter;
}

bool selected_by(const list_command& wanted, const storage::mailbox& m) {
    if ((wanted.lsub || wanted.select_subscribed) && !m.subscribed) return false;
    return !wanted.select_special_use || !special_use_of(m.role).empty();
}

constexpr std::size_t most_levels = 16;  // of superiors that are told though they are not there

/// A name with all that decides whether it is told, found out once.
struct node {
    listed_mailbox shown;
    bool matched = false;
    bool selected = false;
    bool selected_below = false;   // one below it is
    bool unmatched_below = false;  // one below it is, and the patterns leave it out
};

using tree = std::map<std::string, node>;

/// All names with what they stand for, those that are there only for what lies below them too.
tree tree_of(const std::vector<storage::mailbox>& all) {
    tree names;
    for (const auto& m : all) {
        auto name = shown_name(m);
        for (auto& above : superiors_of(name)) {
            auto& superior = names[above].shown;
            superior.name = std::move(above);
            superior.has_children = true;
        }
        auto& shown = names[name].shown;
        shown.name = std::move(name);
        shown.mailbox = &m;
    }
    return names;
}

/// INBOX is INBOX in any case, in a pattern too.
std::vector<std::string> whole_patterns(const list_command& wanted) {
    std::vector<std::string> all;
    for (const auto& p : wanted.patterns) {
        auto pattern = wanted.reference + p;
        if (boost::algorithm::iequals(pattern, "INBOX")) pattern = "INBOX";
        all.push_back(std::move(pattern));
    }
    return all;
}

/// From the last to the first: what lies below a name comes after it, and is told to the nearest superior.
void look_below(tree& names) {
    for (auto at = names.rbegin(); at != names.rend(); ++at) {
        const auto above = superiors_of(at->first);
        if (above.empty()) continue;
        const auto& below = at->second;
        auto& superior = names[above.back()];
        superior.selected_below = superior.selected_below || below.selected_below || below.selected;
        superior.unmatched_below = superior.unmatched_below || below.unmatched_below || (below.selected && !below.matched);
    }
}

}  // namespace

std::string shown_name(const storage::mailbox& m) { return m.role == mailbox_role::inbox ? "INBOX" : m.name; }

const storage::mailbox* find_mailbox_named(const std::vector<storage::mailbox>& all, std::string_view name) {
    const auto at = std::ranges::find_if(all, [&](const auto& m) { return shown_name(m) == name; });
    return at == all.end() ? nullptr : &*at;
}

std::vector<const storage::mailbox*> mailboxes_below(const std::vector<storage::mailbox>& all, std::string_view name) {
    std::vector<const storage::mailbox*> below;
    for (const auto& m : all) {
        if (is_below(shown_name(m), name)) below.push_back(&m);
    }
    return below;
}

std::vector<std::string> superiors_of(std::string_view name) {
    std::vector<std::string> above;
    for (auto at = name.find(hierarchy_delimiter); at != std::string_view::npos; at = name.find(hierarchy_delimiter, at + 1)) {
        if (above.size() == most_levels) break;
        if (at > 0) above.emplace_back(name.substr(0, at));
    }
    return above;
}

std::string_view special_use_of(mailbox_role role) {
    switch (role) {
        case mailbox_role::sent: return "\\Sent";
        case mailbox_role::drafts: return "\\Drafts";
        case mailbox_role::junk: return "\\Junk";
        case mailbox_role::trash: return "\\Trash";
        case mailbox_role::archive: return "\\Archive";
        case mailbox_role::none:
        case mailbox_role::inbox: break;
    }
    return "";
}

bool matches_pattern(std::string_view pattern, std::string_view name) {
    if (!has_wildcard(pattern)) return pattern == name;
    if (pattern.size() > longest_pattern) return false;
    std::vector<bool> reached(name.size() + 1, false);
    reached[0] = true;
    for (const char p : pattern) step(p, name, reached);
    return reached[name.size()];
}

bool has_too_long_patterns(const list_command& wanted) {
    std::size_t sum = 0;
    for (const auto& p : wanted.patterns) {
        if (has_wildcard(wanted.reference) || has_wildcard(p)) sum += wanted.reference.size() + p.size();
    }
    return sum > longest_patterns;
}

std::vector<listed_mailbox> list_mailboxes(const std::vector<storage::mailbox>& all, const list_command& wanted) {
    const auto patterns = whole_patterns(wanted);
    auto names = tree_of(all);
    for (auto& [name, one] : names) {
        one.matched = std::ranges::any_of(patterns, [&name](const std::string& p) { return matches_pattern(p, name); });
        one.selected = one.shown.mailbox != nullptr && selected_by(wanted, *one.shown.mailbox);
    }
    look_below(names);
    const bool plain = !wanted.lsub && !wanted.select_subscribed && !wanted.select_special_use;
    std::vector<listed_mailbox> found;
    for (auto& [name, one] : names) {
        if (!one.matched) continue;
        // A superior is told for what lies below it: LSUB's "%" (RFC 3501 6.3.9) and RECURSIVEMATCH (RFC 5258 3.5).
        const bool missing = one.shown.mailbox == nullptr;
        const bool for_each = wanted.recursive_match || (plain && missing);
        const bool for_others = for_each ? one.selected_below : one.unmatched_below;
        if (!one.selected && !(for_others && (plain ? missing : wanted.lsub || wanted.recursive_match))) continue;
        one.shown.subscribed_below = !plain && for_others;
        if (!one.selected && wanted.lsub) one.shown.mailbox = nullptr;
        found.push_back(std::move(one.shown));
    }
    return found;
}

void write_listed(std::string& out, const listed_mailbox& m, const list_command& wanted, bool utf8) {
    out += wanted.lsub ? "* LSUB (" : "* LIST (";
    std::string_view blank;
    const auto say = [&](std::string_view attribute) {
        out += blank;
        out += attribute;
        blank = " ";
    };
    if (!m.mailbox) say(wanted.extended ? "\\NonExistent" : "\\Noselect");
    if (!wanted.lsub) say(m.has_children ? "\\HasChildren" : "\\HasNoChildren");
    if (m.mailbox) {
        if (wanted.select_subscribed || wanted.return_subscribed) {
            if (m.mailbox->subscribed) say("\\Subscribed");
        }
        // RFC 6154 2: also where a plain LIST asks, so that every client learns them.
        if (const auto use = special_use_of(m.mailbox->role); !wanted.lsub && !use.empty()) say(use);
    }
    out += ") \"";
    out += hierarchy_delimiter;
    out += "\" ";
    write_mailbox(out, m.name, utf8);
    if (wanted.recursive_match && m.subscribed_below) out += R"( ("CHILDINFO" ("SUBSCRIBED")))";
    out += "\r\n";
}

}  // namespace postern::imap
