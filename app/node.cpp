#include "app/node.hpp"

#include "http/handlers.hpp"

namespace postern::app {

namespace {

constexpr std::size_t worker_threads = 4;  // spool files, and GMime on large messages
constexpr auto time_to_cut_off = std::chrono::seconds(10);

net::awaitable<void> stop_http(std::shared_ptr<http::server> server, std::chrono::seconds drain) {
    co_await server->stop(drain);
}

}  // namespace

node::node(boost::asio::io_context& loop, const config::settings& settings, const net::tls_server_context& tls,
           std::unique_ptr<storage::database> database, const core::clock& clock, const core::logger& log)
    : settings_(settings),
      log_(log),
      workers_(worker_threads),
      http_workers_(worker_threads),
      database_(std::move(database)),
      hasher_(settings.limits.password_hashes),
      authenticator_(database_->accounts(), database_->app_passwords(), hasher_, random_, clock, log.module("account")),
      resolver_(database_->accounts(), settings.server.hostname, log.module("account")),
      recent_recipients_(resolver_, clock),
      receive_policy_(recent_recipients_),
      spool_(workers_, settings.server.data_dir, {.message_memory = settings.limits.memory_message_size}),
      smtp_(loop.get_executor(), {clock, database_->messages(), receive_policy_, workers_, spool_, log.module("smtp"), &tls},
            settings.server.hostname, settings.limits),
      http_(std::make_shared<http::server>(
          loop.get_executor(),
          http::services{*database_, authenticator_, http_workers_, clock, settings.limits.memory_message_size},
          http::api_routes(), settings.limits, log.module("http"))),
      stopping_(loop.get_executor(), log) {}

core::result<void> node::start() {
    if (auto bound = smtp_.open(settings_.smtp.listen); !bound) return bound;
    if (auto bound = http_->listen(settings_.http.listen); !bound) return bound;
    smtp_.start();
    http_->start();
    announce("smtp", smtp_.endpoints());
    announce("http", http_->endpoints());
    return {};
}

net::awaitable<void> node::stop() {
    const auto drain = settings_.server.drain;
    stopping_.spawn(stop_http(http_, drain), "stop http");
    co_await smtp_.stop(drain);
    co_await stopping_.wait(drain + time_to_cut_off);
}

void node::announce(const char* protocol, const std::vector<net::tcp_endpoint>& endpoints) const {
    for (const auto& e : endpoints)
        log_.info("listening", {{"protocol", protocol}, {"address", e.address().to_string()}, {"port", e.port()}});
}

}  // namespace postern::app
