#include "http/server.hpp"

#include <set>
#include <utility>

#include "http/connection.hpp"
#include "http/dispatcher.hpp"
#include "net/connection_limit.hpp"
#include "net/listener.hpp"
#include "net/task_group.hpp"

namespace postern::http {

namespace {

constexpr std::uint64_t bodies_at_once = 4;          // of the largest size; of others as many more
constexpr auto last_wait = std::chrono::seconds(5);  // for cancelled connections to come back from the pool

std::string too_busy(const core::clock& clock) {
    const auto r = to_response(try_later("Too many connections are open. Please try again soon."));
    return head_of(r, {.keep_alive = false}, clock.now()) + std::get<std::string>(r.body);
}

core::result<void> open(net::listener& listener, const std::vector<config::endpoint>& endpoints) {
    std::vector<net::tcp_endpoint> parsed;
    for (const auto& e : endpoints) {
        auto at = net::make_endpoint(e.address, e.port);
        if (!at) return std::unexpected(at.error());
        parsed.push_back(*at);
    }
    return listener.open(parsed, {});
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
          listen(loop, log),
          listen_in_tls(loop, log),
          tasks(loop, log) {}

    static net::awaitable<void> serve(std::shared_ptr<state> self, net::tcp_socket socket, const net::tls_server_context* tls,
                                      net::connection_limit::ticket place);
    static void take(const std::shared_ptr<state>& self, net::tcp_socket socket, const net::tls_server_context* tls);

    const services uses;
    const config::limit_settings limits;
    core::logger log;
    dispatcher dispatch;
    body_budget bodies;
    net::connection_limit admitted;
    std::set<connection*> open;
    core::gauge connections;
    bool stopping = false;
    net::listener listen;
    net::listener listen_in_tls;
    const net::tls_server_context* tls = nullptr;
    net::task_group tasks;
};

net::awaitable<void> server::state::serve(std::shared_ptr<state> self, net::tcp_socket socket,
                                          const net::tls_server_context* tls, net::connection_limit::ticket /*place*/) {
    connection client(std::move(socket), tls, self->dispatch, self->bodies, self->limits, self->uses.clock, self->log);
    struct registration {
        std::set<connection*>& open;
        connection* client;
        registration(std::set<connection*>& o, connection* c) : open(o), client(c) { open.insert(client); }
        registration(const registration&) = delete;
        registration& operator=(const registration&) = delete;
        ~registration() { open.erase(client); }
    } const registered(self->open, &client);
    const core::gauge_share counted(self->connections);
    if (self->stopping) client.stop();  // accepted just before the stop, begun after it
    co_await client.run();
}

void server::state::take(const std::shared_ptr<state>& self, net::tcp_socket socket, const net::tls_server_context* tls) {
    boost::system::error_code gone;
    const auto peer = socket.remote_endpoint(gone);
    if (gone) return;
    auto place = self->admitted.admit(peer.address());
    if (place) {
        self->tasks.spawn(serve(self, std::move(socket), tls, std::move(*place)), "http connection");
    } else if (tls == nullptr) {  // within TLS there is nobody yet to tell it to
        net::stream(std::move(socket)).reject(too_busy(self->uses.clock));
    }
}

server::server(const net::executor& loop, const services& s, std::vector<route> routes, const config::limit_settings& limits,
               core::logger log)
    : state_(std::make_shared<state>(loop, s, std::move(routes), limits, std::move(log))) {}

server::~server() {
    state_->listen.stop();
    state_->listen_in_tls.stop();
}

core::result<void> server::listen(const std::vector<config::endpoint>& endpoints) { return open(state_->listen, endpoints); }

core::result<void> server::listen_in_tls(const std::vector<config::endpoint>& endpoints, const net::tls_server_context& tls) {
    state_->tls = &tls;
    return open(state_->listen_in_tls, endpoints);
}

std::vector<net::tcp_endpoint> server::endpoints() const { return state_->listen.endpoints(); }

std::vector<net::tcp_endpoint> server::endpoints_in_tls() const { return state_->listen_in_tls.endpoints(); }

void server::start() {
    state_->listen.start([self = std::weak_ptr(state_)](net::tcp_socket socket) {
        if (const auto alive = self.lock()) state::take(alive, std::move(socket), nullptr);
    });
    state_->listen_in_tls.start([self = std::weak_ptr(state_)](net::tcp_socket socket) {
        if (const auto alive = self.lock()) state::take(alive, std::move(socket), alive->tls);
    });
}

net::awaitable<bool> server::stop(std::chrono::steady_clock::duration drain) {
    const auto self = state_;
    self->listen.stop();
    self->listen_in_tls.stop();
    self->stopping = true;
    for (auto* client : self->open) client->stop();
    if (co_await self->tasks.wait(drain)) co_return true;
    self->log.warning("connections cut off", {{"count", self->tasks.size()}});
    self->tasks.cancel();
    co_return co_await self->tasks.wait(last_wait);
}

std::size_t server::connections() const { return state_->open.size(); }

}  // namespace postern::http
