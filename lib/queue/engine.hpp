#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "net/task_group.hpp"
#include "queue/lease_book.hpp"
#include "queue/local_domains.hpp"
#include "queue/report_writer.hpp"
#include "queue/scheduler.hpp"

namespace postern::queue {

/// What is behind a scheduler: shared by it and by the coroutines it spawned, which may end after it.
class engine : public std::enable_shared_from_this<engine> {
public:
    engine(dependencies uses, scheduler_settings settings);

    // engine.cpp
    void start();
    net::awaitable<void> stop(std::chrono::steady_clock::duration drain);
    net::awaitable<core::result<storage::delivered>> deliver(storage::delivery d, success_report tell);
    void wake() { wake_.ring(); }
    void change_routes(const config::relay_settings& to) { routes_ = route_table(to); }
    [[nodiscard]] const backlog& waiting() const noexcept { return backlog_; }

private:
    using shared = std::shared_ptr<engine>;
    using place = std::shared_ptr<destination>;
    using items = std::vector<storage::queue_item>;

    /// One connection as long as its coroutine runs.
    class connection_share {
    public:
        connection_share(shared e, place d) : engine_(std::move(e)), destination_(std::move(d)) {}
        ~connection_share();
        connection_share(const connection_share&) = delete;
        connection_share& operator=(const connection_share&) = delete;

    private:
        shared engine_;
        place destination_;
    };

    // engine.cpp: what comes in
    static net::awaitable<void> claim_always(shared self);
    net::awaitable<std::chrono::steady_clock::duration> claim_due();
    [[nodiscard]] std::chrono::steady_clock::duration not_read(const core::error& why) const;
    static net::awaitable<void> renew_always(shared self);
    net::awaitable<bool> renew_leases();
    static report_request success_of(const storage::delivery& d, success_report tell);
    items lease_from_birth(storage::delivery& d);
    void take_in(items claimed, const std::shared_ptr<const core::content>& octets);
    void take_in_fresh(items born, const storage::delivered& names, std::shared_ptr<const core::content> octets);
    std::shared_ptr<const core::content> keep(std::shared_ptr<const core::content> octets);
    void dispatch();
    static net::awaitable<void> tell_success(shared self, report_request about);

    // engine_work.cpp: one connection
    static net::awaitable<void> serve(shared self, place d);
    net::awaitable<std::optional<job>> next_job(destination& d, const courier& c);
    net::awaitable<void> work_on(place d, courier& c, job j);
    net::awaitable<items> deliver_in_place(const job& j, items all);
    net::awaitable<void> put_in_place(const job& j, storage::queue_item item);
    net::awaitable<core::result<storage::delivery>> copy_to(std::vector<account::local_recipient> accounts,
                                                            const storage::queue_item& item,
                                                            std::shared_ptr<const core::content> octets);
    net::awaitable<std::vector<attempt>> carry(destination& d, courier& c, const job& j, const items& to);
    void leave_to_others(items& some);
    [[nodiscard]] bool any_held(const items& some) const;

    // engine_record.cpp: outcomes
    net::awaitable<void> record(std::shared_ptr<message_round> round, items done, std::vector<attempt> attempts,
                                core::timestamp not_before);
    net::awaitable<void> close_job(job done);
    static net::awaitable<void> tell_later(shared self, std::shared_ptr<message_round> round);
    net::awaitable<void> conclude(std::shared_ptr<message_round> round, std::vector<settled_item> settled);
    net::awaitable<core::result<void>> conclude_with(std::shared_ptr<message_round> round, std::vector<settled_item> settled,
                                                     std::optional<storage::delivery> copy);
    net::awaitable<core::result<void>> conclude_once(const std::vector<settled_item>& settled,
                                                     std::optional<storage::delivery> notice,
                                                     std::optional<storage::delivery> copy);
    net::awaitable<core::result<std::optional<storage::delivery>>> notice_for(const message_round& round,
                                                                              const std::vector<settled_item>& settled);
    void forget(const std::vector<settled_item>& settled);
    void log_outcome(const settled_item& s) const;
    net::awaitable<void> pause(std::chrono::steady_clock::duration time);

    dependencies uses_;
    scheduler_settings settings_;
    std::shared_ptr<const courier_settings> couriers_;
    std::string owner_;
    retry_schedule schedule_;
    route_table routes_;
    local_domains local_;
    report_writer reports_;
    open_rounds rounds_;
    backlog backlog_;
    lease_book leases_;
    bell wake_;
    core::timestamp next_look_{};  // when claim_always looks at the database again by itself
    std::shared_ptr<std::uint64_t> octets_kept_ = std::make_shared<std::uint64_t>(0);
    bool started_ = false;
    bool stopping_ = false;
    net::task_group background_;  // what runs as long as we do
    net::task_group tasks_;       // what has an end
};

}  // namespace postern::queue
