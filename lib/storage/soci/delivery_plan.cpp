#include "storage/soci/delivery_plan.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <boost/json/serialize.hpp>

#include "storage/errc.hpp"
#include "storage/soci/role_column.hpp"

namespace postern::storage {
namespace {

constexpr std::int64_t last_uid = 4'294'967'294;  // RFC 9051 2.3.1.1: 32 bits, and uid_next must fit too

template <class T>
void sort_once_each(std::vector<T>& values) {
    std::ranges::sort(values);
    const auto rest = std::ranges::unique(values);
    values.erase(rest.begin(), rest.end());
}

}  // namespace

delivery_plan::delivery_plan(std::span<const std::shared_ptr<delivery_item>> batch) : batch_(batch) {
    for (const auto& item : batch_) {
        for (const auto& local : item->what.local) {
            places_.emplace_back(local.account, local.role);
            account_ids_.push_back(local.account);
        }
    }
    sort_once_each(places_);
    sort_once_each(account_ids_);
}

void delivery_plan::add(mailbox_row row) {
    const place where(row.account, row.role);
    mailboxes_.emplace(where, std::move(row));
}

void delivery_plan::add(account_row row) { accounts_.emplace(row.id, row); }

void delivery_plan::decide() {
    for (const auto& item : batch_) {
        // Two recipients that lead to one mailbox are one copy in it, and each is told of as delivered.
        needs wanted;
        for (const auto& local : item->what.local) {
            const place where(local.account, local.role);
            if (std::ranges::find(wanted, where, &needs::value_type::first) == wanted.end()) wanted.emplace_back(where, &local);
        }
        if (auto judged = verdict(item->what, wanted); judged) {
            accept(*item, wanted);
        } else {
            item->conclude(std::move(judged));
            refused_.push_back(item->what.id);
        }
    }
}

core::result<void> delivery_plan::verdict(const delivery& d, const needs& wanted) const {
    std::map<account_id, std::int64_t> octets;
    for (const auto& [where, local] : wanted) {
        const auto account = accounts_.find(where.first);
        if (account == accounts_.end() || account->second.disabled) {
            return core::fail(errc::account_gone, fmt::format("account {} was removed or disabled", where.first.value));
        }
        const auto mailbox = mailboxes_.find(where);
        if (mailbox == mailboxes_.end()) {
            return core::fail(errc::failed,
                              fmt::format("account {} has no mailbox for {}", where.first.value, to_column(where.second)));
        }
        if (mailbox->second.uid_next > last_uid) {
            return core::fail(errc::failed, fmt::format("mailbox {} is out of uids", mailbox->second.id.value));
        }
        octets[where.first] += static_cast<std::int64_t>(d.octets->size());
    }
    const auto over = std::ranges::count_if(octets, [this](const auto& need) {
        const auto& account = accounts_.at(need.first);
        return account.quota_limit && account.quota_used + account.added + need.second > *account.quota_limit;
    });
    if (over == 0) return {};
    return core::fail(static_cast<std::size_t>(over) == octets.size() ? errc::over_quota : errc::some_over_quota);
}

void delivery_plan::accept(delivery_item& item, const needs& wanted) {
    const auto& d = item.what;
    accepted_.push_back(&item);
    for (const auto& [where, local] : wanted) {
        auto& mailbox = mailboxes_.at(where);
        entries_.push_back({&d, local, mailbox.id, mailbox.uid_next++, ++mailbox.highest_modseq});
        ++mailbox.added;
        if (!local->seen) ++mailbox.unread;
        accounts_.at(where.first).added += static_cast<std::int64_t>(d.octets->size());
    }
    for (const auto& event : d.events) events_.push_back({d.id, &event});
    for (const auto& local : d.local) {
        const auto& mailbox = mailboxes_.at({local.account, local.role});
        auto detail = fmt::format(R"({{"account":"{}","mailbox":{},"mailbox_id":"{}","uid":{}}})", local.account.value,
                                  boost::json::serialize(mailbox.name), mailbox.id.value, mailbox.uid_next - 1);
        delivered_.push_back(
            std::make_unique<message_event>(message_event{d.received_at, "delivered", local.recipient, std::move(detail)}));
        events_.push_back({d.id, delivered_.back().get()});
    }
}

std::vector<const delivery_plan::mailbox_row*> delivery_plan::changed_mailboxes() const {
    std::vector<const mailbox_row*> changed;
    for (const auto& [where, row] : mailboxes_) {
        if (row.added > 0) changed.push_back(&row);
    }
    std::ranges::sort(changed, {}, &mailbox_row::id);
    return changed;
}

std::vector<const delivery_plan::account_row*> delivery_plan::changed_accounts() const {
    std::vector<const account_row*> changed;
    for (const auto& [id, row] : accounts_) {
        if (row.added > 0) changed.push_back(&row);
    }
    return changed;
}

}  // namespace postern::storage
