// A person's own account: who they are here, how full it is, and everything that opens it.
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "account/app_password.hpp"
#include "http/account_json.hpp"
#include "http/handlers.hpp"
#include "http/refusal.hpp"

namespace postern::http {

namespace {

namespace json = boost::json;

json::value time_or_null(const std::optional<core::timestamp>& t) {
    return t ? json::value(core::to_rfc3339(*t)) : json::value(nullptr);
}

json::object to_object(const storage::app_password& p) {
    return {{"id", core::to_string(p.id)},
            {"name", p.name},
            {"created_at", core::to_rfc3339(p.created_at)},
            {"last_used_at", time_or_null(p.last_used_at)}};
}

json::object to_object(const storage::api_token& t) {
    json::array scopes;
    if (t.scopes.read) scopes.push_back("read");
    if (t.scopes.send) scopes.push_back("send");
    if (t.scopes.admin) scopes.push_back("admin");
    return {{"id", core::to_string(t.id)},
            {"name", t.name},
            {"scopes", std::move(scopes)},
            {"created_at", core::to_rfc3339(t.created_at)},
            {"expires_at", time_or_null(t.expires_at)},
            {"last_used_at", time_or_null(t.last_used_at)}};
}

json::object to_object(const storage::web_session& s, bool current) {
    return {{"id", core::to_string(s.id)},
            {"created_at", core::to_rfc3339(s.created_at)},
            {"last_seen_at", core::to_rfc3339(s.last_seen_at)},
            {"expires_at", core::to_rfc3339(s.expires_at)},
            {"address", s.address},
            {"client", s.user_agent},
            {"current", current}};
}

std::string address_of(const request_context& c) { return storage::to_string(c.account().address); }

net::awaitable<outcome<response>> own_account_response(request_context& c) {
    const auto mailboxes = co_await c.server.database.messages().list_mailboxes(c.account().id);
    if (!mailboxes) co_return c.refuse(mailboxes.error());
    const auto shown = co_await c.server.accounts.show_account(address_of(c));
    if (!shown) co_return refuse_account(c, shown.error());
    const auto logins = co_await c.server.logins.list(c.account().id);
    if (!logins) co_return c.refuse(logins.error());
    auto account = c.account();
    account.name = shown->name;
    account.quota_used = shown->quota_used;
    co_return json_response(account_json(account, *mailboxes, shown->aliases, *logins, c.server.clients));
}

outcome<storage::token_scopes> read_scopes(const json_object& body) {
    const auto names = body.texts("scopes", 3);
    if (!names) return std::unexpected(names.error());
    storage::token_scopes scopes;
    for (std::size_t i = 0; i < names->size(); ++i) {
        const auto& name = (*names)[i];
        if (name == "read") {
            scopes.read = true;
        } else if (name == "send") {
            scopes.send = true;
        } else if (name == "admin") {
            scopes.admin = true;
        } else {
            return body.complain(json_object::item("scopes", i), R"(must be "read", "send" or "admin")");
        }
    }
    return scopes;
}

}  // namespace

net::awaitable<outcome<response>> show_account(request_context& c) { co_return co_await own_account_response(c); }

net::awaitable<outcome<response>> change_account(request_context& c) {
    const auto body = c.json();
    if (const auto known = body.only({"name"}); !known) co_return std::unexpected(known.error());
    auto name = body.text("name");
    if (!name) co_return std::unexpected(std::move(name.error()));
    const auto set = co_await c.server.accounts.set_name(address_of(c), std::move(*name));
    if (!set) co_return refuse_account(c, set.error());
    co_return co_await own_account_response(c);
}

/// Whoever found an open browser must not lock its owner out: the old password is asked for, and wrong ones are slowed as at
/// the door. All other sessions end, since one of them may be why the password changes.
net::awaitable<outcome<response>> change_password(request_context& c) {
    const auto body = c.json();
    if (const auto known = body.only({"old", "new"}); !known) co_return std::unexpected(known.error());
    auto old = body.text("old", {.longest = 4096});
    if (!old) co_return std::unexpected(std::move(old.error()));
    auto fresh = body.text("new", {.longest = 4096});
    if (!fresh) co_return std::unexpected(std::move(fresh.error()));
    account::secret given(std::move(*old));
    // An app password opens the mail; it does not hand over the account.
    if (account::app_password_token(given)) co_return body.complain("old", "is not the password of the account itself");
    const auto proven = co_await c.server.authenticator.verify(address_of(c), std::move(given), c.from.address);
    if (!proven) {
        using enum account::login_failure::reason;
        const auto& failure = proven.error();
        if (failure.why == unavailable) co_return std::unexpected(try_later("The password cannot be checked at the moment."));
        if (failure.why == throttled) {
            co_return std::unexpected(problem{status::too_many_requests,
                                              "Too many attempts. Please wait before trying again.",
                                              {},
                                              {{"Retry-After", std::to_string(failure.retry_after.count())}}});
        }
        co_return body.complain("old", "is not your password");
    }
    const auto set = co_await c.server.accounts.set_password(address_of(c), account::secret(std::move(*fresh)));
    if (!set && set.error().code == account::errc::invalid_password)
        co_return body.complain("new", "is refused: " + set.error().message());
    if (!set) co_return refuse_account(c, set.error());
    std::optional<storage::web_session_id> own;
    if (c.who->by == caller::proof::session) own = c.who->session.id;
    const auto ended = co_await c.server.sessions.end_all(c.account(), own);
    if (!ended) co_return refuse_account(c, ended.error());
    co_return no_content();
}

net::awaitable<outcome<response>> list_app_passwords(request_context& c) {
    const auto listed = co_await c.server.app_passwords.list(address_of(c));
    if (!listed) co_return refuse_account(c, listed.error());
    json::array all;
    for (const auto& p : *listed) all.push_back(to_object(p));
    co_return json_response(json::serialize(json::object{{"app_passwords", std::move(all)}}));
}

net::awaitable<outcome<response>> add_app_password(request_context& c) {
    const auto body = c.json();
    if (const auto known = body.only({"name"}); !known) co_return std::unexpected(known.error());
    auto name = body.text("name", {.longest = account::app_passwords::max_name, .may_be_empty = false});
    if (!name) co_return std::unexpected(std::move(name.error()));
    const auto made = co_await c.server.app_passwords.add(address_of(c), std::move(*name));
    if (!made) co_return refuse_account(c, made.error());
    auto o = to_object(made->stored);
    o["password"] = made->password.reveal();
    co_return created(json::serialize(o));
}

net::awaitable<outcome<response>> remove_app_password(request_context& c) {
    const auto id = c.id<storage::app_password_id>("id");
    if (!id) co_return std::unexpected(id.error());
    const auto removed = co_await c.server.database.app_passwords().remove(c.account().id, *id);
    if (!removed) co_return c.refuse(removed.error());
    co_return no_content();
}

net::awaitable<outcome<response>> list_tokens(request_context& c) {
    const auto listed = co_await c.server.tokens.list(c.account().id);
    if (!listed) co_return refuse_account(c, listed.error());
    json::array all;
    for (const auto& t : *listed) all.push_back(to_object(t));
    co_return json_response(json::serialize(json::object{{"tokens", std::move(all)}}));
}

net::awaitable<outcome<response>> add_token(request_context& c) {
    const auto body = c.json();
    if (const auto known = body.only({"name", "scopes", "expires_at"}); !known) co_return std::unexpected(known.error());
    auto name = body.text("name", {.longest = account::api_tokens::max_name, .may_be_empty = false});
    if (!name) co_return std::unexpected(std::move(name.error()));
    const auto scopes = read_scopes(body);
    if (!scopes) co_return std::unexpected(scopes.error());
    const auto expires = body.optional_time("expires_at");
    if (!expires) co_return std::unexpected(expires.error());
    const auto made = co_await c.server.tokens.add(c.account(), std::move(*name), *scopes, *expires);
    if (!made) co_return refuse_account(c, made.error());
    auto o = to_object(made->stored);
    o["token"] = made->token.reveal();
    co_return created(json::serialize(o));
}

net::awaitable<outcome<response>> remove_token(request_context& c) {
    const auto id = c.id<storage::api_token_id>("id");
    if (!id) co_return std::unexpected(id.error());
    const auto removed = co_await c.server.tokens.remove(c.account(), *id);
    if (!removed) co_return refuse_account(c, removed.error());
    co_return no_content();
}

net::awaitable<outcome<response>> list_sessions(request_context& c) {
    const auto listed = co_await c.server.sessions.list(c.account().id);
    if (!listed) co_return refuse_account(c, listed.error());
    json::array all;
    for (const auto& s : *listed) all.push_back(to_object(s, c.who->by == caller::proof::session && s.id == c.who->session.id));
    co_return json_response(json::serialize(json::object{{"sessions", std::move(all)}}));
}

net::awaitable<outcome<response>> remove_session(request_context& c) {
    const auto id = c.id<storage::web_session_id>("id");
    if (!id) co_return std::unexpected(id.error());
    const auto ended = co_await c.server.sessions.end(c.account(), *id);
    if (!ended) co_return refuse_account(c, ended.error());
    co_return no_content();
}

/// Signs out everywhere, here too.
net::awaitable<outcome<response>> remove_sessions(request_context& c) {
    const auto ended = co_await c.server.sessions.end_all(c.account(), std::nullopt);
    if (!ended) co_return refuse_account(c, ended.error());
    co_return no_content();
}

}  // namespace postern::http
