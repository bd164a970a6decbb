#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include <boost/asio/steady_timer.hpp>

#include "http/live_source.hpp"
#include "http/response.hpp"

/// Server-sent events (HTML Living Standard 9.2): a response that tells of things as they happen.
namespace postern::http {

/// One event as it is written: its name, its data (one line of JSON), and the id a client resumes from. No line ends in any of
/// them.
[[nodiscard]] std::string event_text(std::string_view name, std::string_view data, std::string_view id);

/// The pieces between whoever knows of events and the connection that sends them. A client that reads too slowly is cut off: it
/// comes again and resumes, which costs less than remembering for it. Loop thread.
class event_stream final : public live_source {
public:
    static constexpr std::size_t most_waiting = 256UL * 1024;    ///< octets
    static constexpr std::chrono::seconds keep_alive{25};        ///< then a comment is sent: proxies cut what is silent
    static constexpr std::chrono::milliseconds reconnect{3000};  ///< a client's pause before it comes again

    /// `silence`: keep_alive, or a test's own.
    explicit event_stream(net::executor loop, std::chrono::steady_clock::duration silence = keep_alive);

    /// Sends `text`, of event_text(). False: the stream has ended, and nothing more is taken.
    bool push(std::string_view text);

    /// What was pushed is still sent.
    void end() override;

    [[nodiscard]] bool ended() const noexcept { return ended_; }

    net::awaitable<std::string> next() override;

private:
    boost::asio::basic_waitable_timer<std::chrono::steady_clock, boost::asio::wait_traits<std::chrono::steady_clock>,
                                      net::executor>
        wake_;
    std::chrono::steady_clock::duration silence_;
    std::string waiting_;
    bool ended_ = false;
};

/// 200 text/event-stream.
[[nodiscard]] response event_response(std::shared_ptr<event_stream> events);

}  // namespace postern::http
