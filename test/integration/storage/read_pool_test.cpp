#include "storage/soci/read_pool.hpp"

#include <future>

#include <boost/asio/io_context.hpp>

#include "test/engines.hpp"

namespace read_pool_test {

using namespace postern;
using namespace postern::storage;
using namespace std::chrono_literals;

TEST_CASE("a session to read with is made when those there are busy, and no sooner") {
    test::fresh_database place(ON_BOTH_DATABASES);
    place.settings.read_sessions = 3;
    boost::asio::io_context loop;
    read_pool pool(loop.get_executor(), place.settings, core::logger(),
                   std::make_unique<connection>(place.settings, access::read));
    const auto session = [&pool] {
        return pool.run_blocking([](connection& on) -> core::result<connection*> { return &on; }).value();
    };
    const auto* const first = session();
    for (int i = 0; i < 20; ++i) CHECK(session() == first);

    std::promise<void> begun;
    std::promise<void> released;
    auto busy = std::async(std::launch::async, [&] {
        return pool.run_blocking([&](connection& on) -> core::result<connection*> {
            begun.set_value();
            released.get_future().wait();
            return &on;
        });
    });
    begun.get_future().wait();
    auto beside = std::async(std::launch::async, session);
    const bool answered = beside.wait_for(1min) == std::future_status::ready;
    released.set_value();
    CHECK(answered);
    CHECK(beside.get() != first);
    CHECK(busy.get().value() == first);
}

}  // namespace read_pool_test
