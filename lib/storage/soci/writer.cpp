#include "storage/soci/writer.hpp"

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
    lanes(const net::executor& loop, std::unique_ptr<batch_executor> first, std::unique_ptr<batch_executor> second,
          const core::logger& log)
        : small_(loop, std::move(first), {}, log), large_(loop, std::move(second), {}, log) {}

    group_commit small_;
    group_commit large_;
    std::shared_ptr<id_stock> ids_ = std::make_shared<id_stock>(small_);
};

core::result<std::unique_ptr<writer>> writer::open(net::executor loop, const config::database_settings& settings,
                                                   core::logger log) {
    const auto location = parse_database_url(settings.url);
    if (!location) return std::unexpected(location.error());
    std::unique_ptr<batch_executor> first;
    std::unique_ptr<batch_executor> second;
    if (std::holds_alternative<sqlite_location>(*location)) {
        const auto write_lock = std::make_shared<turnstile>();
        first = std::make_unique<sqlite_delivery>(settings, write_lock);
        second = std::make_unique<sqlite_delivery>(settings, write_lock);
    } else {
        first = std::make_unique<postgresql_delivery>(settings);
        second = std::make_unique<postgresql_delivery>(settings);
    }
    for (auto* lane : {first.get(), second.get()}) {
        if (const auto connected = lane->connect(); !connected.ok()) return core::fail(errc::unavailable, connected.detail);
    }
    return std::unique_ptr<writer>(
        new writer(std::make_unique<lanes>(loop, std::move(first), std::move(second), log.module("storage"))));
}

writer::writer(std::unique_ptr<lanes> opened) : lanes_(std::move(opened)) {}

writer::~writer() { close(); }

bool writer::submit(std::shared_ptr<job_item> job) { return lanes_->small_.submit(std::move(job)); }

net::awaitable<core::result<void>> writer::deliver(storage::delivery d) {
    auto& lane = d.octets->size() > largest_small ? lanes_->large_ : lanes_->small_;
    return lane.deliver(std::move(d));
}

net::awaitable<core::result<message_id>> writer::next_id() { return lanes_->ids_->next(); }

void writer::close() {
    lanes_->ids_->close();
    lanes_->large_.close();
    lanes_->small_.close();
}

}  // namespace postern::storage
