#include "message/composer.hpp"

#include <algorithm>
#include <string>

#include "core/unicode.hpp"
#include "message/attachment.hpp"
#include "message/parsed_message.hpp"
#include "test/catch.hpp"

namespace composer_test {

using namespace postern;
using namespace postern::message;
using namespace std::string_literals;

namespace {

new_message letter() {
    new_message m;
    m.from = {"Alice Example", "alice@example.test"};
    m.to = {{"", "bob@example.test"}};
    m.subject = "hello";
    m.text = "hello\n";
    m.date = core::timestamp(std::chrono::seconds(1'795'410'600));
    m.message_id = "1.2@example.test";
    return m;
}

parsed_message parse(const std::string& octets) { return message::parse(core::memory_content(octets)); }

summary summarize(const std::string& octets) { return message::summarize(core::memory_content(octets)); }

/// What every composed message is, whatever it was made of.
void check_form(const std::string& octets) {
    CHECK(core::is_ascii(octets));
    CHECK(octets.ends_with("\r\n"));
    std::size_t column = 0;
    bool sound = true;
    for (std::size_t i = 0; i < octets.size(); ++i) {
        const char c = octets[i];
        if (c == '\n') sound = sound && i > 0 && octets[i - 1] == '\r';
        if (c == '\r') sound = sound && i + 1 < octets.size() && octets[i + 1] == '\n';
        column = c == '\n' ? 0 : column + 1;
        sound = sound && column <= 999 && c != '\0';  // RFC 5322 2.1.1, the CR counted
    }
    CHECK(sound);
}

std::vector<std::string> field_names(const std::string& octets) {
    std::vector<std::string> names;
    for (const auto& f : parse(octets).headers) names.push_back(f.name);
    return names;
}

std::string content_of(const std::string& octets, std::size_t number) {
    const auto opened = message::open_attachment(std::make_shared<core::memory_content>(octets), number);
    REQUIRE(opened);
    return core::read_all(*opened->octets);
}

}  // namespace

TEST_CASE("a plain text message has the fields a message needs, once each, and no more") {
    CHECK(compose(letter()) ==
          "Date: Mon, 23 Nov 2026 05:10:00 +0000\r\n"
          "From: Alice Example <alice@example.test>\r\n"
          "To: bob@example.test\r\n"
          "Subject: hello\r\n"
          "Message-ID: <1.2@example.test>\r\n"
          "MIME-Version: 1.0\r\n"
          "Content-Type: text/plain; charset=utf-8\r\n"
          "Content-Transfer-Encoding: 7bit\r\n"
          "\r\n"
          "hello\r\n");
}

TEST_CASE("text, HTML and attachments come out as they went in") {
    struct {
        const char* why;
        std::optional<std::string> text;
        std::optional<std::string> html;
        std::vector<new_attachment> attachments;
    } const cases[] = {
        {"nothing at all", std::nullopt, std::nullopt, {}},
        {"text outside ASCII, a long line, a dot alone",
         "gr\xc3\xbc\xc3\x9f dich\n.\n" + std::string(2000, 'x') + "\n",
         std::nullopt,
         {}},
        {"a line that a mailbox file would change", "From here\n", std::nullopt, {}},
        {"HTML alone", std::nullopt, "<p>hello \xe2\x82\xac</p>\n", {}},
        {"the same thing twice", "hello\n", "<p>hello</p>\n", {}},
        {"an attachment of any octets",
         "see there\n",
         std::nullopt,
         {{"data.bin", "application/x-data", "\0\r\n\n\r\xff"s + std::string(3000, '\n'), ""}}},
        {"a picture in the HTML and a file beside it",
         "hello\n",
         "<img src=\"cid:a@b\">\n",
         {{"p.png", "image/png", "PNG", "a@b"}, {"r\xc3\xa9sum\xc3\xa9 \"final\".pdf", "application/pdf", "PDF", ""}}},
        {"no file may call itself a message of many parts",
         "x\n",
         std::nullopt,
         {{"m", "multipart/mixed; boundary=x", "--x\r\n", ""}}},
    };
    for (const auto& c : cases) {
        INFO(c.why);
        auto m = letter();
        m.text = c.text;
        m.html = c.html;
        m.attachments = c.attachments;
        const auto octets = compose(m);
        check_form(octets);
        const auto read = parse(octets);
        CHECK((read.text ? read.text->text : "") == c.text.value_or(""));
        CHECK((read.html ? read.html->text : "") == c.html.value_or(""));
        REQUIRE(read.attachments.size() == c.attachments.size());
        for (std::size_t i = 0; i < c.attachments.size(); ++i) {
            CHECK(read.attachments[i].filename == c.attachments[i].filename);
            CHECK(read.attachments[i].content_id == c.attachments[i].content_id);
            CHECK(content_of(octets, i + 1) == c.attachments[i].octets);
        }
    }
}

TEST_CASE("no text becomes a field of its own, and every address is shown as it was given") {
    const auto evil = "x\r\nBcc: victim@example.test\r\n\r\nbody\n\0"s;
    auto m = letter();
    m.from.name = evil;
    m.to = {{evil, "bob@example.test"}, {"\xc3\x9c\xc3\xbc, \"the\" <bob>", "b@example.test>, <c@example.test"}};
    m.cc = {{"", "carol@example.test"}};
    m.bcc = {{"", "secret@example.test"}};
    m.reply_to = {{"", "reply@example.test"}};
    m.subject = evil + std::string(3000, 'y') + " \xf0\x9f\x90\x8c";
    m.in_reply_to = "a@b>\r\nBcc: x";
    m.references = {"a@b", evil, ""};
    m.headers = {{"X-Note", evil}, {"Bcc", "victim@example.test"}, {"X-Bad\r\nBcc", "x"}, {"Sender", "boss@example.test"}};
    m.attachments = {{evil, evil, "x", evil}};
    const auto octets = compose(m);
    check_form(octets);
    const auto names = field_names(octets);
    for (const auto* never : {"Bcc", "Sender", "X-Bad"}) CHECK(std::ranges::count(names, never) == 0);
    for (const auto* once : {"From", "To", "Cc", "Reply-To", "Subject", "Message-ID", "In-Reply-To", "References", "X-Note"}) {
        INFO(once);
        CHECK(std::ranges::count(names, once) == 1);
    }
    CHECK_FALSE(octets.contains("secret@"));
    const auto read = summarize(octets);
    REQUIRE(read.to.size() == 2);
    CHECK(read.to[0].address == "bob@example.test");
    CHECK(read.to[1].address == "b@example.testc");  // what GMime makes of the second "@"
    CHECK(read.to[1].name == "\xc3\x9c\xc3\xbc, \"the\" <bob>");
    CHECK(read.references.front() == "a@b");
}

TEST_CASE("a draft keeps whom it is to be sent to in secret") {
    auto m = letter();
    m.bcc = {{"", "secret@example.test"}};
    m.draft = true;
    CHECK(compose(m).contains("\r\nBcc: secret@example.test\r\n"));
}

TEST_CASE("only fields that inform may be set by a form") {
    for (const auto* free : {"X-Mailer", "x-a", "List-Unsubscribe", "Importance", "auto-submitted"}) CHECK(is_free_field(free));
    for (const auto* ours :
         {"", "From", "Bcc", "Received", "Return-Path", "DKIM-Signature", "Content-Type", "MIME-Version", "Date", "Resent-To",
          "Authentication-Results", "X-Bad Name", "X:", "X-\xc3\xbc", "Disposition-Notification-To"})
        CHECK_FALSE(is_free_field(ours));
}

TEST_CASE("a message with an address outside ASCII needs SMTPUTF8") {
    auto m = letter();
    CHECK_FALSE(needs_smtputf8(m));
    m.cc = {{"\xc3\xbc", "j\xc3\xbcrgen@example.test"}};
    CHECK(needs_smtputf8(m));
    CHECK(summarize(compose(m)).subject == "hello");
}

}  // namespace composer_test
