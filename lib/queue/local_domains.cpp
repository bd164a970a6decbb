#include "queue/local_domains.hpp"

namespace postern::queue {

net::awaitable<bool> local_domains::contains(std::string domain) {
    if (domain.starts_with('[')) co_return false;
    const auto known = answers_.find(domain);
    if (known != answers_.end() && clock_.now() < known->second.until) co_return known->second.local;
    const auto found = co_await recipients_.resolve("postmaster@" + domain, 0);
    if (!found && found.error() == account::recipient_refusal::unavailable) co_return false;
    if (answers_.size() >= capacity) answers_.clear();
    const bool local = found.has_value() || found.error() != account::recipient_refusal::not_local;
    answers_[domain] = {local, clock_.now() + remembered};
    co_return local;
}

}  // namespace postern::queue
