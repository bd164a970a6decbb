#include <chrono>
#include <csignal>
#include <cstdlib>
#include <memory>
#include <thread>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/basic_signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

#include "app/certificate_watch.hpp"
#include "app/commands.hpp"
#include "app/handover.hpp"
#include "app/machine.hpp"
#include "app/node.hpp"
#include "app/on_database.hpp"
#include "app/reload.hpp"
#include "app/service_manager.hpp"
#include "app/stops_loop.hpp"
#include "app/vital_signs.hpp"
#include "config/text.hpp"
#include "net/listener.hpp"
#include "net/task_group.hpp"

/// `postern serve`: settings, log, data folder, certificates, schema, database, listeners; then the loop until a signal.
///
/// On failure before it listens: one sentence and exit code 1. A database that is down is waited for, for ten seconds: long
/// enough for one that starts beside us, short enough for a person to see what is wrong.
/// SIGHUP: settings and certificates are read anew, and the log file is opened anew; from a terminal that closes it is the end,
/// as SIGTERM. SIGTERM, SIGINT, or a successor that has taken over (handover.hpp): an orderly stop, exit code 0. A second
/// signal: the end at once; what was not acknowledged is not kept.
namespace postern::app {

namespace {

using signals = boost::asio::basic_signal_set<net::executor>;

constexpr auto database_patience = std::chrono::seconds(10);
constexpr auto background_patience = std::chrono::seconds(10);  // a file that is being read
constexpr auto database_pause = std::chrono::milliseconds(500);

/// The terminal the server was started from, if any: when it closes, the kernel sends the signal that administrators send for
/// another reason, and a server that nobody sees any more would keep its ports.
class starting_terminal {
public:
    [[nodiscard]] bool is_gone() const { return was_there_ && !is_there(); }

private:
    static bool is_there() {
        const int tty = ::open("/dev/tty", O_RDONLY | O_NOCTTY | O_CLOEXEC);
        if (tty < 0) return false;
        ::close(tty);
        return true;
    }

    bool was_there_ = is_there();
};

/// What the coroutines of a running server share.
struct process {
    process(boost::asio::io_context& l, const invocation& call, const config::settings& s,
            std::vector<net::tls_certificate> certificates, std::unique_ptr<storage::database> database,
            const core::clock& clock, core::metrics& metrics, core::logger lg)
        : loop(l),
          log(std::move(lg)),
          settings(s),
          settings_file(call, settings, log),
          take_over(call.has("take-over")),
          tls(std::move(certificates)),
          watch(files_of(settings), tls, clock, log.module("tls")),
          running(l, settings, tls, std::move(database), clock, metrics, log),
          tasks(l.get_executor(), log),
          background(l.get_executor(), log),
          caught(std::make_shared<signals>(l.get_executor(), SIGINT, SIGTERM, SIGHUP)) {}

    boost::asio::io_context& loop;
    core::logger log;
    config::settings settings;  // in use: a reload changes them
    reload settings_file;
    const bool take_over;
    service_manager manager;
    net::tls_server_context tls;
    certificate_watch watch;
    node running;
    net::task_group tasks;
    net::task_group background;  // what runs beside it as long as it runs
    std::shared_ptr<signals> caught;
    starting_terminal terminal;
    bool taken_over = false;
    exit_code code = exit_code::refused;
};

core::result<void> migrate(const config::database_settings& settings, const core::clock& clock, const core::logger& log) {
    if (!settings.migrate) return {};
    const auto applied = storage::migrate(settings, clock);
    if (!applied) return std::unexpected(applied.error());
    for (const auto& step : *applied) log.info("migrated", {{"version", step.version}, {"name", step.name}});
    return {};
}

/// What TLS clients will be shown; the error is a sentence.
std::expected<std::vector<net::tls_certificate>, std::string> open_certificates(const config::loaded& from,
                                                                                const core::clock& clock,
                                                                                const core::logger& log) {
    const auto made = make_own_certificate(from.values, clock.now());
    if (!made) return std::unexpected(made.error());
    if (*made) {
        log.warning("self-signed certificate made", {{"file", own_certificate(from.values).string()},
                                                     {"hostname", from.values.server.hostname},
                                                     {"hint",
                                                      "mail programs ask before they trust it; get one from an "
                                                      "authority and set tls.certificate and tls.private_key"}});
    }
    const auto files = files_of(from.values);
    auto read = read_certificates(files);
    if (!read) return std::unexpected(explain_certificate(read.error(), from));
    log_certificates(files, *read, clock.now(), log);
    return std::move(*read);
}

/// The database with its schema up to date. Blocks: the loop does not run yet.
core::result<std::unique_ptr<storage::database>> open_database(net::executor loop, const config::database_settings& settings,
                                                               const core::clock& clock, core::metrics& metrics,
                                                               const core::logger& log) {
    const auto deadline = std::chrono::steady_clock::now() + database_patience;
    for (;;) {
        const auto migrated = migrate(settings, clock, log.module("storage"));
        auto opened = migrated ? storage::open(loop, settings, clock, log.module("storage"), storage::write_figures(metrics))
                               : std::unexpected<core::error>(migrated.error());
        if (opened || opened.error().code != storage::errc::unavailable) return opened;
        if (std::chrono::steady_clock::now() >= deadline)
            return core::fail(storage::errc::unavailable,
                              fmt::format("the database could not be reached for {} seconds: {}",
                                          std::chrono::seconds(database_patience).count(), opened.error().message()));
        log.warning("waiting for the database", {{"reason", opened.error().message()}});
        std::this_thread::sleep_for(database_pause);
    }
}

net::awaitable<void> serve_reload(std::shared_ptr<process> self) {
    self->manager.tell_reloading();
    self->log.info("reloading", {{"signal", "SIGHUP"}});
    if (co_await self->settings_file.run()) self->running.change();
    co_await self->watch.reload(files_of(self->settings));
    self->manager.tell("READY=1");
}

/// Why to end: the next signal that asks for it, or 0 when a successor serves. Those that ask for a reload are served
/// meanwhile.
net::awaitable<int> reason_to_end(std::shared_ptr<process> self) {
    while (!self->taken_over) {
        const auto [ec, signal] = co_await self->caught->async_wait(boost::asio::as_tuple(net::use_awaitable));
        if (ec) co_return 0;
        if (signal != SIGHUP || self->terminal.is_gone()) co_return signal;
        co_await serve_reload(self);
    }
    co_return 0;
}

net::awaitable<void> hand_over(std::shared_ptr<process> self) {
    const auto lend = [weak = std::weak_ptr(self)] {
        const auto alive = weak.lock();
        return alive ? alive->running.lend() : std::vector<int>();
    };
    if (!co_await wait_for_successor(handover_socket(self->settings.server.data_dir), lend, self->log)) co_return;
    self->running.share();
    self->taken_over = true;
    self->caught->cancel();
}

/// The proof that the loop turns: a process that hangs is started anew.
net::awaitable<void> feed_watchdog(std::shared_ptr<process> self) {
    using steady = std::chrono::steady_clock;
    boost::asio::basic_waitable_timer<steady, boost::asio::wait_traits<steady>, net::executor> timer(self->loop.get_executor());
    for (;;) {
        self->manager.tell("WATCHDOG=1");
        timer.expires_after(*self->manager.watchdog_pause());
        const auto [ec] = co_await timer.async_wait(boost::asio::as_tuple(net::use_awaitable));
        if (ec) co_return;
    }
}

net::awaitable<void> watch_certificates(std::shared_ptr<process> self) { co_await self->watch.run(); }

net::awaitable<void> end_at_second(std::shared_ptr<process> self) {
    if (co_await reason_to_end(self) == 0) co_return;
    const auto log = self->log;
    log.warning("stopped at once", {{"reason", "second signal"}});
    std::_Exit(static_cast<int>(exit_code::refused));
}

const char* name_of(int signal) {
    if (signal == SIGHUP) return "SIGHUP";
    return signal == SIGINT ? "SIGINT" : "SIGTERM";
}

/// Listens, on sockets that are there already where there are some. The error is a sentence.
net::awaitable<core::result<void>> start(std::shared_ptr<process> self) {
    const auto sockets = std::make_shared<net::inherited_sockets>();
    if (auto taken = service_manager::take_sockets(*sockets); !taken) co_return taken;
    std::shared_ptr<predecessor> before;
    if (self->take_over) {
        auto found = co_await predecessor::find(handover_socket(self->settings.server.data_dir), sockets);
        if (!found) co_return std::unexpected(found.error());
        before = std::move(*found);
    }
    if (auto started = self->running.start(*sockets); !started) co_return started;
    for (const auto& unused : sockets->left()) {
        self->log.warning("socket not used", {{"address", net::to_string(unused)},
                                              {"hint", "it was handed to us, and no listen setting has this very address"}});
    }
    if (!before) co_return core::result<void>{};
    if (const auto released = co_await before->release(); !released)
        self->log.warning("taken over", {{"reason", released.error().message()}});
    else
        self->log.info("taken over");
    co_return core::result<void>{};
}

net::awaitable<void> run_until_signal(std::shared_ptr<process> self) {
    const stops_loop at_end(self->loop);
    if (const auto made = co_await self->running.make_first_administrator(); !made) {
        refuse("server.first_administrator: " + made.error().message());
        co_return;
    }
    if (const auto started = co_await start(self); !started) {
        refuse(started.error().message());
        co_return;
    }
    self->background.spawn(watch_certificates(self), "certificate watch");
    self->background.spawn(hand_over(self), "handover");
    self->background.spawn(watch_log(self->log), "log");
    if (self->manager.watchdog_pause()) self->background.spawn(feed_watchdog(self), "watchdog");
    self->manager.tell("READY=1\nSTATUS=serving");
    const auto signal = co_await reason_to_end(self);
    self->log.info("stopping", {{self->taken_over ? "reason" : "signal", self->taken_over ? "taken over" : name_of(signal)}});
    self->manager.tell("STOPPING=1\nSTATUS=letting sessions end");
    self->background.spawn(end_at_second(self), "second signal");
    co_await self->running.stop();
    self->background.cancel();
    co_await self->background.wait(background_patience);
    self->code = exit_code::done;
}

exit_code serve(const invocation& call) {
    const auto loaded = load_settings(call);
    if (!loaded) return loaded.error();
    const auto& settings = loaded->values;
    const auto opened = core::logger::open(log_options_of(settings.log));
    if (!opened) return refuse("log.file: " + opened.error().message());
    const auto log = *opened;
    log.info("starting", {{"version", POSTERN_VERSION},
                          {"hostname", settings.server.hostname},
                          {"database", config::without_password(settings.database.url)}});
    if (const auto made = make_data_dir(settings.server.data_dir); !made) return refuse(made.error());
    raise_descriptor_limit();
    if (descriptors_allowed() < descriptors_needed(settings))
        log.warning("few file descriptors", {{"allowed", descriptors_allowed()}, {"needed", descriptors_needed(settings)}});

    const core::system_clock clock;
    core::metrics metrics;
    boost::asio::io_context loop{1};
    auto certificates = open_certificates(*loaded, clock, log.module("tls"));
    if (!certificates) return refuse(certificates.error());
    auto database = open_database(loop.get_executor(), settings.database, clock, metrics, log);
    if (!database) return refuse(explain_database(database.error()));
    auto self =
        std::make_shared<process>(loop, call, settings, std::move(*certificates), std::move(*database), clock, metrics, log);
    self->tasks.spawn(run_until_signal(self), "serve");
    loop.run();
    const auto code = self->code;
    self.reset();  // commits what is pending and joins the threads
    log.tell_all_suppressed();
    if (code == exit_code::done) log.info("stopped");
    return code;
}

void describe_serve(boost::program_options::options_description& options) {
    options.add_options()("take-over", "take the sockets of the server that runs on this data folder, which then ends");
}

}  // namespace

std::span<const command> serve_commands() {
    static constexpr command commands[] = {
        {"serve", "", 0, 0, "Runs the server until SIGTERM or SIGINT",
         "A first signal lets sessions end their transactions for at most server.drain; a second one ends at once. SIGHUP "
         "reads "
         "settings and certificates again.",
         describe_serve, serve},
    };
    return commands;
}

}  // namespace postern::app
