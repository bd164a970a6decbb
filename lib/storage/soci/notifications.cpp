#include "storage/soci/notifications.hpp"
#include "storage/soci/reconnection.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <libpq-fe.h>
#include <boost/asio/post.hpp>

namespace postern::storage {
namespace {

constexpr std::chrono::milliseconds gathering{50};
constexpr std::size_t most_named = 300;  // accounts in a payload, of which PostgreSQL takes 8,000 octets
constexpr std::string_view queue_channel = "postern_queue";
constexpr std::string_view change_channel = "postern_change";

}  // namespace

/// What was heard and the loop has not seen yet.
struct notifications::mailroom {
    explicit mailroom(handlers h) : to(std::move(h)) {}

    /// Loop thread.
    void hand_out() {
        std::unique_lock lock(mutex);
        posted = false;
        const bool wake = std::exchange(claimable, false);
        const bool any = std::exchange(any_changed, false);
        const auto accounts = std::exchange(changed, {});
        if (closed) return;
        lock.unlock();
        if (wake && to.claimable) to.claimable();
        if (!to.changed) return;
        if (any) return to.changed(std::nullopt);
        for (const auto id : accounts) to.changed(id);
    }

    handlers to;
    std::mutex mutex;
    bool posted = false;
    bool closed = false;
    bool claimable = false;
    bool any_changed = false;
    std::set<account_id> changed;
};

std::unique_ptr<notifications> notifications::start(net::executor loop, const config::database_settings& settings, handlers to,
                                                    core::logger log) {
    const auto location = parse_database_url(settings.url);
    if (!location || std::holds_alternative<sqlite_location>(*location)) return nullptr;
    return std::unique_ptr<notifications>(new notifications(std::move(loop), settings, std::move(to), std::move(log)));
}

notifications::notifications(net::executor loop, config::database_settings settings, handlers to, core::logger log)
    : loop_(std::move(loop)),
      settings_(std::move(settings)),
      log_(std::move(log)),
      room_(std::make_shared<mailroom>(std::move(to))),
      wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (wake_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
    thread_ = std::thread(&notifications::work, this);
}

notifications::~notifications() {
    {
        const std::lock_guard lock(room_->mutex);
        room_->closed = true;
    }
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    eventfd_write(wake_, 1);
    thread_.join();
    ::close(wake_);
}

void notifications::announce(account_id changed) {
    {
        const std::lock_guard lock(mutex_);
        if (all_to_send_) return;
        const bool first = to_send_.empty();
        to_send_.insert(changed);
        if (to_send_.size() > most_named) {
            all_to_send_ = true;
            to_send_.clear();
        }
        if (!first) return;
    }
    eventfd_write(wake_, 1);
}

void notifications::work() {
    auto pause = first_pause;
    do {
        try {
            converse();
            return;
        } catch (const std::exception& thrown) {
            log_.warning("not in touch with other processes", {{"why", explain(thrown).what()}});
        }
        pause = std::exchange(connected_, false) ? first_pause : std::min(2 * pause, last_pause);
    } while (!stopped_within(pause));
}

/// Until told to stop. Throws when the connection is lost.
void notifications::converse() {
    connection session(settings_, access::read);
    session.execute("LISTEN postern_queue; LISTEN postern_change");
    connected_ = true;
    heard(queue_channel, "");
    heard(change_channel, "*");
    post();
    for (;;) {
        const int timeout = until_sending();
        std::array<pollfd, 2> sockets{pollfd{wake_, POLLIN, 0}, pollfd{PQsocket(session.postgresql()), POLLIN, 0}};
        if (poll(sockets.data(), sockets.size(), timeout) < 0 && errno != EINTR) {
            throw std::system_error(errno, std::generic_category(), "poll");
        }
        eventfd_t count = 0;
        eventfd_read(wake_, &count);
        send(session);
        {
            const std::lock_guard lock(mutex_);
            if (stopping_) return;
        }
        receive(session);
    }
}

/// How long to wait, in milliseconds; without end where nothing is to be sent.
int notifications::until_sending() {
    const std::lock_guard lock(mutex_);
    if (stopping_) return 0;
    if (to_send_.empty() && !all_to_send_) return -1;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(last_sent_ + gathering - std::chrono::steady_clock::now());
    return static_cast<int>(std::max(left, std::chrono::milliseconds::zero()).count());
}

/// What has waited long enough; all of it when we stop. The transaction writes nothing, so that its end waits for no disk.
void notifications::send(connection& session) {
    std::set<account_id> accounts;
    bool all = false;
    {
        const std::lock_guard lock(mutex_);
        if (!stopping_ && std::chrono::steady_clock::now() < last_sent_ + gathering) return;
        accounts = std::exchange(to_send_, {});
        all = std::exchange(all_to_send_, false);
    }
    if (accounts.empty() && !all) return;
    std::string payload = all ? "*" : "";
    if (!all) {
        for (const auto id : accounts) payload += (payload.empty() ? "" : ",") + core::to_string(id);
    }
    try {
        session.execute(fmt::format("NOTIFY postern_change, '{}'", payload));
    } catch (const std::exception&) {
        const std::lock_guard lock(mutex_);
        all_to_send_ = true;  // nobody knows what of it was heard
        to_send_.clear();
        throw;
    }
    last_sent_ = std::chrono::steady_clock::now();
}

void notifications::receive(connection& session) {
    auto* libpq = session.postgresql();
    if (PQconsumeInput(libpq) != 1) throw database_error(errc::unavailable, "the connection to the database broke");
    bool something = false;
    while (auto* notification = PQnotifies(libpq)) {
        const std::string_view channel = notification->relname;
        // What this process changed it has told itself.
        if (channel == queue_channel || notification->be_pid != PQbackendPID(libpq)) {
            heard(channel, notification->extra);
            something = true;
        }
        PQfreemem(notification);
    }
    if (something) post();
}

void notifications::heard(std::string_view channel, std::string_view payload) {
    const std::lock_guard lock(room_->mutex);
    if (channel == queue_channel) {
        room_->claimable = true;
        return;
    }
    while (!payload.empty()) {
        const auto end = std::min(payload.find(','), payload.size());
        if (const auto id = core::parse_id<account_id>(payload.substr(0, end))) {
            room_->changed.insert(*id);
        } else {
            room_->any_changed = true;
        }
        payload.remove_prefix(std::min(end + 1, payload.size()));
    }
}

void notifications::post() {
    {
        const std::lock_guard lock(room_->mutex);
        if (std::exchange(room_->posted, true)) return;
    }
    boost::asio::post(loop_, [room = room_] { room->hand_out(); });
}

bool notifications::stopped_within(std::chrono::milliseconds pause) {
    const auto end = std::chrono::steady_clock::now() + pause;
    for (;;) {
        {
            const std::lock_guard lock(mutex_);
            if (stopping_) return true;
        }
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
        if (left <= std::chrono::milliseconds::zero()) return false;
        pollfd wake{wake_, POLLIN, 0};
        poll(&wake, 1, static_cast<int>(left.count()));
        eventfd_t count = 0;
        eventfd_read(wake_, &count);
    }
}

}  // namespace postern::storage
