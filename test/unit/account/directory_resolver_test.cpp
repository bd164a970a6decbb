#include "account/directory_resolver.hpp"

#include "account/errc.hpp"
#include "memory_directory.hpp"
#include "test/catch.hpp"
#include "test/run.hpp"

namespace directory_resolver_test {

using namespace postern;
using account::recipient_refusal;
using account::resolution;
using storage::canonical_address;

namespace {

/// Two domains with accounts alice, bob (disabled), carol (100 octets left); aliases team, one-left, dead, full.
struct fixture {
    boost::asio::io_context loop;
    test::memory_directory directory;
    account::directory_resolver resolver{directory, "mx.example.test", core::logger()};

    fixture() {
        directory.domains = {"example.test", "xn--bcher-kva.test"};
        directory.add("alice", "example.test").admin = true;
        directory.add("bob", "example.test").disabled = true;
        auto& carol = directory.add("carol", "example.test");
        carol.quota_limit = 1000;
        carol.quota_used = 900;
        directory.add("a b", "example.test");
        directory.add("plus+plus", "example.test");
        directory.add("leser", "xn--bcher-kva.test");
        directory.alias("team", "example.test", {{"alice", "example.test"}, {"leser", "xn--bcher-kva.test"}});
        directory.alias("one-left", "example.test", {{"alice", "example.test"}, {"bob", "example.test"}});
        directory.alias("dead", "example.test", {{"bob", "example.test"}});
        directory.alias("mixed", "example.test", {{"alice", "example.test"}, {"carol", "example.test"}});
        directory.alias("small", "example.test", {{"carol", "example.test"}});
    }

    resolution resolve(const std::string& address, std::uint64_t size = 0) {
        return test::run(loop, resolver.resolve(address, size));
    }
    /// The accounts' addresses, or the refusal, in one line.
    std::string outcome(const std::string& address, std::uint64_t size = 0) {
        const auto to = resolve(address, size);
        if (to) {
            std::string all;
            for (const auto& r : *to) all += (all.empty() ? "" : " ") + to_string(r.address);
            return all;
        }
        switch (to.error()) {
            case recipient_refusal::not_local: return "not_local";
            case recipient_refusal::unknown_user: return "unknown_user";
            case recipient_refusal::mailbox_disabled: return "mailbox_disabled";
            case recipient_refusal::over_quota: return "over_quota";
            case recipient_refusal::unavailable: return "unavailable";
        }
        return "?";
    }
};

struct row {
    std::string address;
    std::string expected;
};

}  // namespace

TEST_CASE_METHOD(fixture, "a local address leads to its account in every spelling") {
    const row rows[] = {
        {"alice@example.test", "alice@example.test"},
        {"ALICE@EXAMPLE.TEST", "alice@example.test"},
        {"\"alice\"@example.test", "alice@example.test"},
        {"\"A\\lice\"@example.test", "alice@example.test"},
        {"\"a b\"@example.test", "a b@example.test"},
        {"leser@b\xC3\xBC"
         "cher.test",
         "leser@xn--bcher-kva.test"},
        {"leser@xn--bcher-kva.test", "leser@xn--bcher-kva.test"},
        {"alice+tag@example.test", "alice@example.test"},
        {"Alice+Tag+More@example.test", "alice@example.test"},
        {"\"alice+t g\"@example.test", "alice@example.test"},
        {"plus+plus@example.test", "plus+plus@example.test"},  // an exact address comes before the tag
        {"plus+minus@example.test", "unknown_user"},
        {"nobody@example.test", "unknown_user"},
        {"+tag@example.test", "unknown_user"},
    };
    for (const auto& r : rows) {
        INFO(r.address);
        directory.calls = 0;
        CHECK(outcome(r.address) == r.expected);
        CHECK(directory.calls == 1);
    }
}

TEST_CASE_METHOD(fixture, "nothing that is not ours is taken, however it is dressed up") {
    directory.alias("", "example.test", {{"alice", "example.test"}});  // a catch-all must not help
    const std::string addresses[] = {
        "alice@elsewhere.test",
        "alice@sub.example.test",
        "alice@example.test.elsewhere.test",
        "victim%elsewhere.test@example.test",      // percent hack
        "elsewhere.test!victim@example.test",      // bang path
        "\"victim@elsewhere.test\"@example.test",  // quoted address
        "\"victim\\@elsewhere.test\"@example.test",
        "alice@[127.0.0.1]",
        "alice@[IPv6:::1]",
        "alice@127.0.0.1",
        "@elsewhere.test:alice@example.test",  // a source route is not part of what we are given
        "alice",
        "alice@",
        "@example.test",  // the catch-all's own row is nobody's address
        "\"\"@example.test",
        "",
        "abuse",  // only postmaster may come without a domain
        "alice@example.test@elsewhere.test",
    };
    for (const auto& address : addresses) {
        INFO(address);
        CHECK(outcome(address) == "not_local");
    }
}

TEST_CASE_METHOD(fixture, "aliases lead to all their enabled accounts") {
    const row rows[] = {
        {"team@example.test", "alice@example.test leser@xn--bcher-kva.test"},
        {"Team+tag@example.test", "alice@example.test leser@xn--bcher-kva.test"},
        {"one-left@example.test", "alice@example.test"},
        {"dead@example.test", "mailbox_disabled"},
        {"bob@example.test", "mailbox_disabled"},
    };
    for (const auto& r : rows) {
        INFO(r.address);
        CHECK(outcome(r.address) == r.expected);
    }
}

TEST_CASE_METHOD(fixture, "quota is looked at with the size that was declared") {
    CHECK(outcome("carol@example.test", 0) == "carol@example.test");
    CHECK(outcome("carol@example.test", 100) == "carol@example.test");
    CHECK(outcome("carol@example.test", 101) == "over_quota");
    CHECK(outcome("carol@example.test", ~0ULL) == "over_quota");
    CHECK(outcome("small@example.test", 101) == "over_quota");
    CHECK(outcome("mixed@example.test", 101) == "alice@example.test carol@example.test");
    directory.accounts[{"carol", "example.test"}].quota_used = 1000;
    CHECK(outcome("carol@example.test", 0) == "over_quota");
    directory.accounts[{"carol", "example.test"}].quota_used = 5000;  // the limit was lowered
    CHECK(outcome("carol@example.test", 0) == "over_quota");
}

TEST_CASE_METHOD(fixture, "the catch-all takes what nobody else does, in its own domain") {
    directory.alias("", "example.test", {{"alice", "example.test"}});
    CHECK(outcome("whoever@example.test") == "alice@example.test");
    CHECK(outcome("whoever+tag@example.test") == "alice@example.test");
    CHECK(outcome("bob@example.test") == "mailbox_disabled");  // a disabled mailbox is not a missing one
    CHECK(outcome("whoever@b\xC3\xBC"
                  "cher.test") == "unknown_user");
}

TEST_CASE_METHOD(fixture, "postmaster and abuse always reach somebody who reads") {
    for (const auto* name : {"postmaster", "Postmaster", "abuse", "ABUSE", "postmaster+tag", "\"postmaster\""}) {
        INFO(name);
        CHECK(outcome(std::string(name) + "@example.test") == "alice@example.test");
        CHECK(outcome(std::string(name) + "@xn--bcher-kva.test") == "alice@example.test");
        CHECK(outcome(std::string(name) + "@elsewhere.test") == "not_local");
    }
    SECTION("an alias comes first") {
        directory.alias("postmaster", "example.test", {{"carol", "example.test"}});
        CHECK(outcome("postmaster@example.test") == "carol@example.test");
    }
    SECTION("unless all behind it are disabled") {
        directory.alias("postmaster", "example.test", {{"bob", "example.test"}});
        CHECK(outcome("postmaster@example.test") == "alice@example.test");
    }
    SECTION("an account of that name comes first when somebody can sign in to it") {
        directory.add("abuse", "example.test");
        CHECK(outcome("abuse@example.test") == "abuse@example.test");
    }
    SECTION("the placeholder without a password does not") {
        directory.add("postmaster", "example.test", "");
        CHECK(outcome("postmaster@example.test") == "alice@example.test");
    }
    SECTION("a catch-all is not asked before the caretaker") {
        directory.alias("", "example.test", {{"carol", "example.test"}});
        CHECK(outcome("postmaster@example.test") == "alice@example.test");
    }
}

TEST_CASE_METHOD(fixture, "where nobody can sign in the placeholder takes postmaster's mail") {
    directory.accounts.clear();
    directory.aliases.clear();
    directory.add("postmaster", "example.test", "");
    CHECK(outcome("postmaster@example.test") == "postmaster@example.test");
    CHECK(outcome("abuse@xn--bcher-kva.test") == "postmaster@example.test");
}

TEST_CASE_METHOD(fixture, "a bare postmaster is that of the server's own domain") {
    directory.add("postmaster", "example.test");
    CHECK(outcome("postmaster") == "postmaster@example.test");
    CHECK(outcome("PostMaster") == "postmaster@example.test");
    SECTION("or of the host's own name where that is a domain of its own") {
        directory.domains.emplace_back("mx.example.test");
        directory.add("postmaster", "mx.example.test");
        CHECK(outcome("postmaster") == "postmaster@mx.example.test");
    }
    SECTION("and the caretaker's where the host's name is foreign") {
        account::directory_resolver foreign(directory, "host.elsewhere.test", core::logger());
        CHECK(test::run(loop, foreign.resolve("postmaster", 0)).value().front().address.local_part == "alice");
    }
}

TEST_CASE_METHOD(fixture, "without a database the answer is to try later") {
    directory.failing = storage::errc::unavailable;
    CHECK(outcome("alice@example.test") == "unavailable");
    CHECK(outcome("postmaster") == "unavailable");
    CHECK(outcome("alice@[127.0.0.1]") == "not_local");  // needs none
}

TEST_CASE_METHOD(fixture, "an address is owned by whom its mail reaches") {
    const std::tuple<std::string, std::string, bool> rows[] = {
        {"alice", "alice@example.test", true},
        {"alice", "\"Alice\"@EXAMPLE.test", true},
        {"alice", "alice+shop@example.test", true},
        {"alice", "team@example.test", true},  // with others
        {"leser", "team@example.test", true},
        {"alice", "mixed@example.test", true},
        {"carol", "small@example.test", true},       // though hardly anything fits it any more
        {"alice", "postmaster@example.test", true},  // its caretaker
        {"alice", "carol@example.test", false},
        {"alice", "small@example.test", false},
        {"carol", "alice@example.test", false},
        {"bob", "bob@example.test", false},  // disabled since it signed in
        {"bob", "dead@example.test", false},
        {"alice", "nobody@example.test", false},
        {"alice", "alice@elsewhere.test", false},
        {"alice", "alice@[127.0.0.1]", false},
        {"alice", "alice%elsewhere.test@example.test", false},
        {"alice", "alice", false},
        {"alice", "", false},
    };
    for (const auto& [who, address, owned] : rows) {
        CAPTURE(who, address);
        const auto domain = who == "leser" ? "xn--bcher-kva.test" : "example.test";
        const auto answer = test::run(loop, resolver.owns(directory.accounts.at({who, domain}).id, address));
        REQUIRE(answer);
        CHECK(*answer == owned);
    }
    const auto alice = directory.accounts.at({"alice", "example.test"}).id;
    directory.alias("", "example.test", {{"alice", "example.test"}});
    CHECK(test::run(loop, resolver.owns(alice, "anything@example.test")).value());  // the catch-all's
    CHECK_FALSE(test::run(loop, resolver.owns(alice, "carol@example.test")).value());
    directory.failing = storage::errc::unavailable;
    CHECK(test::run(loop, resolver.owns(alice, "alice@example.test")).error().code == account::errc::unavailable);
}

}  // namespace directory_resolver_test
