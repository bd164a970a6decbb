#pragma once

#include <string>
#include <utility>

#include "account/app_passwords.hpp"
#include "account/password_authenticator.hpp"
#include "memory_app_passwords.hpp"
#include "test/catch.hpp"
#include "test/quick_hasher.hpp"
#include "test/run.hpp"

namespace postern::test {

/// Alice, who has no password of her own, and the parts that make app passwords and check them.
struct with_app_passwords {
    const std::string alice = "alice@example.test";
    const boost::asio::ip::address here = boost::asio::ip::make_address("192.0.2.1");
    boost::asio::io_context loop;
    memory_directory directory;
    memory_app_passwords store{directory};
    core::system_random random;
    core::manual_clock clock{core::timestamp{std::chrono::seconds(1'000'000)}};
    test::quick_hasher hasher{1};
    account::app_passwords administration{directory, store, hasher, random, clock, core::logger()};
    account::password_authenticator authenticator{directory, store, hasher, random, clock, core::logger()};
    storage::account& owner = directory.add("alice", "example.test", "");

    template <class T>
    T run(net::awaitable<T> task) {
        return test::run(loop, std::move(task));
    }
    std::string make(std::string name) {
        return std::string(run(administration.add(alice, std::move(name))).value().password.reveal());
    }
};

}  // namespace postern::test
