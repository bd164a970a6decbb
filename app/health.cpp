#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include <fmt/format.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>

#include "app/commands.hpp"
#include "app/on_database.hpp"
#include "app/stops_loop.hpp"
#include "config/values.hpp"
#include "net/stream.hpp"
#include "net/task_group.hpp"
#include "smtp_client/connect.hpp"

/// `postern health`: asks a server on this machine whether it is ready, for what watches over containers and needs no curl
/// then.
///
/// It asks /readyz at the first address of http.listen, or at loopback where that is all addresses, and waits a few seconds at
/// most. On failure: one sentence, exit code 1.
namespace postern::app {

namespace {

constexpr auto time_for_each_wait = std::chrono::seconds(3);
constexpr std::size_t longest_answer = 4096;  // as far as its status matters

struct probe {
    boost::asio::io_context& loop;
    net::tcp_endpoint at;
    exit_code code = exit_code::refused;
};

/// Where a client on this machine reaches what listens at `e`.
net::tcp_endpoint reachable(const config::endpoint& e) {
    auto address = boost::asio::ip::make_address(e.address);
    if (address.is_unspecified()) {
        address = address.is_v6() ? boost::asio::ip::address(boost::asio::ip::address_v6::loopback())
                                  : boost::asio::ip::address(boost::asio::ip::address_v4::loopback());
    }
    return {address, e.port};
}

/// The first line of what comes, without its end; empty when it does not.
net::awaitable<std::string> status_line(net::stream& from) {
    for (;;) {
        const auto text = from.buffered();
        if (const auto end = text.find("\r\n"); end != std::string_view::npos) co_return std::string(text.substr(0, end));
        if (text.size() > longest_answer) co_return std::string();
        if (!co_await from.fill(time_for_each_wait)) co_return std::string();
    }
}

net::awaitable<void> ask_server(std::shared_ptr<probe> q) {
    const stops_loop at_end(q->loop);
    auto socket = co_await smtp_client::connect(q->loop.get_executor(), q->at, std::nullopt, time_for_each_wait);
    if (!socket) {
        refuse(socket.error().reason);
        co_return;
    }
    net::stream connection(std::move(*socket));
    const auto asked =
        co_await connection.write("GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", time_for_each_wait);
    const auto answer = asked ? co_await status_line(connection) : std::string();
    if (answer.starts_with("HTTP/1.1 200 "))
        q->code = exit_code::done;
    else
        refuse(answer.empty() ? "the server does not answer" : fmt::format("the server is not ready: {}", answer));
}

exit_code health(const invocation& call) {
    const auto loaded = load_settings(call);
    if (!loaded) return loaded.error();
    const auto& listen = loaded->values.http.listen;
    if (listen.empty()) return refuse("http.listen is none, so there is nowhere to ask");
    boost::asio::io_context loop{1};
    const auto q = std::make_shared<probe>(probe{loop, reachable(listen.front())});
    net::task_group tasks(loop.get_executor(), command_log(loaded->values.log));
    tasks.spawn(ask_server(q), call.command);
    loop.run();
    return q->code;
}

void describe_health(boost::program_options::options_description&) {}

}  // namespace

std::span<const command> health_commands() {
    static constexpr command commands[] = {
        {"health", "", 0, 0, "Asks a running server on this machine whether it is ready",
         "It asks for /readyz at http.listen and says nothing when all is well. The exit code is 1 when nobody answers or the\n"
         "database cannot be reached.",
         describe_health, health},
    };
    return commands;
}

}  // namespace postern::app
