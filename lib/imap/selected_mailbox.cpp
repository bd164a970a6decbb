#include "imap/selected_mailbox.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include <boost/algorithm/string/predicate.hpp>

#include "core/format.hpp"
#include "imap/protocol/responses.hpp"

namespace postern::imap {

namespace {

constexpr std::size_t most_keywords = 100;  // told of in FLAGS

std::int64_t uid_of(const selected_mailbox::message& m) { return m.entry.uid; }

}  // namespace

selected_mailbox::selected_mailbox(storage::mailbox of, storage::mailbox_state known, bool read_only)
    : of_(std::move(of)), known_(known), read_only_(read_only) {}

std::uint32_t selected_mailbox::largest_uid() const {
    return messages_.empty() ? 0 : static_cast<std::uint32_t>(messages_.back().entry.uid);
}

std::uint32_t selected_mailbox::number_of(std::int64_t uid) const {
    const auto at = std::ranges::lower_bound(messages_, uid, {}, uid_of);
    if (at == messages_.end() || at->entry.uid != uid) return 0;
    return static_cast<std::uint32_t>(at - messages_.begin()) + 1;
}

std::uint32_t selected_mailbox::first_unseen() const {
    const auto at = std::ranges::find_if(messages_, [](const message& m) { return !m.entry.flags.seen; });
    return at == messages_.end() ? 0 : static_cast<std::uint32_t>(at - messages_.begin()) + 1;
}

bool selected_mailbox::find(const sequence_set& wanted, bool by_uid, const std::vector<std::uint32_t>& saved,
                            std::vector<std::uint32_t>& numbers) const {
    if (wanted.saved) {
        for (const auto uid : saved) {
            if (const auto number = number_of(uid); number != 0) numbers.push_back(number);
        }
        return true;
    }
    const auto largest = by_uid ? largest_uid() : static_cast<std::uint32_t>(size());
    const auto ranges = wanted.resolved(largest);
    if (!by_uid && !ranges.empty() && ranges.back().to > size()) return false;
    for (const auto& range : ranges) {
        if (!by_uid) {
            for (auto number = range.from; number <= range.to; ++number) numbers.push_back(number);
            continue;
        }
        const auto first = std::ranges::lower_bound(messages_, std::int64_t{range.from}, {}, uid_of);
        const auto last = std::ranges::upper_bound(messages_, std::int64_t{range.to}, {}, uid_of);
        for (auto at = first; at < last; ++at) numbers.push_back(static_cast<std::uint32_t>(at - messages_.begin()) + 1);
    }
    return true;
}

void selected_mailbox::add(std::vector<storage::imap_entry> entries) {
    messages_.reserve(messages_.size() + entries.size());
    for (auto& e : entries) {
        if (e.uid > std::int64_t{largest_uid()}) messages_.push_back({.entry = std::move(e)});
    }
}

void selected_mailbox::set_flags(std::uint32_t number, const storage::flagged_entry& now) {
    auto& entry = messages_[number - 1].entry;
    entry.flags = now.flags;
    entry.modseq = std::max(entry.modseq, now.modseq);
}

void selected_mailbox::learn(const storage::imap_changes& changes, bool may_expunge, std::string& out) {
    for (const auto uid : changes.vanished) mark_gone(uid);
    if (may_expunge) tell_gone(out);
    if (!changes.arrived.empty()) {
        const auto before = size();
        // One that came while the mailbox was listed is known, but perhaps not as it is now.
        for (const auto& e : changes.arrived) update(e, out);
        add(changes.arrived);
        if (size() != before) tell_size(out);
    }
    for (const auto& e : changes.changed) update(e, out);
    known_ = changes.state;
}

void selected_mailbox::remove(const std::vector<std::int64_t>& uids, std::string& out) {
    for (const auto uid : uids) mark_gone(uid);
    tell_gone(out);
}

/// From the last to the first, so that what is told renumbers nothing that is still to be told.
void selected_mailbox::tell_gone(std::string& out) {
    if (gone_ == 0) return;
    for (auto number = size(); number > 0; --number) {
        if (messages_[number - 1].gone) core::append(out, "* {} EXPUNGE\r\n", number);
    }
    std::erase_if(messages_, [](const message& m) { return m.gone; });
    gone_ = 0;
}

void selected_mailbox::replace(std::vector<storage::imap_entry> now, storage::mailbox_state known, bool may_expunge,
                               std::string& out) {
    std::ranges::sort(now, {}, &storage::imap_entry::uid);
    for (auto& m : messages_) {
        const bool there = std::ranges::binary_search(now, m.entry.uid, {}, &storage::imap_entry::uid);
        if (!there) mark_gone(m.entry.uid);
    }
    storage::imap_changes changes;
    const auto largest = std::int64_t{largest_uid()};
    for (auto& e : now) (e.uid > largest ? changes.arrived : changes.changed).push_back(std::move(e));
    changes.state = known;
    learn(changes, may_expunge, out);
}

std::vector<std::string> selected_mailbox::keywords() const {
    const auto less = [](const std::string& a, const std::string& b) {
        return boost::algorithm::ilexicographical_compare(a, b);
    };
    std::set<std::string, decltype(less)> all(less);
    for (const auto& m : messages_) {
        if (all.size() >= most_keywords) break;
        all.insert(m.entry.flags.keywords.begin(), m.entry.flags.keywords.end());
    }
    return {all.begin(), all.end()};
}

void selected_mailbox::mark_gone(std::int64_t uid) {
    const auto number = number_of(uid);
    if (number == 0 || messages_[number - 1].gone) return;
    messages_[number - 1].gone = true;
    ++gone_;
}

/// What this session changed itself, or was told of before, it knows by the modseq.
void selected_mailbox::update(const storage::imap_entry& now, std::string& out) {
    const auto number = number_of(now.uid);
    if (number == 0) return;
    auto& entry = messages_[number - 1].entry;
    const bool news = now.modseq > entry.modseq && now.flags != entry.flags;
    entry.modseq = std::max(entry.modseq, now.modseq);
    if (!news) return;
    entry.flags = now.flags;
    write_flags_response(out, number, entry, {.modseq = tells_modseq_});
}

void selected_mailbox::tell_size(std::string& out) const { core::append(out, "* {} EXISTS\r\n", size()); }

flag_list to_flag_list(const storage::entry_flags& flags) {
    return {.seen = flags.seen,
            .flagged = flags.flagged,
            .answered = flags.answered,
            .deleted = flags.deleted,
            .draft = flags.draft,
            .keywords = flags.keywords};
}

storage::entry_flags to_entry_flags(const flag_list& flags) {
    return {.seen = flags.seen,
            .flagged = flags.flagged,
            .answered = flags.answered,
            .deleted = flags.deleted,
            .draft = flags.draft,
            .keywords = flags.keywords};
}

void write_flags_response(std::string& out, std::uint32_t number, const storage::imap_entry& entry, flags_response with) {
    core::append(out, "* {} FETCH (", number);
    std::string_view blank;
    if (with.flags) {
        out += "FLAGS ";
        write_flags(out, to_flag_list(entry.flags));
        blank = " ";
    }
    if (with.uid) core::append(out, "{}UID {}", std::exchange(blank, " "), entry.uid);
    if (with.modseq) core::append(out, "{}MODSEQ ({})", blank, entry.modseq);
    out += ")\r\n";
}

}  // namespace postern::imap
