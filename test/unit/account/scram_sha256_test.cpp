#include "account/sasl/scram_sha256.hpp"

#include <set>
#include <string>

#include "scram_client.hpp"
#include "with_app_passwords.hpp"

namespace scram_sha256_test {

using namespace postern;
using namespace postern::account;
using namespace std::chrono_literals;
using namespace std::string_literals;
using sasl::refusal;
using reason = refusal::reason;

namespace {

const std::string exporter(32, '\x5A');

struct fixture : test::with_app_passwords {
    std::string phone = make("Phone");

    sasl::step respond(sasl::mechanism& m, std::string_view response) { return test::run(loop, m.respond(secret(response))); }
    std::string answer(sasl::mechanism& m, std::string_view response) {
        const auto step = respond(m, response);
        if (const auto* refused = std::get_if<refusal>(&step)) FAIL(refused->detail);
        return std::get<sasl::challenge>(step).octets;
    }
    refusal refused(sasl::mechanism& m, std::string_view response) { return std::get<refusal>(respond(m, response)); }

    std::unique_ptr<sasl::mechanism> mechanism(bool plus = false, std::optional<std::string> binding = std::nullopt) {
        return sasl::make_mechanism(plus ? "SCRAM-SHA-256-PLUS" : "SCRAM-SHA-256",
                                    {authenticator, random, here, std::move(binding)});
    }
    /// A whole exchange, up to its outcome.
    sasl::step exchange(test::scram_client client, bool plus = false, std::optional<std::string> binding = std::nullopt) {
        const auto m = mechanism(plus, std::move(binding));
        auto step = respond(*m, client.first());
        if (!std::holds_alternative<sasl::challenge>(step)) return step;
        step = respond(*m, client.final(std::get<sasl::challenge>(step).octets));
        if (!std::holds_alternative<sasl::challenge>(step)) return step;
        CHECK(std::get<sasl::challenge>(step).octets == client.server_final());
        return respond(*m, "");
    }
    refusal refused(test::scram_client client, bool plus = false, std::optional<std::string> binding = std::nullopt) {
        return std::get<refusal>(exchange(std::move(client), plus, std::move(binding)));
    }
};

bool is_account(const sasl::step& s) { return std::holds_alternative<storage::account>(s); }

}  // namespace

TEST_CASE_METHOD(fixture, "who knows an app password is signed in, and is shown that we know its keys") {
    const auto step = exchange({alice, phone});
    REQUIRE(is_account(step));
    CHECK(std::get<storage::account>(step).id == owner.id);
    CHECK(store.uses.at(storage::app_password_id{1}) == clock.now());
}

TEST_CASE_METHOD(fixture, "any of the account's app passwords does, by any spelling of its address") {
    const auto laptop = make("Laptop");
    CHECK(is_account(exchange({alice, phone})));
    CHECK(is_account(exchange({"Alice@EXAMPLE.test", laptop})));
    CHECK(is_account(exchange({"alice@example\xEF\xBC\x8Etest", laptop})));  // FULLWIDTH FULL STOP: SASLprep
    CHECK(is_account(exchange({alice, laptop, "n,a=" + alice + ","})));
}

TEST_CASE_METHOD(fixture, "without an initial response the client is asked with nothing") {
    const auto m = mechanism();
    CHECK(std::get<sasl::challenge>(test::run(loop, m->respond(std::nullopt))).octets.empty());
    test::scram_client client(alice, phone);
    CHECK(answer(*m, client.final(answer(*m, client.first()))) == client.server_final());
}

TEST_CASE_METHOD(fixture, "the server's nonce is another each time and begins with the client's") {
    std::set<std::string> nonces;
    for (int i = 0; i < 20; ++i) {
        const auto first = answer(*mechanism(), test::scram_client(alice, phone).first());
        CHECK(first.starts_with("r=rOprNGfwEbeRWgbNEkqO"));
        nonces.insert(first.substr(0, first.find(',')));
    }
    CHECK(nonces.size() == 20);
}

TEST_CASE_METHOD(fixture, "an exchange is bound to its connection") {
    CHECK(is_account(exchange({alice, phone, "p=tls-exporter,,", exporter}, true, exporter)));
    CHECK(is_account(exchange({alice, phone, "n,,"}, false, exporter)));  // a client that cannot bind
    CHECK(is_account(exchange({alice, phone, "y,,"}, false)));            // one that could, and we cannot
    struct row {
        std::string gs2_header;
        std::string binding;
        bool plus;
        std::optional<std::string> ours;
        std::string error;
        std::string why;
    };
    const auto other = std::string(32, '\x5B');
    const row rows[] = {
        {"p=tls-exporter,,", other, true, exporter, "channel-bindings-dont-match", "somebody between us"},
        {"p=tls-exporter,,", "", true, exporter, "channel-bindings-dont-match", "no binding sent"},
        {"y,,", "", false, exporter, "server-does-support-channel-binding", "downgrade: -PLUS was taken off the list"},
        {"y,,", "", true, exporter, "server-does-support-channel-binding", "-PLUS, and not believed in"},
        {"n,,", "", true, exporter, "channel-bindings-dont-match", "-PLUS without binding"},
        {"p=tls-exporter,,", exporter, false, exporter, "channel-binding-not-supported", "binding without -PLUS"},
        {"p=tls-exporter,,", exporter, false, std::nullopt, "channel-binding-not-supported", "likewise, with none on our side"},
        {"p=tls-unique,,", exporter, true, exporter, "unsupported-channel-binding-type", "another type"},
        {"p=TLS-EXPORTER,,", exporter, true, exporter, "unsupported-channel-binding-type", "types have a case"},
    };
    for (const auto& r : rows) {
        INFO(r.why);
        const auto outcome = refused({alice, phone, r.gs2_header, r.binding}, r.plus, r.ours);
        CHECK(outcome.why == reason::bad_credentials);
        CHECK(outcome.detail == r.error);
    }
}

TEST_CASE_METHOD(fixture, "the GS2 header of the final message must be that of the first") {
    const auto m = mechanism();
    test::scram_client honest(alice, phone);
    auto final = honest.final(answer(*m, honest.first()));
    final.replace(0, "c=biws"s.size(), "c=eSws");  // "y,,"
    CHECK(refused(*m, final).detail == "channel-bindings-dont-match");
}

TEST_CASE_METHOD(fixture, "a proof under another nonce is of no use") {
    test::scram_client client(alice, phone);
    const auto old = client.final(answer(*mechanism(), client.first()));
    const auto m = mechanism();
    static_cast<void>(answer(*m, client.first()));
    const auto outcome = refused(*m, old);  // replayed
    CHECK(outcome.why == reason::bad_credentials);
    CHECK(outcome.detail == "other-error");
}

TEST_CASE_METHOD(fixture, "a wrong password fails at the proof") {
    const auto outcome = refused({alice, "abcd-efgh-ijkl-mnop-qrst-uvwx-yz27"});
    CHECK(outcome.why == reason::bad_credentials);
    CHECK(outcome.detail == "invalid-proof");
}

TEST_CASE_METHOD(fixture, "nobody learns which accounts there are") {
    directory.add("bob", "example.test", "");  // no app password
    for (const auto* login : {"nobody@example.test", "bob@example.test", "nobody", "nobody@elsewhere.test"}) {
        INFO(login);
        const auto salt = [&] {
            const auto first = answer(*mechanism(), test::scram_client(login, phone).first());
            return first.substr(first.find(','));
        };
        const auto once = salt();
        CHECK(once == salt());
        CHECK(once.ends_with(",i=4096"));
        CHECK(once.size() == ",s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"s.size());
        const auto outcome = refused({login, phone});
        CHECK(outcome.why == reason::bad_credentials);
        CHECK(outcome.detail == "invalid-proof");
    }
    auto upper = test::scram_client("NOBODY@example.test", phone);
    auto lower = test::scram_client("nobody@example.test", phone);
    const auto salt = [&](const test::scram_client& c) {
        const auto first = answer(*mechanism(), c.first());
        return first.substr(first.find(','));
    };
    CHECK(salt(upper) == salt(lower));
}

TEST_CASE_METHOD(fixture, "failures count as wrong passwords do, and nothing else does") {
    for (int i = 0; i < 20; ++i) static_cast<void>(answer(*mechanism(), test::scram_client(alice, phone).first()));
    for (int i = 0; i < 6; ++i) CHECK(refused({alice, "wrong"}).why == reason::bad_credentials);
    const auto outcome = refused({alice, phone});
    CHECK(outcome.why == reason::throttled);
    CHECK(outcome.retry_after == 1s);
    CHECK(test::run(loop, authenticator.verify(alice, secret(std::string_view(phone)), here)).error().why ==
          login_failure::reason::throttled);
    clock.advance(1s);
    CHECK(is_account(exchange({alice, phone})));
}

TEST_CASE_METHOD(fixture, "proofs held back and sent together do not slip past the count") {
    std::vector<std::unique_ptr<sasl::mechanism>> mechanisms;
    std::vector<std::string> finals;
    for (int i = 0; i < 40; ++i) {
        mechanisms.push_back(mechanism());
        test::scram_client client(alice, i == 39 ? phone : "wrong");
        finals.push_back(client.final(answer(*mechanisms.back(), client.first())));
    }
    std::vector<net::awaitable<sasl::step>> all;
    for (std::size_t i = 0; i < finals.size(); ++i) all.push_back(mechanisms[i]->respond(secret(std::string_view(finals[i]))));
    std::size_t looked_at = 0;
    for (const auto& step : test::run_all(loop, std::move(all))) {
        REQUIRE(std::holds_alternative<refusal>(step));
        looked_at += std::get<refusal>(step).why == reason::bad_credentials ? 1 : 0;
    }
    CHECK(looked_at == 6);
}

TEST_CASE_METHOD(fixture, "what is revoked during the exchange opens nothing") {
    const auto m = mechanism();
    test::scram_client client(alice, phone);
    const auto final = client.final(answer(*m, client.first()));
    SECTION("the app password") {
        REQUIRE(test::run(loop, administration.remove(alice, "Phone")));
        CHECK(refused(*m, final).why == reason::bad_credentials);
    }
    SECTION("the account") {
        owner.disabled = true;
        CHECK(refused(*m, final).why == reason::disabled);
    }
    SECTION("the database") {
        store.failing = storage::errc::unavailable;
        CHECK(refused(*m, final).why == reason::unavailable);
    }
}

TEST_CASE_METHOD(fixture, "what is no SCRAM message is malformed, at every step") {
    CHECK(refused(*mechanism(), "").why == reason::malformed);
    CHECK(refused(*mechanism(), "n,,n=u").why == reason::malformed);
    CHECK(refused(*mechanism(), "n,,m=x,n=u,r=x").detail == "extensions-not-supported");
    CHECK(refused(*mechanism(), "n,,n=\x07,r=x").detail == "invalid-username-encoding");
    CHECK(refused(*mechanism(), "n,,n=u,r=" + std::string(sasl::max_response, 'x')).why == reason::malformed);
    CHECK(refused(*mechanism(), "n,a=bob@example.test,n=" + alice + ",r=x").why == reason::bad_credentials);

    test::scram_client client(alice, phone);
    auto m = mechanism();
    static_cast<void>(answer(*m, client.first()));
    CHECK(refused(*m, client.first()).why == reason::malformed);
    m = mechanism();
    static_cast<void>(answer(*m, client.final(answer(*m, client.first()))));
    CHECK(refused(*m, "more").why == reason::malformed);  // after our final message nothing is left to say
}

}  // namespace scram_sha256_test
