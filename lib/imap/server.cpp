#include "imap/server.hpp"

#include <utility>

#include "imap/session.hpp"
#include "net/session_server.hpp"

namespace postern::imap {

namespace {

net::session_server::limits places_in(const config::limit_settings& limits) {
    return {limits.imap_connections, limits.imap_connections_per_address};
}

}  // namespace

/// Makes sessions of what the server is when they begin.
class server::maker final : public net::session_maker {
public:
    explicit maker(std::shared_ptr<const service> s) : shared(std::move(s)) {}

    std::unique_ptr<net::served_session> make(net::tcp_socket socket, const net::tcp_endpoint& client) override {
        return std::make_unique<session>(shared, std::move(socket), client);
    }

    void turn_away(net::tcp_socket socket, net::turned_away why) override {
        const bool ending = why == net::turned_away::shutting_down;
        if (!ending) shared->uses.figures.refused.add();
        if (shared->begins == beginning::in_tls) return;  // a handshake, only to say no, is what a flood would want
        net::stream(std::move(socket))
            .reject(ending ? "* BYE The server is stopping\r\n" : "* BYE [LIMIT] There are too many connections\r\n");
    }

    std::shared_ptr<const service> shared;
};

server::server(net::executor loop, const dependencies& uses, const config::limit_settings& limits, beginning begins)
    : server(std::move(loop),
             std::make_shared<maker>(
                 std::make_shared<service>(service{.uses = uses, .limits = session_limits(limits), .begins = begins})),
             limits, uses.log) {}

server::server(net::executor loop, std::shared_ptr<maker> sessions, const config::limit_settings& limits, core::logger log)
    : session_server(std::move(loop), sessions, "imap session", places_in(limits), std::move(log)),
      maker_(std::move(sessions)) {}

server::~server() = default;

void server::change(const config::limit_settings& limits, net::network_list proxies) {
    auto next = std::make_shared<service>(*maker_->shared);
    next->limits = session_limits(limits);
    maker_->shared = std::move(next);
    session_server::change(places_in(limits), std::move(proxies));
}

core::result<void> server::open(const std::vector<config::endpoint>& endpoints, net::network_list proxies,
                                net::inherited_sockets* there_already) {
    const auto at = net::make_endpoints(endpoints);
    if (!at) return std::unexpected(at.error());
    return session_server::open(*at, std::move(proxies), there_already);
}

}  // namespace postern::imap
