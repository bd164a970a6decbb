#pragma once

#include <chrono>
#include <expected>
#include <optional>

#include <boost/asio/ip/address.hpp>

#include "net/awaitable.hpp"
#include "net/stream.hpp"
#include "smtp_client/delivery_status.hpp"

namespace postern::smtp_client {

/// A TCP connection to `to`, from `source` if there is one, TCP_NODELAY set. Failures are temporary: {4, 4, 1} nobody answers,
/// {4, 3, 5} the source address is not one of this machine's.
net::awaitable<std::expected<net::tcp_socket, delivery_status>> connect(net::executor loop, net::tcp_endpoint to,
                                                                        std::optional<boost::asio::ip::address> source,
                                                                        std::chrono::steady_clock::duration limit);

}  // namespace postern::smtp_client
