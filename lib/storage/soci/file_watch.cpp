#include "storage/soci/file_watch.hpp"

#include <chrono>
#include <optional>
#include <utility>

#include <boost/asio/post.hpp>

#include "storage/soci/query.hpp"

namespace postern::storage {
namespace {

constexpr std::chrono::seconds period{1};

}  // namespace

std::unique_ptr<file_watch> file_watch::start(net::executor loop, const config::database_settings& settings,
                                              std::function<void()> changed) {
    const auto location = parse_database_url(settings.url);
    if (!location || !std::holds_alternative<sqlite_location>(*location)) return nullptr;
    return std::unique_ptr<file_watch>(new file_watch(std::move(loop), settings, std::move(changed)));
}

file_watch::file_watch(net::executor loop, config::database_settings settings, std::function<void()> changed)
    : loop_(std::move(loop)),
      settings_(std::move(settings)),
      changed_(std::make_shared<std::function<void()>>(std::move(changed))),
      thread_(&file_watch::work, this) {}

file_watch::~file_watch() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
    *changed_ = nullptr;
}

void file_watch::work() {
    std::unique_ptr<connection> file;
    std::optional<std::int64_t> seen;
    do {
        try {
            if (!file) file = std::make_unique<connection>(settings_, access::read);
            file->restart_deadline();
            std::int64_t version = 0;
            query(*file, "PRAGMA user_version").into(version).next();
            if (seen.value_or(version) != version) {
                boost::asio::post(loop_, [changed = changed_] {
                    if (*changed) (*changed)();
                });
            }
            seen = version;
        } catch (const std::exception&) {
            file.reset();  // what keeps us from reading it keeps everybody, who say so
        }
    } while (!stopped_within_period());
}

bool file_watch::stopped_within_period() {
    std::unique_lock lock(mutex_);
    return wake_.wait_for(lock, period, [this] { return stopping_; });
}

}  // namespace postern::storage
