#include <array>
#include <string_view>
#include <utility>

#include "imap/protocol/command_arguments.hpp"

namespace postern::imap {

namespace {

constexpr std::size_t most_patterns = 100;  // each is held against every mailbox

constexpr std::array<std::pair<std::string_view, bool status_items::*>, 8> status_names{{
    {"MESSAGES", &status_items::messages},
    {"RECENT", &status_items::recent},
    {"UIDNEXT", &status_items::uid_next},
    {"UIDVALIDITY", &status_items::uid_validity},
    {"UNSEEN", &status_items::unseen},
    {"DELETED", &status_items::deleted},
    {"SIZE", &status_items::size},
    {"HIGHESTMODSEQ", &status_items::highest_modseq},
}};

bool selection_option(parse_cursor& in, list_command& list) {
    const auto name = in.keyword();
    if (name == "SUBSCRIBED")
        list.select_subscribed = true;
    else if (name == "SPECIAL-USE")
        list.select_special_use = true;
    else if (name == "RECURSIVEMATCH")
        list.recursive_match = true;
    else if (name != "REMOTE")
        in.fail("this selection option is not known");  // RFC 5258 section 3: BAD. Nothing is remote
    return in.failure().empty();
}

bool return_option(parse_cursor& in, list_command& list) {
    const auto name = in.keyword();
    if (name == "SUBSCRIBED")
        list.return_subscribed = true;
    else if (name == "CHILDREN")
        list.return_children = true;
    else if (name == "SPECIAL-USE")
        list.return_special_use = true;
    else if (name != "STATUS")
        in.fail("this return option is not known");
    else if (in.space())
        list.return_status = parse_status_items(in);
    return in.failure().empty();
}

bool list_selection(parse_cursor& in, list_command& list) {
    list.extended = true;
    if (!in.list([&] { return selection_option(in, list); }, true)) return false;
    // RFC 5258 section 3.1: it says how others match, so there must be one.
    if (list.recursive_match && !list.select_subscribed) {
        in.fail("RECURSIVEMATCH needs SUBSCRIBED");
        return false;
    }
    // What is selected by is told (RFC 5258 section 3.1, RFC 6154 section 2).
    list.return_subscribed = list.select_subscribed;
    list.return_special_use = list.select_special_use;
    return in.space();
}

bool list_pattern(parse_cursor& in, list_command& list) {
    if (list.patterns.size() == most_patterns)
        in.fail("there are too many patterns");
    else if (auto pattern = in.list_mailbox())
        list.patterns.push_back(std::move(*pattern));
    return in.failure().empty();
}

bool list_patterns(parse_cursor& in, list_command& list) {
    if (!in.next_is('(')) return list_pattern(in, list);
    list.extended = true;
    return in.list([&] { return list_pattern(in, list); }, false);
}

}  // namespace

std::optional<status_items> parse_status_items(parse_cursor& in) {
    status_items items;
    const auto item = [&] {
        const auto name = in.keyword();
        for (const auto& [known, member] : status_names) {
            if (name != known) continue;
            items.*member = true;
            return true;
        }
        in.fail("this STATUS item is not known");
        return false;
    };
    if (!in.list(item, false)) return std::nullopt;
    return items;
}

std::optional<command> parse_status(parse_cursor& in) {
    if (!in.space()) return std::nullopt;
    auto mailbox = in.mailbox();
    if (!mailbox || !in.space()) return std::nullopt;
    const auto items = parse_status_items(in);
    if (!items) return std::nullopt;
    return status_command{std::move(*mailbox), *items};
}

std::optional<command> parse_list(parse_cursor& in) {
    list_command list;
    if (!in.space()) return std::nullopt;
    if (in.next_is('(') && !list_selection(in, list)) return std::nullopt;
    auto reference = in.mailbox();
    if (!reference || !in.space()) return std::nullopt;
    list.reference = std::move(*reference);
    if (!list_patterns(in, list)) return std::nullopt;
    if (!in.take(' ')) return list;
    list.extended = true;
    if (in.keyword() != "RETURN") return in.fail("RETURN was expected");
    if (!in.space() || !in.list([&] { return return_option(in, list); }, true)) return std::nullopt;
    return list;
}

std::optional<command> parse_lsub(parse_cursor& in) {
    list_command list;
    list.lsub = true;
    if (!in.space()) return std::nullopt;
    auto reference = in.mailbox();
    if (!reference || !in.space()) return std::nullopt;
    list.reference = std::move(*reference);
    if (!list_pattern(in, list)) return std::nullopt;
    return list;
}

}  // namespace postern::imap
