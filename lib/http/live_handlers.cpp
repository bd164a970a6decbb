#include "http/handlers.hpp"
#include "http/live_updates.hpp"

namespace postern::http {

/// Server-sent events; the header Last-Event-ID (or, from clients that cannot set it, the parameter) resumes.
net::awaitable<outcome<response>> follow_events(request_context& c) {
    std::optional<std::string_view> since = c.query.find("last_event_id");
    const auto header = c.request.fields["Last-Event-ID"];
    if (!header.empty()) since = std::string_view(header.data(), header.size());
    auto stream = c.server.live.follow(c.account().id, since);
    if (!stream) {
        co_return std::unexpected(problem{
            status::too_many_requests, "This account is followed by too many clients at once.", {}, {{"Retry-After", "60"}}});
    }
    co_return event_response(std::move(stream));
}

}  // namespace postern::http
