#include "storage/soci/queue_listener.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

#include <libpq-fe.h>
#include <boost/asio/post.hpp>

namespace postern::storage {
namespace {

constexpr std::chrono::milliseconds first_pause{100};
constexpr std::chrono::milliseconds last_pause{5000};

}  // namespace

std::unique_ptr<queue_listener> queue_listener::start(net::executor loop, const config::database_settings& settings,
                                                      std::move_only_function<void()> woken, core::logger log) {
    const auto location = parse_database_url(settings.url);
    if (!location || std::holds_alternative<sqlite_location>(*location)) return nullptr;
    return std::unique_ptr<queue_listener>(new queue_listener(std::move(loop), settings, std::move(woken), std::move(log)));
}

queue_listener::queue_listener(net::executor loop, config::database_settings settings, std::move_only_function<void()> woken,
                               core::logger log)
    : loop_(std::move(loop)),
      settings_(std::move(settings)),
      log_(std::move(log)),
      waiter_(std::make_shared<waiter>()),
      stop_(eventfd(0, EFD_CLOEXEC)) {
    if (stop_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
    waiter_->woken = std::move(woken);
    thread_ = std::thread(&queue_listener::work, this);
}

queue_listener::~queue_listener() {
    waiter_->closed = true;
    eventfd_write(stop_, 1);
    thread_.join();
    ::close(stop_);
}

void queue_listener::work() {
    auto pause = first_pause;
    do {
        try {
            listen();
            return;
        } catch (const std::exception& thrown) {
            log_.warning("not listening for other processes' queue items", {{"why", explain(thrown).what()}});
        }
        pause = std::exchange(heard_, false) ? first_pause : std::min(2 * pause, last_pause);
    } while (!stopped_within(pause));
}

/// Until told to stop. Throws when the connection is lost.
void queue_listener::listen() {
    connection session(settings_, access::read);
    session.execute("LISTEN postern_queue");
    heard_ = true;
    wake();
    auto* libpq = session.postgresql();
    for (;;) {
        std::array<pollfd, 2> sockets{pollfd{stop_, POLLIN, 0}, pollfd{PQsocket(libpq), POLLIN, 0}};
        if (poll(sockets.data(), sockets.size(), -1) < 0 && errno != EINTR) {
            throw std::system_error(errno, std::generic_category(), "poll");
        }
        if (sockets[0].revents != 0) return;
        if (PQconsumeInput(libpq) != 1) throw database_error(errc::unavailable, "the connection to the database broke");
        bool notified = false;
        while (auto* notification = PQnotifies(libpq)) {
            PQfreemem(notification);
            notified = true;
        }
        if (notified) wake();
    }
}

void queue_listener::wake() {
    if (waiter_->posted.exchange(true)) return;
    boost::asio::post(loop_, [to = waiter_] {
        to->posted = false;
        if (!to->closed) to->woken();
    });
}

bool queue_listener::stopped_within(std::chrono::milliseconds pause) const {
    pollfd stop{stop_, POLLIN, 0};
    return poll(&stop, 1, static_cast<int>(pause.count())) > 0;
}

}  // namespace postern::storage
