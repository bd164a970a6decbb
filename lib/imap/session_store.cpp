// What a client does to messages: STORE, EXPUNGE, COPY and MOVE (RFC 9051 6.4.3, 6.4.6 to 6.4.8).
#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <boost/algorithm/string/predicate.hpp>

#include "imap/mailbox_listing.hpp"
#include "imap/protocol/responses.hpp"
#include "imap/session.hpp"

namespace postern::imap {

namespace {

constexpr auto most_at_once = storage::imap_store::most_entries;

storage::flag_change::action meant_by(flag_action a) {
    switch (a) {
        case flag_action::replace: return storage::flag_change::action::replace;
        case flag_action::add: return storage::flag_change::action::add;
        case flag_action::remove: break;
    }
    return storage::flag_change::action::remove;
}

using status = storage::changed_entry::status;

bool holds(const std::vector<std::string>& keywords, const std::string& wanted) {
    return std::ranges::any_of(keywords, [&](const std::string& k) { return boost::algorithm::iequals(k, wanted); });
}

/// Whether anything but what the client asked for is different now: somebody else changed it.
bool differs_besides(const storage::entry_flags& before, const storage::entry_flags& now, const storage::flag_change& asked) {
    if (asked.what == storage::flag_change::action::replace) return false;
    const auto& own = asked.flags;
    const auto other = [&own](const std::vector<std::string>& some, const std::vector<std::string>& than) {
        return std::ranges::any_of(some, [&](const std::string& k) { return !holds(own.keywords, k) && !holds(than, k); });
    };
    return (!own.seen && before.seen != now.seen) || (!own.flagged && before.flagged != now.flagged) ||
           (!own.answered && before.answered != now.answered) || (!own.deleted && before.deleted != now.deleted) ||
           (!own.draft && before.draft != now.draft) || other(before.keywords, now.keywords) ||
           other(now.keywords, before.keywords);
}

answer read_only_answer() { return {"NO [READ-ONLY] The mailbox was opened by EXAMINE"}; }

/// "COPYUID 38505 304,319:320 3956:3958" (RFC 4315 section 3).
std::string copy_uid(std::int64_t uid_validity, const std::vector<storage::placed_entry>& placed) {
    std::vector<std::uint32_t> from;
    std::vector<std::uint32_t> to;
    for (const auto& p : placed) {
        from.push_back(static_cast<std::uint32_t>(p.from_uid));
        to.push_back(static_cast<std::uint32_t>(p.uid));
    }
    auto out = fmt::format("COPYUID {} ", uid_validity);
    write_set(out, from);
    out += ' ';
    write_set(out, to);
    return out;
}

}  // namespace

/// At most as many as one call of the store takes, from `from` on.
std::vector<storage::entry_id> session::entries_of(const std::vector<std::uint32_t>& numbers, std::size_t from) const {
    std::vector<storage::entry_id> some;
    for (auto i = from; i < numbers.size() && some.size() < most_at_once; ++i)
        some.push_back(selected_->at(numbers[i]).entry.id);
    return some;
}

/// One outcome per number. What is done of it is remembered, so that nobody is told of it as news.
net::awaitable<core::result<std::vector<storage::flagged_entry>>> session::change_flags(
    const std::vector<std::uint32_t>& numbers, storage::flag_change wanted, std::optional<std::int64_t> unchanged_since) {
    std::vector<storage::flagged_entry> all;
    while (all.size() < numbers.size()) {
        const auto first = all.size();
        auto done = co_await shared_.uses.database.imap().change_flags(
            account_->id, selected_->id(), entries_of(numbers, first), wanted, unchanged_since, shared_.uses.clock.now());
        if (!done) {
            // What is done of it is news, since the answer will not tell.
            for (std::size_t i = 0; i < first; ++i) {
                if (all[i].outcome != status::done) continue;
                write_flags_response(out_, numbers[i], selected_->at(numbers[i]).entry, {.modseq = selected_->tells_modseq()});
            }
            co_return std::unexpected(done.error());
        }
        for (std::size_t i = 0; i < done->size(); ++i) {
            if ((*done)[i].outcome == status::done) {
                selected_->set_flags(numbers[first + i], (*done)[i]);
            } else {
                heard_ = true;  // somebody else changed it, or took it away
            }
            all.push_back(std::move((*done)[i]));
        }
    }
    co_return all;
}

session::answered session::on(store_command command) {
    std::vector<std::uint32_t> numbers;
    if (!selected_->find(command.messages, command.by_uid, saved_, numbers)) co_return answer{"BAD There is no such number"};
    if (selected_->read_only()) co_return read_only_answer();
    std::optional<std::int64_t> unchanged_since;
    if (command.unchanged_since) {
        tell_modseq();
        unchanged_since = static_cast<std::int64_t>(std::min<std::uint64_t>(*command.unchanged_since, INT64_MAX));
    }
    const storage::flag_change asked{meant_by(command.action), to_entry_flags(command.flags)};
    std::vector<storage::entry_flags> before;
    for (const auto number : numbers) before.push_back(selected_->at(number).entry.flags);
    const auto done = co_await change_flags(numbers, asked, unchanged_since);
    if (!done) co_return answer_for(done.error());
    bool missing = false;
    std::vector<std::uint32_t> modified;
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        const auto& entry = selected_->at(numbers[i]).entry;
        const auto outcome = (*done)[i].outcome;
        missing = missing || outcome == status::missing;
        if (outcome == status::modified)
            modified.push_back(command.by_uid ? static_cast<std::uint32_t>(entry.uid) : numbers[i]);
        if (outcome != status::done) continue;
        const bool flags = !command.silent || differs_besides(before[i], entry.flags, asked);
        // RFC 7162 3.1.3: who knows of modseqs is told the new one, however silent the rest.
        if (!flags && !selected_->tells_modseq()) continue;
        write_flags_response(out_, numbers[i], entry,
                             {.flags = flags, .uid = command.by_uid, .modseq = selected_->tells_modseq()});
        if (!co_await flush_if_full()) co_return std::nullopt;
    }
    std::string code;
    if (!modified.empty()) {
        code = "[MODIFIED ";
        write_set(code, modified);
        code += "] ";
    }
    // RFC 9051 6.4.9: a uid that is not there is no mistake.
    if (!missing || command.by_uid) co_return answer{"OK " + code + "Done"};
    co_return answer{"NO " + (code.empty() ? "[EXPUNGEISSUED] " : code) + "Some of them are not there any more"};
}

net::awaitable<core::result<void>> session::expunge_marked(const std::vector<std::uint32_t>& numbers, std::string& out) {
    std::vector<std::uint32_t> marked;
    std::ranges::copy_if(numbers, std::back_inserter(marked), [this](std::uint32_t number) {
        const auto& m = selected_->at(number);
        return m.entry.flags.deleted && !m.gone;
    });
    std::vector<std::int64_t> gone;
    for (std::size_t from = 0; from < marked.size(); from += most_at_once) {
        const auto some = co_await shared_.uses.database.imap().expunge(account_->id, selected_->id(), entries_of(marked, from),
                                                                        shared_.uses.clock.now());
        if (!some) {
            selected_->remove(gone, out);
            co_return std::unexpected(some.error());
        }
        gone.insert(gone.end(), some->begin(), some->end());
    }
    selected_->remove(gone, out);
    co_return core::result<void>{};
}

session::answered session::on(expunge_command command) {
    if (selected_->read_only()) co_return read_only_answer();
    std::vector<std::uint32_t> numbers;
    const sequence_set all{.ranges = {{1, sequence_set::last}}};
    if (!selected_->find(command.uids ? *command.uids : all, true, saved_, numbers))
        co_return answer{"BAD There is no such uid"};
    const auto done = co_await expunge_marked(numbers, out_);
    if (!done) co_return answer_for(done.error());
    co_return answer{"OK Done"};
}

session::answered session::on(copy_command command) {
    std::vector<std::uint32_t> numbers;
    if (!selected_->find(command.messages, command.by_uid, saved_, numbers)) co_return answer{"BAD There is no such number"};
    if (command.move && selected_->read_only()) co_return read_only_answer();
    const auto all = co_await mailboxes();
    if (!all) co_return answer_for(all.error());
    const auto* to = find_mailbox_named(*all, command.mailbox);
    if (!to) co_return answer{"NO [TRYCREATE] There is no such mailbox"};
    std::vector<storage::placed_entry> placed;
    std::optional<answer> failed;  // of many; what came before it is undone, or where they move told of
    for (std::size_t from = 0; from < numbers.size(); from += most_at_once) {
        auto& store = shared_.uses.database.imap();
        auto some = command.move ? co_await store.move(account_->id, selected_->id(), entries_of(numbers, from), to->id,
                                                       shared_.uses.clock.now())
                                 : co_await store.copy(account_->id, selected_->id(), entries_of(numbers, from), to->id,
                                                       shared_.uses.clock.now());
        if (!some) {
            failed = answer_for(some.error());
            break;
        }
        placed.insert(placed.end(), some->begin(), some->end());
    }
    if (failed && !command.move) co_await undo_copies(*to, placed);
    if (failed && (placed.empty() || !command.move)) co_return failed;
    if (placed.size() < numbers.size()) heard_ = true;
    if (placed.empty() && (numbers.empty() || command.by_uid)) co_return answer{"OK There is nothing to do"};
    if (placed.empty()) co_return answer{"NO [EXPUNGEISSUED] They are not there any more"};
    const auto code = copy_uid(to->uid_validity, placed);
    if (!command.move) co_return answer{"OK [" + code + "] Done"};
    // RFC 6851 4.3: before the EXPUNGE responses, so that the client knows where they went.
    say("* OK [" + code + "] Moved");
    std::vector<std::int64_t> gone;
    for (const auto& p : placed) gone.push_back(p.from_uid);
    selected_->remove(gone, out_);
    co_return failed.value_or(answer{"OK Done"});
}

/// RFC 9051 6.4.7: all of them are copied or none. What cannot be undone now stays: a copy too many is better than one too few.
net::awaitable<void> session::undo_copies(const storage::mailbox& in, const std::vector<storage::placed_entry>& placed) {
    auto& store = shared_.uses.database.imap();
    for (std::size_t from = 0; from < placed.size();) {
        // Others' messages may lie between ours.
        const auto some = co_await store.list(account_->id, in.id, placed[from].uid - 1, most_at_once);
        if (!some || some->empty()) co_return;
        std::vector<storage::entry_id> copies;
        for (const auto& e : *some) {
            if (std::ranges::binary_search(placed, e.uid, {}, &storage::placed_entry::uid)) copies.push_back(e.id);
        }
        while (from < placed.size() && placed[from].uid <= some->back().uid) ++from;
        const auto now = shared_.uses.clock.now();
        const storage::flag_change mark{storage::flag_change::action::add, {.deleted = true}};
        const auto marked = co_await store.change_flags(account_->id, in.id, copies, mark, std::nullopt, now);
        if (!marked || !co_await store.expunge(account_->id, in.id, std::move(copies), now)) co_return;
    }
}

}  // namespace postern::imap
