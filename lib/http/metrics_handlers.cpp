#include <algorithm>

#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>

#include "http/handlers.hpp"

namespace postern::http {

namespace {

namespace ip = boost::asio::ip;

/// "192.0.2.0/24", "::1/128": settings are checked when they are read, so what cannot be understood holds nobody.
bool holds(const std::string& network, const ip::address& client) {
    boost::system::error_code wrong;
    if (client.is_v4()) {
        const auto of = ip::make_network_v4(network, wrong);
        if (wrong) return false;
        const auto range = of.canonical();
        return ip::network_v4(client.to_v4(), range.prefix_length()).canonical() == range;
    }
    const auto of = ip::make_network_v6(network, wrong);
    if (wrong) return false;
    const auto range = of.canonical();
    return ip::network_v6(client.to_v6(), range.prefix_length()).canonical() == range;
}

}  // namespace

/// For those http.metrics_from names; to all others there is nothing here. What comes through a proxy comes from anywhere,
/// though its connection begins on this machine.
net::awaitable<outcome<response>> show_metrics(request_context& c) {
    const bool relayed = c.request.fields.count("X-Forwarded-For") > 0 || c.request.fields.count("Forwarded") > 0;
    const auto may = [&](const std::string& network) { return holds(network, c.from.address); };
    if (relayed || std::ranges::none_of(c.server.metrics_from, may)) {
        co_return http::refuse(status::not_found, "There is nothing at this path.");
    }
    co_return response{status::ok, "text/plain; version=0.0.4; charset=utf-8", {}, c.server.metrics.text()};
}

}  // namespace postern::http
