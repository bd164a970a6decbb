// The mailboxes as a tree: LIST, STATUS, and what changes it (RFC 9051 6.3).
#include <algorithm>
#include <utility>

#include "core/format.hpp"
#include "imap/mailbox_listing.hpp"
#include "imap/protocol/responses.hpp"
#include "imap/session.hpp"

namespace postern::imap {

namespace {

constexpr std::string_view name_characters = "*%\\";  // in a pattern they would mean something else

bool may_be_created(std::string_view name) {
    return !name.empty() && name.front() != hierarchy_delimiter &&
           name.find_first_of(name_characters) == std::string_view::npos && name.find("//") == std::string_view::npos;
}

answer bad_name() { return {"NO [CANNOT] A name has no *, % or \\ and no empty level"}; }

/// RFC 9051 6.3.4: a delimiter at the end says that there will be mailboxes below; here there can always be.
std::string without_delimiter(std::string name) {
    if (name.size() > 1 && name.back() == hierarchy_delimiter) name.pop_back();
    return name;
}

}  // namespace

net::awaitable<session::mailbox_list> session::mailboxes() {
    co_return co_await shared_.uses.database.messages().list_mailboxes(account_->id);
}

session::answered session::on(list_command command) {
    // RFC 9051 6.3.9: an empty pattern asks for the delimiter.
    if (!command.extended && command.patterns.size() == 1 && command.patterns.front().empty()) {
        say(command.lsub ? R"(* LSUB (\Noselect) "/" "")" : R"(* LIST (\Noselect) "/" "")");
        co_return answer{"OK Done"};
    }
    const auto all = co_await mailboxes();
    if (!all) co_return answer_for(all.error());
    if (has_too_long_patterns(command)) co_return answer{"NO [LIMIT] The patterns are too long"};
    const auto listed = co_await shared_.uses.pool.run([&all, &command] { return list_mailboxes(*all, command); });
    for (const auto& m : listed) {
        write_listed(out_, m, command, utf8());
        if (!command.return_status || !m.mailbox) continue;
        const auto status = co_await status_of(*m.mailbox, *command.return_status);
        if (!status && status.error().code == storage::errc::not_found) continue;  // it has gone meanwhile
        if (!status) co_return answer_for(status.error());
        out_ += *status;
        if (!co_await flush_if_full()) co_return std::nullopt;
    }
    co_return answer{"OK Done"};
}

session::answered session::on(status_command command) {
    const auto all = co_await mailboxes();
    if (!all) co_return answer_for(all.error());
    const auto* m = find_mailbox_named(*all, command.mailbox);
    if (!m) co_return answer{"NO [NONEXISTENT] There is no such mailbox"};
    const auto status = co_await status_of(*m, command.items);
    if (!status) co_return answer_for(status.error());
    out_ += *status;
    co_return answer{"OK Done"};
}

net::awaitable<core::result<std::string>> session::status_of(const storage::mailbox& m, status_items items) {
    storage::imap_store::figures counted;
    if (items.deleted || items.size) {
        const auto figures = co_await shared_.uses.database.imap().count(account_->id, m.id);
        if (!figures) co_return std::unexpected(figures.error());
        counted = *figures;
    }
    std::string out = "* STATUS ";
    write_mailbox(out, shown_name(m), utf8());
    out += " (";
    const auto say_item = [&out](bool asked, std::string_view name, std::int64_t value) {
        if (asked) core::append(out, "{}{} {}", out.ends_with('(') ? "" : " ", name, value);
    };
    say_item(items.messages, "MESSAGES", m.total);
    say_item(items.recent, "RECENT", 0);
    say_item(items.uid_next, "UIDNEXT", m.uid_next);
    say_item(items.uid_validity, "UIDVALIDITY", m.uid_validity);
    say_item(items.unseen, "UNSEEN", m.unread);
    say_item(items.deleted, "DELETED", counted.deleted);
    say_item(items.size, "SIZE", counted.size);
    say_item(items.highest_modseq, "HIGHESTMODSEQ", m.highest_modseq);
    if (items.highest_modseq) tell_modseq();
    out += ")\r\n";
    co_return out;
}

session::answered session::on(create_command command) {
    const auto name = without_delimiter(std::move(command.mailbox));
    const auto all = co_await mailboxes();
    if (!all) co_return answer_for(all.error());
    if (find_mailbox_named(*all, name)) co_return answer{"NO [ALREADYEXISTS] There is a mailbox of that name"};
    if (!may_be_created(name)) co_return bad_name();
    const auto made = co_await create(*all, name);
    if (!made) co_return answer_for(made.error());
    co_return answer{"OK Done"};
}

/// With the superiors it needs (RFC 9051 6.3.4). The Inbox is one already, under whatever case (RFC 9051 5.1).
net::awaitable<core::result<storage::mailbox>> session::create(const std::vector<storage::mailbox>& all,
                                                               const std::string& name) {
    for (auto& above : superiors_of(name)) {
        if (find_mailbox_named(all, above)) continue;
        const auto made = co_await shared_.uses.database.mailboxes().add(account_->id, above, shared_.uses.clock.now());
        if (!made && made.error().code != storage::errc::already_exists) co_return std::unexpected(made.error());
    }
    co_return co_await shared_.uses.database.mailboxes().add(account_->id, name, shared_.uses.clock.now());
}

/// What was in it is in Trash then, as where a person removes a mailbox on the web page.
session::answered session::on(delete_command command) {
    const auto all = co_await mailboxes();
    if (!all) co_return answer_for(all.error());
    const auto* m = find_mailbox_named(*all, without_delimiter(std::move(command.mailbox)));
    if (!m) co_return answer{"NO [NONEXISTENT] There is no such mailbox"};
    if (m->role != storage::mailbox_role::none) co_return answer{"NO [CANNOT] Every account has this mailbox"};
    const auto done = co_await shared_.uses.database.mailboxes().remove(account_->id, m->id, shared_.uses.clock.now());
    if (!done) co_return answer_for(done.error());
    if (selected_ && selected_->id() == m->id) unselect();
    co_return answer{"OK Done"};
}

/// With all that lies below it (RFC 9051 6.3.6), one after the other: said again after a failure it goes on.
session::answered session::on(rename_command command) {
    const auto from = without_delimiter(std::move(command.from));
    const auto to = without_delimiter(std::move(command.to));
    const auto all = co_await mailboxes();
    if (!all) co_return answer_for(all.error());
    if (find_mailbox_named(*all, to)) co_return answer{"NO [ALREADYEXISTS] There is a mailbox of that name"};
    if (!may_be_created(to) || to.starts_with(from + hierarchy_delimiter)) co_return bad_name();
    const auto* m = find_mailbox_named(*all, from);
    const auto below = mailboxes_below(*all, from);
    if (!m && below.empty()) co_return answer{"NO [NONEXISTENT] There is no such mailbox"};
    if (m && m->role == storage::mailbox_role::inbox) co_return co_await rename_inbox(*all, to);
    if (m && m->role != storage::mailbox_role::none) co_return answer{"NO [CANNOT] Every account has this mailbox"};
    for (auto& above : superiors_of(to)) {
        if (find_mailbox_named(*all, above)) continue;
        const auto made = co_await shared_.uses.database.mailboxes().add(account_->id, above, shared_.uses.clock.now());
        if (!made && made.error().code != storage::errc::already_exists) co_return answer_for(made.error());
    }
    auto renamed = below;
    if (m) renamed.push_back(m);
    for (const auto* one : renamed) {
        const auto name = to + shown_name(*one).substr(from.size());
        const auto done = co_await shared_.uses.database.mailboxes().rename(account_->id, one->id, name);
        if (!done) co_return answer_for(done.error());
    }
    co_return answer{"OK Done"};
}

/// RFC 9051 6.3.6: the messages move, INBOX stays, and so does what lies below it.
session::answered session::rename_inbox(const std::vector<storage::mailbox>& all, std::string to) {
    const auto* inbox = find_mailbox_named(all, "INBOX");
    const auto made = co_await create(all, to);
    if (!made) co_return answer_for(made.error());
    for (;;) {
        const auto some =
            co_await shared_.uses.database.imap().list(account_->id, inbox->id, 0, storage::imap_store::most_entries);
        if (!some) co_return answer_for(some.error());
        if (some->empty()) break;
        std::vector<storage::entry_id> entries;
        for (const auto& e : *some) entries.push_back(e.id);
        const auto moved = co_await shared_.uses.database.imap().move(account_->id, inbox->id, std::move(entries), made->id,
                                                                      shared_.uses.clock.now());
        if (!moved) co_return answer_for(moved.error());
        if (some->size() < storage::imap_store::most_entries) break;
    }
    co_return answer{"OK Done"};
}

session::answered session::on(subscribe_command command) {
    const auto all = co_await mailboxes();
    if (!all) co_return answer_for(all.error());
    const auto* m = find_mailbox_named(*all, without_delimiter(std::move(command.mailbox)));
    // RFC 9051 6.3.8: to give up what is not there is no mistake.
    if (!m && !command.wanted) co_return answer{"OK Done"};
    if (!m) co_return answer{"NO [NONEXISTENT] There is no such mailbox"};
    const auto done = co_await shared_.uses.database.imap().subscribe(account_->id, m->id, command.wanted);
    if (!done) co_return answer_for(done.error());
    co_return answer{"OK Done"};
}

}  // namespace postern::imap
