#pragma once

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "net/stream.hpp"

namespace postern::test {

/// Both ends of one connection over loopback: a plain blocking socket, and the stream that is tested.
struct connected_pair {
    explicit connected_pair(boost::asio::io_context& loop)
        : far(loop.get_executor()), near_(connect(loop, far)), near(std::move(near_)) {}

    net::tcp_socket far;

private:
    static net::tcp_socket connect(boost::asio::io_context& loop, net::tcp_socket& far) {
        using boost::asio::ip::tcp;
        boost::asio::basic_socket_acceptor<tcp, net::executor> acceptor(
            loop.get_executor(), tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0));
        far.connect(acceptor.local_endpoint());
        return acceptor.accept();
    }

    net::tcp_socket near_;

public:
    net::stream near;
};

}  // namespace postern::test
