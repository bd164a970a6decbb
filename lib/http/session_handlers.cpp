// The page's session: a cookie that only we and the browser know, and a token for its scripts.
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "http/gatekeeper.hpp"
#include "http/handlers.hpp"
#include "http/wire/cookies.hpp"

namespace postern::http {

namespace {

namespace json = boost::json;

response session_response(status code, const storage::account& account, const storage::web_session& session,
                          const std::string& csrf_token) {
    const json::object shown{
        {"account", {{"address", storage::to_string(account.address)}, {"name", account.name}, {"admin", account.admin}}},
        {"csrf_token", csrf_token},
        {"expires_at", core::to_rfc3339(session.expires_at)}};
    auto r = json_response(json::serialize(shown));
    r.code = code;
    return r;
}

std::unexpected<problem> no_session(const request_context& c) {
    return std::unexpected(
        not_authenticated("There is no session: the request carries no session's cookie.", challenge_for(c.request)));
}

}  // namespace

net::awaitable<outcome<response>> begin_session(request_context& c) {
    // Another site could sign its visitor in to an account of its own, and read what he writes there.
    if (const auto ours = check_origin(c.request); !ours) co_return std::unexpected(ours.error());
    const auto body = c.json();
    if (const auto known = body.only({"login", "password"}); !known) co_return std::unexpected(known.error());
    auto login = body.text("login");
    if (!login) co_return std::unexpected(std::move(login.error()));
    auto password = body.text("password", {.longest = 4096});
    if (!password) co_return std::unexpected(std::move(password.error()));
    const std::string agent(c.request.field(boost::beast::http::field::user_agent));
    auto account = co_await sign_in(c.server, std::move(*login), account::secret(std::move(*password)),
                                    {c.from.address, agent, "web"}, challenge::bearer_only);
    if (!account) co_return std::unexpected(std::move(account.error()));
    auto begun = co_await c.server.sessions.begin(std::move(*account), c.from.address.to_string(), agent);
    if (!begun) co_return std::unexpected(try_later("The session could not be stored. Please try again soon."));
    const auto& [opened, cookie] = *begun;
    auto r = session_response(status::created, opened.account, opened.session, opened.csrf_token);
    const auto lasts = std::chrono::floor<std::chrono::seconds>(opened.session.expires_at - opened.session.created_at);
    r.fields.emplace_back("Set-Cookie", secret_cookie(session_cookie, cookie.reveal(), lasts, c.from.secure));
    co_return r;
}

net::awaitable<outcome<response>> show_session(request_context& c) {
    if (c.who->by != caller::proof::session) co_return no_session(c);
    co_return session_response(status::ok, c.account(), c.who->session, c.who->csrf_token);
}

net::awaitable<outcome<response>> end_session(request_context& c) {
    if (c.who->by != caller::proof::session) co_return no_session(c);
    const auto ended = co_await c.server.sessions.end(c.account(), c.who->session.id);
    if (!ended && ended.error().code != account::errc::not_found) {
        co_return std::unexpected(try_later("The session could not be ended. Please try again soon."));
    }
    co_return response{
        status::no_content, {}, {{"Set-Cookie", secret_cookie(session_cookie, {}, std::chrono::seconds(0), c.from.secure)}}};
}

}  // namespace postern::http
