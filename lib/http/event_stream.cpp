#include "http/event_stream.hpp"

#include <utility>

#include <fmt/format.h>
#include <boost/asio/as_tuple.hpp>

namespace postern::http {

std::string event_text(std::string_view name, std::string_view data, std::string_view id) {
    return fmt::format("event: {}\nid: {}\ndata: {}\n\n", name, id, data);
}

event_stream::event_stream(net::executor loop, std::chrono::steady_clock::duration silence)
    : wake_(loop), silence_(silence), waiting_(fmt::format("retry: {}\n\n", reconnect.count())) {}

bool event_stream::push(std::string_view text) {
    if (ended_) return false;
    if (waiting_.size() + text.size() > most_waiting) {
        waiting_.clear();  // half a story is worse than none: the client resumes from the last event it has seen
        end();
        return false;
    }
    waiting_ += text;
    wake_.cancel();
    return true;
}

void event_stream::end() {
    ended_ = true;
    wake_.cancel();
}

net::awaitable<std::string> event_stream::next() {
    if (waiting_.empty() && !ended_) {
        wake_.expires_after(silence_);
        co_await wake_.async_wait(boost::asio::as_tuple(net::use_awaitable));
        if (waiting_.empty() && !ended_) co_return ": keep-alive\n\n";
    }
    co_return std::exchange(waiting_, {});
}

response event_response(std::shared_ptr<event_stream> events) {
    response r{status::ok, "text/event-stream", {}, {}};
    r.body = std::move(events);
    return r;
}

}  // namespace postern::http
