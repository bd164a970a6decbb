#include "http/gatekeeper.hpp"

#include <utility>

#include "account/address.hpp"
#include "account/token.hpp"
#include "http/wire/cookies.hpp"

namespace postern::http {

namespace {

using boost::asio::ip::address;
using boost::beast::http::field;
using reason = account::login_failure::reason;

problem cannot_ask() { return try_later("The database cannot be reached. Please try again soon."); }

problem not_signed_in(const account::login_failure& failure, challenge offered) {
    switch (failure.why) {
        case reason::throttled:  // RFC 6585 4
            return {status::too_many_requests,
                    "Too many attempts to sign in. Please wait.",
                    {},
                    {{"Retry-After", std::to_string(failure.retry_after.count())}}};
        case reason::unavailable: return cannot_ask();
        case reason::bad_credentials:
        case reason::disabled: break;  // told apart in the log only: whoever guesses learns nothing
    }
    return not_authenticated("The address or the password is wrong.", offered);
}

/// Whose attempt failed, if anybody's: known only when the account is.
net::awaitable<void> note_failure(const services& server, const std::string& login, visitor from) {
    const auto parsed = account::parse_address(login);
    if (!parsed) co_return;
    const auto account = co_await server.database.accounts().find_account(*parsed);
    if (!account || !*account) co_return;
    server.logins.note(
        {(*account)->id, server.clock.now(), from.address.to_string(), std::move(from.method), std::move(from.agent), false});
}

/// RFC 9110 9.2.1: these change nothing, so it does not matter who made the browser ask.
bool is_safe(verb method) { return method == verb::get || method == verb::head || method == verb::options; }

net::awaitable<outcome<caller>> by_password(const services& server, const request& r, address client) {
    auto credentials = read_basic(r.field(field::authorization));
    if (!credentials) {
        co_return std::unexpected(
            not_authenticated("The credentials are not an address and a password in the Basic scheme.", challenge_for(r)));
    }
    auto account = co_await sign_in(server, std::move(credentials->login), std::move(credentials->password),
                                    {std::move(client), std::string(r.field(field::user_agent)), "password"}, challenge_for(r));
    if (!account) co_return std::unexpected(std::move(account.error()));
    co_return caller{std::move(*account), caller::proof::password};
}

net::awaitable<outcome<caller>> by_token(const services& server, const request& r) {
    auto found = co_await server.tokens.verify(read_bearer(r.field(field::authorization)));
    if (!found) co_return std::unexpected(cannot_ask());
    if (!*found) {
        problem p{status::unauthorized, "The token is unknown, revoked or expired.", {}};
        p.fields.emplace_back("WWW-Authenticate", R"(Bearer realm="postern", error="invalid_token")");  // RFC 6750 3.1
        co_return std::unexpected(std::move(p));
    }
    auto& [token, account] = **found;
    co_return caller{std::move(account), caller::proof::token, token.scopes};
}

net::awaitable<outcome<caller>> by_cookie(const services& server, const request& r, std::string cookie) {
    auto found = co_await server.sessions.find(account::secret(std::move(cookie)));
    if (!found) co_return std::unexpected(cannot_ask());
    if (!*found) co_return std::unexpected(not_authenticated("The session has ended. Please sign in.", challenge_for(r)));
    auto& [session, account, csrf_token] = **found;
    const auto given = r.fields["X-CSRF-Token"];
    if (!is_safe(r.method) && !account::same_secret({given.data(), given.size()}, csrf_token)) {
        co_return refuse(status::forbidden, "The request lacks the session's X-CSRF-Token.");
    }
    co_return caller{std::move(account), caller::proof::session, {}, std::move(session), std::move(csrf_token)};
}

}  // namespace

net::awaitable<outcome<storage::account>> sign_in(const services& server, std::string login, account::secret password,
                                                  visitor from, challenge offered) {
    auto account = co_await server.authenticator.verify(login, std::move(password), from.address);
    if (!account) {
        const auto why = account.error();
        if (why.why == reason::bad_credentials || why.why == reason::disabled) {
            co_await note_failure(server, login, std::move(from));
        }
        co_return std::unexpected(not_signed_in(why, offered));
    }
    server.logins.note(
        {account->id, server.clock.now(), from.address.to_string(), std::move(from.method), std::move(from.agent), true});
    co_return std::move(*account);
}

net::awaitable<outcome<caller>> identify(const services& server, const request& r, address client) {
    // Whatever the proof: browsers remember a password for Basic too, and send it along with what another site makes them ask.
    if (!is_safe(r.method)) {
        if (const auto ours = check_origin(r); !ours) co_return std::unexpected(ours.error());
    }
    if (r.fields.count(field::authorization) > 1)
        co_return refuse(status::bad_request, "Authorization is given more than once.");
    if (const auto authorization = r.field(field::authorization); !authorization.empty()) {
        if (has_scheme(authorization, "basic")) co_return co_await by_password(server, r, std::move(client));
        if (has_scheme(authorization, "bearer")) co_return co_await by_token(server, r);
        co_return std::unexpected(
            not_authenticated("The ways to sign in here are the Basic and Bearer schemes.", challenge_for(r)));
    }
    // RFC 6265 5.4: one field holds them all.
    if (r.fields.count(field::cookie) > 1) co_return refuse(status::bad_request, "Cookie is given more than once.");
    if (auto cookie = find_cookie(r.field(field::cookie), session_cookie)) {
        co_return co_await by_cookie(server, r, std::move(*cookie));
    }
    co_return std::unexpected(not_authenticated("Please sign in with your address and password.", challenge_for(r)));
}

}  // namespace postern::http
