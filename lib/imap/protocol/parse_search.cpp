#include <array>
#include <chrono>
#include <string_view>
#include <utility>

#include "imap/protocol/command_arguments.hpp"

namespace postern::imap {

namespace {

using kind = search_key::kind;

constexpr std::size_t most_keys = 1'000;
constexpr std::size_t deepest_key = 20;

enum class argument { none, text, field, flag, number, modseq, date, day, set, key, two_keys };

struct search_word {
    std::string_view name;
    kind what;
    argument takes = argument::none;
    bool negated = false;
};

constexpr std::array<search_word, 36> search_words{{
    {"ALL", kind::all},
    {"ANSWERED", kind::answered},
    {"BCC", kind::bcc, argument::text},
    {"BEFORE", kind::before, argument::date},
    {"BODY", kind::body, argument::text},
    {"CC", kind::cc, argument::text},
    {"DELETED", kind::deleted},
    {"DRAFT", kind::draft},
    {"FLAGGED", kind::flagged},
    {"FROM", kind::from, argument::text},
    {"HEADER", kind::header, argument::field},
    {"KEYWORD", kind::keyword, argument::flag},
    {"LARGER", kind::larger, argument::number},
    {"MODSEQ", kind::modseq, argument::modseq},
    {"NEW", kind::none},  // RFC 3501 6.4.4: RECENT UNSEEN, and \Recent is never set
    {"NOT", kind::negated, argument::key},
    {"OLD", kind::all},
    {"ON", kind::since, argument::day},
    {"OR", kind::either, argument::two_keys},
    {"RECENT", kind::none},
    {"SEEN", kind::seen},
    {"SENTBEFORE", kind::sent_before, argument::date},
    {"SENTON", kind::sent_since, argument::day},
    {"SENTSINCE", kind::sent_since, argument::date},
    {"SINCE", kind::since, argument::date},
    {"SMALLER", kind::smaller, argument::number},
    {"SUBJECT", kind::subject, argument::text},
    {"TEXT", kind::text, argument::text},
    {"TO", kind::to, argument::text},
    {"UID", kind::uids, argument::set},
    {"UNANSWERED", kind::answered, argument::none, true},
    {"UNDELETED", kind::deleted, argument::none, true},
    {"UNDRAFT", kind::draft, argument::none, true},
    {"UNFLAGGED", kind::flagged, argument::none, true},
    {"UNKEYWORD", kind::keyword, argument::flag, true},
    {"UNSEEN", kind::seen, argument::none, true},
}};

/// Reads a tree of keys, within its bounds: each key is counted when it is begun, and `depth` is where it stands.
class key_parser {
public:
    explicit key_parser(parse_cursor& in) : in_(in) {}

    /// key *(SP key)
    std::optional<search_key> all_of(std::size_t depth) {
        search_key both{.what = kind::both};
        do {
            auto next = key(depth + 1);
            if (!next) return std::nullopt;
            both.keys.push_back(std::move(*next));
        } while (in_.take(' '));
        if (both.keys.size() > 1) return both;
        return std::move(both.keys.front());
    }

private:
    std::optional<search_key> key(std::size_t depth) {
        if (!admit(depth)) return std::nullopt;
        if (in_.take('(')) {
            auto group = all_of(depth);
            if (!group || !in_.expect(')', "the end of a list was expected")) return std::nullopt;
            return group;
        }
        if (in_.next_is_digit() || in_.next_is('*') || in_.next_is('$')) return messages({.what = kind::numbers});
        const auto name = in_.keyword();
        for (const auto& word : search_words) {
            if (name == word.name) return word.negated ? opposite(word, depth) : with(word, depth);
        }
        return in_.fail("this search key is not known");
    }

    /// UNSEEN and its like.
    std::optional<search_key> opposite(const search_word& word, std::size_t depth) {
        if (!admit(depth + 1)) return std::nullopt;
        auto inner = with(word, depth + 1);
        if (!inner) return std::nullopt;
        search_key outer{.what = kind::negated};
        outer.keys.push_back(std::move(*inner));
        return outer;
    }

    std::optional<search_key> with(const search_word& word, std::size_t depth) {
        search_key made{.what = word.what};
        if (word.takes == argument::none) return made;
        if (!in_.space()) return std::nullopt;
        switch (word.takes) {
            case argument::field: {
                auto name = in_.astring();
                if (!name || !in_.space()) return std::nullopt;
                made.name = std::move(*name);
                return text(std::move(made), in_.astring());
            }
            case argument::text: return text(std::move(made), in_.astring());
            case argument::flag: return text(std::move(made), in_.atom());
            case argument::modseq: return modseq(std::move(made));
            case argument::number: return number(std::move(made));
            case argument::set: return messages(std::move(made));
            case argument::date:
            case argument::day: return date(std::move(made), word.takes == argument::day, depth);
            default: return with_keys(std::move(made), word.takes == argument::two_keys ? 2 : 1, depth);
        }
    }

    static std::optional<search_key> text(search_key made, std::optional<std::string> taken) {
        if (!taken) return std::nullopt;
        made.text = std::move(*taken);
        return made;
    }

    std::optional<search_key> number(search_key made) {
        const auto taken = in_.number();
        if (!taken) return std::nullopt;
        made.number = *taken;
        return made;
    }

    std::optional<search_key> messages(search_key made) {
        auto taken = in_.set();
        if (!taken) return std::nullopt;
        made.set = std::move(*taken);
        return made;
    }

    /// RFC 7162 3.1.5: flags have no numbers of their own here, so which entry is asked for makes no difference.
    std::optional<search_key> modseq(search_key made) {
        if (!in_.next_is('"')) return number(std::move(made));
        const auto entry = in_.string();
        if (!entry || !in_.space()) return std::nullopt;
        const auto type = in_.keyword();
        if (type != "PRIV" && type != "SHARED" && type != "ALL") return in_.fail("the type of an entry was expected");
        if (!in_.space()) return std::nullopt;
        return number(std::move(made));
    }

    /// `one_day`: ON, from the day's beginning and before the next one's.
    std::optional<search_key> date(search_key made, bool one_day, std::size_t depth) {
        const auto day = parse_date(in_);
        if (!day) return std::nullopt;
        made.time = *day;
        if (!one_day) return made;
        if (!admit(depth + 1) || !admit(depth + 1)) return std::nullopt;
        const auto before = made.what == kind::since ? kind::before : kind::sent_before;
        search_key both{.what = kind::both};
        both.keys.push_back(std::move(made));
        both.keys.push_back({.what = before, .time = *day + std::chrono::days(1)});
        return both;
    }

    std::optional<search_key> with_keys(search_key made, std::size_t count, std::size_t depth) {
        while (true) {
            auto next = key(depth + 1);
            if (!next) return std::nullopt;
            made.keys.push_back(std::move(*next));
            if (made.keys.size() == count) return made;
            if (!in_.space()) return std::nullopt;
        }
    }

    /// Whoever sends (((((... would have us recurse as deep.
    bool admit(std::size_t depth) {
        if (depth > deepest_key)
            in_.fail("search keys are nested too deep");
        else if (count_++ == most_keys)
            in_.fail("there are too many search keys");
        return in_.failure().empty();
    }

    parse_cursor& in_;
    std::size_t count_ = 1;  // the root
};

bool search_return(parse_cursor& in, search_command& search) {
    search.extended = true;
    const auto option = [&] {
        const auto name = in.keyword();
        if (name == "MIN") return search.return_min = true;
        if (name == "MAX") return search.return_max = true;
        if (name == "ALL") return search.return_all = true;
        if (name == "COUNT") return search.return_count = true;
        if (name == "SAVE") return search.return_save = true;
        in.fail("this return option is not known");
        return false;
    };
    if (!in.space() || !in.list(option, true)) return false;
    // RFC 4731 3.1: none named is ALL.
    search.return_all |= !search.return_min && !search.return_max && !search.return_count && !search.return_save;
    return in.space();
}

bool search_charset(parse_cursor& in) {
    if (!in.space()) return false;
    const auto named = in.astring();
    if (!named) return false;
    const auto name = to_upper(*named);
    // US-ASCII is UTF-8 too.
    if (name != "UTF-8" && name != "US-ASCII") return in.fail_for_charset(), false;
    return in.space();
}

}  // namespace

std::optional<command> parse_search(parse_cursor& in, bool by_uid) {
    search_command search;
    search.by_uid = by_uid;
    if (!in.space()) return std::nullopt;
    if (in.take_keyword("RETURN") && !search_return(in, search)) return std::nullopt;
    if (in.take_keyword("CHARSET") && !search_charset(in)) return std::nullopt;
    auto key = key_parser(in).all_of(1);
    if (!key) return std::nullopt;
    search.key = std::move(*key);
    return search;
}

}  // namespace postern::imap
