#include "app/check_network.hpp"

#include <netdb.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/timex.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <iterator>
#include <memory>
#include <system_error>

#include <fmt/format.h>
#include <boost/asio/io_context.hpp>

#include "app/on_database.hpp"
#include "app/output.hpp"
#include "app/resolver.hpp"
#include "app/stops_loop.hpp"
#include "dns/published.hpp"
#include "net/listener.hpp"
#include "net/task_group.hpp"

namespace postern::app {

namespace {

using level = finding::level;

constexpr timeval time_to_answer{.tv_sec = 3, .tv_usec = 0};
constexpr std::size_t longest_greeting = 512;  // RFC 5321 4.5.3.1.5

/// The first line a server says; the error is a sentence. Blocks for some seconds at most: a command has nothing else to do.
std::expected<std::string, std::string> greeting_of(const std::string& host, const std::string& port) {
    addrinfo wanted{};
    wanted.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (const int failed = getaddrinfo(host.c_str(), port.c_str(), &wanted, &found); failed != 0)
        return std::unexpected(fmt::format("{}: {}", host, gai_strerror(failed)));
    const std::unique_ptr<addrinfo, void (*)(addrinfo*)> all(found, freeaddrinfo);
    std::string why;
    for (const auto* each = found; each != nullptr; each = each->ai_next) {
        const int peer = socket(each->ai_family, each->ai_socktype | SOCK_CLOEXEC, each->ai_protocol);
        if (peer < 0) continue;
        setsockopt(peer, SOL_SOCKET, SO_SNDTIMEO, &time_to_answer, sizeof time_to_answer);
        setsockopt(peer, SOL_SOCKET, SO_RCVTIMEO, &time_to_answer, sizeof time_to_answer);
        std::array<char, longest_greeting> said{};
        const bool connected = connect(peer, each->ai_addr, each->ai_addrlen) == 0;
        const auto got = connected ? recv(peer, said.data(), said.size(), 0) : -1;
        why = errno == EAGAIN || errno == EINPROGRESS ? "no answer within 3 s" : std::generic_category().message(errno);
        close(peer);
        if (got > 0) {
            const std::string text(said.data(), static_cast<std::size_t>(got));
            return printable(text.substr(0, text.find_first_of("\r\n")));
        }
        if (got == 0) why = "the connection was closed without a greeting";
    }
    return std::unexpected(why);
}

/// The address a client on this machine reaches it by.
std::string reached_by(const config::endpoint& e) {
    return e.address == "0.0.0.0" ? "127.0.0.1" : e.address == "::" ? "::1" : e.address;
}

struct port_user {
    const char* setting;
    std::vector<config::endpoint> listen;
    bool greets;  ///< says its name in the clear
};

finding look_at_port(const port_user& of, const config::endpoint& e, const std::string& hostname, bool running) {
    const auto name = fmt::format("{} {} port {}", of.setting, e.address, e.port);
    const auto endpoint = net::make_endpoint(e.address, e.port);
    if (!endpoint) return {level::error, "ports", fmt::format("{}: {}", name, endpoint.error().message())};
    boost::asio::io_context loop{1};
    net::listener listener(loop.get_executor(), core::logger());
    const auto bound = listener.open({*endpoint}, {});
    if (bound) return {level::ok, "ports", name + " can be listened on"};
    if (of.greets) {
        const auto said = greeting_of(reached_by(e), std::to_string(e.port));
        if (said && said->starts_with("220 " + hostname + ' '))
            return {level::ok, "ports", name + " is this server's, which runs"};
    } else if (running) {
        return {level::ok, "ports", name + " is in use, and this server runs"};
    }
    return {level::warning, "ports",
            fmt::format("{}: {}; below 1024 it takes root, CAP_NET_BIND_SERVICE or systemd, and another program may have it",
                        name, bound.error().message())};
}

struct dns_look {
    const config::settings& settings;
    bool with_domains;
    std::unique_ptr<dns::cares_resolver> ask;
    core::logger log;
    boost::asio::io_context& loop;
    std::vector<finding> found;
};

void add(dns_look& look, const std::vector<dns::observation>& seen) {
    for (const auto& o : seen) look.found.push_back({static_cast<level>(o.is), "dns", o.text});
}

net::awaitable<void> ask_all(std::shared_ptr<dns_look> look) {
    const stops_loop at_end(look->loop);
    const auto& settings = look->settings;
    add(*look, co_await dns::look_at_host(*look->ask, settings.server.hostname));
    if (!look->with_domains) co_return;
    const core::system_clock clock;
    auto database_settings = settings.database;
    database_settings.read_sessions = 1;
    const auto database =
        storage::open(look->loop.get_executor(), database_settings, clock, look->log, {}, storage::connecting::when_needed);
    if (!database) co_return;  // told where the database is looked at
    const auto domains = co_await (*database)->accounts().list_domains();
    if (!domains) co_return;
    for (const auto& d : *domains) add(*look, co_await dns::look_at_domain(*look->ask, settings.server.hostname, d.name));
    if (domains->empty()) look->found.push_back({level::warning, "dns", "there is no domain yet: postern domain add"});
}

}  // namespace

std::vector<finding> look_at_ports(const config::settings& settings) {
    const std::array users{port_user{"smtp.listen", settings.smtp.listen, true},
                           port_user{"submission.listen", settings.submission.listen, true},
                           port_user{"submissions.listen", settings.submissions.listen, false},
                           port_user{"imap.listen", settings.imap.listen, false},
                           port_user{"imaps.listen", settings.imaps.listen, false},
                           port_user{"http.listen", settings.http.listen, false},
                           port_user{"https.listen", settings.https.listen, false}};
    std::vector<finding> found;
    bool running = false;
    for (const auto& of : users) {
        for (const auto& e : of.listen) {
            if (e.port == 0) continue;  // the system's choice
            found.push_back(look_at_port(of, e, settings.server.hostname, running));
            running = running || found.back().text.ends_with("which runs");
        }
    }
    return found;
}

finding look_at_clock() {
    timex state{};
    const int clock = adjtimex(&state);
    if (clock >= 0 && clock != TIME_ERROR) return {level::ok, "clock", "kept in time, as the kernel knows"};
    return {
        level::warning, "clock",
        "nothing keeps it in time, as far as the kernel knows: run chrony or systemd-timesyncd; signatures, certificates and "
        "dates in mail depend on it"};
}

finding look_at_outbound(const std::optional<std::string>& host, const config::settings& settings) {
    if (!host) {
        const auto way = settings.relay.host.empty() ? "" : fmt::format("mail goes by {}; ", settings.relay.host);
        return {level::ok, "outbound",
                way + "not tried: postern check --outbound HOST tries port 25 of a mail host you may ask"};
    }
    const auto colon = host->rfind(':');
    const bool with_port = colon != std::string::npos && host->find(':') == colon;
    const auto name = host->substr(0, with_port ? colon : std::string::npos);
    const auto port = with_port ? host->substr(colon + 1) : "25";
    const auto said = greeting_of(name, port);
    if (said && said->starts_with("220"))
        return {level::ok, "outbound", fmt::format("{} port {} greets: {}", name, port, *said)};
    return {level::error, "outbound",
            fmt::format("{} port {}: {}; many hosters block port 25 until you ask, and relay.host is the way around it", name,
                        port, said ? *said : said.error())};
}

std::vector<finding> look_at_dns(const config::settings& settings, bool with_domains) {
    boost::asio::io_context loop{1};
    auto resolver = make_resolver(loop.get_executor(), settings.dns);
    if (!resolver) return {{level::error, "dns", resolver.error().message()}};
    const auto log = command_log(settings.log);
    const auto look = std::make_shared<dns_look>(dns_look{settings, with_domains, std::move(*resolver), log, loop, {}});
    net::task_group tasks(loop.get_executor(), log);
    tasks.spawn(ask_all(look), "check");
    loop.run();
    look->ask.reset();  // before the loop it works on
    return std::move(look->found);
}

}  // namespace postern::app
