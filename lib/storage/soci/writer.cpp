#include "storage/soci/writer.hpp"

#include <algorithm>
#include <array>

#include "storage/soci/background_lane.hpp"
#include "storage/soci/database_url.hpp"
#include "storage/soci/id_stock.hpp"
#include "storage/soci/postgresql_delivery.hpp"
#include "storage/soci/sqlite_delivery.hpp"

namespace postern::storage {
namespace {

constexpr std::uint64_t largest_small = 1024UL * 1024;  // octets of a message in the first lane

}  // namespace

class writer::lanes {
public:
    lanes(const net::executor& loop, std::array<std::unique_ptr<batch_executor>, 3> executors, const core::logger& log,
          const write_figures& figures)
        : small_(loop, std::move(executors[0]), {}, log, figures.small),
          large_(loop, std::move(executors[1]), {}, log, figures.large),
          behind_(loop, std::move(executors[2]), {}, log, figures.behind) {}

    group_commit small_;
    group_commit large_;
    group_commit behind_;
    std::shared_ptr<id_stock> ids_ = std::make_shared<id_stock>(small_);
};

core::result<std::unique_ptr<writer>> writer::open(net::executor loop, const config::database_settings& settings,
                                                   core::logger log, write_figures figures, connecting connects) {
    const auto location = parse_database_url(settings.url);
    if (!location) return std::unexpected(location.error());
    std::array<std::unique_ptr<batch_executor>, 3> executors;
    if (std::holds_alternative<sqlite_location>(*location)) {
        const auto write_lock = std::make_shared<turnstile>();
        executors = {std::make_unique<sqlite_delivery>(settings, write_lock),
                     std::make_unique<sqlite_delivery>(settings, write_lock),
                     std::make_unique<background_lane>(settings, write_lock)};
    } else {
        executors = {std::make_unique<postgresql_delivery>(settings), std::make_unique<postgresql_delivery>(settings),
                     std::make_unique<background_lane>(settings, nullptr)};
    }
    for (const auto& lane : executors) {
        if (connects == connecting::when_needed) break;
        if (const auto connected = lane->connect(); !connected.ok()) return core::fail(errc::unavailable, connected.detail);
    }
    return std::unique_ptr<writer>(
        new writer(std::make_unique<lanes>(loop, std::move(executors), log.module("storage"), figures), figures));
}

writer::writer(std::unique_ptr<lanes> opened, write_figures figures) : lanes_(std::move(opened)), figures_(figures) {}

writer::~writer() { close(); }

bool writer::submit(std::shared_ptr<job_item> job) { return lanes_->small_.submit(std::move(job)); }

bool writer::submit_storing(std::uint64_t octets, std::shared_ptr<job_item> job) {
    return (octets > largest_small ? lanes_->large_ : lanes_->small_).submit(std::move(job));
}

bool writer::submit_behind(std::shared_ptr<job_item> job) { return lanes_->behind_.submit(std::move(job)); }

bool writer::available() const {
    return lanes_->small_.available() && lanes_->large_.available() && lanes_->behind_.available();
}

/// Queue items have their ids before they are stored: they are known with the commit, without asking.
net::awaitable<core::result<std::vector<queue_id>>> writer::queue_ids(std::size_t count) {
    std::vector<queue_id> ids;
    while (ids.size() < count) {
        const auto id = co_await lanes_->ids_->next();
        if (!id) co_return core::fail(errc::unavailable, id.error().message());  // whatever it was: nothing is stored yet
        ids.push_back({id->value});
    }
    co_return ids;
}

/// What was left out is told of too: rarely, and nobody is misled by it.
void writer::tell_of(const delivery_item& item) const {
    for (const auto& message : item.messages) {
        const auto received = std::ranges::count_if(message.what.local, [](const auto& l) { return !l.recipient.empty(); });
        if (received > 0) figures_.delivered.add(static_cast<double>(received));
    }
    if (!committed_) return;
    for (const auto& message : item.messages) {
        for (const auto& local : message.what.local) committed_(local.account);
        if (message.what.replaces) committed_(message.what.replaces->account);
    }
    for (const auto& outcome : item.concludes.outcomes) {
        if (outcome.submitted_by) committed_(*outcome.submitted_by);
    }
}

net::awaitable<core::result<delivered>> writer::deliver(storage::delivery d) {
    new_message message;
    if (!d.remote.empty()) {
        auto ids = co_await queue_ids(d.remote.size());
        if (!ids) co_return std::unexpected(ids.error());
        message.queue = *std::move(ids);
    }
    if (d.response) message.response_body = d.response->make_body(delivered{message.queue});
    auto& lane = d.octets->size() > largest_small ? lanes_->large_ : lanes_->small_;
    message.what = std::move(d);
    const auto item = std::make_shared<delivery_item>(std::move(message));
    if (const auto stored = co_await lane.deliver(item); !stored) co_return std::unexpected(stored.error());
    tell_of(*item);
    co_return delivered{std::move(item->messages.front().queue)};
}

net::awaitable<core::result<concluded>> writer::conclude(std::string owner, std::vector<queue_outcome> outcomes,
                                                         std::vector<storage::delivery> notices) {
    std::vector<new_message> messages;
    for (auto& notice : notices) {
        auto ids = co_await queue_ids(notice.remote.size());
        if (!ids) co_return std::unexpected(ids.error());
        messages.push_back({.what = std::move(notice), .queue = *std::move(ids)});
    }
    const bool large = std::ranges::any_of(messages, [](const auto& m) { return m.what.octets->size() > largest_small; });
    const auto count = outcomes.size();
    const auto item =
        std::make_shared<delivery_item>(queue_conclusion{std::move(owner), std::move(outcomes), {}}, std::move(messages));
    if (const auto stored = co_await (large ? lanes_->large_ : lanes_->small_).deliver(item); !stored) {
        co_return std::unexpected(stored.error());
    }
    tell_of(*item);
    concluded done{.lost = std::move(item->concludes.lost), .notices = {}};
    if (count > 0 && done.lost.size() == count) co_return done;
    for (auto& message : item->messages) done.notices.push_back({std::move(message.queue)});
    co_return done;
}

net::awaitable<core::result<message_id>> writer::next_id() { return lanes_->ids_->next(); }

void writer::close() {
    lanes_->ids_->close();
    lanes_->behind_.close();
    lanes_->large_.close();
    lanes_->small_.close();
}

}  // namespace postern::storage
