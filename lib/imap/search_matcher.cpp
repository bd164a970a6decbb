#include "imap/search_matcher.hpp"

#include <algorithm>

#include <boost/algorithm/string/predicate.hpp>

#include "core/unicode.hpp"
#include "message/field_decoder.hpp"
#include "message/parsed_message.hpp"

namespace postern::imap {

namespace {

using kind = search_key::kind;

std::string folded(std::string_view text) {
    auto same = core::fold_case(text);
    return same ? std::move(*same) : std::string(text);
}

std::string lower(std::string_view name) {
    std::string out(name);
    for (char& c : out) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    return out;
}

core::timestamp day_of(core::timestamp t) { return std::chrono::floor<std::chrono::days>(t); }

/// The day as the field names it (RFC 9051 6.4.4, SENTSINCE: "disregarding time and timezone"): the word behind the time of day
/// is the zone, unless it is a year, as in asctime's form.
std::optional<core::timestamp> named_day(std::string_view field) {
    std::optional<core::timestamp> date;
    const auto zone = field.find_first_not_of("0123456789: ", std::min(field.find(':'), field.size()));
    if (zone != std::string_view::npos) {
        const auto rest = field.substr(std::min(field.find(' ', zone), field.size()));
        date = message::decode_date(std::string(field.substr(0, zone)).append(" +0000").append(rest));
    }
    if (!date) date = message::decode_date(field);
    return date ? std::optional(day_of(*date)) : std::nullopt;
}

bool contains(const sequence_set& resolved, std::uint32_t number) {
    const auto at = std::ranges::upper_bound(resolved.ranges, number, {}, &sequence_set::range::from);
    return at != resolved.ranges.begin() && std::prev(at)->to >= number;
}

bool has_keyword(const storage::entry_flags& flags, std::string_view keyword) {
    return std::ranges::any_of(flags.keywords, [&](const std::string& k) { return boost::algorithm::iequals(k, keyword); });
}

bool in_header(const searched_text& text, std::string_view name, std::string_view wanted) {
    return std::ranges::any_of(text.headers,
                               [&](const auto& h) { return h.first == name && h.second.find(wanted) != std::string::npos; });
}

/// RFC 9051 6.4.4, TEXT: in the header itself, which the fields' names are part of.
bool in_header_lines(const searched_text& text, std::string_view wanted) {
    return std::ranges::any_of(text.headers,
                               [&](const auto& h) { return (h.first + ": " + h.second).find(wanted) != std::string::npos; });
}

bool in_body(const searched_text& text, std::string_view wanted) {
    return std::ranges::any_of(text.bodies, [&](const std::string& b) { return b.find(wanted) != std::string::npos; });
}

/// What a key is judged by.
struct evidence {
    std::uint32_t number;
    const storage::imap_entry& entry;
    const searched_text* text;  // nullptr: not read
    const sequence_set& saved;
};

/// What the mailbox itself tells; nullopt: the message must be looked at.
std::optional<bool> judge_entry(const search_key& key, const evidence& of) {
    const auto& e = of.entry;
    switch (key.what) {
        case kind::all: return true;
        case kind::none: return false;
        case kind::numbers: return contains(key.set, of.number);
        case kind::uids: return contains(key.set.saved ? of.saved : key.set, static_cast<std::uint32_t>(e.uid));
        case kind::seen: return e.flags.seen;
        case kind::flagged: return e.flags.flagged;
        case kind::answered: return e.flags.answered;
        case kind::deleted: return e.flags.deleted;
        case kind::draft: return e.flags.draft;
        case kind::keyword: return has_keyword(e.flags, key.text);
        case kind::larger: return static_cast<std::uint64_t>(e.size) > key.number;
        case kind::smaller: return static_cast<std::uint64_t>(e.size) < key.number;
        case kind::modseq: return static_cast<std::uint64_t>(e.modseq) >= key.number;
        case kind::before: return e.received_at < key.time;
        case kind::since: return e.received_at >= key.time;
        default: return std::nullopt;
    }
}

bool judge_text(const search_key& key, const storage::imap_entry& e, const searched_text& text) {
    switch (key.what) {
        case kind::sent_before: return text.date.value_or(day_of(e.received_at)) < key.time;
        case kind::sent_since: return text.date.value_or(day_of(e.received_at)) >= key.time;
        case kind::header: return in_header(text, key.name, key.text);
        case kind::subject: return in_header(text, "subject", key.text);
        case kind::from: return in_header(text, "from", key.text);
        case kind::to: return in_header(text, "to", key.text);
        case kind::cc: return in_header(text, "cc", key.text);
        case kind::bcc: return in_header(text, "bcc", key.text);
        case kind::body: return in_body(text, key.text);
        case kind::text: return in_header_lines(text, key.text) || in_body(text, key.text);
        default: return false;
    }
}

/// What is false of one key needs no look at the others: "unseen messages that say ..." reads the unseen ones only.
std::optional<bool> judge_all(const search_key& key, const evidence& of);

std::optional<bool> judge_any(const search_key& key, const evidence& of) {
    switch (key.what) {
        case kind::both: return judge_all(key, of);
        case kind::negated: {
            const auto inner = judge_any(key.keys.front(), of);
            return inner ? std::optional(!*inner) : std::nullopt;
        }
        case kind::either: {
            bool unknown = false;
            for (const auto& one : key.keys) {
                const auto is = judge_any(one, of);
                if (is && *is) return true;
                unknown = unknown || !is;
            }
            return unknown ? std::nullopt : std::optional(false);
        }
        default: break;
    }
    if (const auto told = judge_entry(key, of)) return told;
    return of.text ? std::optional(judge_text(key, of.entry, *of.text)) : std::nullopt;
}

std::optional<bool> judge_all(const search_key& key, const evidence& of) {
    bool unknown = false;
    for (const auto& one : key.keys) {
        const auto is = judge_any(one, of);
        if (is && !*is) return false;
        unknown = unknown || !is;
    }
    return unknown ? std::nullopt : std::optional(true);
}

}  // namespace

searched_text read_searched_text(const core::content& octets) {
    const auto m = message::parse(octets);
    searched_text text;
    for (const auto& h : m.headers) text.headers.emplace_back(lower(h.name), folded(h.value));
    if (m.text) text.bodies.push_back(folded(m.text->text));
    if (m.html) text.bodies.push_back(folded(m.html->text));
    const auto date = std::ranges::find(text.headers, "date", [](const auto& h) -> const std::string& { return h.first; });
    if (date != text.headers.end()) text.date = named_day(date->second);
    return text;
}

search_matcher::search_matcher(search_key key, const selected_mailbox& in, const std::vector<std::uint32_t>& saved)
    : key_(std::move(key)) {
    for (const auto uid : saved) {
        auto& ranges = saved_.ranges;
        if (!ranges.empty() && ranges.back().to + 1 == uid) {
            ranges.back().to = uid;
        } else {
            ranges.push_back({uid, uid});
        }
    }
    prepare(key_, in);
}

/// The tree is at most twenty levels deep (search_key.hpp).
void search_matcher::prepare(search_key& key, const selected_mailbox& in) {
    for (auto& one : key.keys) prepare(one, in);
    if (key.what == kind::numbers && key.set.saved) key.what = kind::uids;  // "$" means messages, not their numbers
    if (key.what == kind::numbers) key.set.ranges = key.set.resolved(static_cast<std::uint32_t>(in.size()));
    if (key.what == kind::uids && !key.set.saved) key.set.ranges = key.set.resolved(in.largest_uid());
    asks_for_modseq_ = asks_for_modseq_ || key.what == kind::modseq;
    too_long_ = too_long_ || key.text.size() > longest_text;
    key.text = key.what == kind::keyword ? lower(key.text) : folded(key.text);
    key.name = lower(key.name);
}

std::optional<bool> search_matcher::judge(std::uint32_t number, const storage::imap_entry& entry) const {
    return judge_any(key_, {number, entry, nullptr, saved_});
}

bool search_matcher::judge(std::uint32_t number, const storage::imap_entry& entry, const searched_text& text) const {
    return judge_any(key_, {number, entry, &text, saved_}).value_or(false);
}

}  // namespace postern::imap
