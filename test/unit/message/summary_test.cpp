#include "message/summary.hpp"

#include "core/unicode.hpp"
#include "sample.hpp"

namespace summary_test {

using namespace postern;
using namespace postern::message;
using message::test::content_of;
using message::test::crlf;
using message::test::distant_content;

namespace {

std::string preview(std::string_view message) { return summarize(content_of(message)).preview; }
bool has_attachments(std::string_view message) { return summarize(content_of(message)).has_attachments; }

const std::string mixed = "Content-Type: multipart/mixed; boundary=b\n\n";
const std::string text_part = "--b\n\nhello\n";

}  // namespace

TEST_CASE("a summary holds what a list of messages shows") {
    const auto message = crlf(
        "From: =?utf-8?Q?J=C3=BCrgen?= <j@example.test>, second@example.test\n"
        "To: a@example.test, Friends: b@example.test;\n"
        "Subject: =?utf-8?B?w5xiZXI=?= us\n"
        "Date: Mon, 23 Nov 2026 05:10:00 +0000\n"
        "Message-ID: <3@x>\n"
        "In-Reply-To: <2@x> <1@x>\n"
        "References: <1@x>\n <2@x>\n"
        "\n"
        "Hello,\n\n  this is it.\n");
    const auto check = [](const summary& s) {
        CHECK(s.from == mailbox_address{"Jürgen", "j@example.test"});
        CHECK(s.to == std::vector<mailbox_address>{{"", "a@example.test"}, {"", "b@example.test"}});
        CHECK(s.subject == "Über us");
        REQUIRE(s.date);
        CHECK(core::to_rfc3339(*s.date) == "2026-11-23T05:10:00Z");
        CHECK(s.message_id == "3@x");
        CHECK(s.in_reply_to == "2@x");
        CHECK(s.references == std::vector<std::string>{"1@x", "2@x"});
        CHECK(s.preview == "Hello, this is it.");
        CHECK_FALSE(s.has_attachments);
    };
    check(summarize(core::memory_content(message)));
    check(summarize(distant_content(message)));
}

TEST_CASE("a preview is what a person would read first") {
    const auto [message, line] = GENERATE(table<std::string, std::string>({
        {"X: y\n\nHello  there,\n\tBob\n", "Hello there, Bob"},
        {"X: y\n\n> quoted\n\nanswer\n", "answer"},
        {"X: y\n\n> only\n> quoted\n", "> only > quoted"},
        {"X: y\n\ntext\n-- \nsignature\n", "text"},
        {"X: y\n\n", ""},
        {"X: y\n\n \t \n", ""},
        {"Content-Type: text/html\n\n<style>p{}</style><p>One</p>\n<p>two &amp; &#8203;three", "One two & three"},
        {"Content-Type: text/html\n\n<title>no</title>&nbsp;&zwnj;&nbsp;&#847; yes", "yes"},
        {"Content-Transfer-Encoding: base64\n\nSGVsbG8=\n", "Hello"},
        {"Content-Type: text/plain; charset=utf-16le\nContent-Transfer-Encoding: base64\n\naABpAA==\n", "hi"},
        {"Content-Type: text/plain; charset=iso-2022-jp\n\n\x1b$BF|K\\8l\x1b(B\n", "日本語"},
        {"Content-Type: image/png\n\nnot text", ""},
        {"Content-Type: multipart/alternative; boundary=b\n\n--b\n\nplain\n--b\nContent-Type: text/html\n\n<p>html\n--b--\n",
         "plain"},
        {"Content-Type: multipart/alternative; boundary=b\n\n--b\n\n\n--b\nContent-Type: text/html\n\n<p>html\n--b--\n",
         "html"},
        {"Content-Type: multipart/mixed; boundary=b\n\npreamble\n--b\nContent-Disposition: "
         "attachment\n\nno\n--b\n\nyes\n--b--\n",
         "yes"},
        {"Content-Type: multipart/signed; boundary=b\n\n--b\n\nsigned\n--b\nContent-Type: "
         "application/pgp-signature\n\nx\n--b--\n",
         "signed"},
        {"Content-Type: multipart/mixed; boundary=b\n\nno delimiter\n", "no delimiter"},
        {"Content-Type: text/plain\n\nbegin 644 file\n#86)C\n`\nend\n", "begin 644 file #86)C ` end"},  // left alone
    }));
    INFO(message);
    CHECK(preview(message) == line);
}

TEST_CASE("a preview has at most 200 characters, whole ones") {
    std::string body;
    for (int i = 0; i < 500; ++i) body += "ä€ ";
    const auto line = preview("Content-Type: text/plain; charset=utf-8\n\n" + body);
    CHECK(core::is_utf8(line));
    std::size_t characters = 0;
    for (const char c : line) characters += (static_cast<unsigned char>(c) & 0xc0) == 0x80 ? 0 : 1;
    CHECK(characters <= 200);
    CHECK(characters >= 199);
    CHECK(line.starts_with("ä€ ä€"));
    CHECK(line.ends_with("€"));
}

TEST_CASE("a preview is cut within a word, and does not end in a space") {
    const std::string word(198, 'x');
    CHECK(preview("\n" + word + "yyyy") == word + "yy");
    CHECK(preview("\n" + word + " y") == word + " y");
    CHECK(preview("\n" + word + " yy") == word + " y");
    CHECK(preview("\n" + word + "y z") == word + "y");
    CHECK(preview("\n" + word + "\xc3\xa9 z") == word + "\xc3\xa9");
}

TEST_CASE("a preview is found behind pages of style") {
    CHECK(preview("Content-Type: text/html\n\n<style>" + std::string(60'000, 'x') + "</style><p>news") == "news");
    CHECK(preview("Content-Type: text/html\n\n<style>" + std::string(600'000, 'x') + "</style><p>news").empty());
}

TEST_CASE("files sent along are attachments; what programs add is not") {
    const auto [message, expected] = GENERATE(table<std::string, bool>({
        {"X: y\n\nhello\n", false},
        {mixed + text_part + "--b--\n", false},
        {mixed + text_part + "--b\nContent-Disposition: attachment\n\nx\n--b--\n", true},  // even without a name
        {mixed + text_part + "--b\nContent-Type: application/pdf; name=x.pdf\n\nx\n--b--\n", true},
        {mixed + text_part + "--b\nContent-Type: application/pdf\n\nx\n--b--\n", false},
        {mixed + text_part + "--b\nContent-Type: image/png; name=x.png\nContent-Disposition: inline\n\nx\n--b--\n", true},
        {mixed + text_part + "--b\nContent-Type: message/rfc822\n\nSubject: x\n\nx\n--b--\n", true},
        {mixed + text_part + "--b\nContent-Type: application/ms-tnef; name=winmail.dat\n\nx\n--b--\n", true},
        {mixed + text_part + "--b\nContent-Type: text/calendar; method=REQUEST\n\nx\n--b--\n", false},
        {mixed + "--b\nContent-Type: application/pdf; name=x.pdf\n\nx\n--b\n\nhello\n--b--\n", true},  // before the text
        {"Content-Type: multipart/related; boundary=b\n\n--b\nContent-Type: text/html\n\n<img src=cid:i>\n--b\n"
         "Content-Type: image/png; name=x.png\nContent-ID: <i>\n\nx\n--b--\n",
         false},
        {"Content-Type: multipart/related; boundary=b\n\n--b\nContent-Type: text/html\n\nx\n--b\n"
         "Content-Type: image/png; name=x.png\nContent-Disposition: attachment\n\nx\n--b--\n",
         true},
        {"Content-Type: multipart/signed; boundary=b\n\n--b\n\nsigned\n--b\nContent-Type: application/pkcs7-signature; "
         "name=smime.p7s\n"
         "Content-Disposition: attachment; filename=smime.p7s\n\nx\n--b--\n",
         false},
        {"Content-Type: application/pkcs7-mime; name=smime.p7m\nContent-Disposition: attachment; filename=smime.p7m\n\nx\n",
         true},
        {"Content-Type: multipart/report; boundary=b\n\n--b\n\nfailed\n--b\nContent-Type: message/delivery-status\n\nx: "
         "y\n--b--\n",
         false},
    }));
    INFO(message);
    CHECK(has_attachments(message) == expected);
}

TEST_CASE("whatever a message holds, its summary is text and fits a row") {
    std::string junk;
    for (int i = 0; i < 20'000; ++i) junk += static_cast<char>(i * 31 + i / 256);
    std::string message;
    for (const char* name : {"From", "To", "Subject", "Message-ID", "In-Reply-To", "References"}) {
        message += std::string(name) + ": " + std::string(5000, 'x') +
                   "\xff\x01<\xe4@x>, \n =?utf-8?Q?=00=0A=FF?= " + std::string(5000, '\x80') + "\n";
    }
    const auto s = summarize(content_of(message + "\n" + junk));
    const auto fits = [](const std::string& text, std::size_t max) {
        CHECK(text.size() <= max);
        CHECK(core::is_utf8(text));
        for (const char c : text) CHECK((static_cast<unsigned char>(c) >= 0x20 && c != 0x7f));
    };
    fits(s.from.name, 512);
    fits(s.from.address, 320);
    fits(s.subject, 998);
    fits(s.message_id, 998);
    fits(s.in_reply_to, 998);
    fits(s.preview, 800);
    for (const auto& id : s.references) fits(id, 998);
}

}  // namespace summary_test
