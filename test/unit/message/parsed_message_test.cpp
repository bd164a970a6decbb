#include "message/parsed_message.hpp"

#include "core/unicode.hpp"
#include "sample.hpp"

namespace parsed_message_test {

using namespace postern;
using namespace postern::message;
using message::test::content_of;
using message::test::crlf;
using message::test::distant_content;
using message::test::load;
using message::test::read_in_pieces;

namespace {

/// A message's bodies and attachments as text, for comparing at one glance.
std::string outline(const parsed_message& m) {
    std::string lines;
    if (m.text) lines += "text: " + m.text->text + "\n";
    if (m.html) lines += "html: " + m.html->text + "\n";
    for (const auto& a : m.attachments) {
        lines += std::to_string(a.id) + ": " + a.filename + " " + a.content_type + " " + std::to_string(a.size);
        if (!a.content_id.empty()) lines += " cid:" + a.content_id;
        if (a.is_inline) lines += " inline";
        lines += '\n';
    }
    return lines;
}

std::string outline(std::string_view message) { return outline(parse(content_of(message))); }

}  // namespace

TEST_CASE("a whole message is read, field by field") {
    const auto m = parse(content_of(
        "Received: from a\n\tby b; Mon, 23 Nov 2026 05:10:00 +0000\n"
        "From: Alice <a@x>\nTo: b@x\nCc: Team: c@x, =?utf-8?Q?D=C3=A4?= <d@x>;\nReply-To: r@x\n"
        "Subject: =?utf-8?Q?caf=C3=A9?=\nDate: Mon, 23 Nov 2026 05:10:00 +0000\n"
        "Message-ID: <3@x>\nIn-Reply-To: <2@x>\nReferences: <1@x> <2@x>\nX-Odd: a\x01\xff b\nx-odd: again\n\nbody\n"));
    CHECK(m.from == std::vector<mailbox_address>{{"Alice", "a@x"}});
    CHECK(m.to == std::vector<mailbox_address>{{"", "b@x"}});
    CHECK(m.cc == std::vector<mailbox_address>{{"", "c@x"}, {"Dä", "d@x"}});
    CHECK(m.reply_to == std::vector<mailbox_address>{{"", "r@x"}});
    CHECK(m.subject == "café");
    CHECK(m.date.has_value());
    CHECK(m.message_id == "3@x");
    CHECK(m.in_reply_to == std::vector<std::string>{"2@x"});
    CHECK(m.references == std::vector<std::string>{"1@x", "2@x"});
    REQUIRE(m.headers.size() == 12);
    CHECK(m.headers[0].name == "Received");
    CHECK(m.headers[0].value == "from a by b; Mon, 23 Nov 2026 05:10:00 +0000");
    CHECK(m.headers[5].value == "café");
    CHECK(m.headers[10].value == "aÿ b");
    CHECK(m.headers[11].name == "x-odd");
    CHECK(outline(m) == "text: body\n\n");
}

TEST_CASE("bodies and attachments are told apart in every usual structure") {
    const auto [name, expected] = GENERATE(table<std::string, std::string>({
        {"alternative.eml", "text: Grüße\n\nhtml: <p>Grüße</p>\n\n"},
        {"newsletter.eml",
         "text: plain\nhtml: <p>html <img src=\"cid:logo@x\"></p>\n1: logo.png image/png 3 cid:logo@x inline\n"
         "2: Rechnung für Mai.pdf application/pdf 6\n"},
        {"apple_mail.eml", "text: before\nafter\n1: photo.jpg image/jpeg 3 inline\n"},
        {"calendar.eml", "text: Come!\nhtml: <b>Come!</b>\n1:  text/calendar 28\n2: invite.ics application/ics 28\n"},
        {"pgp_signed.eml", "text: signed text\n1: signature.asc application/pgp-signature 9\n"},
        {"smime_signed.eml", "text: signed text\n1: smime.p7s application/pkcs7-signature 3\n"},
        {"outlook_tnef.eml", "text: see winmail\n1: winmail.dat application/ms-tnef 4\n"},
        {"forwarded.eml", "text: fyi\n1:  message/rfc822 80 inline\n"},
        {"bounce.eml", "text: It failed.\n1:  message/delivery-status 68\n2:  message/rfc822 32\n"},
        {"mailing_list.eml", "text: message\n_______\nfooter\n"},
    }));
    INFO(name);
    const auto octets = load(name);
    CHECK(outline(parse(core::memory_content(octets))) == expected);
    CHECK(outline(parse(distant_content(octets))) == expected);
}

TEST_CASE("text is read in whatever form it comes") {
    const auto [message, text] = GENERATE(table<std::string, std::string>({
        {"X: y\n\nlines\nof text\n", "lines\nof text\n"},
        {"X: y\n\n", ""},
        {"", ""},
        {"no header at all\n", "no header at all\n"},
        {"Content-Type: text/plain; format=flowed\n\n> a \n> b\n\nc \nd\n", "> a b\n\nc d\n"},
        {"Content-Type: text/plain; format=flowed; delsp=yes\n\na \nb\n", "ab\n"},
        {"Content-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: quoted-printable\n\ncaf=E9=\n!\n",
         "café!\n"},
        {"Content-Type: text/plain; charset=gb18030\n\n\xc4\xe3\xba\xc3\n", "你好\n"},
        {"Content-Type: text/plain; charset=lie\n\ncaf\xe9\n", "café\n"},
        {"Content-Type: nonsense\n\nstill text\n", "still text\n"},
        {"X: y\n\na\x01\x7f\x1b[31mb\n", "a[31mb\n"},
        {"X: y\n\nbegin 644 x\n#86)C\n`\nend\n", "begin 644 x\n#86)C\n`\nend\n"},  // uuencode in a text is left alone
    }));
    INFO(message);
    const auto m = parse(content_of(message));
    REQUIRE(m.text);
    CHECK(m.text->text == text);
    CHECK_FALSE(m.text->truncated);
    CHECK_FALSE(m.html);
}

TEST_CASE("HTML may name its own charset") {
    const auto m = parse(content_of("Content-Type: text/html\n\n<meta charset=\"koi8-r\"><p>\xf0\xd2\xc9\xd7\xc5\xd4"));
    REQUIRE(m.html);
    CHECK(m.html->text == "<meta charset=\"koi8-r\"><p>Привет");
}

TEST_CASE("an attachment is opened by its number and read in pieces") {
    const auto message = std::make_shared<distant_content>(load("newsletter.eml"));
    const auto pdf = open_attachment(message, 2);
    REQUIRE(pdf);
    CHECK(pdf->description.filename == "Rechnung für Mai.pdf");
    CHECK(pdf->octets->size() == pdf->description.size);
    CHECK(read_in_pieces(*pdf->octets, 4) == "%PDF-1");
    CHECK(read_in_pieces(*open_attachment(message, 1)->octets, 100) == "PNG");
    CHECK_FALSE(open_attachment(message, 0));
    CHECK_FALSE(open_attachment(message, 3));
}

TEST_CASE("a message in a message is an attachment that is a message") {
    const auto forwarded = open_attachment(std::make_shared<core::memory_content>(load("forwarded.eml")), 1);
    REQUIRE(forwarded);
    const auto inner = parse(*forwarded->octets);
    CHECK(inner.subject == "Inner");
    CHECK(outline(inner) == "text: inner text\n");
}

TEST_CASE("what looks like parts but is not loses nothing") {
    CHECK(outline("Content-Type: multipart/mixed\n\n--b\n\none\n--b--\n") == "text: --b\n\none\n--b--\n\n");
    CHECK(outline("Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--b\nContent-Type: text/html\n\ntwo") ==
          "text: one\nhtml: two\n");
    CHECK(outline("Content-Type: multipart/alternative; boundary=b\n\n--b\n\none\n--b\n\ntwo\n--b--\n") ==
          "text: one\n1:  text/plain 3\n");
    CHECK(
        outline("Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--b\nContent-Disposition: attachment\n\n\n--b--\n") ==
        "text: one\n1:  text/plain 0\n");
    CHECK(outline("Content-Type: text/plain; name=a.txt\n\nonly\n") == "text: only\n\n");
    CHECK(outline("Content-Type: image/png\n\nx") == "1:  image/png 1\n");
}

}  // namespace parsed_message_test
