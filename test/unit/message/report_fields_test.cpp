#include "message/report_fields.hpp"

#include "test/catch.hpp"

namespace report_fields_test {

using namespace postern::message;

namespace {

std::string field(std::string_view value, bool utf8 = false) {
    std::string out;
    append_field(out, "F", value, utf8);
    return out;
}

reported_recipient failed(std::string address) {
    reported_recipient r;
    r.address = std::move(address);
    r.status = "5.1.1";
    return r;
}

std::string fields_of(reported_recipient r, bool utf8 = false) {
    delivery_report report;
    report.hostname = "mx.example.test";
    report.smtputf8 = utf8;
    report.recipients = {std::move(r)};
    return report_fields(report);
}

}  // namespace

TEST_CASE("whatever a remote says, it stays within its field") {
    struct row {
        std::string value;
        std::string field;
    };
    const row rows[] = {
        {"550 no", "F: 550 no\r\n"},
        {"550-a\r\n550 b", "F: 550-a 550 b\r\n"},                      // a reply of several lines
        {"550 a\r\n\r\nInjected: yes", "F: 550 a Injected: yes\r\n"},  // the end of the part, and a header of its own
        {"550 a\n--boundary--\n", "F: 550 a --boundary--\r\n"},        // the end of the report: never at a line's start
        {std::string("a\0b\x1b[2Jc\x7f", 9), "F: ab[2Jc\r\n"},         // NUL, a terminal's commands
        {"  \t ", "F:\r\n"},                                           // nothing but blanks: no line of blanks
        {"caf\xc3\xa9", "F: caf??\r\n"},                               // UTF-8 where ASCII is asked for
        {"caf\xe9", "F: caf?\r\n"},                                    // Latin-1
    };
    for (const auto& r : rows) CHECK(field(r.value) == r.field);
    CHECK(field("caf\xc3\xa9", true) == "F: caf\xc3\xa9\r\n");
    CHECK(field("caf\xe9", true) == "F: caf\xef\xbf\xbd\r\n");
}

TEST_CASE("long values are folded between words, longer words broken, endless ones cut") {
    const auto folded = field(std::string(70, 'a') + ' ' + std::string(70, 'b'));
    CHECK(folded == "F: " + std::string(70, 'a') + "\r\n " + std::string(70, 'b') + "\r\n");
    for (const auto& value : {std::string(100'000, 'x'), std::string(100'000, ' ') + 'x', "x " + std::string(5000, 'y')}) {
        auto text = field(value);
        CHECK(text.size() < 4100);
        for (std::size_t at = 0; at < text.size();) {
            const auto end = text.find("\r\n", at);
            REQUIRE(end != std::string::npos);
            REQUIRE(end - at <= 998);
            REQUIRE(text.find_first_not_of(' ', at) < end);  // no line of blanks alone: it would end the header
            at = end + 2;
        }
    }
}

TEST_CASE("addresses come back as they were given, and in the form RFC 6533 has for the part") {
    struct row {
        std::string address;
        std::string ascii;
        std::string utf8;
    };
    const row rows[] = {
        {"Bob@Example.test", "rfc822;Bob@Example.test", "rfc822;Bob@Example.test"},  // case kept: RFC 3464 2.3.2
        {R"("a  b"@x.test)", R"(rfc822;"a  b"@x.test)", R"(rfc822;"a  b"@x.test)"},  // blanks kept
        {"j\xc3\xbcrgen@x.test", "utf-8;j\\x{FC}rgen@x.test", "utf-8;j\xc3\xbcrgen@x.test"},
        {std::string(200, 'a') + "@x.test", "rfc822;" + std::string(200, 'a') + "@x.test",
         "rfc822;" + std::string(200, 'a') + "@x.test"},  // not folded
    };
    for (const auto& r : rows) {
        CHECK_THAT(fields_of(failed(r.address)), Catch::Contains("\r\nFinal-Recipient: " + r.ascii + "\r\n"));
        CHECK_THAT(fields_of(failed(r.address), true), Catch::Contains("\r\nFinal-Recipient: " + r.utf8 + "\r\n"));
    }
}

TEST_CASE("the original recipient stands only where it was given, with its own type") {
    CHECK_THAT(fields_of(failed("a@x.test")), !Catch::Contains("Original-Recipient"));
    struct row {
        std::string orcpt;
        std::string ascii;
        std::string utf8;
    };
    const row rows[] = {
        {"rfc822;a+b@x.test", "rfc822;a+b@x.test", "rfc822;a+b@x.test"},
        {"utf-8;j\xc3\xbc@x.test", "utf-8;j\\x{FC}@x.test", "utf-8;j\xc3\xbc@x.test"},
        {"UTF-8;j\\x{FC}@x.test", "UTF-8;j\\x{FC}@x.test", "UTF-8;j\xc3\xbc@x.test"},    // RFC 6533 3: converted
        {"rfc822;j\\x{FC}@x.test", "rfc822;j\\x{FC}@x.test", "rfc822;j\\x{FC}@x.test"},  // not of the type: left alone
        {"utf-8;a\\x{0A}b\\x{D800}\\x{zz}\\x{", "utf-8;a\\x{0A}b\\x{D800}\\x{zz}\\x{",
         "utf-8;a\\x{0A}b\\x{D800}\\x{zz}\\x{"},  // a line break, a surrogate, no number, no end: never decoded
        {"none", "unknown;none", "utf8"},
        {"rfc822;a\r\nX: y", "rfc822;a??X: y", "rfc822;a??X: y"},
    };
    for (const auto& r : rows) {
        auto given = failed("a@x.test");
        given.original = r.orcpt;
        CHECK_THAT(fields_of(given), Catch::Contains("\r\nOriginal-Recipient: " + r.ascii + "\r\n"));
        if (r.utf8 != "utf8") CHECK_THAT(fields_of(given, true), Catch::Contains("\r\nOriginal-Recipient: " + r.utf8 + "\r\n"));
    }
}

TEST_CASE("a reply names its host; without one the reason is our own") {
    auto refused = failed("a@x.test");
    refused.remote_host = "mx.x.test";
    refused.reply = "550 5.1.1 no";
    refused.reason = "refused";
    CHECK_THAT(fields_of(refused), Catch::Contains("Remote-MTA: dns; mx.x.test\r\nDiagnostic-Code: smtp; 550 5.1.1 no\r\n"));
    refused.reply.clear();
    CHECK_THAT(fields_of(refused),
               Catch::Contains("Diagnostic-Code: x-postern; refused\r\n") && !Catch::Contains("Remote-MTA"));
}

TEST_CASE("how long it is tried stands with a delay only") {
    auto r = failed("a@x.test");
    r.retry_until = postern::core::timestamp{};
    CHECK_THAT(fields_of(r), !Catch::Contains("Will-Retry-Until"));
    r.action = report_action::delayed;
    CHECK_THAT(fields_of(r), Catch::Contains("Action: delayed\r\n") &&
                                 Catch::Contains("Will-Retry-Until: Thu, 1 Jan 1970 00:00:00 +0000\r\n"));
}

}  // namespace report_fields_test
