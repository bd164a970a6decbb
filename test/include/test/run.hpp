#pragma once

#include <exception>
#include <functional>
#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "net/awaitable.hpp"

namespace postern::test {

/// One kind of coroutine is spawned: what Asio makes of each kind is most of what a test would compile to.
template <class T>
net::awaitable<void> keep(net::awaitable<T> task, std::optional<T>& value) {
    value.emplace(co_await std::move(task));
}

/// Runs the coroutines side by side on `loop` until all have ended; gives their values in order, or throws the first exception.
template <class T>
std::vector<T> run_all(boost::asio::io_context& loop, std::vector<net::awaitable<T>> tasks) {
    std::vector<std::optional<T>> values(tasks.size());
    std::exception_ptr escaped;
    std::size_t left = tasks.size();
    const std::function<void(std::exception_ptr)> ended = [&](std::exception_ptr e) {
        if (e && !escaped) escaped = e;
        --left;
    };
    for (std::size_t i = 0; i < tasks.size(); ++i) boost::asio::co_spawn(loop, keep(std::move(tasks[i]), values[i]), ended);
    loop.restart();
    while (left > 0) {
        if (loop.run_one() == 0) throw std::logic_error("the loop ran out of work before the coroutines ended");
    }
    if (escaped) std::rethrow_exception(escaped);
    std::vector<T> all;
    for (auto& value : values) all.push_back(std::move(*value));
    return all;
}

/// Runs one coroutine on `loop` until it has ended.
template <class T>
T run(boost::asio::io_context& loop, net::awaitable<T> task) {
    std::vector<net::awaitable<T>> one;
    one.push_back(std::move(task));
    return std::move(run_all(loop, std::move(one)).front());
}

}  // namespace postern::test
