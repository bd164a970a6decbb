#include <algorithm>

#include "net/self_signed_certificate.hpp"
#include "relaying.hpp"
#include "test/catch.hpp"

namespace tls_test {

using namespace postern;
using namespace postern::test;
using namespace std::chrono_literals;
using smtp_client::open_failure;
using smtp_client::tls_use;
using strings = std::vector<std::string>;

namespace {

constexpr core::timestamp now(std::chrono::seconds(1'795'410'600));  // 2026-11-23

struct relaying_tls : relaying {
    relaying_tls() {
        const auto made = net::make_self_signed_certificate("mx.example.test", now);
        std::vector<net::tls_certificate> certificates;
        certificates.push_back(net::tls_certificate::parse(made.certificate, made.private_key, "chain", "key").value());
        server.tls = std::make_unique<net::tls_server_context>(std::move(certificates));
        server.extensions = "STARTTLS PIPELINING";
        settings.tls = std::make_shared<net::tls_client_context>(net::tls_client_context::peer::anybody);
    }

    bool heard(const std::string& line) const { return std::ranges::find(server.heard, line) != server.heard.end(); }
};

const strings all_delivered{"delivered 2.6.0", "delivered 2.6.0", "delivered 2.6.0"};

}  // namespace

TEST_CASE_METHOD(relaying_tls, "a server that offers STARTTLS is taken at its word") {
    const auto s = make_session();
    REQUIRE(open(*s));
    CHECK(s->tls() == "TLSv1.3");
    const auto outcomes = send(*s);
    CHECK(told(outcomes) == all_delivered);
    CHECK(outcomes.front().tls == "TLSv1.3");
    CHECK(server.messages.back().octets == message);
    quit(*s);
    // RFC 3207 4.2: EHLO is said again, for what was offered in the clear may be anybody's.
    CHECK(server.groups == strings{"EHLO", "STARTTLS", "EHLO", "MAIL RCPT RCPT RCPT DATA", "QUIT"});
}

TEST_CASE_METHOD(relaying_tls, "what a server offers counts as it stands under TLS") {
    server.say["EHLO"] = {"250-mx.example.test\r\n250-SIZE 1\r\n250 STARTTLS", "250 mx.example.test"};
    const auto s = make_session();
    REQUIRE(open(*s));
    CHECK_FALSE(s->offered().size);
    CHECK_FALSE(s->offered().starttls);
}

TEST_CASE_METHOD(relaying_tls, "answers that were slipped in before the handshake do not count") {
    server.say["STARTTLS"] = {"220 go ahead\r\n250-mx.evil.test\r\n250 SIZE 1"};
    const auto s = make_session();
    REQUIRE(open(*s));
    CHECK_FALSE(s->offered().size);
}

TEST_CASE_METHOD(relaying_tls, "TLS is not begun where it is not wanted, not offered or not set up") {
    SECTION("not wanted") { to.tls = tls_use::none; }
    SECTION("not offered") { server.extensions = "PIPELINING"; }
    SECTION("not set up") { settings.tls = nullptr; }
    SECTION("not available now (RFC 3207 section 4)") { server.say["STARTTLS"] = {"454 4.7.0 TLS not available"}; }
    SECTION("refused") { server.say["STARTTLS"] = {"502 5.5.1 what"}; }
    const auto s = make_session();
    REQUIRE(open(*s));
    CHECK(s->tls().empty());
    CHECK(told(send(*s)) == all_delivered);
}

TEST_CASE_METHOD(relaying_tls, "after a handshake that failed a new session in the clear succeeds") {
    settings.timeouts.handshake = settings.timeouts.command = 200ms;
    SECTION("closed") { server.tls = nullptr; }
    SECTION("closed before the go-ahead") { server.say["STARTTLS"] = {"<close>"}; }
    SECTION("silent") { server.say["STARTTLS"] = {"<raw>220 go ahead\r\n"}; }
    SECTION("no handshake but words") { server.say["STARTTLS"] = {"<flood>220 go ahead\r\n"}; }
    SECTION("farewell") { server.say["STARTTLS"] = {"421 4.3.2 bye"}; }
    SECTION("gone after the handshake") { server.say["EHLO"] = {"250-mx.example.test\r\n250 STARTTLS", "<close>"}; }
    const auto s = make_session();
    const auto opened = open(*s);
    REQUIRE_FALSE(opened);
    CHECK(opened.error().at == open_failure::stage::tls);
    CHECK(opened.error().status.what == smtp_client::delivery_status::kind::temporary);
    CHECK_FALSE(s->usable());
    server.say.clear();
    to.tls = tls_use::none;
    CHECK(relay() == all_delivered);
}

TEST_CASE_METHOD(relaying_tls, "where TLS is required there is no way around it") {
    to.tls = tls_use::required;
    SECTION("not offered") { server.extensions = ""; }
    SECTION("refused") { server.say["STARTTLS"] = {"550 5.7.1 not for you"}; }
    SECTION("not set up") { settings.tls = nullptr; }
    SECTION("the certificate is nobody's") {
        settings.tls = std::make_shared<net::tls_client_context>(net::tls_client_context::peer::named);
    }
    const auto s = make_session();
    const auto opened = open(*s);
    REQUIRE_FALSE(opened);
    CHECK(opened.error().at == open_failure::stage::tls);
    CHECK(told(opened.error().status).starts_with("temporary "));
    CHECK(server.messages.empty());
}

TEST_CASE_METHOD(relaying_tls, "TLS can be there from the first octet") {
    to.tls = tls_use::implicit;
    server.tls_first = true;
    server.extensions = "PIPELINING";
    CHECK(relay() == all_delivered);
    CHECK(server.groups.front() == "EHLO");
    server.tls_first = false;
    settings.timeouts.handshake = 200ms;
    CHECK(relay() == strings{"not opened: temporary 4.7.5"});
}

TEST_CASE_METHOD(relaying_tls, "a smarthost is told our user and password") {
    to.login = {.user = "us", .password = "s\xc3\xa9same"};
    SECTION("with PLAIN, in one line") {
        server.extensions = "STARTTLS AUTH=LOGIN PLAIN";
        server.say["EHLO"] = {"250-x\r\n250 STARTTLS", "250-x\r\n250 AUTH LOGIN PLAIN"};
        CHECK(relay() == all_delivered);
        CHECK(heard("AUTH PLAIN AHVzAHPDqXNhbWU="));
    }
    SECTION("with LOGIN, where that is all there is") {
        server.say["EHLO"] = {"250-x\r\n250 STARTTLS", "250-x\r\n250 AUTH LOGIN"};
        CHECK(relay() == all_delivered);
        CHECK(heard("AUTH LOGIN"));
        CHECK(heard("dXM="));
        CHECK(heard("c8Opc2FtZQ=="));
    }
    SECTION("over loopback in the clear, too") {
        server.extensions = "AUTH=PLAIN";
        CHECK(relay() == all_delivered);
        CHECK(heard("AUTH PLAIN AHVzAHPDqXNhbWU="));
    }
}

TEST_CASE_METHOD(relaying_tls, "a login that fails is put right by somebody, so mail waits") {
    to.login = {.user = "us", .password = "wrong"};
    server.extensions = "AUTH=PLAIN";
    std::string status = "temporary 4.7.8";
    SECTION("refused") { server.say["AUTH"] = {"535 5.7.8 bad password"}; }
    SECTION("not offered") {
        server.extensions = "";
        status = "temporary 4.7.4";
    }
    SECTION("no way we know") {
        server.extensions = "AUTH=GSSAPI";
        status = "temporary 4.7.4";
    }
    SECTION("refused at the password") {
        server.extensions = "AUTH=LOGIN";
        server.say["AUTH+"] = {"334 UGFzc3dvcmQ6", "535 5.7.8 bad password"};
    }
    SECTION("closed") {
        server.say["AUTH"] = {"<close>"};
        status = "temporary 4.4.2";
    }
    SECTION("a challenge where none belongs") {
        server.say["AUTH"] = {"334 more"};
        status = "temporary 4.5.0";
    }
    const auto s = make_session();
    const auto opened = open(*s);
    REQUIRE_FALSE(opened);
    CHECK(opened.error().at == open_failure::stage::login);
    CHECK(told(opened.error().status) == status);
    CHECK(opened.error().status.reply.find("wrong") == std::string::npos);
}

}  // namespace tls_test
