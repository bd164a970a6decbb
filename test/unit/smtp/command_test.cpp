#include "smtp/command.hpp"

#include <limits>
#include <string>
#include <vector>

#include "smtp/replies.hpp"
#include "test/catch.hpp"

namespace command_test {

using namespace postern::smtp;
using namespace std::string_literals;

namespace {

template <class Command>
Command parse(std::string_view line) {
    INFO(line);
    auto parsed = parse_command(line);
    REQUIRE(parsed);
    REQUIRE(std::holds_alternative<Command>(*parsed));
    return std::get<Command>(std::move(*parsed));
}

}  // namespace

TEST_CASE("every verb is known in any case and with white space behind") {
    parse<data_command>("DATA");
    parse<data_command>("data");
    parse<data_command>("DaTa  \t");
    parse<rset_command>("RSET");
    parse<quit_command>("QUIT ");
    parse<noop_command>("NOOP");
    parse<noop_command>("NOOP whatever \x80 it says");
    parse<help_command>("HELP");
    parse<help_command>("HELP MAIL");
    parse<starttls_command>("STARTTLS");
    CHECK(parse<vrfy_command>("VRFY alice SMTPUTF8").argument == "alice SMTPUTF8");
    CHECK(parse<expn_command>("expn staff").argument == "staff");
}

TEST_CASE("a greeting carries a name") {
    CHECK(parse<ehlo_command>("EHLO client.test").domain == "client.test");
    CHECK(parse<helo_command>("helo client.test ").domain == "client.test");
    CHECK(parse<ehlo_command>("EHLO [192.0.2.1]").domain == "[192.0.2.1]");
    CHECK(parse<ehlo_command>("EHLO [IPv6:2001:db8::1]").domain == "[IPv6:2001:db8::1]");
    CHECK(parse<ehlo_command>("EHLO my_pc").domain == "my_pc");  // no host name, yet common
    CHECK(parse<ehlo_command>("EHLO localhost.").domain == "localhost.");
    for (const std::string line : {"EHLO", "HELO ", "EHLO a b", "EHLO a<b>", "EHLO d\xc3\xb6rte.test", "EHLO a(b)"}) {
        CAPTURE(line);
        CHECK(parse_command(line).error() == replies::helo_argument);
    }
    CHECK(parse_command("EHLO " + std::string(256, 'x')).error() == replies::helo_argument);
    CHECK(parse<ehlo_command>("EHLO " + std::string(255, 'x')).domain.size() == 255);
}

TEST_CASE("MAIL and RCPT carry a path and parameters") {
    const auto mail = parse<mail_command>("mail From:<a@b.test> size=10 Body=8BITMIME SMTPUTF8");
    CHECK(mail.reverse_path.text == "a@b.test");
    CHECK(mail.parameters == std::vector<esmtp_parameter>{{"SIZE", "10"}, {"BODY", "8BITMIME"}, {"SMTPUTF8", std::nullopt}});
    CHECK(parse<mail_command>("MAIL FROM:<>").reverse_path.is_null());
    CHECK(parse<mail_command>("MAIL FROM: <a@b>").reverse_path.text == "a@b");  // no space by the grammar; Outlook and others
    CHECK(parse<mail_command>("MAIL FROM:<a@b>   A   B  ").parameters.size() == 2);
    CHECK(parse<mail_command>("MAIL FROM:<a@b> ENVID=QQ314159+2BX RET=HDRS AUTH=<>").parameters.size() == 3);
    CHECK(parse<mail_command>("MAIL FROM:<a@b> X=d\xc3\xb6").parameters.front().value == "d\xc3\xb6");  // RFC 6531 3.3

    const auto rcpt = parse<rcpt_command>("RCPT TO:<@x:\"a b\"@c.test> NOTIFY=NEVER ORCPT=rfc822;a+20b@c.test");
    CHECK(rcpt.forward_path.local_part == "a b");
    CHECK(rcpt.parameters.size() == 2);
    CHECK(parse<rcpt_command>("RCPT to:<Postmaster>").forward_path.local_part == "Postmaster");
}

TEST_CASE("BDAT carries a size") {
    CHECK(parse<bdat_command>("BDAT 0").size == 0);
    CHECK_FALSE(parse<bdat_command>("BDAT 1").last);
    CHECK(parse<bdat_command>("bdat 10 last").last);
    CHECK(parse<bdat_command>("BDAT 10 LAST ").size == 10);
    CHECK(parse<bdat_command>("BDAT 18446744073709551615").size == std::numeric_limits<std::uint64_t>::max());
    CHECK(parse<bdat_command>("BDAT 99999999999999999999").size == std::numeric_limits<std::uint64_t>::max());
    for (const std::string line : {"BDAT", "BDAT x", "BDAT -1", "BDAT +1", "BDAT 1x", "BDAT 0x10", "BDAT 1 FIRST", "BDAT LAST",
                                   "BDAT 1 LAST x", "BDAT 1,5", "BDAT 111111111111111111111"}) {
        CAPTURE(line);
        CHECK(parse_command(line).error() == replies::bdat_syntax);
    }
}

TEST_CASE("AUTH carries a mechanism and perhaps a first response") {
    const auto plain = parse<auth_command>("auth plain AGEAYg==");
    CHECK(plain.mechanism == "PLAIN");
    CHECK(plain.initial_response == "AGEAYg==");
    CHECK(parse<auth_command>("AUTH SCRAM-SHA-256-PLUS").initial_response == std::nullopt);
    CHECK(parse<auth_command>("AUTH PLAIN =").initial_response == "=");
    CHECK(parse_command("AUTH").error() == replies::auth_syntax);
    CHECK(parse_command("AUTH PLAIN a b").error() == replies::auth_syntax);
    CHECK(parse_command("AUTH PL*IN").error() == replies::auth_syntax);
    CHECK(parse_command("AUTH " + std::string(21, 'A')).error() == replies::auth_syntax);  // RFC 4422 3.1: at most 20
}

TEST_CASE("each error has its reply") {
    struct row {
        std::string line;
        reply expected;
        std::string why;
    };
    const std::vector<row> rows{
        {"", replies::empty_line, "nothing"},
        {"   ", replies::empty_line, "white space is nothing"},
        {"FOO", replies::unknown_command, "no such verb"},
        {"DATAX", replies::unknown_command, "a longer verb is another"},
        {"DAT", replies::unknown_command, "and a shorter one"},
        {" NOOP", replies::unknown_command, "a verb stands first"},
        {"SEND FROM:<a@b>", replies::unknown_command, "obsolete verbs (RFC 5321 F.6)"},
        {"GET / HTTP/1.1", replies::unknown_command, "a browser"},
        {"\xff\xfe\x00\x80"s, replies::unknown_command, "octets of any kind (RFC 3030: a wrong chunk size leaves such lines)"},
        {"DATA x", replies::no_arguments, "an argument where none is allowed"},
        {"RSET x", replies::no_arguments, "likewise"},
        {"QUIT x", replies::no_arguments, "likewise"},
        {"STARTTLS x", replies::no_arguments, "RFC 3207 section 4: 501"},
        {"VRFY", replies::argument_needed, "no argument where one is needed"},
        {"EXPN", replies::argument_needed, "likewise"},
        {"MAIL", replies::mail_syntax, "no FROM"},
        {"MAIL FROM", replies::mail_syntax, "no colon"},
        {"MAIL FROM:", replies::mail_syntax, "no path"},
        {"MAIL FROM :<a@b>", replies::mail_syntax, "a space before the colon"},
        {"MAIL TO:<a@b>", replies::mail_syntax, "the other command's word"},
        {"MAILFROM:<a@b>", replies::unknown_command, "no space"},
        {"MAIL FROM:a@b", replies::sender_syntax, "no brackets"},
        {"MAIL FROM:<a b@c>", replies::sender_syntax, "a bad path"},
        {"MAIL FROM:<postmaster>", replies::sender_syntax, "only a recipient may go without domain"},
        {"MAIL FROM:<a@b>SIZE=1", replies::sender_syntax, "no space behind the path"},
        {"MAIL FROM:<" + std::string(500, 'a') + "@b>", replies::sender_too_long, "too long"},
        {"MAIL FROM:<a@b> =1", replies::parameter_syntax, "a parameter without keyword"},
        {"MAIL FROM:<a@b> SIZE=", replies::parameter_syntax, "a value is at least one octet"},
        {"MAIL FROM:<a@b> A=B=C", replies::parameter_syntax, "a value has no equals sign"},
        {"MAIL FROM:<a@b> -A", replies::parameter_syntax, "a keyword starts with a letter or digit"},
        {"MAIL FROM:<a@b> A_B=1", replies::parameter_syntax, "no underscore in a keyword"},
        {"MAIL FROM:<a@b> A=\xff", replies::parameter_syntax, "not UTF-8"},
        {"MAIL FROM:<a@b> A=\x01", replies::parameter_syntax, "a control character"},
        {"RCPT", replies::rcpt_syntax, "no TO"},
        {"RCPT TO:", replies::rcpt_syntax, "no path"},
        {"RCPT TO:<>", replies::recipient_syntax, "null is no recipient"},
        {"RCPT TO:<a>", replies::recipient_syntax, "no domain"},
        {"RCPT TO:<a@b", replies::recipient_syntax, "an open bracket"},
        {"RCPT TO:<a@" + std::string(300, 'd') + ">", replies::recipient_too_long, "too long"},
    };
    for (const auto& [line, expected, why] : rows) {
        INFO(why << ": " << line);
        const auto parsed = parse_command(line);
        REQUIRE_FALSE(parsed);
        CHECK(to_string(parsed.error()) == to_string(expected));
    }
}

}  // namespace command_test
