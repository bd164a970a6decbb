#include "http/credentials.hpp"

#include <string>

#include "test/catch.hpp"

namespace credentials_test {

using namespace postern::http;
using boost::beast::http::field;

TEST_CASE("Basic credentials are an address and a password") {
    const auto [field, login, password, why] = GENERATE(table<std::string, std::string, std::string, std::string>({
        {"Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", "Aladdin", "open sesame", "RFC 7617 2"},
        {"Basic dGVzdDoxMjPCow==", "test", "123\xC2\xA3", "RFC 7617 2.1: UTF-8"},
        {"bASIC YTpi", "a", "b", "the scheme is compared without case"},
        {"Basic   YTpi", "a", "b", "one or more spaces (RFC 9110 11.4)"},
        {"Basic YTpiOmM=", "a", "b:c", "only the first colon separates"},
        {"Basic Og==", "", "", "empty halves are credentials, if not good ones"},
    }));
    CAPTURE(field, why);
    const auto read = read_basic(field);
    REQUIRE(read.has_value());
    CHECK(read->login == login);
    CHECK(read->password.reveal() == password);
}

TEST_CASE("what is not Basic credentials are none") {
    const auto [field, why] = GENERATE(table<std::string, std::string>({
        {"", "nothing"},
        {"Basic", "no token"},
        {"Basic ", "no token after the space"},
        {"BasicYTpi", "no space"},
        {"Basic YTpi YTpi", "two tokens"},
        {"Basic YWI=", "no colon"},
        {"Basic YTp", "not a multiple of four"},
        {"Basic YTpi====", "too much padding"},
        {"Basic YT=i", "padding in the middle"},
        {"Basic YT==YTpi", "padding, then more"},
        {"Basic ====", "only padding"},
        {"Basic YT_-", "another alphabet"},
        {"Basic YTpi\t", "white space after"},
        {"Basic YToA", "NUL in the password (RFC 7617 2: no controls)"},
        {"Basic YQ06Yg==", "CR in the address"},
        {"Basic YTr/", "not UTF-8"},
    }));
    CAPTURE(field, why);
    CHECK_FALSE(read_basic(field).has_value());
}

TEST_CASE("a 401 offers Basic and Bearer, and to the page's own scripts Bearer alone") {
    const auto both = not_authenticated("Who?");
    CHECK(both.code == status::unauthorized);
    CHECK(both.fields == std::vector<header_field>{{"WWW-Authenticate", R"(Basic realm="postern", charset="UTF-8")"},
                                                   {"WWW-Authenticate", R"(Bearer realm="postern")"}});
    CHECK(not_authenticated("Who?", challenge::bearer_only).fields.size() == 1);
    request r;
    CHECK(challenge_for(r) == challenge::all);
    r.fields.set("X-Requested-With", "postern");
    CHECK(challenge_for(r) == challenge::bearer_only);
}

TEST_CASE("a scheme is compared whole and without case") {
    CHECK(has_scheme("bearer x", "bearer"));
    CHECK(has_scheme("BASIC", "basic"));
    CHECK_FALSE(has_scheme("Basics x", "basic"));
    CHECK_FALSE(has_scheme("", "basic"));
    CHECK(read_bearer("Bearer  pt_x").reveal() == "pt_x");
}

TEST_CASE("a change comes from our own page, or from no page at all") {
    const auto [origin, site, ours] = GENERATE(table<std::string, std::string, bool>({
        {"", "", true},  // a program
        {"https://mx.example.test", "", true},
        {"http://MX.example.test", "same-origin", true},
        {"", "none", true},  // typed by the user
        {"https://evil.test", "", false},
        {"https://mx.example.test.evil.test", "", false},
        {"https://mx.example.test:8443", "", false},
        {"null", "", false},  // a sandboxed frame
        {"", "cross-site", false},
        {"https://mx.example.test", "same-site", false},
    }));
    CAPTURE(origin, site);
    request r;
    r.fields.set(field::host, "mx.example.test");
    if (!origin.empty()) r.fields.set(field::origin, origin);
    if (!site.empty()) r.fields.set("Sec-Fetch-Site", site);
    CHECK(check_origin(r).has_value() == ours);
}

}  // namespace credentials_test
