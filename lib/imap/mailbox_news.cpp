#include "imap/mailbox_news.hpp"

#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace postern::imap {

struct mailbox_news::state {
    using heard_by = std::shared_ptr<std::function<void()>>;
    std::multimap<storage::account_id, heard_by> followers;

    void tell(std::optional<storage::account_id> account) const {
        const auto range = account ? followers.equal_range(*account) : std::pair(followers.begin(), followers.end());
        std::vector<heard_by> some;  // whoever is told may end its subscription
        for (auto at = range.first; at != range.second; ++at) some.push_back(at->second);
        for (const auto& f : some) {
            if (*f) (*f)();
        }
    }
};

mailbox_news::mailbox_news(storage::change_store& changes) : state_(std::make_shared<state>()) {
    changes.on_change([weak = std::weak_ptr(state_)](std::optional<storage::account_id> account) {
        if (const auto self = weak.lock()) self->tell(account);
    });
}

mailbox_news::~mailbox_news() = default;

std::shared_ptr<void> mailbox_news::follow(storage::account_id account, std::function<void()> heard) {
    const auto added = std::make_shared<std::function<void()>>(std::move(heard));
    const auto at = state_->followers.emplace(account, added);  // stays valid while others come and go
    return {added.get(), [weak = std::weak_ptr(state_), at, added](void*) {
                *added = nullptr;
                if (const auto self = weak.lock()) self->followers.erase(at);
            }};
}

}  // namespace postern::imap
