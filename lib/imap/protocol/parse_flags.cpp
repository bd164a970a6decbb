#include <array>
#include <string_view>
#include <utility>

#include "imap/protocol/command_arguments.hpp"
#include "imap/protocol/flag_reader.hpp"

namespace postern::imap {

namespace {

constexpr std::array<std::pair<std::string_view, bool flag_list::*>, 5> system_flags{{
    {"SEEN", &flag_list::seen},
    {"FLAGGED", &flag_list::flagged},
    {"ANSWERED", &flag_list::answered},
    {"DELETED", &flag_list::deleted},
    {"DRAFT", &flag_list::draft},
}};

std::optional<flag_list> flags_in_parentheses(parse_cursor& in) {
    flag_reader flags;
    if (!in.list([&] { return flags.read(in); }, true)) return std::nullopt;
    return flags.take();
}

/// With or without parentheses.
std::optional<flag_list> flags_of_store(parse_cursor& in) {
    if (in.next_is('(')) return flags_in_parentheses(in);
    flag_reader flags;
    do {
        if (!flags.read(in)) return std::nullopt;
    } while (in.take(' '));
    return flags.take();
}

/// RFC 7162 3.1.3: "(UNCHANGEDSINCE 12)", at most once.
bool store_modifiers(parse_cursor& in, store_command& store) {
    return in.list(
        [&] {
            if (in.keyword() != "UNCHANGEDSINCE" || store.unchanged_since) {
                in.fail("this STORE modifier is not known");
                return false;
            }
            if (in.space()) store.unchanged_since = in.number();
            return store.unchanged_since.has_value();
        },
        false);
}

}  // namespace

bool flag_reader::read(parse_cursor& in) {
    if (!in.take('\\')) {
        auto keyword = in.atom();
        if (keyword && seen_.insert(to_upper(*keyword)).second) flags_.keywords.push_back(std::move(*keyword));
        return keyword.has_value();
    }
    const auto name = in.keyword();
    // RFC 3501 2.3.2: a client cannot set \Recent; one that copies a message with all its flags names it nevertheless.
    if (name == "RECENT") return true;
    for (const auto& [known, flag] : system_flags) {
        if (name != known) continue;
        flags_.*flag = true;
        return true;
    }
    in.fail("there is no such system flag");
    return false;
}

std::optional<command> parse_store(parse_cursor& in, bool by_uid) {
    store_command store;
    store.by_uid = by_uid;
    if (!in.space()) return std::nullopt;
    auto messages = in.set();
    if (!messages || !in.space()) return std::nullopt;
    store.messages = std::move(*messages);
    if (in.next_is('(') && (!store_modifiers(in, store) || !in.space())) return std::nullopt;
    if (in.take('+'))
        store.action = flag_action::add;
    else if (in.take('-'))
        store.action = flag_action::remove;
    const auto item = in.keyword();
    store.silent = item == "FLAGS.SILENT";
    if (!store.silent && item != "FLAGS") return in.fail("FLAGS was expected");
    if (!in.space()) return std::nullopt;
    auto flags = flags_of_store(in);
    if (!flags) return std::nullopt;
    store.flags = std::move(*flags);
    return store;
}

std::optional<command> parse_append(parse_cursor& in) {
    append_command append;
    if (!in.space()) return std::nullopt;
    auto mailbox = in.mailbox();
    if (!mailbox || !in.space()) return std::nullopt;
    append.mailbox = std::move(*mailbox);
    if (in.next_is('(')) {
        auto flags = flags_in_parentheses(in);
        if (!flags || !in.space()) return std::nullopt;
        append.flags = std::move(*flags);
    }
    if (in.next_is('"')) {
        append.internal_date = parse_date_time(in);
        if (!append.internal_date || !in.space()) return std::nullopt;
    }
    // RFC 6855 section 4: UTF8 (~{...}
    if (!in.at_end() && (in.keyword() != "UTF8" || !in.space() || !in.expect('(', "the message was expected")))
        return in.fail("the message was expected, as a literal");
    return append;
}

}  // namespace postern::imap
