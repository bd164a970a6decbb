#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "smtp/dot_writer.hpp"
#include "smtp_client/content_reader.hpp"
#include "smtp_client/session.hpp"

namespace postern::smtp_client {

namespace {

using kind = delivery_status::kind;
using step = transaction::step;

/// Octets of one BDAT. Each is answered, so a server that does not want the message says so before all of it is there.
constexpr std::uint64_t chunk_size = 1024UL * 1024;

constexpr std::string_view name_of(step::kind what) {
    switch (what) {
        case step::kind::reset: return "RSET";
        case step::kind::mail: return "MAIL";
        case step::kind::rcpt: return "RCPT";
        case step::kind::data: return "DATA";
    }
    return "";
}

constexpr std::string_view the_message = "the message";

}  // namespace

net::awaitable<std::vector<delivery_status>> session::send(const envelope& e, std::span<const recipient> to,
                                                           const outgoing& message) {
    transaction t(offered_, e, to, message.size(), !tls_.empty(), needs_reset_);
    stale_ = false;
    if (!usable()) t.settle(failure(kind::temporary, {4, 4, 2}, "the session is over"));
    if (t.is_pending()) {
        const bool used_before = transactions_++ > 0;
        const auto& limits = settings_->timeouts;
        end_ = clock::now() + limits.transaction + limits.per_recipient * to.size() +
               std::chrono::seconds(message.size() / limits.slowest);
        co_await run(t, e.body, message);
        needs_reset_ = t.left_open();
        stale_ = used_before && !stream_ && !t.answered();
    }
    auto outcomes = std::move(t).outcomes();
    for (auto& o : outcomes) o = complete(std::move(o));
    co_return outcomes;
}

net::awaitable<void> session::run(transaction& t, smtp::body_type body, const outgoing& message) {
    if (!co_await converse(t)) co_return;
    switch (t.next()) {
        case transaction::fate::over: break;
        case transaction::fate::send_nothing: co_await send_nothing(t); break;
        case transaction::fate::send_dotted: co_await send_dotted(t, message); break;
        case transaction::fate::send_chunks: co_await send_chunks(t, body, message); break;
    }
}

/// The commands before the message, group by group. False when the session is over.
net::awaitable<bool> session::converse(transaction& t) {
    for (auto group = t.next_group(); !group.steps.empty(); group = t.next_group()) {
        if (auto quiet = expect_silence(); !quiet) co_return end(t, quiet.error());
        if (const auto failed = co_await write(group.octets, settings_->timeouts.command)) {
            co_return end(t, lost(*failed, name_of(group.steps.front().what)).error());
        }
        if (!co_await take_replies(t, group.steps)) co_return false;
    }
    co_return true;
}

/// RFC 2920 3.1: replies are matched to commands by counting them, and by nothing else.
net::awaitable<bool> session::take_replies(transaction& t, std::span<const step> steps) {
    const auto& limits = settings_->timeouts;
    for (const auto& s : steps) {
        const auto limit = s.what == step::kind::data ? limits.data : limits.command;
        const auto r = co_await read_reply(name_of(s.what), limit);
        if (!r) co_return end(t, r.error());
        t.take(s, *r);
        if (!stream_) {  // 421: what follows is not answered any more
            t.settle(judge(*r));
            co_return false;
        }
    }
    co_return true;
}

bool session::end(transaction& t, const trouble& why) {
    t.settle(status_of(why));
    return false;
}

/// The server said "go ahead" though it took no recipient: a dot ends what it waits for.
net::awaitable<void> session::send_nothing(transaction& t) {
    const auto r = co_await ask(".\r\n", the_message, settings_->timeouts.data_end);
    if (r) t.take_end(*r);
}

net::awaitable<void> session::send_dotted(transaction& t, const outgoing& message) {
    content_reader reader(message, workers_);
    smtp::dot_writer writer;
    std::string wire;
    do {
        const auto piece = co_await reader.next();
        if (!piece) co_return abandon(t, piece.error());
        wire.clear();
        writer.feed(*piece, wire);
        const bool last = reader.left() == 0;
        if (last) writer.finish(wire);
        if (writer.first_fault() != smtp::octet_fault::none) co_return abandon(t, writer.first_fault());
        if (!co_await send_piece(t, wire, last)) co_return;
    } while (reader.left() > 0);
    const auto r = co_await read_reply(the_message, settings_->timeouts.data_end);
    if (r) co_return t.take_end(*r);
    end(t, unknown(r.error()));
}

net::awaitable<void> session::send_chunks(transaction& t, smtp::body_type body, const outgoing& message) {
    content_reader reader(message, workers_);
    smtp::line_discipline text;
    do {
        const auto size = std::min(reader.left(), chunk_size);
        const bool last = size == reader.left();
        if (auto quiet = expect_silence(); !quiet) {
            end(t, quiet.error());
            co_return;
        }
        auto wire = fmt::format("BDAT {}{}\r\n", size, last ? " LAST" : "");
        for (auto left = size; left > 0 || !wire.empty();) {
            const auto piece =
                co_await reader.next(static_cast<std::size_t>(std::min<std::uint64_t>(left, content_reader::piece_size)));
            if (!piece) co_return abandon(t, piece.error());
            left -= piece->size();
            if (body != smtp::body_type::binary) text.feed(*piece);
            if (last && left == 0) text.finish();
            if (text.first_fault() != smtp::octet_fault::none) co_return abandon(t, text.first_fault());
            wire += *piece;
            if (!co_await send_piece(t, wire, last && left == 0)) co_return;
            wire.clear();
        }
        const auto r = co_await read_reply(the_message, settings_->timeouts.data_end);
        if (!r) {
            end(t, last ? unknown(r.error()) : r.error());
            co_return;
        }
        if (last || r->code / 100 != 2) co_return t.take_end(*r);
    } while (true);
}

/// A part of the message. False when the session is over: the server went away, or spoke before its turn.
net::awaitable<bool> session::send_piece(transaction& t, std::string_view octets, bool last) {
    const auto sent =
        co_await stream_->write(octets, std::min<clock::duration>(settings_->timeouts.data_block, end_ - clock::now()));
    const bool closed = !sent && sent.error().code == make_error_code(net::errc::closed);
    if (!sent && !closed) co_return end(t, lost(sent.error(), the_message).error());
    if (sent && (last || !stream_->input_waiting())) co_return true;

    // It refuses the message before it has all of it, which leaves no way to go on: in DATA only its end could be sent.
    const auto early = co_await read_reply(the_message, settings_->timeouts.command);
    if (!early) co_return end(t, last ? unknown(early.error()) : early.error());
    close();
    t.settle(refused(*early));
    co_return false;
}

/// Closes with the message half sent: it must not arrive.
void session::abandon(transaction& t, const std::string& why) {
    close();
    t.settle(failure(kind::temporary, {4, 3, 0}, fmt::format("the message could not be read: {}", why)));
}

void session::abandon(transaction& t, smtp::octet_fault why) {
    close();
    // RFC 5321 2.3.8: with a bare CR or LF in it, one message for us may be two for the next server.
    t.settle(failure(kind::permanent, {5, 6, 0}, fmt::format("the message holds a {}", to_string(why))));
}

/// RFC 1047: the server may have taken the message before the connection was lost.
session::trouble session::unknown(trouble why) {
    why.reason += "; whether it took the message is not known";
    why.maybe_taken = true;
    return why;
}

}  // namespace postern::smtp_client
