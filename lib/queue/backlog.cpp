#include "queue/backlog.hpp"

#include <algorithm>
#include <utility>

namespace postern::queue {

void backlog::add(const next_hop& hop, job j, core::timestamp now) {
    auto found = destinations_.find(hop.key);
    if (found == destinations_.end()) {
        if (destinations_.size() >= limits_.destinations) forget_idle(now);
        found = destinations_.emplace(hop.key, std::make_shared<destination>(hop, limits_.connections_per_destination)).first;
    }
    auto to = found->second;
    items_ += j.items.size();
    to->add(std::move(j));
    if (!to->lingering.empty()) {
        to->lingering.front()->ring();
        to->lingering.pop_front();
        ++to->woken;
    }
    consider(to);
}

void backlog::consider(const std::shared_ptr<destination>& d) {
    if (d->in_turn || !d->has_free_jobs() || d->connections >= d->window()) return;
    d->in_turn = true;
    turn_.push_back(d);
}

std::shared_ptr<destination> backlog::begin_connection() {
    while (connections_ < limits_.connections && !turn_.empty()) {
        auto first = std::move(turn_.front());
        turn_.pop_front();
        first->in_turn = false;
        if (!first->has_free_jobs() || first->connections >= first->window()) continue;
        ++first->connections;
        ++first->woken;
        ++connections_;
        consider(first);
        return first;
    }
    return nullptr;
}

void backlog::end_connection(const std::shared_ptr<destination>& d) {
    --d->connections;
    --connections_;
    consider(d);
}

bool backlog::has_room_for(const next_hop& hop, std::size_t n) const {
    if (n > room()) return false;
    const auto found = destinations_.find(hop.key);
    return found == destinations_.end() || found->second->items() + n <= limits_.items_per_destination;
}

std::vector<std::string> backlog::saturated() const {
    std::vector<std::string> domains;
    for (const auto& [key, d] : destinations_) {
        // Behind a smarthost all domains are one destination: leaving some of them out would help nobody.
        if (d->hop().smarthost || d->items() < limits_.items_per_destination) continue;
        const auto& its = d->domains();
        for (auto at = its.begin(); at != its.end(); at = its.upper_bound(*at)) domains.push_back(*at);
    }
    return domains;
}

void backlog::forget_idle(core::timestamp now) {
    std::erase_if(destinations_, [now](const auto& entry) { return entry.second->is_idle(now); });
}

}  // namespace postern::queue
