#include "smtp_client/session.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "net/listener.hpp"

namespace postern::smtp_client {

session::session(net::executor loop, net::blocking_pool& workers, std::shared_ptr<const session_settings> settings, target to)
    : loop_(loop), workers_(workers), settings_(std::move(settings)), to_(std::move(to)) {}

session::~session() = default;

bool session::usable() const noexcept {
    return open_ && stream_ != nullptr && (!offered_.mail_max || transactions_ < *offered_.mail_max);
}

shortcoming session::lacks(const envelope& e, std::span<const recipient> to) const {
    return smtp_client::lacks(offered_, e, to);
}

std::string session::tls() const { return tls_; }

void session::close() {
    open_ = false;
    stream_.reset();
}

std::unexpected<session::trouble> session::lost(const core::error& why, std::string_view waiting_for) {
    close();
    if (why.code == make_error_code(net::errc::timed_out)) {
        return std::unexpected(trouble{{4, 4, 2}, fmt::format("the server took too long over {}", waiting_for)});
    }
    if (why.code == make_error_code(net::errc::closed)) {
        return std::unexpected(trouble{{4, 4, 2}, fmt::format("the connection was lost while waiting for {}", waiting_for)});
    }
    return std::unexpected(trouble{{4, 3, 2}, fmt::format("broken off while waiting for {}", waiting_for)});
}

std::unexpected<session::trouble> session::nonsense(std::string what) {
    close();
    return std::unexpected(trouble{{4, 5, 0}, std::move(what)});
}

/// The next reply, within `limit` for all of it and within the transaction's time.
net::awaitable<session::attempt<smtp::reply>> session::read_reply(std::string_view to_what, clock::duration limit) {
    const auto until = std::min(clock::now() + limit, end_);
    while (true) {
        auto progress = replies_.feed(stream_->buffered());
        stream_->consume(progress.consumed);
        if (progress.done) {
            if (!*progress.done) {
                co_return nonsense(
                    fmt::format("the server's answer to {} is none: {}", to_what, to_string(progress.done->error())));
            }
            auto r = std::move(**progress.done);
            if (r.closes()) close();
            co_return r;
        }
        const auto filled = co_await stream_->fill(until - clock::now());
        if (!filled) co_return lost(filled.error(), fmt::format("the answer to {}", to_what));
    }
}

/// One command and its reply.
net::awaitable<session::attempt<smtp::reply>> session::ask(std::string command, std::string_view name, clock::duration limit) {
    if (auto quiet = expect_silence(); !quiet) co_return std::unexpected(std::move(quiet.error()));
    if (const auto failed = co_await write(command, limit)) co_return lost(*failed, name);
    co_return co_await read_reply(name, limit);
}

/// Sends octets. A server that closed may have said why before: that is for the next read_reply() to find out.
net::awaitable<std::optional<core::error>> session::write(std::string_view octets, clock::duration limit) {
    const auto sent = co_await stream_->write(octets, std::min(limit, end_ - clock::now()));
    if (sent || sent.error().code == make_error_code(net::errc::closed)) co_return std::nullopt;
    co_return sent.error();
}

/// Before a command: a server that has said something by now answers what was not asked, and from then on no reply can be
/// matched to a command.
session::attempt<void> session::expect_silence() {
    if (stream_->buffered().empty() && !replies_.in_reply()) return {};
    const auto progress = replies_.feed(stream_->buffered());
    close();
    if (progress.done && *progress.done && (*progress.done)->closes()) {
        return std::unexpected(trouble{{4, 4, 2}, "the server closed the session: " + to_line(**progress.done)});
    }
    return nonsense("the server answered what was not asked");
}

delivery_status session::status_of(const trouble& t) const {
    auto s = failure(delivery_status::kind::temporary, t.status, t.reason);
    s.maybe_taken = t.maybe_taken;
    return s;
}

/// With where it happened.
delivery_status session::complete(delivery_status s) const {
    s.host = to_.host;
    s.address = net::to_string(to_.endpoint);
    s.tls = tls_;
    return s;
}

net::awaitable<void> session::quit() {
    if (!stream_) co_return;
    end_ = clock::now() + settings_->timeouts.quit;
    // RFC 5321 4.1.1.10: the client waits for the answer before it closes.
    [[maybe_unused]] const auto farewell = co_await ask("QUIT\r\n", "QUIT", settings_->timeouts.quit);
    close();
}

}  // namespace postern::smtp_client
