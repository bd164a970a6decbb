#include "account/sasl/scram_message.hpp"

#include <string>

#include "test/catch.hpp"

namespace scram_message_test {

using namespace postern::account::sasl;
using namespace std::string_literals;
using binding = client_first::binding;

TEST_CASE("a client's first message is read") {
    struct row {
        std::string message;
        binding flag;
        std::string type;
        std::string authzid;
        std::string name;
        std::string nonce;
        std::string gs2_header;
        std::string why;
    };
    const row rows[] = {
        {"n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL", binding::unsupported, "", "", "user", "fyko+d2lbbFgONRv9qkxdawL", "n,,",
         "RFC 5802 section 5"},
        {"y,,n=user,r=x", binding::not_offered, "", "", "user", "x", "y,,", "could bind"},
        {"p=tls-exporter,,n=user,r=x", binding::required, "tls-exporter", "", "user", "x", "p=tls-exporter,,", "binds"},
        {"n,a=b=2Cc,n=a=3Db=2C,r=x", binding::unsupported, "", "b,c", "a=b,", "x", "n,a=b=2Cc,", "escaped names"},
        {"n,,n=d\xC3\xB6,r=x,z=1,y=2=", binding::unsupported, "", "", "d\xC3\xB6", "x", "n,,", "extensions are ignored"},
        {"n,,n=u,r=%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0=", binding::unsupported, "", "", "u",
         "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0=", "n,,", "any printable nonce"},
    };
    for (const auto& r : rows) {
        INFO(r.why);
        const auto read = parse_client_first(r.message);
        REQUIRE(read);
        CHECK(read->flag == r.flag);
        CHECK(read->binding_type == r.type);
        CHECK(read->authzid == r.authzid);
        CHECK(read->name == r.name);
        CHECK(read->nonce == r.nonce);
        CHECK(read->gs2_header == r.gs2_header);
        CHECK(read->gs2_header + read->bare == r.message);
    }
}

TEST_CASE("a client's first message that is wrong is told why") {
    const auto [message, error, why] = GENERATE(table<std::string, std::string, std::string>({
        {"", "other-error", "nothing"},
        {"n", "other-error", "no comma"},
        {"n,", "other-error", "one comma"},
        {"n,,", "other-error", "no name"},
        {"N,,n=u,r=x", "other-error", "the flag in upper case"},
        {"x,,n=u,r=x", "other-error", "RFC 5802 section 5: n, y or p"},
        {"p,,n=u,r=x", "other-error", "no type"},
        {"p=,,n=u,r=x", "other-error", "an empty type"},
        {"p=tls_exporter,,n=u,r=x", "other-error", "no cb-name"},
        {"F,n,,n=u,r=x", "other-error", "a GS2 flag that has no place here"},
        {"n,b=u,n=u,r=x", "other-error", "no authzid"},
        {"n,a=,n=u,r=x", "other-error", "an empty authzid"},
        {"n,a=x=,n=u,r=x", "other-error", "a bare = in the authzid"},
        {"n,,m=1,n=u,r=x", "extensions-not-supported", "RFC 5802 5.1"},
        {"n,,r=x,n=u", "other-error", "the order is fixed"},
        {"n,,n=,r=x", "other-error", "an empty name"},
        {"n,,n=u=,r=x", "invalid-username-encoding", "a bare ="},
        {"n,,n=u=2c,r=x", "invalid-username-encoding", "=2C in lower case"},
        {"n,,n=u", "other-error", "no nonce"},
        {"n,,n=u,r=", "other-error", "an empty nonce"},
        {"n,,n=u,r=a b", "other-error", "a space in the nonce"},
        {"n,,n=u,r=d\xC3\xB6", "other-error", "a nonce beyond ASCII"},
        {"n,,n=u,r=x,", "other-error", "a comma at the end"},
        {"n,,n=u,r=x,zz", "other-error", "no attribute"},
        {"n,,n=u,r=x,1=2", "other-error", "no letter"},
        {"n,,n=u,r=x,z=1,", "other-error", "a comma at the end"},
        {"n,,n=\xFF,r=x", "invalid-encoding", "no UTF-8"},
        {"n,,n=u\0,r=x"s, "invalid-encoding", "NUL"},
    }));
    CAPTURE(message, why);
    const auto read = parse_client_first(message);
    REQUIRE_FALSE(read);
    CHECK(read.error() == error);
}

TEST_CASE("a client's final message is read") {
    const auto read = parse_client_final("c=biws,r=abc,z=1,p=AAEC");
    REQUIRE(read);
    CHECK(read->binding == "n,,");
    CHECK(read->nonce == "abc");
    CHECK(read->proof == "\0\1\2"s);
    CHECK(read->without_proof == "c=biws,r=abc,z=1");
}

TEST_CASE("a client's final message that is wrong is told why") {
    const auto [message, error, why] = GENERATE(table<std::string, std::string, std::string>({
        {"", "other-error", "nothing"},
        {"c=biws,r=abc", "other-error", "no proof"},
        {"c=biws,p=AAEC", "other-error", "no nonce"},
        {"r=abc,c=biws,p=AAEC", "other-error", "the order is fixed"},
        {"c=biws,r=abc,p=AAEC,z=1", "other-error", "the proof comes last"},
        {"c=biws,r=abc,,p=AAEC", "other-error", "an empty part"},
        {"c=,r=abc,p=AAEC", "other-error", "an empty binding"},
        {"c=biws,r=abc,p=", "other-error", "an empty proof"},
        {"c=biw,r=abc,p=AAEC", "invalid-encoding", "no base64"},
        {"c=biws,r=abc,p=AAE", "invalid-encoding", "no base64"},
        {"c=biws,r=abc,p=AA=C", "invalid-encoding", "no base64"},
        {"m=1,c=biws,r=abc,p=AAEC", "extensions-not-supported", "RFC 5802 5.1"},
        {"c=biws,r=abc\xFF,p=AAEC", "invalid-encoding", "no UTF-8"},
        {"c=biws,r=abc,p=AAEC\0"s, "invalid-encoding", "NUL"},
    }));
    CAPTURE(message, why);
    const auto read = parse_client_final(message);
    REQUIRE_FALSE(read);
    CHECK(read.error() == error);
}

}  // namespace scram_message_test
