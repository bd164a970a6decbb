// One connection: it takes job after job of its destination.
#include <algorithm>
#include <utility>

#include "message/summary.hpp"
#include "queue/engine.hpp"
#include "queue/timeline.hpp"
#include "smtp_client/transaction.hpp"
#include "storage/errc.hpp"

namespace postern::queue {

namespace {

using smtp_client::delivery_status;
using kind = delivery_status::kind;
using steady = std::chrono::steady_clock;

constexpr std::uint64_t memory_per_message = 256ULL * 1024;  // a larger one is read in pieces while it is sent

smtp::body_type body_of(storage::body_kind k) {
    switch (k) {
        case storage::body_kind::eight_bit: return smtp::body_type::eight_bit;
        case storage::body_kind::binary: return smtp::body_type::binary;
        case storage::body_kind::seven_bit: break;
    }
    return smtp::body_type::seven_bit;
}

smtp::dsn_return return_of(storage::dsn_return r) {
    switch (r) {
        case storage::dsn_return::full: return smtp::dsn_return::full;
        case storage::dsn_return::headers: return smtp::dsn_return::headers;
        case storage::dsn_return::unspecified: break;
    }
    return smtp::dsn_return::unspecified;
}

smtp_client::envelope envelope_of(const storage::queue_item& item) {
    return {.reverse_path = item.reverse_path,
            .body = body_of(item.outbound.body),
            .smtputf8 = item.outbound.smtputf8,
            .ret = return_of(item.outbound.ret),
            .envid = item.outbound.envid};
}

std::vector<storage::queue_id> ids_of(const std::vector<storage::queue_item>& items) {
    std::vector<storage::queue_id> ids;
    for (const auto& i : items) ids.push_back(i.id);
    return ids;
}

smtp_client::recipient recipient_of(const storage::queue_item& item) {
    const auto& n = item.notify;
    return {.path = item.recipient,
            .notify = {.given = n.given, .never = n.never(), .success = n.success, .failure = n.failure, .delay = n.delay},
            .orcpt = item.orcpt};
}

delivery_status refusal(account::recipient_refusal why) {
    switch (why) {
        case account::recipient_refusal::mailbox_disabled:
            return smtp_client::failure(kind::permanent, {5, 2, 1}, "the mailbox is disabled");
        case account::recipient_refusal::over_quota:
            return smtp_client::failure(kind::temporary, {4, 2, 2}, "the mailbox is full");
        case account::recipient_refusal::unavailable:
            return smtp_client::failure(kind::temporary, {4, 3, 0}, "the database could not be asked");
        case account::recipient_refusal::not_local:
        case account::recipient_refusal::unknown_user: break;
    }
    return smtp_client::failure(kind::permanent, {5, 1, 1}, "there is no such user here");
}

delivery_status storage_failure(const core::error& why) {
    const bool full = why.code == storage::errc::over_quota || why.code == storage::errc::some_over_quota;
    return smtp_client::failure(kind::temporary, full ? smtp::enhanced_status{4, 2, 2} : smtp::enhanced_status{4, 3, 0},
                                full ? "the mailbox is full" : why.message());
}

delivery_status delivered_here(storage::message_id copy) {
    auto done = smtp_client::failure(kind::delivered, {2, 0, 0}, "");
    done.reply = "250 2.0.0 " + core::to_string(copy) + " delivered here";
    return done;
}

/// A connection in the row of those that wait for work.
class lingering_place {
public:
    lingering_place(destination& d, bell& b) : destination_(d), bell_(&b) { d.lingering.push_back(bell_); }
    ~lingering_place() { std::erase(destination_.lingering, bell_); }
    lingering_place(const lingering_place&) = delete;
    lingering_place& operator=(const lingering_place&) = delete;

private:
    destination& destination_;
    bell* bell_;
};

std::chrono::milliseconds since(steady::time_point begin) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(steady::now() - begin);
}

}  // namespace

engine::connection_share::~connection_share() {
    engine_->backlog_.end_connection(destination_);
    engine_->dispatch();
}

net::awaitable<void> engine::serve(shared self, place d) {
    const connection_share share(self, d);
    --d->woken;
    const auto& uses = self->uses_;
    courier c({uses.loop, uses.workers, uses.spools, uses.resolver, uses.random}, self->couriers_, d->hop());
    while (auto next = co_await self->next_job(*d, c)) {
        const auto ids = ids_of(next->items);
        try {
            co_await self->work_on(d, c, std::move(*next));
        } catch (...) {
            // Nobody works on them any more: with their leases they would be kept from everybody.
            for (const auto id : ids) self->leases_.remove(id);
            self->backlog_.finished(ids.size());
            throw;
        }
        self->backlog_.finished(ids.size());
        self->dispatch();
        if (c.is_tired() || d->connections > d->window()) break;
    }
    co_await c.leave();
}

/// The next job, for which a connection that stands waits a moment; nullopt: end the connection.
net::awaitable<std::optional<job>> engine::next_job(destination& d, const courier& c) {
    if (stopping_) co_return std::nullopt;
    if (!d.has_free_jobs() && c.connected() && backlog_.may_linger()) {
        bell called(uses_.loop);
        const lingering_place here(d, called);
        if (co_await called.wait(settings_.linger)) --d.woken;
    }
    if (stopping_ || !d.has_free_jobs()) co_return std::nullopt;
    co_return d.take();
}

bool engine::any_held(const items& some) const {
    const auto now = uses_.clock.now();
    return std::ranges::any_of(some, [&](const auto& i) { return leases_.holds(i.id, now); });
}

net::awaitable<void> engine::work_on(place d, courier& c, job j) {
    auto ours = std::move(j.items);
    leave_to_others(ours);
    ours = co_await deliver_in_place(j, std::move(ours));
    if (!ours.empty()) {
        auto attempts = co_await carry(*d, c, j, ours);
        backlog_.consider(d);
        co_await record(j.round, std::move(ours), std::move(attempts), d->left_alone_until());
    }
    co_await close_job(std::move(j));
}

/// Drops what is not ours any more, also from the renewals.
void engine::leave_to_others(items& some) {
    const auto now = uses_.clock.now();
    std::erase_if(some, [&](const auto& i) {
        if (leases_.holds(i.id, now)) return false;
        leases_.remove(i.id);
        return true;
    });
}

/// Over the network, unless it is known that nobody is there.
net::awaitable<std::vector<attempt>> engine::carry(destination& d, courier& c, const job& j, const items& to) {
    const auto begin = steady::now();
    if (const auto why = d.left_alone(uses_.clock.now())) {
        attempt none;
        none.status = *why;
        none.made = false;
        none.at = uses_.clock.now();
        co_return std::vector(to.size(), none);
    }
    auto octets = j.round->octets;
    std::vector<carried> results;
    if (!octets) {
        auto read = co_await uses_.messages.read_content(j.round->message, memory_per_message);
        if (read) {
            octets = std::move(*read);
        } else {
            results.assign(to.size(), carried{storage_failure(read.error()), false});
        }
    }
    if (octets) {
        const auto envelope = envelope_of(to.front());
        const smtp_client::outgoing message{octets, static_cast<std::uint64_t>(to.front().return_path_size)};
        std::vector<smtp_client::recipient> recipients;
        for (const auto& i : to) recipients.push_back(recipient_of(i));
        results = co_await c.carry(envelope, recipients, message, [this, &to] { return any_held(to); });
        if (c.unreachable()) d.not_reached(results.front().status, uses_.clock.now(), schedule_);
        if (c.turned_away()) d.turned_away();
        if (c.connected() && !c.turned_away()) d.went_well();
    }
    std::vector<attempt> attempts;
    for (auto& r : results) {
        attempts.push_back({.status = std::move(r.status),
                            .in_place = false,
                            .confirms = r.confirms,
                            .made = true,
                            .at = uses_.clock.now(),
                            .took = since(begin)});
    }
    co_return attempts;
}

/// Delivers those whose domain has become ours since they were queued; returns the others.
net::awaitable<engine::items> engine::deliver_in_place(const job& j, items all) {
    items others;
    for (auto& i : all) {
        if (co_await local_.contains(i.destination)) {
            co_await put_in_place(j, std::move(i));
        } else {
            others.push_back(std::move(i));
        }
    }
    co_return others;
}

/// The copy and the outcome are one transaction: a process that dies in between would have it delivered again.
net::awaitable<void> engine::put_in_place(const job& j, storage::queue_item item) {
    const auto begin = steady::now();
    attempt a;
    a.in_place = true;
    const auto found = co_await uses_.recipients.resolve(item.recipient, static_cast<std::uint64_t>(item.size));
    if (found) {
        auto copy = co_await copy_to(*found, item, j.round->octets);
        core::result<void> stored;
        if (copy) {
            a.status = delivered_here(copy->id);
            a.at = uses_.clock.now();
            a.took = since(begin);
            std::vector<settled_item> one{{item, a, judge(item, a, schedule_, settings_.queue.delay_notice)}};
            stored = co_await conclude_with(j.round, std::move(one), *std::move(copy));
            if (stored) co_return;
        }
        a.status = storage_failure(copy ? stored.error() : copy.error());
    } else {
        a.status = refusal(found.error());
    }
    a.at = uses_.clock.now();
    a.took = since(begin);
    items one;
    one.push_back(std::move(item));
    co_await record(j.round, std::move(one), {std::move(a)}, {});
}

/// A message of its own for the accounts' inboxes: the one that was queued stays what it is for its other recipients.
net::awaitable<core::result<storage::delivery>> engine::copy_to(std::vector<account::local_recipient> accounts,
                                                                const storage::queue_item& item,
                                                                std::shared_ptr<const core::content> octets) {
    if (!octets) {
        auto read = co_await uses_.messages.read_content(item.message, memory_per_message);
        if (!read) co_return std::unexpected(read.error());
        octets = std::move(*read);
    }
    const auto id = co_await uses_.messages.next_id();
    if (!id) co_return std::unexpected(id.error());
    storage::delivery copy;
    copy.id = *id;
    copy.received_at = uses_.clock.now();
    copy.reverse_path = item.reverse_path;
    copy.recipients = {item.recipient};
    copy.return_path_size = item.return_path_size;
    copy.summary = co_await uses_.workers.run([octets] { return message::summarize(*octets); });
    copy.octets = std::move(octets);
    for (const auto& a : accounts) copy.local.push_back({.account = a.account, .recipient = item.recipient});
    copy.events.push_back(copied_event(copy.received_at, item.message));
    co_return copy;
}

}  // namespace postern::queue
