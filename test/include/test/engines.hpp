#pragma once

#include "test/catch.hpp"
#include "test/database.hpp"

/// Every case of the contract runs on both databases.
#define ON_BOTH_DATABASES GENERATE(postern::test::engine::sqlite, postern::test::engine::postgresql)

template <>
struct Catch::StringMaker<postern::test::engine> {
    static std::string convert(postern::test::engine e) { return e == postern::test::engine::sqlite ? "SQLite" : "PostgreSQL"; }
};

namespace postern::test {

/// What failed with `expected`; checks that it did.
template <class T>
core::error failure(const core::result<T>& outcome, storage::errc expected) {
    REQUIRE(!outcome.has_value());
    INFO(outcome.error().message());
    CHECK(outcome.error().code == expected);
    return outcome.error();
}

/// The value; fails the test with the reason when there is none.
template <class T>
T value(core::result<T> outcome) {
    if (!outcome) FAIL(outcome.error().message());
    if constexpr (!std::is_void_v<T>) return *std::move(outcome);
}

}  // namespace postern::test
