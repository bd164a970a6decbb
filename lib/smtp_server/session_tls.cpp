// TLS: STARTTLS (RFC 3207), and TLS from the first octet (RFC 8314 3.3).
#include <algorithm>
#include <utility>

#include "smtp/replies.hpp"
#include "smtp_server/session.hpp"

namespace postern::smtp_server {

namespace {

constexpr std::chrono::milliseconds handshake_time = std::chrono::seconds(30);  // a few round trips

}  // namespace

session::answered session::on(smtp::starttls_command) {
    if (!shared_.uses.tls) co_return smtp::replies::not_implemented;
    if (stream_.tls()) co_return smtp::replies::tls_active;
    if (!offered_.starttls) co_return smtp::replies::ehlo_first;  // what was not offered is not taken
    say(smtp::replies::start_tls);
    if (co_await flush() && co_await start_tls()) log_tls();
    co_return std::nullopt;
}

/// The handshake. Whatever the client said before is forgotten: it may have been said by somebody in the middle (RFC 3207 4.2).
/// False: there is no connection any more.
net::awaitable<bool> session::start_tls() {
    end_transaction();
    transaction_ = {};
    account_.reset();
    offered_ = {};
    lines_ = smtp::line_reader();
    between_commands_ = true;
    const auto done = co_await stream_.start_tls(*shared_.uses.tls, std::min(handshake_time, shared_.limits.command_timeout));
    between_commands_ = false;
    if (done) co_return true;
    shared_.uses.log.info("tls failed", {{"client", client_}, {"reason", done.error().message()}});
    end();
    co_return false;
}

void session::log_tls() const {
    if (!shared_.uses.log.writes(core::log_level::debug)) return;
    const auto& tls = *stream_.tls();
    shared_.uses.log.debug(
        "tls", {{"client", client_}, {"version", tls.version}, {"cipher", tls.cipher}, {"server_name", tls.server_name}});
}

}  // namespace postern::smtp_server
