#include "http/handlers.hpp"
#include "net/network_list.hpp"

namespace postern::http {

/// For those http.metrics_from names; to all others there is nothing here. What comes through a proxy comes from anywhere,
/// though its connection begins on this machine.
net::awaitable<outcome<response>> show_metrics(request_context& c) {
    const bool relayed = c.request.fields.count("X-Forwarded-For") > 0 || c.request.fields.count("Forwarded") > 0;
    if (relayed || !net::network_list(c.server.metrics_from).contains(c.from.address)) {
        co_return http::refuse(status::not_found, "There is nothing at this path.");
    }
    co_return response{status::ok, "text/plain; version=0.0.4; charset=utf-8", {}, c.server.metrics.text()};
}

}  // namespace postern::http
