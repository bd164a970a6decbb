#include "http/dispatcher.hpp"

#include <exception>
#include <system_error>
#include <utility>

#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>

#include "http/credentials.hpp"
#include "http/target.hpp"

namespace postern::http {

namespace {

using boost::beast::http::field;

problem not_signed_in(const account::login_failure& failure) {
    using enum account::login_failure::reason;
    switch (failure.why) {
        case throttled:  // RFC 6585 4
            return {status::too_many_requests,
                    "Too many attempts to sign in. Please wait.",
                    {},
                    {{"Retry-After", std::to_string(failure.retry_after.count())}}};
        case unavailable: return try_later("The database cannot be reached. Please try again soon.");
        case bad_credentials:
        case disabled: break;  // told apart in the log only: whoever guesses learns nothing
    }
    return not_authenticated("The address or the password is wrong.");
}

}  // namespace

dispatcher::dispatcher(const services& server, std::vector<route> routes, core::logger log)
    : server_(server), router_(std::move(routes)), log_(std::move(log)) {}

net::awaitable<outcome<request_context>> dispatcher::admit(const request& r, boost::asio::ip::address client) const {
    if (r.method == verb::unknown || r.method == verb::connect) {  // CONNECT's target is no path (RFC 9112 3.2.3)
        co_return std::unexpected(router_.find(r.method, {}).error());
    }
    auto target = parse_target(r.target);
    if (!target) co_return std::unexpected(target.error());
    auto match = router_.find(r.method, target->path);
    if (!match) co_return std::unexpected(match.error());
    request_context c{server_, log_, r, std::move(*match), std::move(target->query)};
    if (c.match.found->needs == access::account) {
        auto account = co_await sign_in(r, client);
        if (!account) co_return std::unexpected(account.error());
        c.signed_in = std::move(*account);
    }
    if (const auto checked = c.query.check(c.match.found->query); !checked) co_return std::unexpected(checked.error());
    co_return c;
}

net::awaitable<outcome<storage::account>> dispatcher::sign_in(const request& r, boost::asio::ip::address client) const {
    if (r.fields.count(field::authorization) > 1)
        co_return refuse(status::bad_request, "Authorization is given more than once.");
    auto credentials = read_basic(r.field(field::authorization));
    if (!credentials) co_return std::unexpected(credentials.error());
    auto account =
        co_await server_.authenticator.verify(std::move(credentials->login), std::move(credentials->password), client);
    if (!account) co_return std::unexpected(not_signed_in(account.error()));
    co_return std::move(*account);
}

net::awaitable<response> dispatcher::answer(request_context& c) const {
    core::error failed;
    try {
        auto answered = co_await c.match.found->handle(c);
        if (answered) co_return std::move(*answered);
        co_return to_response(std::move(answered.error()));
    } catch (const boost::system::system_error& e) {
        if (e.code() == boost::asio::error::operation_aborted) throw;  // the task is being ended
        failed.detail = e.what();
    } catch (const std::system_error& e) {
        failed = {e.code(), e.what()};  // a message's content that can no longer be read says so in storage's words
    } catch (const std::exception& e) {
        failed.detail = e.what();
    }
    co_return to_response(c.refuse(failed).error());
}

}  // namespace postern::http
