#include "http/search_query.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <utility>

#include <fmt/format.h>

#include "core/unicode.hpp"

namespace postern::http {

namespace {

using place = storage::search_term::place;

/// What mailboxes are for, in the order of storage::mailbox_role.
constexpr std::array<std::string_view, 7> roles = {"", "inbox", "sent", "drafts", "junk", "trash", "archive"};

constexpr std::string_view blanks = " \t\r\n\v\f";

/// One of the things asked for: -name:value, -value, "value".
struct item {
    bool excluded = false;
    std::string name;  // lower case; empty: words
    std::string_view value;
    bool quoted = false;
};

constexpr std::array<std::string_view, 8> operators = {"from", "to", "subject", "has", "is", "in", "before", "after"};

/// Takes what is in quotes, or all up to the next blank. Quotes that are not closed hold the rest.
std::string_view take_value(std::string_view& rest, bool& quoted) {
    quoted = rest.starts_with('"');
    if (quoted) rest.remove_prefix(1);
    const auto end = std::min(quoted ? rest.find('"') : rest.find_first_of(blanks), rest.size());
    const auto value = rest.substr(0, end);
    rest.remove_prefix(std::min(end + (quoted ? 1 : 0), rest.size()));
    return value;
}

item take_item(std::string_view& rest) {
    item taken;
    if (rest.starts_with('-')) {
        taken.excluded = true;
        rest.remove_prefix(1);
    }
    constexpr std::size_t longest_name = 7;
    if (const auto colon = rest.substr(0, longest_name + 1).find(':'); colon != std::string_view::npos) {
        const auto name = core::fold_case(rest.substr(0, colon)).value_or(std::string());
        if (std::ranges::find(operators, name) != operators.end()) {
            taken.name = name;
            rest.remove_prefix(colon + 1);
        }
    }
    taken.value = take_value(rest, taken.quoted);
    return taken;
}

std::optional<core::timestamp> read_day(std::string_view text) {
    const auto number = [&text](std::size_t at, std::size_t size) {
        int value = 0;
        const auto* const end = text.data() + at + size;
        return std::from_chars(text.data() + at, end, value).ptr == end ? value : -1;
    };
    if (text.size() != 10 || text[4] != text[7] || (text[4] != '-' && text[4] != '/')) return std::nullopt;
    const int year = number(0, 4);
    const int month = number(5, 2);
    const int day = number(8, 2);
    if (year < 1 || month < 1 || day < 1) return std::nullopt;
    const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                           std::chrono::day(static_cast<unsigned>(day))};
    if (!date.ok()) return std::nullopt;
    return core::timestamp(std::chrono::sys_days(date));
}

std::unexpected<problem> refuse_q(std::string detail) { return refuse_parameter("q", std::move(detail)); }

/// Reads items one by one into a query.
class reader {
public:
    outcome<void> add(const item& i) {
        if (i.name.empty()) return add_words(i, place::anywhere);
        if (i.value.find_first_not_of(blanks) == std::string_view::npos) {
            return refuse_q(fmt::format("In a search, \"{}:\" is followed by what is looked for.", i.name));
        }
        if (i.name == "from") return add_words(i, place::sender);
        if (i.name == "to") return add_words(i, place::recipients);
        if (i.name == "subject") return add_words(i, place::subject);
        if (i.name == "has") return add_has(i);
        if (i.name == "is") return add_is(i);
        if (i.name == "in") return add_in(i);
        return add_day(i);
    }

    outcome<search_query> finish() {
        if (!said_anything_) query_.nothing = true;
        return std::move(query_);
    }

private:
    outcome<void> add_words(const item& i, place in) {
        const bool prefix = !i.quoted && i.value.ends_with('*');
        auto phrase = message::phrase_of(i.value, prefix);
        if (!phrase) return {};
        said_anything_ = true;
        auto& terms = query_.wanted.terms;
        if (terms.size() == storage::search_criteria::most_terms) {
            return refuse_q(fmt::format("A search is for at most {} words.", storage::search_criteria::most_terms));
        }
        terms.push_back({*std::move(phrase), in, i.excluded});
        return {};
    }

    outcome<void> add_has(const item& i) {
        const auto what = core::fold_case(i.value);
        if (what != "attachment" && what != "attachments") {
            return refuse_q("In a search, \"has:\" is followed by \"attachment\".");
        }
        return set(query_.wanted.has_attachments, !i.excluded);
    }

    outcome<void> add_is(const item& i) {
        const auto what = core::fold_case(i.value);
        if (what == "unread") return set(query_.wanted.seen, i.excluded);
        if (what == "read") return set(query_.wanted.seen, !i.excluded);
        if (what == "flagged") return set(query_.wanted.flagged, !i.excluded);
        return refuse_q("In a search, \"is:\" is followed by \"unread\", \"read\" or \"flagged\".");
    }

    outcome<void> add_in(const item& i) {
        said_anything_ = true;
        (i.excluded ? query_.not_in : query_.in).emplace_back(i.value);
        return {};
    }

    outcome<void> add_day(const item& i) {
        const auto day = read_day(i.value);
        if (!day) return refuse_q(fmt::format("In a search, \"{}:\" is followed by a day like 2026-01-31.", i.name));
        said_anything_ = true;
        auto& wanted = query_.wanted;
        if ((i.name == "before") != i.excluded) {
            wanted.before = std::min(wanted.before.value_or(*day), *day);
        } else {
            wanted.since = std::max(wanted.since.value_or(*day), *day);
        }
        return {};
    }

    outcome<void> set(std::optional<bool>& into, bool value) {
        said_anything_ = true;
        if (into && *into != value) query_.nothing = true;
        into = value;
        return {};
    }

    search_query query_;
    bool said_anything_ = false;
};

}  // namespace

outcome<search_query> parse_search(std::string_view q) {
    if (q.size() > search_query::longest) {
        return refuse_q(fmt::format("A search has at most {} octets.", search_query::longest));
    }
    reader read;
    for (;;) {
        q.remove_prefix(std::min(q.find_first_not_of(blanks), q.size()));
        if (q.empty()) return read.finish();
        if (auto added = read.add(take_item(q)); !added) return std::unexpected(added.error());
    }
}

void resolve_mailboxes(search_query& query, const std::vector<storage::mailbox>& mailboxes) {
    const auto named = [&mailboxes](std::string_view name) {
        const auto folded = core::fold_case(name);
        std::vector<storage::mailbox_id> found;
        for (const auto& m : mailboxes) {
            if (folded && (core::fold_case(m.name) == folded || roles.at(static_cast<std::size_t>(m.role)) == *folded))
                found.push_back(m.id);
        }
        return found;
    };
    for (const auto& name : query.in) {
        const auto found = named(name);
        auto& wanted = query.wanted.mailboxes;
        if (!wanted) {
            wanted = found;
        } else {
            std::erase_if(*wanted, [&](storage::mailbox_id id) { return std::ranges::find(found, id) == found.end(); });
        }
    }
    for (const auto& name : query.not_in) {
        const auto found = named(name);
        query.wanted.other_mailboxes.insert(query.wanted.other_mailboxes.end(), found.begin(), found.end());
    }
}

}  // namespace postern::http
