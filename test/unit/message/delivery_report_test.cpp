#include "message/delivery_report.hpp"

#include <algorithm>

#include "message/parsed_message.hpp"
#include "sample.hpp"

namespace delivery_report_test {

using namespace postern;
using namespace postern::message;
using namespace std::chrono_literals;

namespace {

const core::timestamp arrived = std::chrono::sys_days{std::chrono::year{2026} / 11 / 23} + 5h + 10min;

const std::string original = test::crlf(
    "Return-Path: <alice@example.test>\n"
    "Received: from [192.0.2.7] by mx.example.test with ESMTPSA id 42; Mon, 23 Nov 2026 05:10:00 +0000\n"
    "From: Alice <alice@example.test>\n"
    "To: bob@remote.test\n"
    "Subject: Lunch on Friday\n"
    "Date: Mon, 23 Nov 2026 05:09:58 +0000\n"
    "Message-ID: <lunch@example.test>\n"
    "\n"
    "At noon?\n");
const auto return_path_size = std::uint64_t{original.find("\r\n") + 2};

reported_recipient recipient(std::string address, report_action action, std::string status) {
    reported_recipient r;
    r.address = std::move(address);
    r.action = action;
    r.status = std::move(status);
    r.last_attempt = arrived + 2s;
    return r;
}

reported_recipient refused() {
    auto r = recipient("bob@remote.test", report_action::failed, "5.1.1");
    r.remote_host = "mx1.remote.test";
    r.reply = "550-5.1.1 No such user here\n550 5.1.1 see https://remote.test/help";
    return r;
}

delivery_report report_of(std::vector<reported_recipient> recipients) {
    delivery_report r;
    r.hostname = "mx.example.test";
    r.unique = "k3j5h7g2f4d6s8a1";
    r.now = arrived + 3s;
    r.sender = "alice@example.test";
    r.arrived = arrived;
    r.recipients = std::move(recipients);
    r.original_begin = return_path_size;
    return r;
}

std::string compose_with(delivery_report r, std::string octets) {
    return compose(r, core::memory_content(std::move(octets))).octets;
}

/// Compares with test/data/report/NAME; on a difference the result is left in the working folder to look at.
void check_golden(const std::string& name, const std::string& octets) {
    std::ifstream file(std::string(POSTERN_REPORT_DATA) + '/' + name, std::ios::binary);
    const std::string golden{std::istreambuf_iterator<char>(file), {}};
    if (test::crlf(golden) == octets) return;
    std::string lf = octets;
    std::erase(lf, '\r');
    std::ofstream(name, std::ios::binary) << lf;
    FAIL_CHECK(name << " differs; what came out is in the test's working folder");
}

}  // namespace

TEST_CASE("a bounce says what failed, for whom, what the remote said, and returns the whole message on request") {
    auto r = report_of({refused()});
    r.return_full = true;
    r.envelope_id = "QQ314159";
    r.recipients[0].original = "rfc822;bobby@remote.test";
    check_golden("failed_full.eml", compose_with(r, original));
}

TEST_CASE("recipients that failed for different reasons share one bounce, with the header alone") {
    auto expired = recipient("carol@slow.test", report_action::failed, "4.4.1");
    expired.reason = "connection to mx.slow.test (192.0.2.9) timed out";
    auto full = recipient("dave@remote.test", report_action::failed, "5.2.2");
    full.remote_host = "mx1.remote.test";
    full.reply = "552 5.2.2 mailbox full";
    auto nowhere = recipient("eve@nowhere.test", report_action::failed, "5.1.2");
    nowhere.reason = "the domain nowhere.test does not exist";
    auto policy = recipient("frank@strict.test", report_action::failed, "5.7.1");
    policy.remote_host = "mx.strict.test";
    policy.reply = "554 5.7.1 message refused: see https://strict.test/policy?client=192.0.2.1&reason=" + std::string(80, 'x');
    auto large = recipient("grace@remote.test", report_action::failed, "5.3.4");
    large.reason = "the message has 40000000 octets, and mx1.remote.test takes 10240000";
    check_golden("failed_many.eml", compose_with(report_of({refused(), expired, full, nowhere, policy, large}), original));
}

TEST_CASE("a delay notice says that nothing need be done, and until when it is tried") {
    auto r = recipient("bob@remote.test", report_action::delayed, "4.7.1");
    r.remote_host = "mx1.remote.test";
    r.reply = "451 4.7.1 Greylisted, try again later";
    r.retry_until = arrived + 96h;
    check_golden("delayed.eml", compose_with(report_of({r}), original));
}

TEST_CASE("one notice may tell of success and of failure") {
    auto relayed = recipient("bob@remote.test", report_action::relayed, "2.0.0");
    relayed.remote_host = "mx1.remote.test";
    relayed.reply = "250 2.0.0 Ok: queued as 4711";
    check_golden("mixed.eml", compose_with(report_of({recipient("carol@example.test", report_action::delivered, "2.0.0"),
                                                      relayed, recipient("team@example.test", report_action::expanded, "2.0.0"),
                                                      recipient("x@remote.test", report_action::failed, "5.0.0")}),
                                           original));
}

TEST_CASE("for a message sent with SMTPUTF8 addresses and header come back in UTF-8") {
    auto r = report_of({refused()});
    r.smtputf8 = true;
    r.sender = "j\xc3\xbcrgen@example.test";
    r.recipients[0].address = "\xe7\x94\xa8\xe6\x88\xb7@remote.test";
    r.recipients[0].reply = "550 5.1.1 inconnu: \xc3\xa9\xe9";
    auto utf8 = original;
    utf8.replace(utf8.find("Lunch"), 5, "D\xc3\xa9jeuner");
    const auto made = compose(r, core::memory_content(utf8));
    CHECK(made.eight_bit);
    CHECK(made.smtputf8);
    check_golden("failed_utf8.eml", made.octets);
}

TEST_CASE("a report needs 8BITMIME or SMTPUTF8 only where it holds octets outside ASCII") {
    auto plain = compose(report_of({refused()}), core::memory_content(original));
    CHECK_FALSE(plain.eight_bit);
    CHECK_FALSE(plain.smtputf8);
    auto latin = original;
    latin.replace(latin.find("Lunch"), 5, "D\xe9jeuner");
    plain = compose(report_of({refused()}), core::memory_content(latin));
    CHECK(plain.eight_bit);
    CHECK_FALSE(plain.smtputf8);
    CHECK_THAT(plain.octets,
               Catch::Contains("Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable"));
    CHECK_THAT(plain.octets, Catch::Contains("Content-Type: text/rfc822-headers\r\nContent-Transfer-Encoding: 8bit"));
}

TEST_CASE("the whole message is returned only for a failure, below the bound, and when any transport carries it") {
    struct row {
        std::string octets;
        bool full;
        report_action action;
        bool whole;
    };
    const auto body = [](std::string text) { return test::crlf("Subject: s\n\n") + std::move(text); };
    const row rows[] = {
        {body("text\r\n"), true, report_action::failed, true},
        {body("text\r\n"), false, report_action::failed, false},
        {body("text\r\n"), true, report_action::delayed, false},    // RFC 3461 6.2
        {body("text\r\n"), true, report_action::delivered, false},  // RFC 3461 6.2
        {body(std::string("a\0b\r\n", 5)), true, report_action::failed, false},
        {body("a\nb\r\n"), true, report_action::failed, false},
        {body("a\rb\r\n"), true, report_action::failed, false},
        {body("a\r"), true, report_action::failed, false},
        {body(std::string(998, 'x') + "\r\n"), true, report_action::failed, true},
        {body(std::string(999, 'x') + "\r\n"), true, report_action::failed, false},
        {body("caf\xc3\xa9\r\n"), true, report_action::failed, true},
        {body(std::string(max_returned_original / 2, '\r') + "x"), true, report_action::failed, false},
    };
    for (const auto& r : rows) {
        auto report = report_of({recipient("bob@remote.test", r.action, "5.0.0")});
        report.return_full = r.full;
        report.original_begin = 0;
        const auto octets = compose_with(report, r.octets);
        CHECK((octets.find("Content-Type: message/rfc822\r\n") != std::string::npos) == r.whole);
        CHECK((octets.find("Content-Type: text/rfc822-headers\r\n") != std::string::npos) != r.whole);
    }
    auto report = report_of({refused()});
    report.return_full = true;
    auto large = original;
    while (large.size() < max_returned_original + return_path_size) large += "x\r\n";
    CHECK_THAT(compose_with(report, large), !Catch::Contains("message/rfc822"));
}

TEST_CASE("a hostile original gives a bounded report of whole lines that stays within its part") {
    auto report = report_of({refused()});
    report.original_begin = 0;
    const std::string headers[] = {
        std::string(5'000'000, 'h'),                        // one line without an end
        "Subject: " + std::string(200'000, 's') + "\r\n",   // a long one
        std::string("A: \0\r\rB: \x01\r\n", 12),            // NUL and bare CR
        "\r\n\r\n",                                         // no header
        "",                                                 // nothing
        "Message-ID: <a b\r\n\t>\r\nSubject: \r\n\tx\r\n",  // an id that is none
    };
    for (const auto& h : headers) {
        const auto octets = compose_with(report, h);
        REQUIRE(octets.size() < 80'000);
        REQUIRE(octets.find('\0') == std::string::npos);
        for (std::size_t at = 0; at < octets.size();) {
            const auto end = octets.find("\r\n", at);
            REQUIRE(end != std::string::npos);
            REQUIRE(end - at <= 998);
            REQUIRE(octets.substr(at, end - at).find_first_of("\r\n") == std::string::npos);
            at = end + 2;
        }
        CHECK(octets.ends_with("\r\n--=_k3j5h7g2f4d6s8a1--\r\n"));
    }
}

TEST_CASE("our own reader finds in a report what it says") {
    auto report = report_of({refused()});
    report.return_full = true;
    const auto read = parse(core::memory_content(compose_with(report, original)));
    CHECK(read.subject == "Your message could not be delivered");
    CHECK(read.in_reply_to == std::vector<std::string>{"lunch@example.test"});
    REQUIRE(read.text);
    CHECK_THAT(read.text->text, Catch::Contains("bob@remote.test") && Catch::Contains("Lunch on Friday"));
    REQUIRE(read.attachments.size() == 2);
    CHECK(read.attachments[1].content_type == "message/rfc822");
}

}  // namespace delivery_report_test
