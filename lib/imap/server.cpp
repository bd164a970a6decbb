#include "imap/server.hpp"

#include <utility>

#include "imap/session.hpp"
#include "net/session_server.hpp"

namespace postern::imap {

namespace {

net::session_server::limits places_in(const config::limit_settings& limits) {
    return {limits.imap_connections, limits.imap_connections_per_address};
}

/// Makes sessions of what the server is when they begin.
class maker final : public net::session_maker {
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

}  // namespace

struct server::state {
    std::shared_ptr<maker> sessions;
    net::session_server serving;

    state(net::executor loop, std::shared_ptr<maker> m, const config::limit_settings& limits, core::logger log)
        : sessions(m), serving(std::move(loop), std::move(m), "imap session", places_in(limits), std::move(log)) {}
};

server::server(net::executor loop, const dependencies& uses, const config::limit_settings& limits, beginning begins)
    : state_(std::make_shared<state>(std::move(loop),
                                     std::make_shared<maker>(std::make_shared<service>(
                                         service{.uses = uses, .limits = session_limits(limits), .begins = begins})),
                                     limits, uses.log)) {}

server::~server() = default;

void server::change(const config::limit_settings& limits, net::network_list proxies) {
    auto next = std::make_shared<service>(*state_->sessions->shared);
    next->limits = session_limits(limits);
    state_->sessions->shared = std::move(next);
    state_->serving.change(places_in(limits), std::move(proxies));
}

core::result<void> server::open(const std::vector<config::endpoint>& endpoints, net::network_list proxies,
                                net::inherited_sockets* there_already) {
    std::vector<net::tcp_endpoint> at;
    for (const auto& e : endpoints) {
        const auto parsed = net::make_endpoint(e.address, e.port);
        if (!parsed) return std::unexpected(parsed.error());
        at.push_back(*parsed);
    }
    return state_->serving.open(at, std::move(proxies), there_already);
}

void server::start() { state_->serving.start(); }

std::vector<int> server::lend() { return state_->serving.lend(); }

void server::share() { state_->serving.share(); }

std::vector<net::tcp_endpoint> server::endpoints() const { return state_->serving.endpoints(); }

std::size_t server::sessions() const { return state_->serving.sessions(); }

net::awaitable<bool> server::stop(std::chrono::steady_clock::duration drain) { return state_->serving.stop(drain); }

}  // namespace postern::imap
