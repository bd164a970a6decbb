#include "account/recent_recipients.hpp"

#include <utility>

namespace postern::account {

net::awaitable<resolution> recent_recipients::resolve(std::string address, std::uint64_t size) {
    if (const auto* known = found_.find(address); known != nullptr && holds(*known, size)) co_return known->recipients;
    const auto asked_at = clock_.now();
    auto found = co_await resolver_.resolve(address, size);
    if (found) {
        found_.touch(address) = {asked_at, size, *found};
    } else {
        found_.erase(address);
    }
    co_return found;
}

bool recent_recipients::holds(const entry& e, std::uint64_t size) const {
    const auto age = clock_.now() - e.asked_at;
    // A clock set back must not make an entry live longer than it was given.
    return size <= e.size && age >= std::chrono::microseconds(0) && age < lifetime;
}

}  // namespace postern::account
