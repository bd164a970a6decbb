#include "http/caller.hpp"

#include "test/catch.hpp"

namespace caller_test {

using namespace postern;
using namespace postern::http;
using level = http::access;

namespace {

caller with_token(storage::token_scopes scopes, bool admin = false) {
    caller c;
    c.account.admin = admin;
    c.by = caller::proof::token;
    c.scopes = scopes;
    return c;
}

}  // namespace

TEST_CASE("who signed in may do all but administer, and an administrator that too") {
    const auto proof = GENERATE(caller::proof::password, caller::proof::session);
    caller c;
    c.by = proof;
    for (const auto needs : {level::anyone, level::read, level::send, level::change, level::account})
        CHECK(authorize(c, needs).has_value());
    CHECK(authorize(c, level::admin).error().code == status::forbidden);
    c.account.admin = true;
    CHECK(authorize(c, level::admin).has_value());
}

TEST_CASE("a token may what its scopes say, and is told which one it lacks") {
    struct row {
        caller who;
        level needs;
        std::string lacks;  // "": nothing; "-": no token will do
    };
    const row rows[] = {
        {with_token({.read = true}), level::read, ""},
        {with_token({.read = true}), level::send, "send"},
        {with_token({.read = true}), level::change, "read send"},
        {with_token({.send = true}), level::read, "read"},
        {with_token({.send = true}), level::send, ""},
        {with_token({.send = true}), level::change, "read send"},
        {with_token({.read = true, .send = true}), level::change, ""},
        {with_token({.read = true, .send = true, .admin = true}, true), level::account, "-"},
        {with_token({.read = true, .send = true}, true), level::admin, "admin"},
        {with_token({.admin = true}, true), level::admin, ""},
        {with_token({.admin = true}, true), level::read, "read"},
        {with_token({.admin = true}, false), level::admin, "-"},  // its owner is no administrator any more
    };
    for (const auto& r : rows) {
        CAPTURE(static_cast<int>(r.needs), r.lacks);
        const auto may = authorize(r.who, r.needs);
        CHECK(may.has_value() == r.lacks.empty());
        if (may) continue;
        CHECK(may.error().code == status::forbidden);
        if (r.lacks == "-") {
            CHECK(may.error().fields.empty());
        } else {
            CHECK(may.error().fields.at(0).second ==
                  R"(Bearer realm="postern", error="insufficient_scope", scope=")" + r.lacks + "\"");
        }
    }
}

}  // namespace caller_test
