// What comes in: fresh messages with their leases, and what is claimed from the database.
#include "queue/engine.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include <fmt/format.h>
#include <unistd.h>

namespace postern::queue {

namespace {

using namespace std::chrono_literals;
using steady = std::chrono::steady_clock;

constexpr std::size_t claim_size = 500;         // items in one question
constexpr std::size_t least_room = 100;         // below this it is not worth one
constexpr std::size_t renewed_at_once = 1000;   // the store's bound
constexpr auto after_trouble = 5s;              // the database could not be asked
constexpr auto when_full = 1s;                  // or when what is due is not wanted
constexpr auto time_to_be_cut_off = 10s;        // a commit waits for its end
constexpr steady::duration longest_sleep = 5s;  // a wake may get lost, and on SQLite another process has none; mail may not

/// For the lease: nobody else has it, not even this process after its next start.
std::string unique_owner(const std::string& hostname, core::random_source& random) {
    return fmt::format("{}:{}:{}", hostname, ::getpid(), core::random_text(random, 8));
}

}  // namespace

engine::engine(dependencies uses, scheduler_settings settings)
    : uses_(std::move(uses)),
      settings_(std::move(settings)),
      couriers_(std::make_shared<const courier_settings>(settings_.couriers)),
      owner_(unique_owner(settings_.hostname, uses_.random)),
      schedule_(settings_.queue.retry),
      routes_(settings_.couriers.relay),
      local_(uses_.recipients, uses_.clock),
      reports_({uses_.clock, uses_.random, uses_.messages, uses_.recipients, uses_.workers, uses_.log}, settings_.hostname,
               settings_.queue.expire),
      backlog_(settings_.limits),
      wake_(uses_.loop),
      background_(uses_.loop, uses_.log),
      tasks_(uses_.loop, uses_.log) {}

void engine::start() {
    started_ = true;
    uses_.queue.on_wake([weak = weak_from_this()] {
        if (const auto self = weak.lock()) self->wake();
    });
    background_.spawn(claim_always(shared_from_this()), "queue claims");
    background_.spawn(renew_always(shared_from_this()), "queue leases");
}

net::awaitable<void> engine::stop(steady::duration drain) {
    stopping_ = true;
    wake_.ring();
    if (!co_await tasks_.wait(drain)) {
        tasks_.cancel();
        co_await tasks_.wait(time_to_be_cut_off);
    }
    background_.cancel();
    co_await background_.wait(time_to_be_cut_off);
    if (!started_) co_return;
    if (const auto given_back = co_await uses_.queue.release_leases(owner_); !given_back)
        uses_.log.warning("leases not given back", {{"reason", given_back.error().message()}});
}

net::awaitable<core::result<storage::delivered>> engine::deliver(storage::delivery d, success_report tell) {
    for (auto& r : d.remote) r.expires_at = d.received_at + settings_.queue.expire;
    auto born = lease_from_birth(d);
    auto about = success_of(d, std::move(tell));
    auto octets = d.octets;
    auto stored = co_await uses_.messages.deliver(std::move(d));
    if (!stored) co_return stored;
    if (!born.empty()) take_in_fresh(std::move(born), *stored, std::move(octets));
    if (!about.recipients.empty() && !stopping_)
        tasks_.spawn(tell_success(shared_from_this(), std::move(about)), "success notice");
    co_return stored;
}

/// What the sender is to be told of the copies made in place; without recipients when nothing.
report_request engine::success_of(const storage::delivery& d, success_report tell) {
    report_request about;
    if (tell.recipients.empty() || d.reverse_path.empty()) return about;
    about = {.message = d.id,
             .sender = d.reverse_path,
             .outbound = {.smtputf8 = tell.smtputf8, .envid = std::move(tell.envid)},
             .accepted_at = d.received_at,
             .return_path_size = d.return_path_size,
             .octets = d.octets,
             .recipients = {}};
    for (auto& r : tell.recipients) {
        const auto copies = std::ranges::count(d.local, r.recipient, &storage::local_delivery::recipient);
        message::reported_recipient reported;
        reported.address = std::move(r.recipient);
        reported.original = std::move(r.orcpt);
        reported.action = local_success_action(static_cast<std::size_t>(copies));
        reported.status = "2.0.0";
        about.recipients.push_back(std::move(reported));
    }
    return about;
}

/// Its items as they will be once it is stored, ours to work on, but for their ids; none where there is no room for them: then
/// whoever has room claims them.
engine::items engine::lease_from_birth(storage::delivery& d) {
    items born;
    if (!started_ || stopping_ || backlog_.room() < d.remote.size()) return born;
    for (const auto& r : d.remote) {
        if (!backlog_.has_room_for(routes_.find(r.destination), 1)) return born;
    }
    d.lease_owner = owner_;
    d.lease_until = uses_.clock.now() + settings_.queue.lease;
    for (const auto& r : d.remote) {
        storage::queue_item item;
        item.message = d.id;
        item.reverse_path = d.reverse_path;
        item.submitted_by = d.submitted_by;
        item.size = static_cast<std::int64_t>(d.octets->size());
        item.return_path_size = d.return_path_size;
        item.outbound = d.outbound;
        item.recipient = r.recipient;
        item.destination = r.destination;
        item.notify = r.notify;
        item.orcpt = r.orcpt;
        item.created_at = d.received_at;
        item.next_attempt_at = d.received_at;
        item.expires_at = r.expires_at;
        item.lease_owner = d.lease_owner;
        item.lease_until = d.lease_until;
        born.push_back(std::move(item));
    }
    return born;
}

void engine::take_in_fresh(items born, const storage::delivered& names, std::shared_ptr<const core::content> octets) {
    for (std::size_t i = 0; i < born.size(); ++i) born[i].id = names.queue.at(i);
    take_in(std::move(born), keep(std::move(octets)));
}

/// The octets if they may stay in memory until they are sent; they are counted as long as anybody has them.
std::shared_ptr<const core::content> engine::keep(std::shared_ptr<const core::content> octets) {
    const auto size = octets->size();
    if (!octets->in_memory() || *octets_kept_ + size > settings_.octets_in_memory) return nullptr;
    *octets_kept_ += size;
    const auto* what = octets.get();
    return {what, [kept = octets_kept_, size, held = std::move(octets)](const core::content*) { *kept -= size; }};
}

void engine::take_in(items claimed, const std::shared_ptr<const core::content>& octets) {
    std::map<std::pair<storage::message_id, std::string>, std::pair<next_hop, job>> jobs;
    for (auto& i : claimed) {
        leases_.add(i.id, i.lease_until.value_or(i.created_at));
        auto hop = routes_.find(i.destination);
        auto& [to, j] = jobs[{i.message, hop.key}];
        if (!j.round) {
            to = std::move(hop);
            j.round = rounds_.join(i.message, octets);
            j.share = j.round->open_job();
        }
        j.items.push_back(std::move(i));
    }
    const auto now = uses_.clock.now();
    for (auto& [key, entry] : jobs) backlog_.add(entry.first, std::move(entry.second), now);
    dispatch();
}

void engine::dispatch() {
    if (stopping_) return;
    while (auto d = backlog_.begin_connection()) tasks_.spawn(serve(shared_from_this(), std::move(d)), "relaying");
}

net::awaitable<void> engine::claim_always(shared self) {
    while (!self->stopping_) {
        const auto sleep = co_await self->claim_due();
        self->next_look_ = self->uses_.clock.now() + std::chrono::duration_cast<std::chrono::microseconds>(sleep);
        co_await self->wake_.wait(sleep);
    }
}

/// Claims what is due, as far as there is room; returns after what time to look again.
net::awaitable<steady::duration> engine::claim_due() {
    while (!stopping_) {
        const auto now = uses_.clock.now();
        // A question first, since a claim writes: most of the time nothing is due.
        const auto due = co_await uses_.queue.next_due(now);
        if (!due) co_return not_read(due.error());
        if (!*due) co_return longest_sleep;
        if (**due > now) co_return std::clamp<steady::duration>(**due - now, 1ms, longest_sleep);
        const auto limit = std::min(claim_size, backlog_.room());
        if (limit < std::min(least_room, settings_.limits.items)) co_return when_full;
        auto claimed = co_await uses_.queue.claim({.owner = owner_,
                                                   .now = now,
                                                   .lease_until = now + settings_.queue.lease,
                                                   .limit = limit,
                                                   .not_to = backlog_.saturated()});
        if (!claimed) co_return not_read(claimed.error());
        if (claimed->empty()) co_return when_full;
        take_in(std::move(*claimed), nullptr);
    }
    co_return longest_sleep;
}

steady::duration engine::not_read(const core::error& why) const {
    uses_.log.warning("queue not read", {{"reason", why.message()}});
    return after_trouble;
}

net::awaitable<void> engine::renew_always(shared self) {
    const auto beat = std::chrono::duration_cast<steady::duration>(self->settings_.queue.lease) / 4;
    for (;;) {
        const bool done = co_await self->renew_leases();
        co_await self->pause(done ? beat : beat / 4);
    }
}

/// Prolongs every lease that has less than three quarters of its time left. False: the database could not be asked.
net::awaitable<bool> engine::renew_leases() {
    auto ending = leases_.ending(uses_.clock.now() + settings_.queue.lease * 3 / 4);
    while (!ending.empty()) {
        const auto n = std::min(ending.size(), renewed_at_once);
        const std::vector<storage::queue_id> some(ending.end() - static_cast<std::ptrdiff_t>(n), ending.end());
        ending.resize(ending.size() - n);
        const auto until = uses_.clock.now() + settings_.queue.lease;
        const auto kept = co_await uses_.queue.renew(owner_, some, until);
        if (!kept) {
            uses_.log.warning("leases not renewed", {{"items", some.size()}, {"reason", kept.error().message()}});
            co_return false;
        }
        leases_.renewed(some, *kept, until);
    }
    co_return true;
}

net::awaitable<void> engine::tell_success(shared self, report_request about) {
    const auto id = about.message;
    auto notice = co_await self->reports_.write(std::move(about));
    if (notice && !*notice) co_return;
    if (notice) {
        const auto stored = co_await self->deliver(std::move(**notice), {});
        if (stored) co_return;
        notice = std::unexpected(stored.error());
    }
    self->uses_.log.warning("success notice lost", {{"id", core::to_string(id)}, {"reason", notice.error().message()}});
}

}  // namespace postern::queue
