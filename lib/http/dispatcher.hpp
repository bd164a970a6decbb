#pragma once

#include "config/settings.hpp"
#include "core/log.hpp"
#include "http/request_context.hpp"
#include "http/response.hpp"
#include "http/router.hpp"

namespace postern::http {

/// Turns a request into its answer, in two steps with the reading of the body between them: whether it may be asked at all is
/// known from its head, so nobody uploads a body to be told 401.
class dispatcher {
public:
    /// `server` and `limits` outlive this object.
    dispatcher(const services& server, std::vector<route> routes, const config::limit_settings& limits, core::logger log);

    /// Finds the route, checks the credentials, then the parameters and the kind of body. 400, 401, 403, 404, 405, 415, 429,
    /// 501, 503.
    /// `r` must outlive the context.
    net::awaitable<outcome<request_context>> admit(const request& r, origin from) const;

    /// Where the request came from, told by a trusted proxy or by the connection itself.
    [[nodiscard]] origin find_origin(const request& r, const origin& direct) const;

    /// Octets a body of this request may have.
    [[nodiscard]] std::uint64_t body_limit(const route& of) const;

    /// Reads the body's JSON and runs the handler. What escapes from it is logged and becomes a 500, or a 503 when storage went
    /// away under it; only the end of the task is thrown on.
    net::awaitable<response> answer(request_context& c) const;

    /// Counts an answer that took so long to make.
    void count(status code, std::chrono::steady_clock::duration took) const;

private:
    net::awaitable<outcome<void>> read_document(request_context& c) const;

    const services& server_;
    const config::limit_settings& limits_;
    router router_;
    core::logger log_;
    mutable std::array<core::counter, 5> answers_;  // by the first digit of the status
    mutable core::histogram times_;
};

}  // namespace postern::http
