#include "smtp_server/server.hpp"

#include <utility>

#include "net/session_server.hpp"
#include "smtp/replies.hpp"
#include "smtp_server/session.hpp"

namespace postern::smtp_server {

namespace {

smtp::extensions offered_by(const config::limit_settings& limits) {
    return {.pipelining = true,
            .size = limits.message_size,
            .eight_bit_mime = true,
            .smtputf8 = true,
            .enhanced_status_codes = true,
            .chunking = true,
            .binary_mime = true,
            .dsn = true,
            .rcpt_max = limits.recipients,
            .mail_max = limits.messages_per_session};
}

net::session_server::limits places_in(const config::limit_settings& limits) {
    return {limits.smtp_connections, limits.smtp_connections_per_address};
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
        if (!ending) shared->uses.figures.count(refusal::limit);
        if (shared->begins == beginning::in_tls) return;  // a handshake, only to say no, is what a flood would want
        net::stream(std::move(socket))
            .reject(smtp::to_string(ending ? smtp::replies::shutting_down : smtp::replies::too_many_connections));
    }

    std::shared_ptr<const service> shared;
};

}  // namespace

struct server::state {
    std::shared_ptr<maker> sessions;
    net::session_server serving;

    state(net::executor loop, std::shared_ptr<maker> m, const config::limit_settings& limits, core::logger log)
        : sessions(m), serving(std::move(loop), std::move(m), "smtp session", places_in(limits), std::move(log)) {}
};

server::server(net::executor loop, const dependencies& uses, std::string hostname, const config::limit_settings& limits,
               beginning begins)
    : state_(std::make_shared<state>(std::move(loop),
                                     std::make_shared<maker>(std::make_shared<service>(service{.uses = uses,
                                                                                               .hostname = std::move(hostname),
                                                                                               .limits = session_limits(limits),
                                                                                               .begins = begins,
                                                                                               .offered = offered_by(limits)})),
                                     limits, uses.log)) {}

server::~server() = default;

void server::change(const config::limit_settings& limits, net::network_list proxies) {
    auto next = std::make_shared<service>(*state_->sessions->shared);
    next->limits = session_limits(limits);
    next->offered = offered_by(limits);
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

}  // namespace postern::smtp_server
