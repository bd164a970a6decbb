#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/clock.hpp"
#include "queue/destination.hpp"

namespace postern::queue {

/// What waits in memory, by next hop, and who gets the next connection: bounded, and fair to each destination.
class backlog {
public:
    struct limits {
        std::size_t connections = 200;  ///< in all
        std::size_t connections_per_destination = 20;
        std::size_t items = 20'000;                 ///< recipients in memory, worked on or waiting
        std::size_t items_per_destination = 4'000;  ///< waiting
        std::size_t destinations = 10'000;          ///< remembered
    };

    explicit backlog(limits l) : limits_(l) {}

    /// Puts a job behind its next hop's others; one of its connections that lingers is woken for it.
    void add(const next_hop& hop, job j, core::timestamp now);

    /// A destination that has work and may have one more connection, in turn; nullptr when there is none. The connection is
    /// counted until end_connection(), and under woken until it looks for its first job.
    [[nodiscard]] std::shared_ptr<destination> begin_connection();
    void end_connection(const std::shared_ptr<destination>& d);
    /// After its window may have grown.
    void consider(const std::shared_ptr<destination>& d);

    /// `n` items that were waiting are done with.
    void finished(std::size_t n) { items_ -= n; }

    /// How many more items may be taken in.
    [[nodiscard]] std::size_t room() const noexcept { return items_ < limits_.items ? limits_.items - items_ : 0; }
    /// Whether the next hop may have `n` more.
    [[nodiscard]] bool has_room_for(const next_hop& hop, std::size_t n) const;
    /// Domains that have enough waiting already: the database shall keep the rest.
    [[nodiscard]] std::vector<std::string> saturated() const;

    [[nodiscard]] std::size_t items() const noexcept { return items_; }
    [[nodiscard]] std::size_t connections() const noexcept { return connections_; }
    /// Whether so many connections are free that idle ones may be kept for a moment.
    [[nodiscard]] bool may_linger() const noexcept { return connections_ * 2 <= limits_.connections; }

private:
    void forget_idle(core::timestamp now);

    limits limits_;
    std::unordered_map<std::string, std::shared_ptr<destination>> destinations_;
    std::deque<std::shared_ptr<destination>> turn_;  // those that have jobs and may have connections, each once
    std::size_t items_ = 0;
    std::size_t connections_ = 0;
};

}  // namespace postern::queue
