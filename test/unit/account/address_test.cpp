#include "account/address.hpp"

#include "account/errc.hpp"
#include "test/catch.hpp"

namespace address_test {

using namespace postern;
using namespace postern::account;
using storage::canonical_address;

TEST_CASE("an address has one canonical form, however it is written") {
    struct row {
        std::string text;
        std::string local_part;
        std::string domain;
    };
    const row rows[] = {
        {"alice@example.test", "alice", "example.test"},
        {"Alice@Example.TEST", "alice", "example.test"},              // neither half tells case
        {"\"alice\"@example.test", "alice", "example.test"},          // quotes are not part of the name (RFC 5321 4.1.2)
        {"\"a\\lice\"@example.test", "alice", "example.test"},        // nor are backslashes
        {"\"a b\"@example.test", "a b", "example.test"},              // what only quotes allow stays
        {"alice+lists@example.test", "alice+lists", "example.test"},  // the tag is looked at later
        {"alice@b\xC3\xBC"
         "cher.test",
         "alice", "xn--bcher-kva.test"},  // U-label
        {"alice@B\xC3\x9C"
         "CHER.test",
         "alice", "xn--bcher-kva.test"},                                   // U-label in capitals
        {"alice@xn--bcher-kva.test", "alice", "xn--bcher-kva.test"},       // A-label
        {"alice@XN--BCHER-KVA.TEST", "alice", "xn--bcher-kva.test"},       // A-label in capitals
        {"J\xC3\x9CRGEN@example.test", "j\xC3\xBCrgen", "example.test"},   // SMTPUTF8 local part, case folded
        {"ju\xCC\x88rgen@example.test", "j\xC3\xBCrgen", "example.test"},  // u and combining diaeresis: the same name in NFD
        {"stra\xC3\x9F"
         "e@example.test",
         "strasse", "example.test"},  // full case folding
    };
    for (const auto& r : rows) {
        INFO(r.text);
        const auto parsed = parse_address(r.text);
        REQUIRE(parsed);
        CHECK(parsed->local_part == r.local_part);
        CHECK(parsed->domain == r.domain);
    }
}

TEST_CASE("what is not an address at a domain name is refused, and says what is wrong") {
    struct row {
        std::string text;
        std::string said;
    };
    const row rows[] = {
        {"", "no @"},
        {"alice", "no @"},
        {"alice@", "not a mail address"},
        {"@example.test", "not a mail address"},     // a catch-all is for aliases only
        {"a b@example.test", "not a mail address"},  // a space wants quotes
        {"alice@example..test", "not a mail address"},
        {"alice@-x.test", "not a mail address"},
        {"alice@example.test ", "not a mail address"},
        {"<alice@example.test>", "not a mail address"},
        {"alice@[192.0.2.1]", "IP address"},       // a literal is no local domain
        {"alice@192.0.2.1", "not a domain name"},  // nor is one without brackets
        {"\"\"@example.test", "cannot be used"},   // no name left: would be the catch-all's row
        {std::string(300, 'a') + "@example.test", "too long"},
        {"alice@" + std::string(300, 'a') + ".test", "too long"},
        {"al\xFFice@example.test", "not a mail address"},  // not UTF-8
    };
    for (const auto& r : rows) {
        INFO(r.text);
        const auto parsed = parse_address(r.text);
        REQUIRE_FALSE(parsed);
        CHECK(parsed.error().code == errc::invalid_address);
        CHECK_THAT(parsed.error().detail, Catch::Contains(r.said));
    }
}

TEST_CASE("an alias may be a whole domain's catch-all") {
    CHECK(parse_alias_address("@Example.test").value() == canonical_address{"", "example.test"});
    CHECK(parse_alias_address("info@example.test").value() == canonical_address{"info", "example.test"});
    CHECK(parse_alias_address("@").error().code == errc::invalid_address);
    CHECK(parse_alias_address("@[192.0.2.1]").error().code == errc::invalid_address);
}

TEST_CASE("a domain is read in every spelling and kept as A-labels") {
    CHECK(parse_domain("Example.TEST").value() == "example.test");
    CHECK(parse_domain("example.test.").value() == "example.test");
    CHECK(parse_domain("b\xC3\xBC"
                       "cher.test")
              .value() == "xn--bcher-kva.test");
    CHECK(parse_domain("localhost").value() == "localhost");
    const std::string wrong[] = {"", ".", "[192.0.2.1]", "192.0.2.1", "a b", "a_b.test", "-a.test", "a..b", "x@example.test"};
    for (const auto& text : wrong) {
        INFO(text);
        const auto parsed = parse_domain(text);
        REQUIRE_FALSE(parsed);
        CHECK(parsed.error().code == errc::invalid_domain);
    }
}

TEST_CASE("the tag begins at the first plus that has something before it") {
    CHECK(without_tag("user+tag") == "user");
    CHECK(without_tag("user+a+b") == "user");
    CHECK(without_tag("user+") == "user");
    CHECK_FALSE(without_tag("user"));
    CHECK_FALSE(without_tag("+tag"));  // nobody is left
    CHECK_FALSE(without_tag(""));
}

TEST_CASE("an address is shown to people with U-labels, and quoted where it must be") {
    CHECK(to_text({"alice", "xn--bcher-kva.test"}) ==
          "alice@b\xC3\xBC"
          "cher.test");
    CHECK(to_text({"a b", "example.test"}) == "\"a b\"@example.test");
    CHECK(to_text({"", "example.test"}) == "@example.test");
}

}  // namespace address_test
