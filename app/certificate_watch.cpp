#include "app/certificate_watch.hpp"

#include <utility>

#include <fmt/format.h>
#include <sys/stat.h>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>

namespace postern::app {

namespace asio = boost::asio;
using steady = std::chrono::steady_clock;

namespace {

constexpr auto look_pause = std::chrono::seconds(2);
constexpr auto ticket_key_life = std::chrono::hours(24);

/// Follows links: a renewal often changes only where one points.
std::string state_of(const std::filesystem::path& path) {
    struct stat s{};
    if (::stat(path.c_str(), &s) != 0) return "-;";
    return fmt::format("{} {} {} {}.{:09};", s.st_dev, s.st_ino, s.st_size, s.st_mtim.tv_sec, s.st_mtim.tv_nsec);
}

}  // namespace

certificate_watch::certificate_watch(std::vector<certificate_files> files, net::tls_server_context& context,
                                     const core::clock& clock, core::logger log)
    : files_(std::move(files)), context_(context), clock_(clock), log_(std::move(log)), used_(look_at(files_)), seen_(used_) {}

certificate_watch::fingerprint certificate_watch::look_at(const std::vector<certificate_files>& files) {
    fingerprint all;
    for (const auto& each : files) all += state_of(each.certificate) + state_of(each.private_key);
    return all;
}

net::awaitable<void> certificate_watch::run() {
    asio::basic_waitable_timer<steady, asio::wait_traits<steady>, net::executor> timer(co_await asio::this_coro::executor);
    for (;;) {
        timer.expires_after(look_pause);
        const auto [ec] = co_await timer.async_wait(asio::as_tuple(net::use_awaitable));
        if (ec) co_return;
        auto now = co_await pool_.run([files = files_] { return look_at(files); });
        const bool at_rest = now == seen_;
        seen_ = std::move(now);
        const bool changed = at_rest && seen_ != used_;
        if (changed || steady::now() - replaced_ > ticket_key_life) co_await read();
    }
}

net::awaitable<void> certificate_watch::reload(std::vector<certificate_files> files) {
    files_ = std::move(files);
    co_await read();
}

net::awaitable<void> certificate_watch::read() {
    struct outcome {
        fingerprint read;
        core::result<std::vector<net::tls_certificate>> certificates;
    };
    auto done = co_await pool_.run([files = files_] {
        auto before = look_at(files);
        return outcome{std::move(before), read_certificates(files)};
    });
    used_ = std::move(done.read);
    replaced_ = steady::now();
    if (done.certificates) {
        log_certificates(files_, *done.certificates, clock_.now(), log_);
        context_.replace(std::move(*done.certificates));
    } else {
        log_.error("certificates not changed", {{"reason", done.certificates.error().message()}});
    }
}

}  // namespace postern::app
