#include "smtp_server/server.hpp"

#include <unordered_set>
#include <utility>

#include "net/connection_limit.hpp"
#include "net/listener.hpp"
#include "net/task_group.hpp"
#include "smtp/replies.hpp"
#include "smtp_server/session.hpp"

namespace postern::smtp_server {

namespace {

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
    state(net::executor loop, dependencies uses, std::string hostname, const config::limit_settings& limits, beginning begins)
        : shared{.uses = uses,
                 .hostname = std::move(hostname),
                 .limits = session_limits(limits),
                 .begins = begins,
                 .offered = offered_by(limits)},
          places(limits.smtp_connections, limits.smtp_connections_per_address),
          listening(loop, uses.log),
          tasks(loop, uses.log) {}

    service shared;
    net::connection_limit places;
    net::listener listening;
    net::task_group tasks;
    std::unordered_set<session*> running;
    bool stopping = false;

    void take(const std::shared_ptr<state>& self, net::tcp_socket socket);
    static net::awaitable<void> serve(std::shared_ptr<state> self, net::tcp_socket socket, net::connection_limit::ticket place);
};

server::server(net::executor loop, dependencies uses, std::string hostname, const config::limit_settings& limits,
               beginning begins)
    : state_(std::make_shared<state>(loop, std::move(uses), std::move(hostname), limits, begins)) {}

server::~server() { state_->listening.stop(); }

core::result<void> server::open(const std::vector<config::endpoint>& endpoints) {
    std::vector<net::tcp_endpoint> at;
    for (const auto& e : endpoints) {
        const auto parsed = net::make_endpoint(e.address, e.port);
        if (!parsed) return std::unexpected(parsed.error());
        at.push_back(*parsed);
    }
    return state_->listening.open(at, {});
}

void server::start() {
    state_->listening.start([weak = std::weak_ptr(state_)](net::tcp_socket socket) {
        if (const auto self = weak.lock()) self->take(self, std::move(socket));
    });
}

std::vector<net::tcp_endpoint> server::endpoints() const { return state_->listening.endpoints(); }

std::size_t server::sessions() const { return state_->tasks.size(); }

void server::state::take(const std::shared_ptr<state>& self, net::tcp_socket socket) {
    boost::system::error_code gone;
    const auto client = socket.remote_endpoint(gone).address();
    if (gone) return;
    auto place = places.admit(client);
    if (place) return tasks.spawn(serve(self, std::move(socket), std::move(*place)), "smtp session");
    shared.uses.figures.count(refusal::limit);
    const auto all = place.error() == net::connection_limit::refusal::too_many;
    shared.uses.log.info("refused", {{"client", client.to_string()},
                                     {"reason", all ? "too many connections" : "too many connections from this address"}});
    if (shared.begins == beginning::in_tls) return;  // a handshake, only to say no, is what a flood would want
    net::stream(std::move(socket)).reject(smtp::to_string(smtp::replies::too_many_connections));
}

net::awaitable<void> server::state::serve(std::shared_ptr<state> self, net::tcp_socket socket,
                                          net::connection_limit::ticket place) {
    const auto held = std::move(place);
    const core::gauge_share counted(self->shared.uses.figures.sessions);
    self->shared.uses.figures.connections.add();
    session served(self->shared, std::move(socket));
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
    self->listening.stop();
    for (auto* each : self->running) each->stop();
    if (co_await self->tasks.wait(drain)) co_return true;
    self->shared.uses.log.warning("cutting off sessions", {{"sessions", self->tasks.size()}});
    self->tasks.cancel();
    co_return co_await self->tasks.wait(time_to_be_cut_off);
}

}  // namespace postern::smtp_server
