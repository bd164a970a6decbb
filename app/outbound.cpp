#include "app/outbound.hpp"

#include <stdexcept>

#include <boost/asio/ip/address.hpp>

#include "app/resolver.hpp"
#include "app/vital_signs.hpp"
#include "net/tls_client_context.hpp"
#include "queue/arrivals.hpp"
#include "queue/old_rows.hpp"
#include "queue/quota_notices.hpp"
#include "queue/search_indexer.hpp"

namespace postern::app {

namespace {

std::unique_ptr<dns::cares_resolver> required_resolver(net::executor loop, const config::dns_settings& settings) {
    auto made = make_resolver(loop, settings);
    if (!made) throw std::runtime_error("no names can be looked up: " + made.error().message());
    return std::move(*made);
}

std::shared_ptr<const smtp_client::session_settings> sessions(const config::settings& settings,
                                                              net::tls_client_context::peer expected) {
    smtp_client::session_settings s;
    s.hostname = settings.server.hostname;
    s.tls = std::make_shared<net::tls_client_context>(expected);
    return std::make_shared<const smtp_client::session_settings>(std::move(s));
}

queue::scheduler_settings queue_settings(const config::settings& settings) {
    queue::scheduler_settings s;
    s.hostname = settings.server.hostname;
    s.queue = settings.queue;
    s.couriers.anybody = sessions(settings, net::tls_client_context::peer::anybody);
    s.couriers.named = sessions(settings, net::tls_client_context::peer::named);
    s.couriers.relay = settings.relay;
    for (const auto& a : settings.relay.source_addresses) s.couriers.sources.push_back(boost::asio::ip::make_address(a));
    s.couriers.own_names = {settings.server.hostname};
    s.limits.connections = settings.queue.connections;
    s.limits.connections_per_destination = settings.queue.connections_per_destination;
    return s;
}

}  // namespace

outbound::outbound(dependencies uses, const config::settings& settings)
    : uses_(std::move(uses)),
      settings_(settings),
      tasks_(uses_.loop, uses_.log),
      servers_(required_resolver(uses_.loop, settings.dns)),
      resolver_(uses_.loop, *servers_, uses_.clock, tasks_, {.figures = dns::figures(uses_.metrics)}),
      queue_({uses_.loop, uses_.clock, uses_.random, uses_.database.messages(), uses_.database.queue(), uses_.recipients,
              resolver_, uses_.workers, uses_.spools, uses_.log.module("queue"), queue::figures(uses_.metrics)},
             queue_settings(settings)) {}

void outbound::start() {
    queue_.start();
    tasks_.spawn(queue::remove_old_rows(uses_.loop, uses_.database, uses_.clock,
                                        {.events = settings_.events.retention,
                                         .trash = settings_.retention.trash,
                                         .junk = settings_.retention.junk,
                                         .logins = settings_.retention.logins,
                                         .idle_web_sessions = settings_.http.session_idle_timeout},
                                        uses_.log.module("queue")),
                 "old rows");
    tasks_.spawn(watch_loop(uses_.metrics), "loop lag");
    tasks_.spawn(watch_queue(uses_.database.queue(), uses_.clock, uses_.metrics), "queue depth");
    tasks_.spawn(queue::thread_arrivals(uses_.loop, uses_.database, uses_.log.module("queue")), "arrivals");
    tasks_.spawn(
        queue::tell_of_quotas(uses_.loop, uses_.database, uses_.clock, settings_.server.hostname, uses_.log.module("queue")),
        "quota warnings");
    tasks_.spawn(queue::index_arrivals(uses_.loop, uses_.database, uses_.log.module("queue")), "search index");
}

net::awaitable<void> outbound::stop(std::chrono::steady_clock::duration drain) {
    co_await queue_.stop(drain);
    tasks_.cancel();
    co_await tasks_.wait(time_to_cut_off);
}

}  // namespace postern::app
