#include "storage/soci/delivery_plan.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <boost/json/serialize.hpp>

#include "storage/errc.hpp"
#include "storage/soci/last_uid.hpp"
#include "storage/soci/role_column.hpp"

namespace postern::storage {
namespace {

template <class T>
void sort_once_each(std::vector<T>& values) {
    std::ranges::sort(values);
    const auto rest = std::ranges::unique(values);
    values.erase(rest.begin(), rest.end());
}

}  // namespace

delivery_plan::delivery_plan(std::span<const std::shared_ptr<delivery_item>> batch) : batch_(batch.begin(), batch.end()) {
    for (const auto& item : batch_) {
        for (const auto& message : item->messages) {
            messages_.push_back(&message);
            tell_born(message);
            if (message.what.submitted_by) account_ids_.push_back(*message.what.submitted_by);
            if (const auto& draft = message.what.replaces) {
                draft_ids_.push_back(*draft);
                places_.emplace_back(draft->account, mailbox_role::drafts);
                account_ids_.push_back(draft->account);
            }
            if (const auto& response = message.what.response) {
                response_keys_.emplace_back(response->account, response->key);
                account_ids_.push_back(response->account);  // its lock lets nobody else bring the same key meanwhile
            }
            for (const auto& local : message.what.local) {
                places_.emplace_back(local.account, local.role);
                account_ids_.push_back(local.account);
            }
        }
        if (!item->messages.empty() && !item->concludes.outcomes.empty()) has_notices_ = true;
        for (const auto& outcome : item->concludes.outcomes) {
            outbound_ids_.push_back(outcome.message);
            queue_ids_.push_back(outcome.item);
        }
    }
    sort_once_each(outbound_ids_);
    sort_once_each(queue_ids_);
    sort_once_each(places_);
    sort_once_each(account_ids_);
}

bool delivery_plan::is_of(std::span<const std::shared_ptr<delivery_item>> batch) const {
    return std::ranges::equal(batch_, batch);
}

void delivery_plan::add(mailbox_row row) {
    const place where(row.account, row.role);
    mailboxes_.emplace(where, std::move(row));
}

void delivery_plan::add(draft_row row) { drafts_.emplace(row.id, row); }

void delivery_plan::add(account_row row) { accounts_.emplace(row.id, row); }

void delivery_plan::add(queue_row row) {
    const auto id = row.id;
    queue_.emplace(id, std::move(row));
}

void delivery_plan::leave_out_lost() {
    messages_.clear();
    for (const auto& item : batch_) {
        if (!item->concludes.outcomes.empty() && live_outcomes(item->concludes).empty()) {
            left_out_.insert(item.get());
        } else {
            for (const auto& message : item->messages) messages_.push_back(&message);
        }
    }
}

bool delivery_plan::foresee(const delivery_plan& before) {
    // COMMIT itself may fail where it has to NOTIFY; another process could then make the rows as foreseen all the same.
    if (before.wakes_ || has_extras() || !believe_leases(before)) return false;
    bool follows = false;
    for (const auto& where : places_) {
        const auto known = before.mailboxes_.find(where);
        if (known == before.mailboxes_.end()) return false;
        follows = follows || known->second.added > 0;
        auto row = known->second;
        row.added = row.removed = row.unread = 0;
        add(std::move(row));
    }
    for (const auto id : account_ids_) {
        const auto known = before.accounts_.find(id);
        // Of a row that is gone, only a mailbox's foreign key would tell.
        const bool has_place = std::ranges::any_of(places_, [id](const place& where) { return where.first == id; });
        if (known == before.accounts_.end() || !has_place) return false;
        auto row = known->second;
        row.quota_used += std::exchange(row.added, 0);
        add(row);
    }
    return follows;
}

/// False for what the batch before may have changed, and for outcomes that hold whoever has the lease: nobody knows if the item
/// is there.
bool delivery_plan::believe_leases(const delivery_plan& before) {
    for (const auto& item : batch_) {
        const auto& [owner, outcomes, lost] = item->concludes;
        for (const auto& outcome : outcomes) {
            if (owner.empty() || std::ranges::binary_search(before.queue_ids_, outcome.item)) return false;
            add(queue_row{outcome.item, outcome.message, owner});
        }
    }
    for (const auto& [id, row] : queue_) believed_.push_back(row);
    return believed_.size() == queue_ids_.size();
}

void delivery_plan::decide(rows of_messages) {
    messages_are_ = of_messages;
    for (const auto& item : batch_) {
        auto& conclusion = item->concludes;
        const auto outcomes = live_outcomes(conclusion);
        conclusion.lost.clear();
        for (const auto& outcome : conclusion.outcomes) {
            if (std::ranges::find(outcomes, &outcome) == outcomes.end()) conclusion.lost.push_back(outcome.item);
        }
        if (outcomes.empty() && !conclusion.outcomes.empty()) {
            // What its messages tell of did not happen, or was told by another.
            if (!left_out_.contains(item.get())) refuse(*item);
        } else if (auto judged = verdict(*item); judged) {
            for (const auto& message : item->messages) accept(message);
            for (const auto* outcome : outcomes) accept(*outcome);
        } else {
            item->conclude(std::move(judged));
            refuse(*item);
        }
    }
}

std::vector<const queue_outcome*> delivery_plan::live_outcomes(const queue_conclusion& conclusion) const {
    std::vector<const queue_outcome*> live;
    for (const auto& outcome : conclusion.outcomes) {
        const auto row = queue_.find(outcome.item);
        if (row != queue_.end() && row->second.message == outcome.message &&
            (conclusion.owner.empty() || row->second.lease_owner == conclusion.owner)) {
            live.push_back(&outcome);
        }
    }
    return live;
}

/// Two recipients that lead to one mailbox are one copy in it.
delivery_plan::needs delivery_plan::needs_of(const delivery& d) {
    needs wanted;
    for (const auto& local : d.local) {
        const place where(local.account, local.role);
        if (std::ranges::find(wanted, where, &needs::value_type::first) == wanted.end()) wanted.emplace_back(where, &local);
    }
    return wanted;
}

core::result<void> delivery_plan::check_account(account_id id) const {
    const auto account = accounts_.find(id);
    if (account != accounts_.end() && !account->second.disabled) return {};
    return core::fail(errc::account_gone, fmt::format("account {} was removed or disabled", id.value));
}

core::result<void> delivery_plan::check_extras(const delivery& d) const {
    if (d.response) {
        if (auto there = check_account(d.response->account); !there) return there;
        if (taken_keys_.contains({d.response->account, d.response->key})) return core::fail(errc::already_exists);
    }
    if (d.replaces) {
        const auto draft = drafts_.find(d.replaces->entry);
        if (draft == drafts_.end() || draft->second.account != d.replaces->account) {
            return core::fail(errc::not_found, "the draft is not there any more");
        }
    }
    return {};
}

core::result<void> delivery_plan::verdict(const delivery_item& item) const {
    std::map<account_id, std::int64_t> octets;
    for (const auto& message : item.messages) {
        const auto& d = message.what;
        if (d.submitted_by) {
            if (auto there = check_account(*d.submitted_by); !there) return there;
        }
        if (auto well = check_extras(d); !well) return well;
        if (d.replaces) octets[d.replaces->account] -= drafts_.at(d.replaces->entry).size;
        for (const auto& [where, local] : needs_of(d)) {
            if (auto there = check_account(where.first); !there) return there;
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
    }
    const auto over = std::ranges::count_if(octets, [this](const auto& need) {
        const auto& account = accounts_.at(need.first);
        return account.quota_limit && need.second > 0 &&
               account.quota_used + account.added + need.second > *account.quota_limit;
    });
    if (over == 0) return {};
    return core::fail(static_cast<std::size_t>(over) == octets.size() ? errc::over_quota : errc::some_over_quota);
}

void delivery_plan::refuse(const delivery_item& item) {
    for (const auto& message : item.messages) refused_.push_back(message.what.id);
}

void delivery_plan::accept(const new_message& message) {
    const auto& d = message.what;
    accepted_.push_back(&message);
    if (d.response) {
        responses_.push_back(&message);
        taken_keys_.emplace(d.response->account, d.response->key);
    }
    auto wanted = needs_of(d);
    if (d.replaces) replace(d, wanted);
    for (const auto& [where, local] : wanted) {
        if (d.replaces && where == place(d.replaces->account, mailbox_role::drafts)) continue;
        auto& mailbox = mailboxes_.at(where);
        entries_.push_back({&d, local, mailbox.id, mailbox.uid_next++, ++mailbox.highest_modseq});
        ++mailbox.added;
        if (!local->seen) ++mailbox.unread;
        accounts_.at(where.first).added += static_cast<std::int64_t>(d.octets->size());
    }
    for (const auto& local : d.local) tell_delivered(d, local);
    for (const auto* step : timelines_[&d].apart) events_.push_back({d.id, step});
    if (!d.remote.empty()) queue(message);
}

/// What is known of its timeline before anything is decided.
void delivery_plan::tell_born(const new_message& message) {
    const auto& d = message.what;
    auto& told = timelines_[&d];
    for (const auto& step : d.events) told.add(d, step);
    for (std::size_t i = 0; i < d.remote.size(); ++i) {
        const auto& recipient = d.remote[i];
        auto detail = fmt::format(R"({{"queue_id":"{}","destination":{},"until":"{}"}})", message.queue.at(i).value,
                                  boost::json::serialize(recipient.destination), core::to_rfc3339(recipient.expires_at));
        told.add(d, made_.emplace_back(d.received_at, "queued", recipient.recipient, std::move(detail)));
    }
}

void delivery_plan::tell_delivered(const delivery& d, const local_delivery& local) {
    // The sender's own copy is no delivery, nor is what is not sent yet.
    if (local.role == mailbox_role::sent || local.role == mailbox_role::drafts) return;
    const auto& mailbox = mailboxes_.at({local.account, local.role});
    auto detail = fmt::format(R"({{"account":"{}","mailbox":{},"mailbox_id":"{}","uid":{}}})", local.account.value,
                              boost::json::serialize(mailbox.name), mailbox.id.value, mailbox.uid_next - 1);
    const auto& step = made_.emplace_back(d.received_at, "delivered", local.recipient, std::move(detail));
    auto& told = timelines_[&d];
    if (messages_are_ == rows::written) {
        told.apart.push_back(&step);
    } else {
        told.add(d, step);
    }
}

std::optional<std::string> delivery_plan::history_of(const new_message& message) const {
    return to_history(message.what, timelines_.at(&message.what).in_row);
}

void delivery_plan::replace(const delivery& d, const needs& wanted) {
    const auto at = drafts_.find(d.replaces->entry);
    const auto& draft = at->second;
    const place where(draft.account, mailbox_role::drafts);
    auto& mailbox = mailboxes_.at(where);
    auto& account = accounts_.at(draft.account);
    ++mailbox.removed;
    if (!draft.seen) --mailbox.unread;
    account.added -= draft.size;
    replaced_row row{draft, ++mailbox.highest_modseq, d.received_at, std::nullopt};
    if (const auto anew = std::ranges::find(wanted, where, &needs::value_type::first); anew != wanted.end()) {
        row.written_anew = entry_row{&d, anew->second, mailbox.id, mailbox.uid_next++, mailbox.highest_modseq};
        ++mailbox.added;
        if (!anew->second->seen) ++mailbox.unread;
        account.added += static_cast<std::int64_t>(d.octets->size());
    }
    replaced_.push_back(row);
    drafts_.erase(at);
}

void delivery_plan::queue(const new_message& message) {
    const auto& d = message.what;
    outbound_.push_back(&d);
    if (d.lease_owner.empty()) wakes_ = true;
    for (std::size_t i = 0; i < d.remote.size(); ++i) queued_.push_back({message.queue.at(i), &d, &d.remote[i]});
}

void delivery_plan::accept(const queue_outcome& outcome) {
    const auto row = queue_.find(outcome.item);
    if (row == queue_.end()) return;  // named twice, and the first time it went
    for (const auto& event : outcome.events) events_.push_back({outcome.message, &event});
    if (outcome.what == queue_outcome::kind::deferred) {
        deferred_[outcome.item] = &outcome;
        row->second.lease_owner.clear();
        return;
    }
    deferred_.erase(outcome.item);
    finished_.push_back(outcome.item);
    finished_messages_.push_back(outcome.message);
    queue_.erase(row);
}

std::vector<message_id> delivery_plan::finished_messages() const {
    auto once = finished_messages_;
    sort_once_each(once);
    return once;
}

std::vector<const delivery_plan::mailbox_row*> delivery_plan::changed_mailboxes() const {
    std::vector<const mailbox_row*> changed;
    for (const auto& [where, row] : mailboxes_) {
        if (row.added > 0 || row.removed > 0) changed.push_back(&row);
    }
    std::ranges::sort(changed, {}, &mailbox_row::id);
    return changed;
}

std::vector<const delivery_plan::account_row*> delivery_plan::changed_accounts() const {
    std::vector<const account_row*> changed;
    for (const auto& [id, row] : accounts_) {
        if (row.added != 0) changed.push_back(&row);
    }
    return changed;
}

}  // namespace postern::storage
