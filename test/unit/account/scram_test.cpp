#include "account/scram.hpp"

#include <algorithm>

#include "core/base64.hpp"
#include "scram_client.hpp"
#include "test/catch.hpp"

namespace scram_test {

using namespace postern;
using namespace postern::account;

namespace {

// RFC 7677 section 3: user "user", password "pencil".
const std::string client_bare = "n=user,r=rOprNGfwEbeRWgbNEkqO";
const std::string server_first = "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
const std::string without_proof = "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
const std::string proof = "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
const std::string verifier = "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";
const auto auth_message = client_bare + "," + server_first + "," + without_proof;

scram_keys pencil() {
    storage::scram_parameters parameters;
    const auto salt = core::decode_base64("W22ZaJ0SNY7soEsUEjb6gQ==").value();
    std::ranges::copy(salt, parameters.salt.begin());
    return derive_scram_keys(secret(std::string_view("pencil")), parameters);
}

}  // namespace

TEST_CASE("the example of RFC 7677 section 3 is proved and verified") {
    const auto keys = pencil();
    CHECK(proof_fits(keys.stored_key, auth_message, core::decode_base64(proof).value()));
    CHECK(core::encode_base64(server_signature(keys.server_key, auth_message)) == verifier);
    test::scram_client client("user", "pencil");
    CHECK(client.final(server_first) == without_proof + ",p=" + proof);  // and so does the client of these tests
    CHECK(client.server_final() == "v=" + verifier);
}

TEST_CASE("a proof that is not exactly right does not fit") {
    const auto keys = pencil();
    const auto right = core::decode_base64(proof).value();
    for (std::size_t i = 0; i < right.size(); ++i) {
        auto wrong = right;
        wrong[i] = static_cast<char>(wrong[i] ^ 1);
        CHECK_FALSE(proof_fits(keys.stored_key, auth_message, wrong));
    }
    CHECK_FALSE(proof_fits(keys.stored_key, auth_message, ""));
    CHECK_FALSE(proof_fits(keys.stored_key, auth_message, right + '\0'));
    CHECK_FALSE(proof_fits(keys.stored_key, auth_message, right.substr(0, 31)));
    CHECK_FALSE(proof_fits(keys.stored_key, auth_message + "x", right));
    CHECK_FALSE(proof_fits(keys.server_key, auth_message, right));
}

TEST_CASE("what is made up for a name is always the same under one key") {
    const storage::key_octets key{1, 2, 3};
    const storage::key_octets other{1, 2, 4};
    const auto made = made_up_parameters(key, "nobody@example.test");
    CHECK(made.iterations == scram_iterations);
    CHECK(made == made_up_parameters(key, "nobody@example.test"));
    CHECK_FALSE(made == made_up_parameters(key, "nobody2@example.test"));
    CHECK_FALSE(made == made_up_parameters(other, "nobody@example.test"));
}

}  // namespace scram_test
