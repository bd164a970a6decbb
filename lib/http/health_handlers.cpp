#include "http/handlers.hpp"

namespace postern::http {

/// The process lives: its loop turns.
net::awaitable<outcome<response>> show_health(request_context& /*c*/) { co_return json_response(R"({"status":"ok"})"); }

/// It can do its work: the database answers. A balancer or an orchestrator sends clients elsewhere on 503.
net::awaitable<outcome<response>> show_readiness(request_context& c) {
    const auto answered = co_await c.server.database.ping();
    if (!answered) co_return std::unexpected(try_later("The database does not answer."));
    co_return json_response(R"({"status":"ok"})");
}

}  // namespace postern::http
