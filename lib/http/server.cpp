#include "http/server.hpp"

#include <set>
#include <utility>

#include "http/connection.hpp"
#include "http/dispatcher.hpp"
#include "net/connection_limit.hpp"
#include "net/listener.hpp"
#include "net/proxy_header.hpp"
#include "net/task_group.hpp"

namespace postern::http {

namespace {

constexpr std::uint64_t bodies_at_once = 4;                   // of the largest size; of others as many more
constexpr auto first_request_wait = std::chrono::seconds(1);  // on a connection that was made just before a stop
constexpr auto header_wait = std::chrono::seconds(10);        // for the PROXY header, which is sent at once
constexpr auto last_wait = std::chrono::seconds(5);           // for cancelled connections to come back from the pool

std::string too_busy(const core::clock& clock) {
    const auto r = to_response(try_later("Too many connections are open. Please try again soon."));
    return head_of(r, {.keep_alive = false}, clock.now()) + std::get<std::string>(r.body);
}

core::result<void> open(net::listener& listener, const std::vector<config::endpoint>& endpoints,
                        net::inherited_sockets* there_already) {
    const auto at = net::make_endpoints(endpoints);
    if (!at) return std::unexpected(at.error());
    return listener.open(*at, {.inherited = there_already});
}

}  // namespace

struct server::state {
    state(const net::executor& loop, const services& s, std::vector<route> routes, const config::limit_settings& l,
          core::logger lg)
        : uses(s),
          limits(l),
          log(std::move(lg)),
          dispatch(uses, std::move(routes), limits, log),
          bodies(bodies_at_once * limits.http_upload_size),
          admitted(limits.http_connections, limits.http_connections_per_address),
          connections(uses.metrics.level("postern_http_connections", "HTTP connections open now")),
          in_clear{net::listener(loop, log)},
          in_tls{net::listener(loop, log)},
          tasks(loop, log) {}

    /// One kind of listener: its sockets, its certificates if it has any, and the proxies that speak for others there.
    struct door {
        net::listener listening;
        const net::tls_server_context* tls = nullptr;
        net::network_list proxies{};
    };

    static net::awaitable<void> serve(std::shared_ptr<state> self, door state::* at, net::tcp_socket socket,
                                      net::tcp_endpoint from, net::connection_limit::ticket place);
    static net::awaitable<void> serve_proxied(std::shared_ptr<state> self, door state::* at, net::tcp_socket socket,
                                              net::tcp_endpoint proxy, net::connection_limit::ticket place);
    static void take(const std::shared_ptr<state>& self, door state::* at, net::tcp_socket socket);
    std::expected<net::connection_limit::ticket, net::connection_limit::refusal> admit(const door& at,
                                                                                       const net::tcp_endpoint& peer);

    services uses;
    config::limit_settings limits;
    core::logger log;
    dispatcher dispatch;
    body_budget bodies;
    net::connection_limit admitted;
    std::set<connection*> open;
    core::gauge connections;
    bool stopping = false;
    door in_clear;
    door in_tls;
    net::task_group tasks;
};

net::awaitable<void> server::state::serve(std::shared_ptr<state> self, door state::* at, net::tcp_socket socket,
                                          net::tcp_endpoint from, net::connection_limit::ticket /*place*/) {
    connection client(std::move(socket), from, ((*self).*at).tls, self->dispatch, self->bodies, self->limits, self->uses.clock,
                      self->log);
    struct registration {
        std::set<connection*>& open;
        connection* client;
        registration(std::set<connection*>& o, connection* c) : open(o), client(c) { open.insert(client); }
        registration(const registration&) = delete;
        registration& operator=(const registration&) = delete;
        ~registration() { open.erase(client); }
    } const registered(self->open, &client);
    const core::gauge_share counted(self->connections);
    if (self->stopping) client.stop(false);  // accepted just before the stop, begun after it
    co_await client.run();
}

/// A proxy's first words say who its client is.
net::awaitable<void> server::state::serve_proxied(std::shared_ptr<state> self, door state::* at, net::tcp_socket socket,
                                                  net::tcp_endpoint proxy, net::connection_limit::ticket place) {
    const auto told = co_await net::read_proxy_header(socket, header_wait);
    if (!told) {
        self->log.info("refused", {{"proxy", net::to_string(proxy)}, {"reason", told.error().message()}});
        co_return;
    }
    const auto from = told->value_or(proxy);
    const bool of_many = !*told || self->uses.forwarded_from.contains(from.address());
    if (!of_many && !self->admitted.name(place, from.address())) {
        if (((*self).*at).tls == nullptr) net::stream(std::move(socket)).reject(too_busy(self->uses.clock));
        co_return;
    }
    co_await serve(self, at, std::move(socket), from, std::move(place));
}

/// Connections of proxies are many people's: they count in all only.
std::expected<net::connection_limit::ticket, net::connection_limit::refusal> server::state::admit(
    const door& at, const net::tcp_endpoint& peer) {
    if (at.proxies.contains(peer.address()) || uses.forwarded_from.contains(peer.address())) return admitted.admit();
    return admitted.admit(peer.address());
}

void server::state::take(const std::shared_ptr<state>& self, door state::* at, net::tcp_socket socket) {
    boost::system::error_code gone;
    const auto peer = socket.remote_endpoint(gone);
    if (gone) return;
    const auto& there = (*self).*at;
    auto place = self->admit(there, peer);
    if (place && there.proxies.contains(peer.address())) {
        self->tasks.spawn(serve_proxied(self, at, std::move(socket), peer, std::move(*place)), "http connection");
    } else if (place) {
        self->tasks.spawn(serve(self, at, std::move(socket), peer, std::move(*place)), "http connection");
    } else if (there.tls == nullptr) {  // within TLS there is nobody yet to tell it to
        net::stream(std::move(socket)).reject(too_busy(self->uses.clock));
    }
}

server::server(const net::executor& loop, const services& s, std::vector<route> routes, const config::limit_settings& limits,
               core::logger log)
    : state_(std::make_shared<state>(loop, s, std::move(routes), limits, std::move(log))) {}

server::~server() {
    state_->stopping = true;
    state_->in_clear.listening.stop();
    state_->in_tls.listening.stop();
}

core::result<void> server::listen(const std::vector<config::endpoint>& endpoints, net::network_list proxies,
                                  net::inherited_sockets* there_already) {
    state_->in_clear.proxies = std::move(proxies);
    return open(state_->in_clear.listening, endpoints, there_already);
}

core::result<void> server::listen_in_tls(const std::vector<config::endpoint>& endpoints, const net::tls_server_context& tls,
                                         net::network_list proxies, net::inherited_sockets* there_already) {
    state_->in_tls.tls = &tls;
    state_->in_tls.proxies = std::move(proxies);
    return open(state_->in_tls.listening, endpoints, there_already);
}

void server::change(changeable to) {
    state_->limits = to.limits;
    state_->admitted.change(to.limits.http_connections, to.limits.http_connections_per_address);
    state_->in_clear.proxies = std::move(to.proxies);
    state_->in_tls.proxies = std::move(to.proxies_in_tls);
    state_->uses.forwarded_from = std::move(to.forwarded_from);
    state_->uses.metrics_from = std::move(to.metrics_from);
}

std::vector<int> server::lend() {
    auto all = state_->in_clear.listening.lend();
    const auto more = state_->in_tls.listening.lend();
    all.insert(all.end(), more.begin(), more.end());
    return all;
}

void server::share() {
    state_->in_clear.listening.share();
    state_->in_tls.listening.share();
}

std::vector<net::tcp_endpoint> server::endpoints() const { return state_->in_clear.listening.endpoints(); }

std::vector<net::tcp_endpoint> server::endpoints_in_tls() const { return state_->in_tls.listening.endpoints(); }

void server::start() {
    state_->in_clear.listening.start([self = std::weak_ptr(state_)](net::tcp_socket socket) {
        if (const auto alive = self.lock()) state::take(alive, &state::in_clear, std::move(socket));
    });
    state_->in_tls.listening.start([self = std::weak_ptr(state_)](net::tcp_socket socket) {
        if (const auto alive = self.lock()) state::take(alive, &state::in_tls, std::move(socket));
    });
}

net::awaitable<bool> server::stop(std::chrono::steady_clock::duration drain) {
    const auto self = state_;
    self->stopping = true;
    self->in_clear.listening.stop();
    self->in_tls.listening.stop();
    const auto first = std::min<std::chrono::steady_clock::duration>(drain, first_request_wait);
    for (auto* client : self->open) client->stop(false);
    if (co_await self->tasks.wait(first)) co_return true;
    for (auto* client : self->open) client->stop(true);
    if (co_await self->tasks.wait(drain - first)) co_return true;
    self->log.warning("connections cut off", {{"count", self->tasks.size()}});
    self->tasks.cancel();
    co_return co_await self->tasks.wait(last_wait);
}

std::size_t server::connections() const { return state_->open.size(); }

}  // namespace postern::http
