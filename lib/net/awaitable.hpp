#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace postern::net {

/// The one loop's executor. Concrete rather than any_io_executor: no type erasure on every operation.
using executor = boost::asio::io_context::executor_type;

/// What every coroutine of the program returns. Coroutines are named functions; none is a capturing lambda.
template <class T>
using awaitable = boost::asio::awaitable<T, executor>;

inline constexpr boost::asio::use_awaitable_t<executor> use_awaitable;

}  // namespace postern::net
