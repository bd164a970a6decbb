#include "account/credential_cache.hpp"

#include "test/catch.hpp"

namespace credential_cache_test {

using namespace postern;
using namespace std::chrono_literals;
using account::credential_cache;
using account::secret;

namespace {

secret pw(std::string_view text) { return secret(text); }

}  // namespace

TEST_CASE("a credential is known for a few minutes after it was right, however often it is used") {
    core::system_random random;
    core::manual_clock clock(core::timestamp{1000s});
    credential_cache cache(random, clock);
    const auto it = cache.identify("alice@example.test", "hash", pw("secret"));
    CHECK_FALSE(cache.knows(it));
    cache.remember(it);
    CHECK(cache.knows(it));
    clock.advance(credential_cache::lifetime - 1s);
    CHECK(cache.knows(it));
    clock.advance(1s);
    CHECK_FALSE(cache.knows(it));
}

TEST_CASE("a clock set back does not make a credential live longer") {
    core::system_random random;
    core::manual_clock clock(core::timestamp{10'000s});
    credential_cache cache(random, clock);
    const auto it = cache.identify("alice@example.test", "hash", pw("secret"));
    cache.remember(it);
    clock.advance(-1h);
    CHECK_FALSE(cache.knows(it));
}

TEST_CASE("every part of a credential counts, and where one ends") {
    core::system_random random;
    core::manual_clock clock(core::timestamp{1000s});
    credential_cache cache(random, clock);
    const auto it = cache.identify("alice@example.test", "hash", pw("secret"));
    CHECK(cache.identify("alice@example.test", "hash", pw("secret")) == it);
    CHECK(cache.identify("bob@example.test", "hash", pw("secret")) != it);
    CHECK(cache.identify("alice@example.test", "other", pw("secret")) != it);  // the password was changed
    CHECK(cache.identify("alice@example.test", "hash", pw("secret2")) != it);
    CHECK(cache.identify("alice@example.test", "hashs", pw("ecret")) != it);
    CHECK(cache.identify("alice@example.testh", "ash", pw("secret")) != it);
}

TEST_CASE("two processes' fingerprints have nothing in common") {
    core::system_random random;
    core::manual_clock clock(core::timestamp{1000s});
    const credential_cache one(random, clock);
    const credential_cache other(random, clock);
    CHECK(one.identify("a@x", "hash", pw("secret")) != other.identify("a@x", "hash", pw("secret")));
}

}  // namespace credential_cache_test
