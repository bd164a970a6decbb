#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "core/base64.hpp"
#include "smtp/ehlo_reader.hpp"
#include "smtp_client/connect.hpp"
#include "smtp_client/session.hpp"

namespace postern::smtp_client {

namespace {

using stage = open_failure::stage;
using kind = delivery_status::kind;

bool offers(const smtp::extensions& offered, std::string_view mechanism) {
    return std::ranges::find(offered.auth, mechanism) != offered.auth.end();
}

/// A refusal that says more about how we are set up than about the mail.
delivery_status put_off(const smtp::reply& r) {
    auto s = refused(r);
    s.what = kind::temporary;
    s.status.klass = 4;
    return s;
}

}  // namespace

session::opened session::failed(open_failure::stage at, delivery_status s) {
    close();
    return std::unexpected(open_failure{at, complete(std::move(s))});
}

net::awaitable<session::opened> session::open() {
    if (auto done = co_await connect(); !done) co_return done;
    if (to_.tls == tls_use::implicit) {
        if (auto done = co_await handshake(); !done) co_return done;
    }
    if (auto done = co_await greet(); !done) co_return done;
    if (auto done = co_await say_hello(); !done) co_return done;
    if (auto done = co_await secure(); !done) co_return done;
    if (auto done = co_await log_in(); !done) co_return done;
    open_ = true;
    co_return opened{};
}

net::awaitable<session::opened> session::connect() {
    auto socket = co_await smtp_client::connect(loop_, to_.endpoint, to_.source, settings_->timeouts.connect);
    if (!socket) co_return failed(stage::connection, std::move(socket.error()));
    stream_ = std::make_unique<net::stream>(std::move(*socket));
    co_return opened{};
}

/// The server's 220 (RFC 5321 3.1). 554, 521 (RFC 7504) and 421 refuse the session, and this host only: there may be others.
net::awaitable<session::opened> session::greet() {
    const auto greeting = co_await read_reply("the connection", settings_->timeouts.greeting);
    if (!greeting) co_return failed(stage::greeting, status_of(greeting.error()));
    if (greeting->code != 220) co_return failed(stage::greeting, refused(*greeting));
    co_return opened{};
}

/// EHLO, or HELO where a server does not know EHLO (RFC 5321 3.2, 4.1.1.1).
net::awaitable<session::opened> session::say_hello() {
    const auto limit = settings_->timeouts.command;
    auto hello = co_await ask(fmt::format("EHLO {}\r\n", settings_->hostname), "EHLO", limit);
    if (hello && hello->code == 250) {
        offered_ = smtp::read_ehlo(*hello);
        co_return opened{};
    }
    offered_ = {};
    if (!hello) co_return failed(stage::greeting, status_of(hello.error()));
    if (!hello->is_permanent()) co_return failed(stage::greeting, refused(*hello));
    const auto simple = co_await ask(fmt::format("HELO {}\r\n", settings_->hostname), "HELO", limit);
    if (simple && simple->code == 250) co_return opened{};
    // A server that wants us gone says so to EHLO and closes: then that was its word.
    co_return failed(stage::greeting, refused(simple ? *simple : *hello));
}

/// STARTTLS as far as the target wants it and the server has it (RFC 3207).
net::awaitable<session::opened> session::secure() {
    if (to_.tls == tls_use::none || to_.tls == tls_use::implicit) co_return opened{};
    const bool required = to_.tls == tls_use::required;
    if (!offered_.starttls || !settings_->tls) {
        if (!required) co_return opened{};
        co_return failed(stage::tls, failure(kind::temporary, {4, 7, 4}, "TLS is required and the server does not offer it"));
    }
    const auto ready = co_await ask("STARTTLS\r\n", "STARTTLS", settings_->timeouts.command);
    if (!ready) co_return failed(stage::tls, status_of(ready.error()));
    if (ready->code != 220) {
        // RFC 3207 section 4: 454, not available now. Nothing has changed, so what needs no TLS goes on without.
        if (!required && stream_) co_return opened{};
        co_return failed(stage::tls, put_off(*ready));
    }
    if (auto done = co_await handshake(); !done) co_return done;
    // RFC 3207 4.2: what was learned in the clear is forgotten.
    auto again = co_await say_hello();
    // Some servers finish a handshake and then find that they cannot go on with it.
    if (!again && again.error().status.reply.empty()) again.error().at = stage::tls;
    co_return again;
}

net::awaitable<session::opened> session::handshake() {
    if (!settings_->tls) co_return failed(stage::tls, failure(kind::temporary, {4, 7, 4}, "TLS is not set up here"));
    const auto done = co_await stream_->start_tls(*settings_->tls, to_.host, settings_->timeouts.handshake);
    if (!done) {
        co_return failed(stage::tls,
                         failure(kind::temporary, {4, 7, 5}, fmt::format("TLS handshake failed: {}", done.error().message())));
    }
    replies_ = {};
    if (const auto* agreed = stream_->tls()) tls_ = agreed->version;
    co_return opened{};
}

/// AUTH (RFC 4954) with PLAIN, or LOGIN where that is all there is. Whatever fails is temporary: the password may be put right.
net::awaitable<session::opened> session::log_in() {
    if (!to_.login) co_return opened{};
    if (tls_.empty() && !to_.endpoint.address().is_loopback()) {
        co_return failed(stage::login, failure(kind::temporary, {4, 7, 4}, "no login without TLS: the password could be read"));
    }
    attempt<smtp::reply> answer;
    if (offers(offered_, "PLAIN")) {
        answer = co_await log_in_plain();
    } else if (offers(offered_, "LOGIN")) {
        answer = co_await log_in_step_by_step();
    } else {
        co_return failed(stage::login,
                         failure(kind::temporary, {4, 7, 4}, "the server offers neither AUTH PLAIN nor AUTH LOGIN"));
    }
    if (!answer) co_return failed(stage::login, status_of(answer.error()));
    if (answer->code == 235) co_return opened{};
    co_return failed(stage::login, put_off(*answer));
}

net::awaitable<session::attempt<smtp::reply>> session::log_in_plain() {
    const auto limit = settings_->timeouts.command;
    auto response = std::string(1, '\0') + to_.login->user + '\0' + to_.login->password;  // RFC 4616
    co_return co_await ask(fmt::format("AUTH PLAIN {}\r\n", core::encode_base64(response)), "AUTH", limit);
}

net::awaitable<session::attempt<smtp::reply>> session::log_in_step_by_step() {
    const auto limit = settings_->timeouts.command;
    auto answer = co_await ask("AUTH LOGIN\r\n", "AUTH", limit);
    if (answer && answer->code == 334) answer = co_await ask(core::encode_base64(to_.login->user) + "\r\n", "AUTH", limit);
    if (answer && answer->code == 334) answer = co_await ask(core::encode_base64(to_.login->password) + "\r\n", "AUTH", limit);
    co_return answer;
}

}  // namespace postern::smtp_client
