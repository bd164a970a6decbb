#include "http/credentials.hpp"

#include <string>

#include "test/catch.hpp"

using namespace postern::http;

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

TEST_CASE("what is not Basic credentials is 401 with the challenge") {
    const auto [field, why] = GENERATE(table<std::string, std::string>({
        {"", "nothing"},
        {"Basic", "no token"},
        {"Basic ", "no token after the space"},
        {"Bearer YTpi", "another scheme"},
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
    const auto read = read_basic(field);
    REQUIRE_FALSE(read.has_value());
    CHECK(read.error().code == status::unauthorized);
    REQUIRE(read.error().fields.size() == 1);
    CHECK(read.error().fields[0] == header_field{"WWW-Authenticate", "Basic realm=\"postern\", charset=\"UTF-8\""});
}
