// FETCH (RFC 9051 6.4.5): what messages are, out of the mailbox's rows and out of their octets.
#include <algorithm>
#include <span>
#include <system_error>
#include <utility>

#include "core/format.hpp"
#include "imap/fetch_items.hpp"
#include "imap/protocol/responses.hpp"
#include "imap/session.hpp"

namespace postern::imap {

namespace {

constexpr std::size_t parsed_on_the_loop = 32 * 1024;  // octets: some tens of microseconds, less than a trip to the pool
constexpr std::size_t sent_at_once = 64 * 1024;

bool is_small(const core::content& c) { return c.in_memory() && c.size() <= parsed_on_the_loop; }

/// The items that need no octets.
void write_row(std::string& out, const fetch_command& wanted, const storage::imap_entry& e, bool with_flags) {
    const auto blank = [&out] {
        if (!out.ends_with('(')) out += ' ';
    };
    if (wanted.uid || wanted.by_uid) {
        blank();
        core::append(out, "UID {}", e.uid);
    }
    if (with_flags) {
        blank();
        out += "FLAGS ";
        write_flags(out, to_flag_list(e.flags));
    }
    if (wanted.internal_date) {
        blank();
        out += "INTERNALDATE ";
        write_internal_date(out, e.received_at);
    }
    if (wanted.size) {
        blank();
        core::append(out, "RFC822.SIZE {}", e.size);
    }
    if (wanted.modseq) {
        blank();
        core::append(out, "MODSEQ ({})", e.modseq);
    }
}

}  // namespace

session::answered session::on(fetch_command command) {
    std::vector<std::uint32_t> numbers;
    if (!selected_->find(command.messages, command.by_uid, saved_, numbers)) co_return answer{"BAD There is no such number"};
    if (command.modseq) tell_modseq();
    if (command.changed_since) {
        std::erase_if(numbers, [&](std::uint32_t number) {
            return static_cast<std::uint64_t>(selected_->at(number).entry.modseq) <= *command.changed_since;
        });
    }
    // RFC 7162 3.1.4: once it has shown that it knows of modseqs, a client is told of each that changed.
    const auto says_modseq = command.modseq;
    std::vector<bool> became_seen(numbers.size(), false);
    if (sets_seen(command) && !selected_->read_only()) {
        const auto marked = co_await mark_seen(numbers, became_seen);
        if (!marked) co_return answer_for(marked.error());
    }
    std::optional<answer> missed;
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        command.modseq = says_modseq || (became_seen[i] && selected_->tells_modseq());
        if (!co_await fetch_one(command, numbers[i], command.flags || became_seen[i], missed)) co_return std::nullopt;
    }
    co_return missed.value_or(answer{"OK Done"});
}

/// False: the connection is gone. `missed`: what could not be told, and why.
net::awaitable<bool> session::fetch_one(const fetch_command& command, std::uint32_t number, bool with_flags,
                                        std::optional<answer>& missed) {
    const auto& m = selected_->at(number);
    std::vector<fetch_piece> items;
    if (needs_content(command)) {
        auto read = co_await read_items(command, m);
        if (!read && read.error().code == storage::errc::not_found) {
            // RFC 9051 6.4.9: a uid that is not there any more is no mistake.
            if (!command.by_uid) missed = answer{"NO [EXPUNGEISSUED] Some of them are not there any more"};
            heard_ = true;
            co_return true;
        }
        if (!read) {
            missed = answer_for(read.error());
            co_return true;
        }
        items = std::move(*read);
    }
    core::append(out_, "* {} FETCH (", number);
    std::string row = "(";
    write_row(row, command, m.entry, with_flags);
    out_ += std::string_view(row).substr(1);
    if (row.size() > 1 && !items.empty()) out_ += ' ';
    for (auto& item : items) {
        out_ += item.text;
        in_literal_ = item.octets != nullptr;
        if (item.octets && !co_await send_octets(std::move(item.octets), item.begin, item.end)) co_return false;
        in_literal_ = false;
    }
    out_ += ")\r\n";
    co_return co_await flush_if_full();
}

/// What is made of a message's octets. not_found: it is not there any more.
net::awaitable<core::result<std::vector<fetch_piece>>> session::read_items(const fetch_command& command,
                                                                           const selected_mailbox::message& m) {
    if (m.gone) co_return core::fail(storage::errc::not_found);
    const auto octets =
        co_await shared_.uses.database.messages().read_content(m.entry.message, shared_.uses.memory_message_size);
    if (!octets) co_return std::unexpected(octets.error());
    if (is_small(**octets)) co_return make_fetch_items(command, *octets);
    co_return co_await shared_.uses.pool.run([&command, octets = *octets]() -> core::result<std::vector<fetch_piece>> {
        try {
            return make_fetch_items(command, octets);
        } catch (const std::system_error& failed) {  // the medium: core::content
            return std::unexpected(core::error{failed.code(), failed.what()});
        }
    });
}

/// What lies in the database or a file is read on a thread of the pool, a piece at a time.
net::awaitable<bool> session::send_octets(std::shared_ptr<const core::content> octets, std::uint64_t begin,
                                          std::uint64_t until) {
    if (const auto all = octets->in_memory(); all && until - begin <= sent_at_once) {
        out_ += all->substr(static_cast<std::size_t>(begin), static_cast<std::size_t>(until - begin));
        co_return co_await flush_if_full();
    }
    while (begin < until) {
        const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(until - begin, sent_at_once));
        const auto piece = co_await shared_.uses.pool.run([octets, begin, size] {
            std::string read(size, '\0');
            try {
                read.resize(octets->read(begin, std::span(read)));
            } catch (const std::system_error&) {
                read.clear();
            }
            return read;
        });
        if (piece.size() < size) {  // the literal's size has been said: there is no way back
            shared_.uses.log.error("a message could not be read to its end", {{"client", client_}});
            out_.clear();
            end();
            co_return false;
        }
        out_ += piece;
        begin += size;
        if (!co_await flush_if_full()) co_return false;
    }
    co_return true;
}

/// Before they are sent: so each response can say what its flags are now.
net::awaitable<core::result<void>> session::mark_seen(const std::vector<std::uint32_t>& numbers, std::vector<bool>& changed) {
    std::vector<std::uint32_t> unseen;
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        const auto& m = selected_->at(numbers[i]);
        changed[i] = !m.entry.flags.seen && !m.gone;
        if (changed[i]) unseen.push_back(numbers[i]);
    }
    const auto done =
        co_await change_flags(unseen, {.what = storage::flag_change::action::add, .flags = {.seen = true}}, std::nullopt);
    if (!done) co_return std::unexpected(done.error());
    co_return core::result<void>{};
}

}  // namespace postern::imap
