#pragma once

#include <chrono>
#include <memory>

#include "config/relay_settings.hpp"
#include "queue/backlog.hpp"
#include "queue/courier.hpp"
#include "queue/dependencies.hpp"
#include "queue/intake.hpp"

/// Getting mail to other servers, again and again until it is there or given up.
///
/// Flow: a session hands a message to intake::deliver, which stores it and puts its remote recipients, leased to this process,
/// into the backlog; what is left over from before or falls due is claimed from storage::queue_store. route_table says which
/// next hop a recipient's domain has; recipients of one message at one next hop are a job. Each connection is a courier served
/// by one coroutine that takes job after job of its destination; verdict says what an attempt means, timeline what is told of
/// it, and report_writer makes the notices, which are stored in one transaction with the outcomes they tell of. On failure:
/// everything durable is in the database and under a lease that is renewed while we live. If the process dies, whoever shares
/// the database claims its items when the lease runs out: nothing is lost, and only what was sent without its outcome being
/// stored is sent twice.
namespace postern::queue {

class engine;

struct scheduler_settings {
    std::string hostname;
    config::queue_settings queue;
    courier_settings couriers;
    backlog::limits limits;
    std::uint64_t octets_in_memory = 32ULL * 1024 * 1024;                  ///< of fresh messages that wait
    std::chrono::steady_clock::duration linger = std::chrono::seconds(1);  ///< how long a connection without work is kept
    std::chrono::steady_clock::duration tell_together = std::chrono::minutes(1);  ///< a failure waits for the message's others
};

/// The queue of one process. Loop thread only.
class scheduler final : public intake {
public:
    scheduler(dependencies uses, scheduler_settings settings);
    ~scheduler() override;
    scheduler(const scheduler&) = delete;
    scheduler& operator=(const scheduler&) = delete;

    /// Begins to claim and deliver. deliver() may be called before; then items are left to be claimed.
    void start();

    /// Takes nothing more, lets transactions end within `drain`, cuts off the rest and gives the leases back.
    net::awaitable<void> stop(std::chrono::steady_clock::duration drain);

    net::awaitable<core::result<storage::delivered>> deliver(storage::delivery d, success_report tell) override;

    /// Where mail goes from now on; what waits in memory already goes where it was to go.
    void change_routes(const config::relay_settings& to);

    /// Something may have fallen due.
    void wake();

    /// Recipients in memory, and connections; for metrics and tests.
    [[nodiscard]] std::size_t items() const;
    [[nodiscard]] std::size_t connections() const;

private:
    std::shared_ptr<engine> engine_;
};

}  // namespace postern::queue
