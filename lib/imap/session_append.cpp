// APPEND (RFC 9051 6.3.12): a message that a client puts into a mailbox itself.
#include <algorithm>
#include <cstdint>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "imap/mailbox_listing.hpp"
#include "imap/session.hpp"
#include "net/spool.hpp"
#include "storage/digest.hpp"

namespace postern::imap {

namespace {

using steady = std::chrono::steady_clock;

constexpr auto octet_patience = std::chrono::seconds(180);  // between two reads of a message's octets
constexpr std::uint64_t least_speed = 1024;                 // octets a second, on the average
constexpr std::uint64_t most_skipped = 256ULL * 1024 * 1024;

}  // namespace

/// A complete APPEND comes with its message (command_reader): without one it is none.
session::answered session::on(append_command) { co_return answer{"BAD There is no message"}; }

session::answered session::append(append_command command, std::uint64_t size, bool waits) {
    std::optional<answer> no;
    if (size > shared_.limits.message_size) no = answer{"NO [TOOBIG] The message is too large"};
    if (size == 0) no = answer{"NO The message is empty"};  // RFC 9051 6.3.12: as when a client gives up
    if (!no) {
        const auto all = co_await mailboxes();
        if (!all) {
            no = answer_for(all.error());
        } else if (!find_mailbox_named(*all, command.mailbox)) {
            no = answer{"NO [TRYCREATE] There is no such mailbox"};
        }
    }
    if (no) {
        if (!co_await pass_over(size, waits)) co_return std::nullopt;
        co_return no;
    }
    if (waits) {
        say("+ Ready for the message");
        if (!co_await flush()) co_return std::nullopt;
    }
    net::spool spool(shared_.uses.spool);
    bool has_nul = false;
    if (!co_await receive_message(spool, size, has_nul)) co_return std::nullopt;
    const auto ends_well = co_await end_of_append();
    if (!ends_well) co_return std::nullopt;
    if (!*ends_well) co_return answer{"BAD One message at a time"};
    const auto octets = co_await spool.finish();
    if (!octets) co_return answer{"NO [UNAVAILABLE] There is no room for the message now"};
    if (has_nul) co_return answer{"NO A message has no NUL"};  // RFC 9051 4.3
    co_return co_await store_appended(std::move(command), *octets);
}

/// When a message of that size must be there.
steady::time_point session::message_due(std::uint64_t size) {
    return steady::now() + octet_patience + std::chrono::seconds(size / least_speed);
}

net::awaitable<bool> session::receive_octets(steady::time_point until) {
    co_return co_await receive(std::min<steady::duration>(octet_patience, until - steady::now()));
}

/// False: the connection is gone. A spool that has failed says so at its end.
net::awaitable<bool> session::receive_message(net::spool& spool, std::uint64_t size, bool& has_nul) {
    const auto until = message_due(size);
    while (size > 0) {
        if (stream_.buffered().empty() && !co_await receive_octets(until)) co_return false;
        const auto some =
            stream_.buffered().substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(size, stream_.buffered().size())));
        has_nul = has_nul || some.find('\0') != std::string_view::npos;
        spool.append(some);
        size -= some.size();
        stream_.consume(some.size());
        if (spool.full()) co_await spool.drain();
    }
    co_return true;
}

/// What is behind the message, up to the end of the command; false: more than the CRLF. nullopt: the connection is gone.
net::awaitable<std::optional<bool>> session::end_of_append() {
    reader_.resume_after_message(true);
    const auto until = message_due(0);
    for (;;) {
        const auto step = reader_.feed(stream_.buffered());
        stream_.consume(step.consumed);
        if (const auto* whole = std::get_if<command_reader::complete>(&step.what)) co_return whole->octets.empty();
        if (std::holds_alternative<command_reader::continuation>(step.what)) {
            say("+ Ready for the literal");
            if (!co_await flush()) co_return std::nullopt;
        } else if (!std::holds_alternative<command_reader::more_input>(step.what)) {
            co_return false;
        } else if (!co_await receive_octets(until)) {
            co_return std::nullopt;
        }
    }
}

/// A message that is not taken, up to the end of its command, if it comes at all. False: the connection is gone.
net::awaitable<bool> session::pass_over(std::uint64_t size, bool waits) {
    if (waits) {
        reader_.resume_after_message(false);
        co_return true;
    }
    if (!co_await skip(size)) co_return false;
    co_return (co_await end_of_append()).has_value();
}

/// Octets of a message that nobody wants. False: the connection is gone, or what is announced is not to be waited for.
net::awaitable<bool> session::skip(std::uint64_t size) {
    if (size > most_skipped) {
        say_bye("The message is far too large");
        co_return false;
    }
    const auto until = message_due(size);
    while (size > 0) {
        if (stream_.buffered().empty() && !co_await receive_octets(until)) co_return false;
        const auto some = std::min<std::uint64_t>(size, stream_.buffered().size());
        stream_.consume(static_cast<std::size_t>(some));
        size -= some;
    }
    co_return true;
}

session::answered session::store_appended(append_command command, std::shared_ptr<const core::content> octets) {
    const auto now = shared_.uses.clock.now();
    storage::imported_message m;
    m.received_at = command.internal_date.value_or(now);
    m.octets = octets;
    struct read {
        message::summary summary;
        std::array<unsigned char, 32> sha256;
    };
    auto made =
        co_await shared_.uses.pool.run([octets] { return read{message::summarize(*octets), storage::sha256(*octets)}; });
    m.summary = std::move(made.summary);
    m.sha256 = made.sha256;
    // Looked for anew: it may have gone while the message came.
    const auto all = co_await mailboxes();
    if (!all) co_return answer_for(all.error());
    const auto* to = find_mailbox_named(*all, command.mailbox);
    if (!to) co_return answer{"NO [TRYCREATE] There is no such mailbox"};
    const auto uid =
        co_await shared_.uses.database.imap().append(account_->id, to->id, std::move(m), to_entry_flags(command.flags), now);
    if (!uid) co_return answer_for(uid.error());
    shared_.uses.figures.appended.add();
    if (selected_ && selected_->id() == to->id) heard_ = true;  // RFC 9051 6.3.12: the client is told at once
    co_return answer{fmt::format("OK [APPENDUID {} {}] Done", to->uid_validity, *uid)};
}

}  // namespace postern::imap
