#pragma once

#include <chrono>
#include <memory>

#include "config/settings.hpp"
#include "core/metrics.hpp"
#include "core/random.hpp"
#include "dns/caching_resolver.hpp"
#include "dns/cares_resolver.hpp"
#include "net/task_group.hpp"
#include "queue/scheduler.hpp"
#include "storage/database.hpp"

namespace postern::app {

/// What has not ended by itself when a stop has waited for it is cut off, and has so long to end.
inline constexpr auto time_to_cut_off = std::chrono::seconds(10);

/// What takes mail to other servers: the resolver with its cache, the queue; and what goes on behind: the removal of old rows,
/// threads, the search index, what
/// is measured now and then.
class outbound {
public:
    /// All of these, and `settings`, outlive it.
    struct dependencies {
        net::executor loop;
        storage::database& database;
        account::recipient_resolver& recipients;
        net::blocking_pool& workers;
        net::spool_area& spools;
        const core::clock& clock;
        core::random_source& random;
        core::logger log;
        core::metrics& metrics;
    };

    /// Throws std::runtime_error where there is no way to look names up.
    outbound(dependencies uses, const config::settings& settings);

    [[nodiscard]] queue::intake& intake() noexcept { return queue_; }

    /// Where mail goes from now on.
    void change_routes(const config::relay_settings& to) { queue_.change_routes(to); }

    void start();
    [[nodiscard]] net::awaitable<void> stop(std::chrono::steady_clock::duration drain);

private:
    dependencies uses_;
    const config::settings& settings_;
    net::task_group tasks_;
    std::unique_ptr<dns::cares_resolver> servers_;
    dns::caching_resolver resolver_;
    queue::scheduler queue_;
};

}  // namespace postern::app
