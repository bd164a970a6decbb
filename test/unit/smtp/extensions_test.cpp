#include "smtp/extensions.hpp"

#include <string>
#include <vector>

#include "smtp/replies.hpp"
#include "test/catch.hpp"

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
        {everything(), "MAIL FROM:<a@b> SIZE=1001", replies::too_large, "over the limit"},
        {everything(), "MAIL FROM:<a@b> SIZE=99999999999999999999", replies::too_large, "beyond 64 bits"},
        {everything(), "MAIL FROM:<a@b> BODY", replies::parameter_value("BODY"), "no value"},
        {everything(), "MAIL FROM:<a@b> BODY=9BIT", replies::parameter_value("BODY"), "no such body"},
        {no_binary, "MAIL FROM:<a@b> BODY=BINARYMIME", replies::parameter_value("BODY"), "that body is not offered"},
        {everything(), "MAIL FROM:<a@b> SMTPUTF8=1", replies::parameter_value("SMTPUTF8"), "no value allowed (RFC 6531 3.4)"},
        {everything(), "MAIL FROM:<d\xc3\xb6@b>", replies::sender_needs_smtputf8, "RFC 6531 3.5: 550 for MAIL"},
    };
    for (const auto& [offered, line, expected, why] : rows) {
        INFO(why << ": " << line);
        const auto accepted = offered.accept(mail(line));
        REQUIRE_FALSE(accepted);
        CHECK(to_string(accepted.error()) == to_string(expected));
    }
}

TEST_CASE("RCPT's parameters and address are checked") {
    CHECK_FALSE(everything().refuse(rcpt("RCPT TO:<a@b>"), false));
    CHECK_FALSE(everything().refuse(rcpt("RCPT TO:<d\xc3\xb6@b>"), true));
    CHECK(everything().refuse(rcpt("RCPT TO:<d\xc3\xb6@b>"), false) == replies::recipient_needs_smtputf8);
    CHECK(everything().refuse(rcpt("RCPT TO:<a@d\xc3\xb6.test>"), false) == replies::recipient_needs_smtputf8);
    CHECK(everything().refuse(rcpt("RCPT TO:<a@b> NOTIFY=NEVER"), false) == replies::parameter_unknown("NOTIFY"));
}
