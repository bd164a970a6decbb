#include "message/downgrade.hpp"

#include <string>

#include "message/parsed_message.hpp"
#include "message/structure.hpp"
#include "sample.hpp"

namespace downgrade_test {

using namespace postern;
using namespace postern::message;
using message::test::crlf;
using message::test::distant_content;
using namespace std::string_literals;

namespace {

/// What becomes of the message; "cannot: why" where it cannot be done. Wherever it lies, and in pieces as they come.
std::string downgraded(const std::string& octets, downgrade_to target = downgrade_to::seven_bit, std::uint64_t offset = 0) {
    std::string outcomes[2];
    const std::shared_ptr<const core::content> places[] = {std::make_shared<core::memory_content>(octets),
                                                           std::make_shared<distant_content>(octets)};
    for (int i = 0; i < 2; ++i) {
        downgrader d(places[i], offset, target);
        if (d.obstacle()) {
            outcomes[i] = "cannot: " + *d.obstacle();
            continue;
        }
        for (std::string piece; d.next(piece); piece.clear()) {
            CHECK(piece.size() <= 512UL * 1024);
            outcomes[i] += piece;
        }
    }
    CHECK(outcomes[0] == outcomes[1]);
    return outcomes[0];
}

constexpr auto eight_bit = downgrade_to::eight_bit;

const std::string umlaut = "\xc3\xbc";

}  // namespace

TEST_CASE("parts that are 8-bit become quoted-printable or base64, and nothing else changes") {
    struct row {
        std::string before;
        std::string after;
        std::string why;
    };
    const std::string mime = "MIME-Version: 1.0\n";
    const std::vector<row> rows{
        {"Subject: x\n\nplain\n", "Subject: x\n\nplain\n", "7-bit already"},
        {mime + "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\nSubject: x\n\nGr" + umlaut +
             "n is one word of some =\n.\n",
         mime + "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\nSubject: x\n\nGr=C3=BCn "
                "is one word of some "
                "=3D\n.\n",
         "mostly ASCII stays readable"},
        {mime + "Content-Type: text/plain; charset=utf-8\n\n" + umlaut + umlaut + umlaut + "\n",
         mime + "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\nw7zDvMO8DQo=\n",
         "text that is mostly not, and no word about its encoding"},
        {mime +
             "Content-Type: application/x\n content-transfer-encoding: 8bit\nCONTENT-TRANSFER-ENCODING:\n  "
             "8bit\n\nabcdefghijklmnop" +
             umlaut,
         mime + "Content-Type: application/x\n content-transfer-encoding: 8bit\nContent-Transfer-Encoding: "
                "base64\n\nYWJjZGVmZ2hpamtsbW5vcMO8\n",
         "data is base64; a folded line that looks like the field is none"},
        {"Subject: x\n\nGr" + umlaut + "ne Gr" + umlaut + umlaut + umlaut + "sse and many more of them to come\n",
         "Subject: x\nMIME-Version: 1.0\nContent-Type: text/plain; charset=unknown-8bit\nContent-Transfer-Encoding: "
         "quoted-printable\n\n"
         "Gr=C3=BCne Gr=C3=BC=C3=BC=C3=BCsse and many more of them to come\n",
         "what was no MIME becomes it (RFC 1428)"},
        {mime + "Content-Type: multipart/mixed; boundary=b\nContent-Transfer-Encoding: 8bit\n\npre" + umlaut +
             "amble\n--b\n\nplain\n--b\nContent-Type: text/plain\nContent-Transfer-Encoding: 8bit\n\nonly ASCII, not as it "
             "says\n--b\n"
             "Content-Type: text/html; charset=utf-8\n\n<b>many plain words and " +
             umlaut + "</b>\n--b--\nepi" + umlaut + "\n",
         mime + "Content-Type: multipart/mixed; boundary=b\nContent-Transfer-Encoding: 7bit\n\npre**"
                "amble\n--b\n\nplain\n--b\nContent-Type: text/plain\nContent-Transfer-Encoding: 7bit\n\nonly ASCII, not as it "
                "says\n--b\n"
                "Content-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n<b>many plain words "
                "and =C3=BC</b>\n--b--\nepi**\n",
         "each part for itself; multiparts only say that they are 7-bit (RFC 2045 6.4)"},
        {mime +
             "Content-Type: message/rfc822\nContent-Transfer-Encoding: 8bit\n\nSubject: inner\nContent-Transfer-Encoding: "
             "8bit\n\nThis is quite plain " +
             umlaut + "\n",
         mime + "Content-Type: message/rfc822\nContent-Transfer-Encoding: 7bit\n\nSubject: inner\nContent-Transfer-Encoding: "
                "quoted-printable\nMIME-Version: 1.0\n"
                "Content-Type: text/plain; charset=unknown-8bit\n\nThis is quite plain =C3=BC\n",
         "a message within is never encoded (RFC 2046 5.2.1): its parts are"},
        {mime + "Content-Type: multipart/mixed; boundary=b\n\n--b\nsome words without a header, one of them " + umlaut +
             "\n--b--\n",
         mime + "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Transfer-Encoding: quoted-printable\n\nsome words "
                "without a header, one of them =C3=BC\n--b--\n",
         "a part without a header gets one, and the line that ends it"},
        {mime +
             "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: multipart/signed; "
             "boundary=c\n\n--c\n\nsigned\n--c\n\nsignature\n--c--\n--b\n\nsome words and " +
             umlaut + "\n--b--\n",
         mime + "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: multipart/signed; "
                "boundary=c\n\n--c\n\nsigned\n--c\n\nsignature\n--c--\n--b\n"
                "Content-Transfer-Encoding: quoted-printable\n\nsome words and =C3=BC\n--b--\n",
         "what is signed stays as it is beside what is not"},
        {"Subject: " + umlaut + "\n\nplain\n", "Subject: " + umlaut + "\n\nplain\n", "header fields are SMTPUTF8's affair"},
    };
    for (const auto& row : rows) {
        INFO(row.why);
        CHECK(downgraded(crlf(row.before)) == crlf(row.after));
        CHECK(downgraded(crlf(row.before), eight_bit) == crlf(row.before));
        CHECK(downgraded("Return-Path: <>\r\n" + crlf(row.before), downgrade_to::seven_bit, 17) == crlf(row.after));
    }
}

TEST_CASE("binary parts become base64 for a server without BINARYMIME, 8-bit ones stay") {
    const auto head =
        crlf("MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\nContent-Transfer-Encoding: binary\n\n");
    const auto text = crlf("--b\nContent-Type: text/plain\nContent-Transfer-Encoding: binary\n\nGr") + umlaut + "n";
    const auto data =
        crlf("\n--b\nContent-Type: image/x\nContent-Transfer-Encoding: binary\n\n") + "\0\n.\r\xff"s + "\r\n--b--\r\n";
    auto expected = crlf("MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\nContent-Transfer-Encoding: 8bit\n\n") +
                    crlf("--b\nContent-Type: text/plain\nContent-Transfer-Encoding: 8bit\n\nGr") + umlaut + "n" +
                    crlf("\n--b\nContent-Type: image/x\nContent-Transfer-Encoding: base64\n\nAAouDf8=\n\n--b--\n");
    CHECK(downgraded(head + text + data, eight_bit) == expected);
    CHECK(downgraded("Content-Type: text/plain\r\n\r\nline\nline\r\n", eight_bit) ==
          crlf("Content-Type: text/plain\nMIME-Version: 1.0\nContent-Transfer-Encoding: base64\n\nbGluZQpsaW5lDQo=\n"));
    // Delimiters of a binary message may end with LF, too.
    CHECK(downgraded("Content-Type: multipart/mixed; boundary=b\n\n--b\n\na\r\n--b--\n", eight_bit) ==
          crlf("Content-Type: multipart/mixed; boundary=b\n\n--b\n\na\n--b--\n"));
}

TEST_CASE("lines that are too long for mail are broken by encoding them") {
    const auto out = downgraded("Content-Type: text/plain\r\n\r\n" + std::string(5000, 'x') + "\r\n");
    CHECK_THAT(out, Catch::Contains("quoted-printable"));
    CHECK_THAT(out, Catch::Contains("x=\r\nx"));
}

TEST_CASE("a message that would be spoiled is left alone") {
    const auto within_signed = [](const std::string& octets) {
        return crlf("Content-Type: multipart/signed; boundary=b\n\n--b\n\n") + octets + crlf("\n--b\n\nsignature\n--b--\n");
    };
    std::string deep;
    for (int i = 0; i < 12; ++i) deep += "Content-Type: message/rfc822\n\n";
    std::string many = "Content-Type: multipart/mixed; boundary=b\n\n";
    for (int i = 0; i < 1100; ++i) many += "--b\n\n" + umlaut + "\n";
    std::string everywhere = "Content-Type: multipart/mixed; boundary=b\n\n";
    for (int i = 0; i < 30; ++i) {
        const auto inner = "c" + std::to_string(i);
        everywhere += "--b\nContent-Type: message/rfc822\n\nContent-Type: multipart/mixed; boundary=" + inner + "\n\n";
        for (int j = 0; j < 500; ++j) everywhere += "--" + inner + "\n\n" + umlaut + "\n";
    }
    const std::vector<std::pair<std::string, std::string>> rows{
        {within_signed(umlaut), "signed"},
        {within_signed("a\nb"), "signed"},
        {crlf("Content-Type: multipart/encrypted; boundary=b\n\n--b\n\n" + umlaut + "\n--b--\n"), "signed or encrypted"},
        {crlf("Content-Transfer-Encoding: base64\n\n" + umlaut + "\n"), "not encoded as it says"},
        {crlf("Content-Transfer-Encoding: x-uuencode\n\n" + umlaut + "\n"), "not encoded as it says"},
        {crlf("Content-Type: message/delivery-status\n\nFinal-Recipient: " + umlaut + "\n"), "a report"},
        {crlf("Content-Type: multipart/mixed; boundary=b\n\nno delimiter " + umlaut + "\n"), "told apart"},
        {crlf(deep + "\n" + umlaut), "too deep"},
        {crlf(many), "too many parts"},
        {crlf(everywhere), "too many parts"},
        {crlf("Content-Transfer-Encoding: 8bit\nX: " + std::string(300'000, 'x') + "\n\n" + umlaut + "\n"), "too long"},
    };
    for (const auto& [octets, why] : rows) {
        const auto outcome = downgraded(octets);
        CHECK_THAT(outcome.substr(0, 200), Catch::StartsWith("cannot: ") && Catch::Contains(why));
    }
}

TEST_CASE("a message reads the same after it was made 7-bit") {
    const auto read = [](const std::string& octets) { return parse(core::memory_content(octets)).text.value().text; };
    const auto own = crlf("Content-Type: text/plain; charset=utf-8\n\nGr") + umlaut + crlf("ne, with some plain words.\n");
    CHECK(read(downgraded(own)) == read(own));
    for (const auto* name : {"alternative.eml", "apple_mail.eml", "calendar.eml", "mailing_list.eml", "newsletter.eml"}) {
        INFO(name);
        const auto before = message::test::load(name);
        CHECK(read(downgraded(before)) == read(before));
    }
}

TEST_CASE("a large message is converted in pieces and decodes to what it was") {
    std::string body;
    while (body.size() < 1'000'000) body += "some text with " + umlaut + " in it, and a space at its end \r\n";
    const auto out = downgraded("Content-Type: text/plain; charset=utf-8\r\n\r\n" + body);
    const core::memory_content content(out);
    octet_window window(content);
    const auto parts = walk(window).parts();
    REQUIRE(parts.size() == 1);
    transfer_decoder decoder(parts[0].body);
    std::string decoded;
    while (decoder.next(window, decoded)) {
    }
    CHECK(decoded == body);
}

TEST_CASE("whether a message needs SMTPUTF8 is seen in its headers") {
    const auto needs = [](const std::string& octets, std::uint64_t offset = 0) {
        const auto text = crlf(octets);
        const auto distant = has_utf8_header(distant_content(text), offset);
        CHECK(has_utf8_header(core::memory_content(text), offset) == distant);
        return distant;
    };
    CHECK(needs("Subject: " + umlaut + "\n\nplain\n"));
    CHECK_FALSE(needs("Subject: x\n\n" + umlaut + "\n"));
    CHECK(needs("Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Disposition: attachment; filename=" + umlaut +
                "\n\nx\n--b--\n"));
    CHECK_FALSE(needs("Return-Path: <" + umlaut + "@x.test>\nSubject: x\n\nplain\n", 25));
}

}  // namespace downgrade_test
