#include "smtp/extensions.hpp"

#include <string>
#include <vector>

#include "smtp/replies.hpp"
#include "test/catch.hpp"

namespace extensions_test {

using namespace postern::smtp;

namespace {

extensions everything() {
    return {.pipelining = true,
            .size = 1000,
            .eight_bit_mime = true,
            .smtputf8 = true,
            .enhanced_status_codes = true,
            .chunking = true,
            .binary_mime = true,
            .dsn = true,
            .starttls = true,
            .auth = {"PLAIN", "SCRAM-SHA-256"},
            .rcpt_max = 100,
            .mail_max = 50};
}

mail_command mail(const std::string& line) { return std::get<mail_command>(parse_command(line).value()); }
rcpt_command rcpt(const std::string& line) { return std::get<rcpt_command>(parse_command(line).value()); }

}  // namespace

TEST_CASE("EHLO announces what is offered") {
    CHECK(to_string(everything().ehlo_reply("mx.test", "c.test")) ==
          "250-mx.test greets c.test\r\n"
          "250-PIPELINING\r\n"
          "250-SIZE 1000\r\n"
          "250-8BITMIME\r\n"
          "250-SMTPUTF8\r\n"
          "250-ENHANCEDSTATUSCODES\r\n"
          "250-CHUNKING\r\n"
          "250-BINARYMIME\r\n"
          "250-DSN\r\n"
          "250-STARTTLS\r\n"
          "250-AUTH PLAIN SCRAM-SHA-256\r\n"
          "250 LIMITS RCPTMAX=100 MAILMAX=50\r\n");
    CHECK(to_string(extensions{}.ehlo_reply("mx.test", "c.test")) == "250 mx.test greets c.test\r\n");
    CHECK(to_string(extensions{.rcpt_max = 7}.ehlo_reply("m", "c")) == "250-m greets c\r\n250 LIMITS RCPTMAX=7\r\n");
}

TEST_CASE("MAIL's parameters are taken where they are offered") {
    const auto all = everything().accept(mail("MAIL FROM:<a@b> SIZE=1000 BODY=binarymime SMTPUTF8"));
    REQUIRE(all);
    CHECK(all->size == 1000U);
    CHECK(all->body == body_type::binary);
    CHECK(all->smtputf8);
    const auto none = extensions{}.accept(mail("MAIL FROM:<a@b>"));
    REQUIRE(none);
    CHECK_FALSE(none->size);
    CHECK(none->body == body_type::seven_bit);
    CHECK_FALSE(none->smtputf8);
    CHECK(everything().accept(mail("MAIL FROM:<a@b> BODY=8BITMIME"))->body == body_type::eight_bit);
    CHECK(everything().accept(mail("MAIL FROM:<a@b> BODY=7bit"))->body == body_type::seven_bit);
    CHECK(everything().accept(mail("MAIL FROM:<d\xc3\xb6@b> SMTPUTF8")));
    const auto dsn = everything().accept(mail("MAIL FROM:<> RET=hdrs ENVID=QQ+2B314159"));
    REQUIRE(dsn);
    CHECK(dsn->ret == dsn_return::headers);
    CHECK(dsn->envid == "QQ+314159");
    CHECK(none->ret == dsn_return::unspecified);
    CHECK_FALSE(none->envid);
    CHECK(extensions{.size = 0}.accept(mail("MAIL FROM:<a@b> SIZE=99999999999999999999")));  // RFC 1870: 0 is no limit
}

TEST_CASE("MAIL's parameters are refused for a reason") {
    auto no_binary = everything();
    no_binary.binary_mime = false;
    struct row {
        extensions offered;
        std::string line;
        reply expected;
        std::string why;
    };
    const std::vector<row> rows{
        {everything(), "MAIL FROM:<a@b> FOO", replies::parameter_unknown("FOO"), "unknown (RFC 5321 4.1.1.11)"},
        {everything(), "MAIL FROM:<a@b> foo=bar", replies::parameter_unknown("FOO"), "unknown, with a value"},
        {extensions{}, "MAIL FROM:<a@b> SIZE=1", replies::parameter_unknown("SIZE"), "not offered: after HELO"},
        {extensions{}, "MAIL FROM:<a@b> BODY=7BIT", replies::parameter_unknown("BODY"), "likewise"},
        {extensions{}, "MAIL FROM:<a@b> SMTPUTF8", replies::parameter_unknown("SMTPUTF8"), "likewise"},
        {everything(), "MAIL FROM:<a@b> SIZE=1 SIZE=1", replies::parameter_repeated("SIZE"), "twice (RFC 1870 section 3)"},
        {everything(), "MAIL FROM:<a@b> SMTPUTF8 SIZE=1 smtputf8", replies::parameter_repeated("SMTPUTF8"), "twice"},
        {everything(), "MAIL FROM:<a@b> SIZE", replies::parameter_value("SIZE"), "no value"},
        {everything(), "MAIL FROM:<a@b> SIZE=1k", replies::parameter_value("SIZE"), "not a number"},
        {everything(), "MAIL FROM:<a@b> SIZE=-1", replies::parameter_value("SIZE"), "negative"},
        {everything(), "MAIL FROM:<a@b> SIZE=111111111111111111111", replies::parameter_value("SIZE"), "21 digits"},
        {everything(), "MAIL FROM:<a@b> SIZE=1001", replies::too_large(1000), "over the limit"},
        {everything(), "MAIL FROM:<a@b> SIZE=99999999999999999999", replies::too_large(1000), "beyond 64 bits"},
        {everything(), "MAIL FROM:<a@b> BODY", replies::parameter_value("BODY"), "no value"},
        {everything(), "MAIL FROM:<a@b> BODY=9BIT", replies::parameter_value("BODY"), "no such body"},
        {no_binary, "MAIL FROM:<a@b> BODY=BINARYMIME", replies::parameter_value("BODY"), "that body is not offered"},
        {everything(), "MAIL FROM:<a@b> SMTPUTF8=1", replies::parameter_value("SMTPUTF8"), "no value allowed (RFC 6531 3.4)"},
        {extensions{}, "MAIL FROM:<a@b> RET=FULL", replies::parameter_unknown("RET"), "not offered"},
        {extensions{}, "MAIL FROM:<a@b> ENVID=x", replies::parameter_unknown("ENVID"), "not offered"},
        {everything(), "MAIL FROM:<a@b> RET=FULL RET=FULL", replies::parameter_repeated("RET"), "twice (RFC 3461 4.5)"},
        {everything(), "MAIL FROM:<a@b> ENVID=x envid=x", replies::parameter_repeated("ENVID"), "twice (RFC 3461 4.5)"},
        {everything(), "MAIL FROM:<a@b> RET", replies::parameter_value("RET"), "no value"},
        {everything(), "MAIL FROM:<a@b> RET=NONE", replies::parameter_value("RET"), "no such part"},
        {everything(), "MAIL FROM:<a@b> ENVID", replies::parameter_value("ENVID"), "no value"},
        {everything(), "MAIL FROM:<a@b> ENVID=a+0D+0ABcc:x", replies::parameter_value("ENVID"),
         "would break a report's header"},
        {everything(), "MAIL FROM:<a@b> NOTIFY=NEVER", replies::parameter_unknown("NOTIFY"), "belongs to RCPT"},
        {extensions{}, "MAIL FROM:<a@b> AUTH=<>", replies::parameter_unknown("AUTH"), "not offered"},
        {everything(), "MAIL FROM:<a@b> AUTH", replies::parameter_value("AUTH"), "no value"},
        {everything(), "MAIL FROM:<a@b> AUTH=a", replies::parameter_value("AUTH"), "no mailbox (RFC 4954 section 5)"},
        {everything(), "MAIL FROM:<a@b> AUTH=a+4", replies::parameter_value("AUTH"), "no xtext"},
        {everything(), "MAIL FROM:<d\xc3\xb6@b>", replies::sender_needs_smtputf8, "RFC 6531 3.5: 550 for MAIL"},
    };
    for (const auto& [offered, line, expected, why] : rows) {
        INFO(why << ": " << line);
        const auto accepted = offered.accept(mail(line));
        REQUIRE_FALSE(accepted);
        CHECK(to_string(accepted.error()) == to_string(expected));
    }
}

TEST_CASE("who sends a message that is too large is told how large it may be") {
    CHECK(replies::too_large(50 * 1024 * 1024).text == "Message is too large: at most 50 MB are taken");
    CHECK(replies::too_large(1536 * 1024).text == "Message is too large: at most 1536 KB are taken");
    CHECK(replies::too_large(100'000).text == "Message is too large: at most 100000 octets are taken");
}

TEST_CASE("MAIL's AUTH parameter is taken and means nothing") {
    CHECK(everything().accept(mail("MAIL FROM:<a@b> AUTH=<>")));
    CHECK(everything().accept(mail("MAIL FROM:<a@b> auth=e+3Dmc2@example.com")));  // RFC 4954 5.1
}

TEST_CASE("RCPT's parameters are taken where they are offered") {
    CHECK(everything().accept(rcpt("RCPT TO:<d\xc3\xb6@b>"), true));
    const auto plain = everything().accept(rcpt("RCPT TO:<a@b>"), false);
    REQUIRE(plain);
    CHECK(plain->notify == dsn_notify{});
    CHECK_FALSE(plain->orcpt);
    const auto dsn = everything().accept(rcpt("RCPT TO:<a@b> notify=success,Delay ORCPT=rfc822;Carol+2Btag@x"), false);
    REQUIRE(dsn);
    CHECK(dsn->notify == dsn_notify{.given = true, .success = true, .delay = true});
    CHECK(dsn->orcpt == "rfc822;Carol+tag@x");
}

TEST_CASE("RCPT's parameters and address are refused for a reason") {
    auto ascii = everything();
    ascii.smtputf8 = false;
    struct row {
        extensions offered;
        std::string line;
        reply expected;
        std::string why;
    };
    const std::vector<row> rows{
        {everything(), "RCPT TO:<d\xc3\xb6@b>", replies::recipient_needs_smtputf8, "RFC 6531 3.5: 553 for RCPT"},
        {everything(), "RCPT TO:<a@d\xc3\xb6.test>", replies::recipient_needs_smtputf8, "likewise"},
        {everything(), "RCPT TO:<a@b> FOO", replies::parameter_unknown("FOO"), "unknown"},
        {extensions{}, "RCPT TO:<a@b> NOTIFY=NEVER", replies::parameter_unknown("NOTIFY"), "not offered: after HELO"},
        {extensions{}, "RCPT TO:<a@b> ORCPT=rfc822;a@b", replies::parameter_unknown("ORCPT"), "likewise"},
        {everything(), "RCPT TO:<a@b> RET=FULL", replies::parameter_unknown("RET"), "belongs to MAIL"},
        {everything(), "RCPT TO:<a@b> NOTIFY=NEVER notify=NEVER", replies::parameter_repeated("NOTIFY"), "RFC 3461 4.5"},
        {everything(), "RCPT TO:<a@b> ORCPT=x;a ORCPT=x;a", replies::parameter_repeated("ORCPT"), "RFC 3461 4.5"},
        {everything(), "RCPT TO:<a@b> NOTIFY", replies::parameter_value("NOTIFY"), "no value"},
        {everything(), "RCPT TO:<a@b> NOTIFY=NEVER,DELAY", replies::parameter_value("NOTIFY"), "NEVER stands alone"},
        {everything(), "RCPT TO:<a@b> ORCPT", replies::parameter_value("ORCPT"), "no value"},
        {everything(), "RCPT TO:<a@b> ORCPT=a@b", replies::parameter_value("ORCPT"), "no address type"},
        {ascii, "RCPT TO:<a@b> ORCPT=utf-8;d\xc3\xb6@b", replies::parameter_value("ORCPT"), "UTF-8 without the extension"},
    };
    for (const auto& [offered, line, expected, why] : rows) {
        INFO(why << ": " << line);
        const auto accepted = offered.accept(rcpt(line), false);
        REQUIRE_FALSE(accepted);
        CHECK(to_string(accepted.error()) == to_string(expected));
    }
}

}  // namespace extensions_test
