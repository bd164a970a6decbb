#include "account/app_password.hpp"

#include <algorithm>
#include <set>

#include "test/catch.hpp"

namespace app_password_test {

using namespace postern;
using namespace postern::account;

namespace {

secret typed(std::string_view text) { return secret(text); }

}  // namespace

TEST_CASE("an app password is seven groups of four that are easy to type") {
    core::system_random random;
    std::set<std::string> all;
    for (int i = 0; i < 100; ++i) {
        const auto made = generate_app_password(random);
        const std::string text(made.reveal());
        REQUIRE(text.size() == 34);
        for (std::size_t at = 0; at < text.size(); ++at) {
            const char c = text[at];
            CHECK((at % 5 == 4 ? c == '-' : (c >= 'a' && c <= 'z') || (c >= '2' && c <= '7')));
        }
        CHECK(app_password_token(made));
        all.insert(text);
    }
    CHECK(all.size() == 100);
}

TEST_CASE("an app password is found however it was typed") {
    const auto token = app_password_token(typed("abcd-efgh-ijkl-mnop-qrst-uvwx-yz27"));
    REQUIRE(token);
    for (const auto* text :
         {"abcdefghijklmnopqrstuvwxyz27", "abcd efgh ijkl mnop qrst uvwx yz27", "ABCD-EFGH-IJKL-MNOP-QRST-UVWX-YZ27",
          " abcd-efgh-ijkl-mnop-qrst-uvwx-yz27 ", "abcdefg-hijklmn-opqrstu-vwxyz27"}) {
        INFO(text);
        CHECK(app_password_token(typed(text)) == token);
    }
    CHECK_FALSE(app_password_token(typed("abcd-efgh-ijkl-mnop-qrst-uvwx-yz26")) == token);
}

TEST_CASE("what is no app password has no token") {
    for (const auto* text : {"", "-", "right password", "abcd-efgh-ijkl-mnop-qrst-uvwx-yz2",
                             "abcd-efgh-ijkl-mnop-qrst-uvwx-yz277", "abcd-efgh-ijkl-mnop-qrst-uvwx-yz28",
                             "abcd-efgh-ijkl-mnop-qrst-uvwx-yz2\xC3\xA9", "abcd_efgh_ijkl_mnop_qrst_uvwx_yz27"}) {
        INFO(text);
        CHECK_FALSE(app_password_token(typed(text)));
    }
}

}  // namespace app_password_test
