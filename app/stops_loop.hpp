#pragma once

#include <boost/asio/io_context.hpp>

namespace postern::app {

/// Stops the loop however the coroutine that holds it ends, so that whoever runs the loop goes on.
class stops_loop {
public:
    explicit stops_loop(boost::asio::io_context& loop) : loop_(loop) {}
    ~stops_loop() { loop_.stop(); }
    stops_loop(const stops_loop&) = delete;
    stops_loop& operator=(const stops_loop&) = delete;

private:
    boost::asio::io_context& loop_;
};

}  // namespace postern::app
