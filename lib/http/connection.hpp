#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "config/settings.hpp"
#include "core/clock.hpp"
#include "http/dispatcher.hpp"
#include "http/request_reader.hpp"
#include "net/stream.hpp"

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
    /// All references outlive the connection.
    connection(net::tcp_socket socket, const dispatcher& dispatcher, const config::limit_settings& limits,
               const core::clock& clock, const core::logger& log);

    /// Serves until the client goes, idles too long, breaks the rules, or stop().
    net::awaitable<void> run();

    /// Ends the connection: at once while it is idle, else with the answer to the request in work.
    void stop();

private:
    using steady = std::chrono::steady_clock;
    enum class next { request, close, finish };  ///< finish: close so that the client still reads our last words

    net::awaitable<next> serve_one();
    net::awaitable<bool> await_request();
    net::awaitable<outcome<bool>> read_head(request_reader& reader, steady::time_point until);
    net::awaitable<outcome<bool>> read_body(request_reader& reader, const route& of, steady::time_point until);
    net::awaitable<core::result<void>> send(const response& r, bool head_only, bool keep_alive);
    net::awaitable<core::result<void>> stream_body(body_source& source, std::string head, steady::time_point until);
    net::awaitable<core::result<void>> write(std::string_view octets, steady::time_point until);
    net::awaitable<next> refuse(problem p, bool head_only);

    net::stream stream_;
    const dispatcher& dispatcher_;
    const config::limit_settings& limits_;
    const core::clock& clock_;
    const core::logger& log_;
    bool idle_ = true;
    bool stopping_ = false;
};

}  // namespace postern::http
