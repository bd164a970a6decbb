#include "http/account_json.hpp"

#include <vector>

#include "test/catch.hpp"

namespace account_json_test {

using namespace postern;
using namespace std::chrono;

namespace {

storage::account alice() {
    storage::account a;
    a.id = {7};
    a.address = {"alice", "example.test"};
    a.name = "Alice \"A\" \xC3\x84";
    a.admin = true;
    a.password_hash = "$argon2id$secret";
    a.quota_limit = 2'000'000'000;
    a.quota_used = 1234;
    a.created_at = sys_days{year{2026} / November / 23} + hours{5} + microseconds{999'999};
    return a;
}

const std::vector<storage::mailbox> mailboxes = {
    {.id = {11}, .account = {7}, .name = "Inbox", .role = storage::mailbox_role::inbox, .total = 3, .unread = 2},
    {.id = {12}, .account = {7}, .name = "Projects", .role = storage::mailbox_role::none, .total = 0, .unread = 0},
};

constexpr std::string_view mailbox_list = R"([{"id":"11","name":"Inbox","role":"inbox","total":3,"unread":2},)"
                                          R"({"id":"12","name":"Projects","role":null,"total":0,"unread":0}])";

}  // namespace

TEST_CASE("an account is shown with its quota and mailboxes, and without its hash") {
    CHECK(http::account_json(alice(), mailboxes, {}, {}, {"mx.example.test", 587, 465, 143, 993}) ==
          R"({"address":"alice@example.test","name":"Alice \"A\" )"
          "\xC3\x84"
          R"(","admin":true,"created_at":"2026-11-23T05:00:00Z",)"
          R"("quota":{"used":1234,"limit":2000000000},"mailboxes":)" +
              std::string(mailbox_list) +
              R"(,"aliases":[],"last_logins":[],)"
              R"("submission":{"host":"mx.example.test",)"
              R"("starttls_port":587,"tls_port":465},)"
              R"("imap":{"host":"mx.example.test","starttls_port":143,"tls_port":993}})");
}

TEST_CASE("an account's other names and its last logins are shown") {
    const storage::canonical_address aliases[] = {{"sales", "example.test"}};
    const storage::login logins[] = {{.account = {7},
                                      .at = sys_days{year{2026} / November / 23},
                                      .address = "192.0.2.1",
                                      .method = "web",
                                      .client = "a browser",
                                      .ok = false}};
    CHECK(http::account_json(alice(), {}, aliases, logins, {"mx.example.test", 0, 0, 0, 993})
              .ends_with(R"("aliases":["sales@example.test"],"last_logins":[{"at":"2026-11-23T00:00:00Z",)"
                         R"("address":"192.0.2.1","method":"web","client":"a browser","ok":false}],)"
                         R"("submission":{"host":"mx.example.test","starttls_port":null,"tls_port":null},)"
                         R"("imap":{"host":"mx.example.test","starttls_port":null,"tls_port":993}})"));
}

TEST_CASE("an account without a quota has the limit null") {
    auto a = alice();
    a.quota_limit = std::nullopt;
    CHECK_THAT(http::account_json(a, {}, {}, {}, {}), Catch::Contains(R"("quota":{"used":1234,"limit":null},"mailboxes":[],)"));
}

TEST_CASE("mailboxes are a list of their own") {
    CHECK(http::mailboxes_json(mailboxes) == R"({"mailboxes":)" + std::string(mailbox_list) + "}");
}

TEST_CASE("every role has its name") {
    using enum storage::mailbox_role;
    const auto [role, name] = GENERATE(table<storage::mailbox_role, std::string>({
        {none, "null"},
        {inbox, R"("inbox")"},
        {sent, R"("sent")"},
        {drafts, R"("drafts")"},
        {junk, R"("junk")"},
        {trash, R"("trash")"},
        {archive, R"("archive")"},
    }));
    const std::vector<storage::mailbox> one = {{.id = {1}, .account = {7}, .name = "M", .role = role}};
    CHECK(http::mailboxes_json(one) == R"({"mailboxes":[{"id":"1","name":"M","role":)" + name + R"(,"total":0,"unread":0}]})");
}

}  // namespace account_json_test
