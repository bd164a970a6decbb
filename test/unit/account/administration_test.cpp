#include "account/administration.hpp"

#include "account/password.hpp"
#include "memory_directory.hpp"
#include "test/catch.hpp"
#include "test/quick_hasher.hpp"
#include "test/run.hpp"

namespace administration_test {

using namespace postern;
using namespace postern::account;
using namespace std::chrono_literals;
using storage::canonical_address;

namespace {

struct fixture {
    boost::asio::io_context loop;
    test::memory_directory directory;
    core::manual_clock clock{core::timestamp{1'000'000s}};
    test::quick_hasher hasher{1};
    administration admin{directory, hasher, clock, core::logger()};

    fixture() { directory.domains = {"example.test", "xn--bcher-kva.test"}; }

    template <class T>
    T run(net::awaitable<T> task) {
        return test::run(loop, std::move(task));
    }
    /// The failure of what must fail.
    template <class T>
    core::error failure(net::awaitable<core::result<T>> task) {
        auto outcome = run(std::move(task));
        REQUIRE_FALSE(outcome);
        return outcome.error();
    }
    auto add(std::string address) {
        account_request request;
        request.address = std::move(address);
        return admin.add_account(std::move(request));
    }
    auto add_first(std::string address, std::string_view password = "correct horse") {
        return admin.add_first_administrator(std::move(address), secret(password));
    }
};

}  // namespace

TEST_CASE_METHOD(fixture, "a domain is kept canonical, once") {
    CHECK(run(admin.add_domain("Caf\xC3\xA9.TEST")).value().name == "xn--caf-dma.test");
    const auto again = failure(admin.add_domain("xn--caf-dma.test"));
    CHECK(again.code == errc::already_exists);
    CHECK_THAT(again.detail, Catch::Contains("xn--caf-dma.test exists already"));
    CHECK(failure(admin.add_domain("not a domain")).code == errc::invalid_domain);
    CHECK(run(admin.list_domains()).value().size() == 3);
    CHECK(run(admin.remove_domain("caf\xC3\xA9.test")));
    CHECK(failure(admin.remove_domain("caf\xC3\xA9.test")).code == errc::not_found);
}

TEST_CASE_METHOD(fixture, "an account is made as it was asked for, and shown without its hash") {
    account_request request;
    request.address =
        "Alice@B\xC3\xBC"
        "cher.test";
    request.name = "Alice \xC3\x84sop";
    request.password.emplace(std::string_view("correct horse"));
    request.admin = true;
    request.quota_limit = 1000;
    const auto made = run(admin.add_account(std::move(request)));
    REQUIRE(made);
    CHECK(made->address == canonical_address{"alice", "xn--bcher-kva.test"});
    CHECK(made->name == "Alice \xC3\x84sop");
    CHECK(made->admin);
    CHECK(made->can_sign_in);
    CHECK(made->quota_limit == 1000);
    CHECK(made->created_at == clock.now());
    CHECK(verify_password(directory.accounts.begin()->second.password_hash, secret(std::string_view("correct horse"))));
}

TEST_CASE_METHOD(fixture, "an account without a password gets mail and cannot sign in") {
    CHECK_FALSE(run(add("alice@example.test")).value().can_sign_in);
}

TEST_CASE_METHOD(fixture, "an account that cannot be is refused with what would be right") {
    directory.add("taken", "example.test");
    directory.alias("alias", "example.test", {{"taken", "example.test"}});
    struct row {
        std::string address;
        errc code;
        std::string said;
    };
    const row rows[] = {
        {"alice", errc::invalid_address, "write name@example.org"},
        {"@example.test", errc::invalid_address, "not a mail address"},
        {"alice@[192.0.2.1]", errc::invalid_address, "domain name"},
        {std::string(65, 'a') + "@example.test", errc::invalid_address, "64 octets"},
        {"a%b@example.test", errc::invalid_address, "route"},  // the resolver would never deliver to it
        {"a!b@example.test", errc::invalid_address, "route"},
        {"\"a@b\"@example.test", errc::invalid_address, "route"},
        {"alice@missing.test", errc::not_found, "no domain missing.test; add it first"},
        {"TAKEN@example.test", errc::already_exists, "taken@example.test exists already"},
        {"alias@example.test", errc::already_exists, "alias@example.test exists already"},
    };
    for (const auto& r : rows) {
        INFO(r.address);
        const auto failed = failure(add(r.address));
        CHECK(failed.code == r.code);
        CHECK_THAT(failed.detail, Catch::Contains(r.said));
    }
}

TEST_CASE_METHOD(fixture, "names, quotas and passwords out of bounds are refused") {
    const auto with = [&](auto change) {
        account_request request;
        request.address = "alice@example.test";
        change(request);
        return failure(admin.add_account(std::move(request))).code;
    };
    CHECK(with([](auto& r) { r.name = "Alice\nBcc: x"; }) == errc::invalid_value);
    CHECK(with([](auto& r) { r.name = "\xFF"; }) == errc::invalid_value);
    CHECK(with([](auto& r) { r.name = std::string(1025, 'x'); }) == errc::invalid_value);
    CHECK(with([](auto& r) { r.quota_limit = 0; }) == errc::invalid_value);
    CHECK(with([](auto& r) { r.quota_limit = -5; }) == errc::invalid_value);
    CHECK(with([](auto& r) { r.password.emplace(std::string_view("short")); }) == errc::invalid_password);
    CHECK(directory.accounts.empty());
}

TEST_CASE_METHOD(fixture, "a password is set for the account that is there") {
    directory.add("alice", "example.test", "");
    CHECK(run(admin.set_password("alice@example.test", secret(std::string_view("correct horse")))));
    CHECK(run(admin.show_account("alice@example.test")).value().can_sign_in);
    CHECK(failure(admin.set_password("alice@example.test", secret(std::string_view("short")))).code == errc::invalid_password);
    const auto missing = failure(admin.set_password("bob@example.test", secret(std::string_view("correct horse"))));
    CHECK(missing.code == errc::not_found);
    CHECK_THAT(missing.detail, Catch::Contains("no account bob@example.test"));
}

TEST_CASE_METHOD(fixture, "disabling, enabling and removing follow the directory's rules") {
    directory.add("alice", "example.test");
    const auto last = failure(admin.set_disabled("alice@example.test", true));
    CHECK(last.code == errc::refused);
    CHECK_THAT(last.detail, Catch::Contains("last enabled account"));
    directory.add("bob", "example.test");
    CHECK(run(admin.set_disabled("alice@example.test", true)));
    CHECK_FALSE(run(admin.show_account("alice@example.test")).value().can_sign_in);
    CHECK(run(admin.set_disabled("alice@example.test", false)));
    CHECK(run(admin.remove_account("alice@example.test")));
    CHECK(failure(admin.remove_account("alice@example.test")).code == errc::not_found);
}

TEST_CASE_METHOD(fixture, "an account is shown with the aliases that lead to it") {
    directory.add("alice", "example.test");
    directory.add("bob", "example.test");
    CHECK(run(admin.add_alias("Info@example.test", {"alice@example.test", "ALICE@EXAMPLE.TEST", "bob@example.test"}))
              .value()
              .targets.size() == 2);
    CHECK(run(admin.add_alias("@b\xC3\xBC"
                              "cher.test",
                              {"alice@example.test"}))
              .value()
              .address.local_part.empty());
    CHECK(run(admin.show_account("alice@example.test")).value().aliases.size() == 2);
    CHECK(run(admin.show_account("bob@example.test")).value().aliases.size() == 1);
    CHECK(run(admin.list_aliases("example.test")).value().size() == 1);
    CHECK(run(admin.list_aliases(std::nullopt)).value().size() == 2);
    CHECK(run(admin.remove_alias("@xn--bcher-kva.test")));
    CHECK(failure(admin.remove_alias("@xn--bcher-kva.test")).code == errc::not_found);
}

TEST_CASE_METHOD(fixture, "an alias that cannot be is refused with what would be right") {
    directory.add("alice", "example.test");
    directory.alias("info", "example.test", {{"alice", "example.test"}});
    struct row {
        std::string address;
        std::vector<std::string> targets;
        errc code;
        std::string said;
    };
    const row rows[] = {
        {"sales@example.test", {}, errc::refused, "at least one"},
        {"sales@example.test", {"info@example.test"}, errc::refused, "is an alias"},  // no loops
        {"sales@example.test", {"sales@example.test"}, errc::not_found, "no account sales"},
        {"sales@example.test", {"bob@example.test"}, errc::not_found, "no account bob"},
        {"sales@example.test", {"alice@example.test", "x@elsewhere.test"}, errc::not_found, "not a domain of this server"},
        {"sales@example.test", {"alice"}, errc::invalid_address, "write name@example.org"},
        {"sales@example.test", {"@example.test"}, errc::invalid_address, "not a mail address"},
        {"sales@missing.test", {"alice@example.test"}, errc::not_found, "no domain missing.test; add it first"},
        {"a%b@example.test", {"alice@example.test"}, errc::invalid_address, "route"},
        {"info@example.test", {"alice@example.test"}, errc::already_exists, "exists already"},
        {"alice@example.test", {"alice@example.test"}, errc::already_exists, "exists already"},
    };
    for (const auto& r : rows) {
        INFO(r.address << " to " << (r.targets.empty() ? "" : r.targets.back()));
        const auto failed = failure(admin.add_alias(r.address, r.targets));
        CHECK(failed.code == r.code);
        CHECK_THAT(failed.detail, Catch::Contains(r.said));
    }
}

TEST_CASE_METHOD(fixture, "a list narrowed to a domain that does not exist is an error, not an empty list") {
    CHECK(failure(admin.list_accounts("missing.test")).code == errc::not_found);
    CHECK(failure(admin.list_aliases("missing.test")).code == errc::not_found);
    CHECK(failure(admin.list_accounts("not a domain")).code == errc::invalid_domain);
    CHECK(run(admin.list_accounts("example.test")).value().empty());
}

TEST_CASE_METHOD(fixture, "what the database says is said in words that help") {
    directory.failing = storage::errc::unavailable;
    const auto down = failure(admin.add_domain("new.test"));
    CHECK(down.code == errc::unavailable);
    CHECK_THAT(down.detail, Catch::Contains("nothing was changed"));
    directory.failing = storage::errc::outcome_unknown;
    const auto unknown = failure(admin.add_domain("new.test"));
    CHECK(unknown.code == errc::unavailable);
    CHECK_THAT(unknown.detail, Catch::Contains("look whether"));
}

TEST_CASE_METHOD(fixture, "the first administrator is made on an empty server, and on no other") {
    directory.domains.clear();
    CHECK(failure(add_first("admin%x@first.test")).code == errc::invalid_address);
    CHECK(failure(add_first("admin@first.test", "short")).code == errc::invalid_password);
    CHECK(directory.accounts.empty());
    const auto made = run(add_first("Admin@First.Test")).value();
    REQUIRE(made);
    CHECK(storage::to_string(made->address) == "admin@first.test");
    CHECK(made->admin);
    CHECK(made->can_sign_in);
    CHECK_FALSE(run(add_first("other@first.test")).value());
    directory.accounts.begin()->second.disabled = true;  // nobody is left to take care, but the account is there
    CHECK_FALSE(run(add_first("other@first.test")).value());
    CHECK(directory.accounts.size() == 1);
}

}  // namespace administration_test
