#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "storage/change_store.hpp"

namespace postern::imap {

/// Tells sessions that something may have changed in their account's mailboxes.
///
/// One for all servers of a process: it follows storage::change_store::on_change once. Loop thread only.
class mailbox_news {
public:
    explicit mailbox_news(storage::change_store& changes);
    ~mailbox_news();
    mailbox_news(const mailbox_news&) = delete;
    mailbox_news& operator=(const mailbox_news&) = delete;

    /// From now on, until what is returned ends, `heard` is called on the loop. It must not wait, and may end the subscription.
    [[nodiscard]] std::shared_ptr<void> follow(storage::account_id account, std::function<void()> heard);

private:
    struct state;
    std::shared_ptr<state> state_;
};

}  // namespace postern::imap
