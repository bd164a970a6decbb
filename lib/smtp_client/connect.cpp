#include "smtp_client/connect.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

#include <fmt/format.h>
#include <boost/asio/as_tuple.hpp>

#include "net/deadline.hpp"
#include "net/listener.hpp"
#include "smtp_client/transaction.hpp"

namespace postern::smtp_client {

namespace {

using connected = std::expected<net::tcp_socket, delivery_status>;

connected failed(smtp::enhanced_status status, std::string reason) {
    return std::unexpected(failure(delivery_status::kind::temporary, status, std::move(reason)));
}

boost::system::error_code bind_to(net::tcp_socket& socket, const boost::asio::ip::address& source) {
    // The port is chosen at connect(), where it only has to differ from others to the same destination: bound beforehand, the
    // machine's ports would bound all connections together.
    const int yes = 1;
    ::setsockopt(socket.native_handle(), IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &yes, sizeof yes);
    boost::system::error_code ec;
    socket.bind({source, 0}, ec);
    return ec;
}

}  // namespace

net::awaitable<connected> connect(net::executor loop, net::tcp_endpoint to, std::optional<boost::asio::ip::address> source,
                                  std::chrono::steady_clock::duration limit) {
    net::tcp_socket socket(loop);
    boost::system::error_code ec;
    socket.open(to.protocol(), ec);
    if (ec) co_return failed({4, 3, 0}, fmt::format("no socket: {}", ec.message()));
    if (source) {
        if (const auto refused = bind_to(socket, *source)) {
            co_return failed({4, 3, 5}, fmt::format("cannot send from {}: {}", source->to_string(), refused.message()));
        }
    }
    net::deadline deadline(loop, [&socket] {
        boost::system::error_code ignored;
        socket.cancel(ignored);
    });
    deadline.arm(limit);
    const auto [error] = co_await socket.async_connect(to, boost::asio::as_tuple(net::use_awaitable));
    deadline.disarm();
    if (error) {
        co_return failed({4, 4, 1}, fmt::format("no connection to {}: {}", net::to_string(to),
                                                deadline.expired() ? "it does not answer" : error.message()));
    }
    socket.set_option(boost::asio::ip::tcp::no_delay(true), ec);
    co_return std::move(socket);
}

}  // namespace postern::smtp_client
