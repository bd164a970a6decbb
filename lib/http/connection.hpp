#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "config/settings.hpp"
#include "core/clock.hpp"
#include "http/body_budget.hpp"
#include "http/dispatcher.hpp"
#include "http/request_reader.hpp"
#include "net/stream.hpp"
#include "net/tls_server_context.hpp"

namespace postern::http {

/// One client's connection: its requests one after another, each answered before the next is looked at (RFC 9112 9.3.2).
///
/// Flow: wait for a request's first octet, up to http_idle_timeout; its head and body have http_request_timeout in all, however
/// slowly they drip; the answer is written piece by piece, each wait bounded by the same time and the whole by a least speed.
/// Requests that came early stay in the stream's buffer, and behind it in the kernel: who sends without reading stops itself.
///
/// On failure: what cannot be a request is answered once and the connection closed, since nobody knows where the next one
/// would begin. A body that fails half-way breaks the connection off.
class connection {
public:
    /// All references but `client`, who the other end is, outlive the connection. `tls`: with which certificates; nullptr: in
    /// the clear.
    connection(net::tcp_socket socket, const net::tcp_endpoint& client, const net::tls_server_context* tls,
               const dispatcher& dispatcher, body_budget& bodies, const config::limit_settings& limits,
               const core::clock& clock, const core::logger& log);

    /// Serves until the client goes, idles too long, breaks the rules, or stop().
    net::awaitable<void> run();

    /// Ends the connection: at once while it is idle, else with the answer to the request in work. One that is new has a
    /// request on its way, which is answered still; when `patience_is_over` it is idle like others.
    void stop(bool patience_is_over);

private:
    using steady = std::chrono::steady_clock;
    enum class next { request, close, finish };  ///< finish: close so that the client still reads our last words

    net::awaitable<next> serve_one();
    net::awaitable<bool> await_request();
    net::awaitable<outcome<bool>> read_head(request_reader& reader, steady::time_point until);
    net::awaitable<outcome<bool>> read_body(request_reader& reader, const route& of, body_budget::share& held,
                                            steady::time_point until);
    struct sending {
        bool head_only = false;
        bool keep_alive = false;
        bool http_11 = true;
    };
    net::awaitable<core::result<void>> send(const response& r, sending how);
    net::awaitable<core::result<void>> stream_live(live_source& source, std::string head, bool chunked);
    net::awaitable<core::result<void>> stream_body(body_source& source, std::string head, steady::time_point until);
    net::awaitable<core::result<void>> write(std::string_view octets, steady::time_point until);
    net::awaitable<next> refuse(problem p, bool head_only);

    net::stream stream_;
    const net::tls_server_context* tls_;
    const dispatcher& dispatcher_;
    body_budget& bodies_;
    const config::limit_settings& limits_;
    const core::clock& clock_;
    const core::logger& log_;
    live_source* live_ = nullptr;  // what is being sent, and goes on until one ends it
    bool idle_ = true;
    bool new_ = true;  // no request has begun to come
    bool stopping_ = false;
};

}  // namespace postern::http
