#include "net/session_server.hpp"

#include <unordered_set>
#include <utility>

#include "net/connection_limit.hpp"
#include "net/lone_source.hpp"
#include "net/proxy_header.hpp"
#include "net/task_group.hpp"

namespace postern::net {

namespace {

constexpr auto header_time = std::chrono::seconds(10);        // for the PROXY header, which is sent at once
constexpr auto time_to_be_cut_off = std::chrono::seconds(5);  // a commit or a spool write that cannot be cancelled

}  // namespace

struct session_server::state {
    state(executor loop, std::shared_ptr<session_maker> with, std::string called, limits l, core::logger to)
        : maker(std::move(with)),
          name(std::move(called)),
          log(to),
          places(l.connections, l.connections_per_address),
          listening(loop, to),
          tasks(loop, to) {}

    std::shared_ptr<session_maker> maker;
    std::string name;
    core::logger log;
    connection_limit places;
    lone_source sources{private_gateways()};
    network_list proxies;
    listener listening;
    task_group tasks;
    std::unordered_set<served_session*> running;
    bool stopping = false;

    void take(const std::shared_ptr<state>& self, tcp_socket socket);
    void refuse(tcp_socket socket, const tcp_endpoint& client, connection_limit::refusal why);
    void look_at(const tcp_endpoint& client);
    static awaitable<void> serve(std::shared_ptr<state> self, tcp_socket socket, tcp_endpoint client,
                                 connection_limit::ticket place);
    static awaitable<void> serve_proxied(std::shared_ptr<state> self, tcp_socket socket, tcp_endpoint proxy,
                                         connection_limit::ticket place);
};

session_server::session_server(executor loop, std::shared_ptr<session_maker> maker, std::string name, limits l,
                               core::logger log)
    : state_(std::make_shared<state>(std::move(loop), std::move(maker), std::move(name), l, std::move(log))) {}

session_server::~session_server() {
    state_->stopping = true;
    state_->listening.stop();
}

core::result<void> session_server::open(const std::vector<tcp_endpoint>& endpoints, network_list proxies,
                                        inherited_sockets* there_already) {
    state_->proxies = std::move(proxies);
    return state_->listening.open(endpoints, {.inherited = there_already});
}

void session_server::change(limits l, network_list proxies) {
    state_->places.change(l.connections, l.connections_per_address);
    state_->proxies = std::move(proxies);
}

void session_server::start() {
    state_->listening.start([weak = std::weak_ptr(state_)](tcp_socket socket) {
        if (const auto self = weak.lock()) self->take(self, std::move(socket));
    });
}

std::vector<int> session_server::lend() { return state_->listening.lend(); }

void session_server::share() { state_->listening.share(); }

std::vector<tcp_endpoint> session_server::endpoints() const { return state_->listening.endpoints(); }

std::size_t session_server::sessions() const { return state_->tasks.size(); }

void session_server::state::take(const std::shared_ptr<state>& self, tcp_socket socket) {
    boost::system::error_code gone;
    const auto peer = socket.remote_endpoint(gone);
    if (gone) return;
    if (stopping) return maker->turn_away(std::move(socket), turned_away::shutting_down);
    const bool proxied = proxies.contains(peer.address());
    auto place = proxied ? places.admit() : places.admit(peer.address());
    if (!place) return refuse(std::move(socket), peer, place.error());
    if (proxied) return tasks.spawn(serve_proxied(self, std::move(socket), peer, std::move(*place)), name);
    look_at(peer);
    tasks.spawn(serve(self, std::move(socket), peer, std::move(*place)), name);
}

/// Whom nobody can tell from another, nobody can limit or block.
void session_server::state::look_at(const tcp_endpoint& client) {
    if (!sources.seen(client.address())) return;
    log.warning(
        "every client seems to come from one private gateway",
        {{"client", client.address().to_string()},
         {"connections", lone_source::enough},
         {"hint",
          "an address translator hides who they are: limits per address fall on all of them, and nothing may be trusted by "
          "this "
          "address; publish the ports without it (Docker: userland-proxy off, or network_mode host), or put a proxy in front "
          "that sends a PROXY header and list it in proxy_protocol_from"}});
}

void session_server::state::refuse(tcp_socket socket, const tcp_endpoint& client, connection_limit::refusal why) {
    const auto all = why == connection_limit::refusal::too_many;
    log.info("refused", {{"client", client.address().to_string()},
                         {"reason", all ? "too many connections" : "too many connections from this address"}});
    maker->turn_away(std::move(socket), all ? turned_away::too_many : turned_away::too_many_from_address);
}

/// A proxy's first words say who its client is; from then on it is as if that one had come himself.
awaitable<void> session_server::state::serve_proxied(std::shared_ptr<state> self, tcp_socket socket, tcp_endpoint proxy,
                                                     connection_limit::ticket place) {
    const auto told = co_await read_proxy_header(socket, header_time);
    if (!told) {
        self->log.info("refused", {{"proxy", to_string(proxy)}, {"reason", told.error().message()}});
        co_return;
    }
    if (*told) {
        const auto named = self->places.name(place, (*told)->address());
        if (!named) co_return self->refuse(std::move(socket), **told, named.error());
    }
    co_await serve(self, std::move(socket), told->value_or(proxy), std::move(place));
}

awaitable<void> session_server::state::serve(std::shared_ptr<state> self, tcp_socket socket, tcp_endpoint client,
                                             connection_limit::ticket place) {
    const auto held = std::move(place);
    const auto served = self->maker->make(std::move(socket), client);
    self->running.insert(served.get());
    if (self->stopping) served->stop();  // accepted just before
    try {
        co_await served->run();
    } catch (...) {  // cancelled, or a failure of ours that the task group logs: the client hears of its end either way
        self->running.erase(served.get());
        served->cut_off();
        throw;
    }
    self->running.erase(served.get());
}

awaitable<bool> session_server::stop(std::chrono::steady_clock::duration drain) {
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

}  // namespace postern::net
