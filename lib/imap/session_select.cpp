// The selected mailbox: SELECT and EXAMINE, how its changes are followed, IDLE, and its end.
#include <algorithm>
#include <utility>

#include "core/format.hpp"
#include "imap/mailbox_listing.hpp"
#include "imap/mailbox_news.hpp"
#include "imap/protocol/responses.hpp"
#include "imap/session.hpp"

namespace postern::imap {

namespace {

using steady = std::chrono::steady_clock;

constexpr std::size_t listed_at_once = 10'000;
constexpr std::size_t changes_at_once = 1'000;
constexpr auto look_again_after = std::chrono::seconds(5);  // where the database could not be asked

}  // namespace

session::answered session::on(select_command command) {
    if (selected_) say("* OK [CLOSED] The mailbox before is closed");
    unselect();  // RFC 9051 6.3.2: also where the new one cannot be had
    const auto all = co_await mailboxes();
    if (!all) co_return answer_for(all.error());
    const auto* m = find_mailbox_named(*all, command.mailbox);
    if (!m) co_return answer{"NO [NONEXISTENT] There is no such mailbox"};
    const auto opened = co_await open(*m, command.read_only);
    if (!opened) co_return answer_for(opened.error());
    if (command.condstore) tells_modseq_ = true;
    if (tells_modseq_) selected_->tell_modseq();
    say_selected();
    co_return answer{command.read_only ? "OK [READ-ONLY] Done" : "OK [READ-WRITE] Done"};
}

/// The state is taken first: what happens while the mailbox is listed is told of later, and twice at worst.
net::awaitable<core::result<void>> session::open(const storage::mailbox& m, bool read_only) {
    const auto state = co_await shared_.uses.database.imap().state(account_->id, m.id);
    if (!state) co_return std::unexpected(state.error());
    auto all = co_await list_all(m.id);
    if (!all) co_return std::unexpected(all.error());
    selected_.emplace(m, *state, read_only);
    selected_->add(std::move(*all));
    co_return core::result<void>{};
}

net::awaitable<core::result<std::vector<storage::imap_entry>>> session::list_all(storage::mailbox_id mailbox) {
    std::vector<storage::imap_entry> all;
    for (;;) {
        auto some =
            co_await shared_.uses.database.imap().list(account_->id, mailbox, all.empty() ? 0 : all.back().uid, listed_at_once);
        if (!some) co_return std::unexpected(some.error());
        const auto count = some->size();
        all.insert(all.end(), std::make_move_iterator(some->begin()), std::make_move_iterator(some->end()));
        if (count < listed_at_once) break;
    }
    co_return all;
}

void session::say_selected() {
    const auto& m = selected_->mailbox();
    flag_list some{.seen = true, .flagged = true, .answered = true, .deleted = true, .draft = true, .keywords = {}};
    some.keywords = selected_->keywords();
    std::string flags;
    write_flags(flags, some);
    core::append(out_, "* FLAGS {}\r\n* {} EXISTS\r\n", flags, selected_->size());
    if (!enabled_rev2_) {
        out_ += "* 0 RECENT\r\n";
        if (const auto first = selected_->first_unseen(); first != 0)
            core::append(out_, "* OK [UNSEEN {}] First unseen\r\n", first);
    }
    flags.pop_back();
    core::append(out_, "* OK [PERMANENTFLAGS {}] {}\r\n", selected_->read_only() ? "()" : flags + " \\*)",
                 selected_->read_only() ? "Nothing can be changed" : "What is changed is kept");
    // Messages came between the two readings at worst: then UIDNEXT is one that was given out already, which EXISTS tells.
    const auto next = std::max<std::int64_t>(m.uid_next, std::int64_t{selected_->largest_uid()} + 1);
    core::append(out_, "* OK [UIDVALIDITY {}] Uids are valid\r\n* OK [UIDNEXT {}] Next uid\r\n", m.uid_validity, next);
    core::append(out_, "* OK [HIGHESTMODSEQ {}] Highest modseq\r\n", selected_->known().highest_modseq);
    if (!enabled_rev2_) return;
    out_ += "* LIST () \"/\" ";  // RFC 9051 6.3.2
    write_mailbox(out_, shown_name(m), utf8());
    out_ += "\r\n";
}

void session::unselect() {
    selected_.reset();
    saved_.clear();
}

/// RFC 7162 3.1: the client has shown that it knows of modseqs, and is told them from now on.
void session::tell_modseq() {
    tells_modseq_ = true;
    if (selected_) selected_->tell_modseq();
}

void session::follow() {
    news_ = shared_.uses.news.follow(account_->id, [this] {
        heard_ = true;
        if (idling_) stream_.wake();
    });
}

/// Tells what has changed in the selected mailbox. False: that cannot be known now; it is told another time.
net::awaitable<bool> session::look(bool may_expunge) {
    for (heard_ = false;;) {
        const auto changes =
            co_await shared_.uses.database.imap().changes_since(account_->id, selected_->known(), changes_at_once);
        if (!changes && changes.error().code == storage::errc::not_found) {
            unselect();
            say_bye("The mailbox is not there any more");
            co_return true;
        }
        if (!changes) {
            heard_ = true;
            co_return false;
        }
        if (changes->forgotten) {
            const auto state = co_await shared_.uses.database.imap().state(account_->id, selected_->id());
            auto all = co_await list_all(selected_->id());
            if (!state || !all) {
                heard_ = true;
                co_return false;
            }
            selected_->replace(std::move(*all), *state, may_expunge, out_);
            co_return true;
        }
        selected_->learn(*changes, may_expunge, out_);
        if (!changes->more || !co_await flush_if_full()) co_return true;
    }
}

/// RFC 2177: the client is told until it says DONE, or anything else.
session::answered session::on(idle_command) {
    say("+ idling");
    const auto until = steady::now() + shared_.limits.idle_timeout;
    heard_ = true;
    for (;;) {
        if (!co_await may_stay()) co_return std::nullopt;
        const bool looked = !heard_ || !selected_ || co_await look(true);
        if (!ended_ && stopping_) say_bye("The server is stopping");
        if (ended_ || !co_await flush()) co_return std::nullopt;
        if (stream_.buffered().find('\n') != std::string_view::npos) break;
        if (stream_.buffered().size() > command_reader::limit_before_login) {
            say_bye("The line is too long");
            co_return std::nullopt;
        }
        if (heard_ && looked && selected_) continue;  // while it looked
        if (!co_await wait_in_idle(until, looked)) co_return std::nullopt;
    }
    const auto end = stream_.buffered().find('\n');
    auto line = std::string(stream_.buffered().substr(0, end));
    stream_.consume(end + 1);
    if (line.ends_with('\r')) line.pop_back();
    for (char& c : line) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
    co_return answer{line == "DONE" ? "OK Done" : "BAD Only DONE ends IDLE"};
}

/// Until there is input or news, or it is time to look again. False: the session ends.
net::awaitable<bool> session::wait_in_idle(steady::time_point until, bool looked) {
    const auto left = until - steady::now();
    const auto checked_after = shared_.uses.account_checked_every + std::chrono::seconds(1);
    const auto slice = std::min<steady::duration>(left, looked ? checked_after : look_again_after);
    stream_.shrink();
    idling_ = waiting_ = true;
    const auto came = co_await stream_.fill(slice);
    idling_ = waiting_ = false;
    if (came || came.error().code == net::errc::woken) co_return true;
    if (came.error().code == net::errc::timed_out && slice < left) co_return true;
    if (came.error().code == net::errc::timed_out) say_bye("Too long without a command");
    if (came.error().code == net::errc::interrupted) say_bye("The server is stopping");
    end();
    co_return false;
}

/// RFC 9051 6.4.1: what is marked goes, silently.
session::answered session::on(close_command) {
    if (!selected_->read_only()) {
        std::vector<std::uint32_t> all(selected_->size());
        for (std::uint32_t i = 0; i < all.size(); ++i) all[i] = i + 1;
        std::string untold;
        const auto gone = co_await expunge_marked(all, untold);
        if (!gone) {
            out_ += untold;  // it is still open: the client has to number as we do
            co_return answer_for(gone.error());
        }
    }
    unselect();
    co_return answer{"OK Done"};
}

session::answered session::on(unselect_command) {
    unselect();
    co_return answer{"OK Done"};
}

}  // namespace postern::imap
