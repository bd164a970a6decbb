#include "smtp_server/server.hpp"

#include <unordered_set>
#include <utility>

#include "net/connection_limit.hpp"
#include "net/listener.hpp"
#include "net/lone_source.hpp"
#include "net/proxy_header.hpp"
#include "net/task_group.hpp"
#include "smtp/replies.hpp"
#include "smtp_server/session.hpp"

namespace postern::smtp_server {

namespace {

constexpr auto header_time = std::chrono::seconds(10);        // for the PROXY header, which is sent at once
constexpr auto time_to_be_cut_off = std::chrono::seconds(5);  // a commit or a spool write that cannot be cancelled

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

}  // namespace

struct server::state {
    state(net::executor loop, const dependencies& uses, std::string hostname, const config::limit_settings& limits,
          beginning begins)
        : shared(std::make_shared<service>(service{.uses = uses,
                                                   .hostname = std::move(hostname),
                                                   .limits = session_limits(limits),
                                                   .begins = begins,
                                                   .offered = offered_by(limits)})),
          log(uses.log),
          places(limits.smtp_connections, limits.smtp_connections_per_address),
          listening(loop, uses.log),
          tasks(loop, uses.log) {}

    std::shared_ptr<const service> shared;
    core::logger log;
    net::connection_limit places;
    net::lone_source sources{net::private_gateways()};
    net::network_list proxies;
    net::listener listening;
    net::task_group tasks;
    std::unordered_set<session*> running;
    bool stopping = false;

    void take(const std::shared_ptr<state>& self, net::tcp_socket socket);
    void refuse(net::tcp_socket socket, const net::tcp_endpoint& client, net::connection_limit::refusal why);
    void turn_away(net::tcp_socket socket, const smtp::reply& why) const;
    void look_at(const net::tcp_endpoint& client);
    static net::awaitable<void> serve(std::shared_ptr<state> self, net::tcp_socket socket, net::tcp_endpoint client,
                                      net::connection_limit::ticket place);
    static net::awaitable<void> serve_proxied(std::shared_ptr<state> self, net::tcp_socket socket, net::tcp_endpoint proxy,
                                              net::connection_limit::ticket place);
};

server::server(net::executor loop, const dependencies& uses, std::string hostname, const config::limit_settings& limits,
               beginning begins)
    : state_(std::make_shared<state>(loop, uses, std::move(hostname), limits, begins)) {}

server::~server() {
    state_->stopping = true;
    state_->listening.stop();
}

void server::change(const config::limit_settings& limits, net::network_list proxies) {
    auto next = std::make_shared<service>(*state_->shared);
    next->limits = session_limits(limits);
    next->offered = offered_by(limits);
    state_->shared = std::move(next);
    state_->places.change(limits.smtp_connections, limits.smtp_connections_per_address);
    state_->proxies = std::move(proxies);
}

core::result<void> server::open(const std::vector<config::endpoint>& endpoints, net::network_list proxies,
                                net::inherited_sockets* there_already) {
    state_->proxies = std::move(proxies);
    std::vector<net::tcp_endpoint> at;
    for (const auto& e : endpoints) {
        const auto parsed = net::make_endpoint(e.address, e.port);
        if (!parsed) return std::unexpected(parsed.error());
        at.push_back(*parsed);
    }
    return state_->listening.open(at, {.inherited = there_already});
}

void server::start() {
    state_->listening.start([weak = std::weak_ptr(state_)](net::tcp_socket socket) {
        if (const auto self = weak.lock()) self->take(self, std::move(socket));
    });
}

std::vector<int> server::lend() { return state_->listening.lend(); }

void server::share() { state_->listening.share(); }

std::vector<net::tcp_endpoint> server::endpoints() const { return state_->listening.endpoints(); }

std::size_t server::sessions() const { return state_->tasks.size(); }

void server::state::take(const std::shared_ptr<state>& self, net::tcp_socket socket) {
    boost::system::error_code gone;
    const auto peer = socket.remote_endpoint(gone);
    if (gone) return;
    if (stopping) return turn_away(std::move(socket), smtp::replies::shutting_down);
    const bool proxied = proxies.contains(peer.address());
    auto place = proxied ? places.admit() : places.admit(peer.address());
    if (!place) return refuse(std::move(socket), peer, place.error());
    if (proxied) return tasks.spawn(serve_proxied(self, std::move(socket), peer, std::move(*place)), "smtp session");
    look_at(peer);
    tasks.spawn(serve(self, std::move(socket), peer, std::move(*place)), "smtp session");
}

/// Whom nobody can tell from another, nobody can limit or block.
void server::state::look_at(const net::tcp_endpoint& client) {
    if (!sources.seen(client.address())) return;
    log.warning(
        "every client seems to come from one private gateway",
        {{"client", client.address().to_string()},
         {"connections", net::lone_source::enough},
         {"hint",
          "an address translator hides who they are: limits per address fall on all of them, and nothing may be trusted by "
          "this "
          "address; publish the ports without it (Docker: userland-proxy off, or network_mode host), or put a proxy in front "
          "that sends a PROXY header and list it in proxy_protocol_from"}});
}

void server::state::refuse(net::tcp_socket socket, const net::tcp_endpoint& client, net::connection_limit::refusal why) {
    shared->uses.figures.count(refusal::limit);
    const auto all = why == net::connection_limit::refusal::too_many;
    log.info("refused", {{"client", client.address().to_string()},
                         {"reason", all ? "too many connections" : "too many connections from this address"}});
    turn_away(std::move(socket), smtp::replies::too_many_connections);
}

void server::state::turn_away(net::tcp_socket socket, const smtp::reply& why) const {
    if (shared->begins == beginning::in_tls) return;  // a handshake, only to say no, is what a flood would want
    net::stream(std::move(socket)).reject(smtp::to_string(why));
}

/// A proxy's first words say who its client is; from then on it is as if that one had come himself.
net::awaitable<void> server::state::serve_proxied(std::shared_ptr<state> self, net::tcp_socket socket, net::tcp_endpoint proxy,
                                                  net::connection_limit::ticket place) {
    const auto told = co_await net::read_proxy_header(socket, header_time);
    if (!told) {
        self->log.info("refused", {{"proxy", net::to_string(proxy)}, {"reason", told.error().message()}});
        co_return;
    }
    if (*told) {
        const auto named = self->places.name(place, (*told)->address());
        if (!named) co_return self->refuse(std::move(socket), **told, named.error());
    }
    co_await serve(self, std::move(socket), told->value_or(proxy), std::move(place));
}

net::awaitable<void> server::state::serve(std::shared_ptr<state> self, net::tcp_socket socket, net::tcp_endpoint client,
                                          net::connection_limit::ticket place) {
    const auto held = std::move(place);
    const core::gauge_share counted(self->shared->uses.figures.sessions);
    self->shared->uses.figures.connections.add();
    session served(self->shared, std::move(socket), client);
    self->running.insert(&served);
    if (self->stopping) served.stop();  // accepted just before
    try {
        co_await served.run();
    } catch (...) {  // cancelled, or a failure of ours that the task group logs: the client hears 421 either way
        self->running.erase(&served);
        served.cut_off();
        throw;
    }
    self->running.erase(&served);
}

net::awaitable<bool> server::stop(std::chrono::steady_clock::duration drain) {
    const auto self = state_;
    self->stopping = true;
    self->listening.leave_shared();
    for (auto* each : self->running) each->stop();
    if (co_await self->tasks.wait(drain)) {
        self->listening.stop();
        co_return true;
    }
    self->log.warning("cutting off sessions", {{"sessions", self->tasks.size()}});
    self->listening.stop();
    self->tasks.cancel();
    co_return co_await self->tasks.wait(time_to_be_cut_off);
}

}  // namespace postern::smtp_server
