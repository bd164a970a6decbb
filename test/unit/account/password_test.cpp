#include "account/password.hpp"

#include "account/errc.hpp"
#include "account/password_hasher.hpp"
#include "test/catch.hpp"
#include "test/run.hpp"

namespace password_test {

using namespace postern;
using namespace postern::account;
using namespace std::string_literals;

TEST_CASE("a password has one form, whatever keyboard it came from") {
    struct row {
        std::string typed;
        std::string form;
    };
    const row rows[] = {
        {"correct horse battery staple", "correct horse battery staple"},  // RFC 8265 4.3, example 12
        {"Correct Horse Battery Staple", "Correct Horse Battery Staple"},  // 13: case stays
        {"\xCF\x80\xC3\x9F\xC3\xA5", "\xCF\x80\xC3\x9F\xC3\xA5"},          // 14: letters outside ASCII, no folding
        {"Jack of \xE2\x99\xA6s", "Jack of \xE2\x99\xA6s"},                // 15: symbols
        {"foo\xE1\x9A\x80"
         "bar",
         "foo bar"},  // 16: another script's space is a space
        {"foo\xC2\xA0"
         "bar",
         "foo bar"},                       // no-break space
        {"u\xCC\x88", "\xC3\xBC"},         // NFD becomes NFC
        {"\xEF\xBC\xA1", "\xEF\xBC\xA1"},  // full width is not mapped
        {"a\xE2\x80\x8D"
         "b",
         "a\xE2\x80\x8D"
         "b"},  // joiners are letters of some scripts
    };
    for (const auto& r : rows) {
        INFO(r.typed);
        const auto normal = normalize_password(r.typed);
        REQUIRE(normal);
        CHECK(normal->reveal() == r.form);
    }
}

TEST_CASE("what can be no password is refused") {
    const std::string wrong[] = {
        "",                   // RFC 8265 4.2.2: not of zero length
        "my cat is a \tby"s,  // RFC 8265 4.3, example 18: a control character
        "nul\0nul"s,          // would end the text for a C library
        "line\r\n"s,
        "bad \xFF utf8"s,
        "cut \xE2\x99"s,        // half a character
        "soft\xC2\xADhyphen"s,  // invisible: ignorable by default
        "\xF4\x8F\xBF\xBF nonchar"s,
        std::string(1025, 'x'),
    };
    for (const auto& text : wrong) {
        INFO(text);
        const auto normal = normalize_password(text);
        REQUIRE_FALSE(normal);
        CHECK(normal.error().code == errc::invalid_password);
    }
    CHECK(normalize_password(std::string(1024, 'x')));
}

TEST_CASE("a new password has at least eight characters, not octets") {
    CHECK_FALSE(check_new_password("seven77"));
    CHECK(check_new_password("eight888"));
    CHECK_FALSE(check_new_password("\xC3\xA4\xC3\xB6\xC3\xBC\xC3\x9F"));  // four, in eight octets
    CHECK_THAT(check_new_password("short").error().detail, Catch::Contains("at least 8 characters"));
}

TEST_CASE("a generated password passes the policy and differs each time") {
    core::system_random random;
    const auto one = generate_password(random);
    const auto other = generate_password(random);
    CHECK(one.reveal().size() == 20);
    CHECK(check_new_password(one.reveal()));
    CHECK(one.reveal() != other.reveal());
}

TEST_CASE("a hash is Argon2id with a salt, and only its password gives it") {
    const secret right(std::string_view("correct horse"));
    const auto hash = hash_password(right);
    CHECK_THAT(hash, Catch::StartsWith("$argon2id$v=19$m=65536,t=3,p=1$"));
    CHECK(hash_password(right) != hash);
    CHECK(verify_password(hash, right));
    CHECK_FALSE(verify_password(hash, secret(std::string_view("correct horsf"))));
    CHECK_FALSE(verify_password("not a hash", right));
}

TEST_CASE("a secret taken from a string leaves nothing in it") {
    std::string typed = "short";  // short enough to live in the string object itself
    const char* storage = typed.data();
    secret held(std::move(typed));
    CHECK(std::string_view(storage, 5) == std::string_view("\0\0\0\0\0", 5));
    const secret moved(std::move(held));
    CHECK(moved.reveal() == "short");
}

TEST_CASE("passwords are hashed off the loop, and a hash that is empty is never right") {
    boost::asio::io_context loop;
    password_hasher hasher(2);
    const auto hash = test::run(loop, hasher.hash(secret(std::string_view("correct horse"))));
    REQUIRE(hash);
    CHECK(test::run(loop, hasher.verify(*hash, secret(std::string_view("correct horse")))).value());
    CHECK_FALSE(test::run(loop, hasher.verify(*hash, secret(std::string_view("wrong horse")))).value());
    CHECK_FALSE(test::run(loop, hasher.verify("", secret(std::string_view("correct horse")))).value());
}

TEST_CASE("a hash is made with the memory that is set, and checked with what it was made with") {
    boost::asio::io_context loop;
    constexpr std::size_t mebi = 1024UL * 1024;
    password_hasher before(1);
    password_hasher after(1, password_hasher::usual_queue, 19 * mebi);
    const auto old = test::run(loop, before.hash(secret(std::string_view("correct horse"))));
    const auto made = test::run(loop, after.hash(secret(std::string_view("correct horse"))));
    REQUIRE(old);
    REQUIRE(made);
    CHECK(old->starts_with("$argon2id$v=19$m=65536,t=3,p=1$"));  // KiB
    CHECK(made->starts_with("$argon2id$v=19$m=19456,t=3,p=1$"));
    CHECK(test::run(loop, after.verify(*old, secret(std::string_view("correct horse")))).value());
    CHECK(test::run(loop, before.verify(*made, secret(std::string_view("correct horse")))).value());
}

TEST_CASE("when too many hashes are waiting, more are refused at once instead of queued") {
    boost::asio::io_context loop;
    password_hasher hasher(1, 1);
    std::vector<net::awaitable<core::result<std::string>>> many;
    for (int i = 0; i < 50; ++i) many.push_back(hasher.hash(secret(std::string_view("correct horse"))));
    std::size_t busy = 0;
    for (const auto& each : test::run_all(loop, std::move(many))) {
        if (!each) CHECK(each.error().code == errc::busy);
        busy += each ? 0 : 1;
    }
    CHECK(busy > 0);
    CHECK(busy < 50);
}

}  // namespace password_test
