#include "account/token.hpp"

#include "test/catch.hpp"

namespace token_test {

using namespace postern;
using namespace postern::account;

TEST_CASE("a token is a prefix and 130 random bits, found by its hash") {
    core::system_random random;
    const auto one = generate_token(random, "pt_");
    const auto other = generate_token(random, "pt_");
    CHECK(one.reveal().size() == 29);
    CHECK(one.reveal() != other.reveal());
    CHECK(token_hash(one.reveal(), "pt_").value() == token_hash(one.reveal(), "pt_").value());
    CHECK(token_hash(one.reveal(), "pt_").value() != token_hash(other.reveal(), "pt_").value());
}

TEST_CASE("what we cannot have made is not looked for") {
    for (const std::string text :
         {"", "pt_", "pt_aaaaaaaaaaaaaaaaaaaaaaaaa", "pt_aaaaaaaaaaaaaaaaaaaaaaaaaaa", "ps_aaaaaaaaaaaaaaaaaaaaaaaaaa",
          "pt_aaaaaaaaaaaaaaaaaaaaaaaaaA", "pt_aaaaaaaaaaaaaaaaaaaaaaaaa1"}) {
        CAPTURE(text);
        CHECK_FALSE(token_hash(text, "pt_").has_value());
    }
    // SHA-256 of the whole token, prefix included: what is in the databases must stay good.
    CHECK(token_hash("pt_aaaaaaaaaaaaaaaaaaaaaaaaaa", "pt_").value().at(0) == 0xee);
    CHECK(token_hash("pt_aaaaaaaaaaaaaaaaaaaaaaaaaa", "pt_").value().at(31) == 0x43);
}

TEST_CASE("what is derived from a token tells nothing of it, and differs by purpose") {
    const auto csrf = derived_text("ps_secret", "csrf");
    CHECK(csrf.size() == 64);
    CHECK(csrf == derived_text("ps_secret", "csrf"));
    CHECK(csrf != derived_text("ps_secret", "other"));
    CHECK(csrf != derived_text("ps_other", "csrf"));
    CHECK(derived_text("b", "a") != derived_text("ab", ""));
}

TEST_CASE("secrets are the same when every octet is") {
    CHECK(same_secret("abc", "abc"));
    CHECK_FALSE(same_secret("abc", "abd"));
    CHECK_FALSE(same_secret("abc", "ab"));
    CHECK_FALSE(same_secret("", "a"));
}

}  // namespace token_test
