#include "smtp/trace.hpp"

#include <chrono>
#include <vector>

#include "test/catch.hpp"

namespace trace_test {

using namespace postern;
using namespace postern::smtp;

namespace {

constexpr core::timestamp monday = std::chrono::sys_days{std::chrono::year{2026} / 11 / 23} + std::chrono::hours{5};

received_field example() {
    return {.helo = "client.test",
            .client_address = "192.0.2.1",
            .hostname = "mx.example.test",
            .protocol = {.esmtp = true},
            .id = "42",
            .recipient = {},
            .at = monday};
}

}  // namespace

TEST_CASE("Received says who came from where, how and when") {
    CHECK(to_string(example()) ==
          "Received: from client.test ([192.0.2.1]) by mx.example.test with ESMTP id 42;\r\n"
          "\tMon, 23 Nov 2026 05:00:00 +0000\r\n");
}

TEST_CASE("Received names the recipient when there is one") {
    auto field = example();
    field.recipient = parse_mailbox("\"a b\"@example.test").value();
    CHECK(to_string(field) ==
          "Received: from client.test ([192.0.2.1]) by mx.example.test with ESMTP id 42\r\n"
          "\tfor <\"a b\"@example.test>; Mon, 23 Nov 2026 05:00:00 +0000\r\n");
}

TEST_CASE("Received tells the TLS version and the cipher") {
    auto field = example();
    field.protocol.tls = true;
    field.tls_version = "TLSv1.3";
    field.tls_cipher = "TLS_AES_256_GCM_SHA384";
    CHECK(to_string(field) ==
          "Received: from client.test ([192.0.2.1]) by mx.example.test with ESMTPS\r\n"
          "\t(TLSv1.3) id 42 tls TLS_AES_256_GCM_SHA384; Mon, 23 Nov 2026 05:00:00 +0000\r\n");
    field.recipient = parse_mailbox("alice@example.test").value();
    CHECK(to_string(field) ==
          "Received: from client.test ([192.0.2.1]) by mx.example.test with ESMTPS\r\n"
          "\t(TLSv1.3) id 42 for <alice@example.test> tls TLS_AES_256_GCM_SHA384;\r\n"
          "\tMon, 23 Nov 2026 05:00:00 +0000\r\n");
}

TEST_CASE("an IPv6 client is written as a literal") {
    auto field = example();
    field.client_address = "2001:db8::1";
    field.helo = "[IPv6:2001:db8::1]";
    CHECK(to_string(field) ==
          "Received: from [IPv6:2001:db8::1] ([IPv6:2001:db8::1]) by mx.example.test\r\n"
          "\twith ESMTP id 42; Mon, 23 Nov 2026 05:00:00 +0000\r\n");
}

TEST_CASE("what a client says it is cannot leave its place in Received") {
    auto field = example();
    field.helo = "x\r\nBcc: (a;b) <c@d>\xff";
    CHECK(to_string(field).starts_with("Received: from x??Bcc:??a?b???c?d?? ([192.0.2.1])"));
    field.helo = "";
    CHECK(to_string(field).starts_with("Received: from unknown ("));
}

TEST_CASE("Received is folded to 78 columns wherever its clauses allow") {
    auto field = example();
    const std::string host(200, 'h');
    field.helo = host;
    field.recipient = parse_mailbox(std::string(50, 'l') + "@example.test").value();
    std::string rest = to_string(field);
    while (!rest.empty()) {
        const auto line = rest.substr(0, rest.find("\r\n"));
        CHECK((line.size() <= 78 || line.find(host) != std::string::npos));
        rest.erase(0, line.size() + 2);
        CHECK((rest.empty() || rest.front() == '\t'));
    }
}

TEST_CASE("the protocol's name says what the session used") {
    struct row {
        with_protocol protocol;
        std::string name;
    };
    const std::vector<row> rows{
        {{}, "SMTP"},
        {{.esmtp = true}, "ESMTP"},
        {{.esmtp = true, .tls = true}, "ESMTPS"},
        {{.esmtp = true, .authenticated = true}, "ESMTPA"},
        {{.esmtp = true, .tls = true, .authenticated = true}, "ESMTPSA"},
        {{.esmtp = true, .utf8 = true}, "UTF8SMTP"},
        {{.esmtp = true, .utf8 = true, .tls = true}, "UTF8SMTPS"},
        {{.esmtp = true, .utf8 = true, .authenticated = true}, "UTF8SMTPA"},
        {{.esmtp = true, .utf8 = true, .tls = true, .authenticated = true}, "UTF8SMTPSA"},
    };
    for (const auto& [protocol, name] : rows) CHECK(to_string(protocol) == name);
}

TEST_CASE("Return-Path is the reverse path in angle brackets") {
    CHECK(return_path_field(parse_mailbox("a@b.test").value()) == "Return-Path: <a@b.test>\r\n");
    CHECK(return_path_field(parse_reverse_path("<@x,@y:\"a\\ b\"@b.test>").value().value) ==
          "Return-Path: <\"a b\"@b.test>\r\n");
    CHECK(return_path_field({}) == "Return-Path: <>\r\n");
}

}  // namespace trace_test
