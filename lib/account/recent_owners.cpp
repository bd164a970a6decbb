#include "account/recent_owners.hpp"

#include <utility>

namespace postern::account {

net::awaitable<core::result<bool>> recent_owners::owns(storage::account_id account, std::string address) {
    if (const auto* known = found_.find(address); known != nullptr && known->account == account && holds(*known))
        co_return true;
    const auto asked_at = clock_.now();
    auto owned = co_await owners_.owns(account, address);
    if (owned && *owned) found_.touch(address) = {asked_at, account};
    co_return owned;
}

bool recent_owners::holds(const entry& e) const {
    const auto age = clock_.now() - e.asked_at;
    // A clock set back must not make an entry live longer than it was given.
    return age >= std::chrono::microseconds(0) && age < lifetime;
}

}  // namespace postern::account
