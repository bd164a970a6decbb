#include "imap/fetch_items.hpp"

#include "parsed.hpp"
#include "test/catch.hpp"

namespace fetch_items_test {

using namespace postern;
using namespace postern::imap;

namespace {

// Three parts: a text, base64, and a message that has two parts of its own.
const std::string first_header = "Content-Type: text/plain\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n";
const std::string first_body = "caf=C3=A9=\r\n!\r\nend";
const std::string second_header = "Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\r\n";
const std::string second_body = "AAEC\r\nQUI=\r\n";  // NUL 1 2 A B
const std::string third_header = "Content-Type: message/rfc822\r\nContent-Description: within\r\n\r\n";
const std::string inner_header =
    "From: inner@example.com\r\nSubject: inner\r\n folded\r\nContent-Type: multipart/mixed; boundary=in\r\n\r\n";
const std::string inner_first_header = "Content-Type: text/plain\r\n\r\n";
const std::string inner_first_body = "inner one";
const std::string inner_second_header = "Content-Type: text/html\r\nX-Part: 3.2\r\n\r\n";
const std::string inner_second_body = "<p>inner two</p>\r\n";
const std::string inner_body = "--in\r\n" + inner_first_header + inner_first_body + "\r\n--in\r\n" + inner_second_header +
                               inner_second_body + "\r\n--in--";
const std::string header =
    "Date: Tue, 10 Mar 2026 12:00:00 +0000\r\nFrom: outer@example.com\r\nSUBJECT: outer\r\n folded\r\nTo: bob@example.com\r\n"
    "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=out\r\n\r\n";
const std::string body = "preamble\r\n--out\r\n" + first_header + first_body + "\r\n--out\r\n" + second_header + second_body +
                         "\r\n--out\r\n" + third_header + inner_header + inner_body + "\r\n--out--\r\nepilogue\r\n";
const std::string nested = header + body;

const std::string single = "Subject: x\r\nContent-Transfer-Encoding: base64\r\n\r\naGVsbG8=\r\n";

fetch_command wanted(const std::string& items) { return parsed<fetch_command>("FETCH 1 " + items); }

std::string octets_of(const fetch_piece& piece) {
    if (!piece.octets) return {};
    std::string octets(static_cast<std::size_t>(piece.end - piece.begin), '\0');
    octets.resize(piece.octets->read(piece.begin, octets));
    return octets;
}

/// All that is sent, after each literal's size was held against its octets.
std::string sent(const std::string& items, const std::string& message) {
    std::string all;
    for (const auto& piece : make_fetch_items(wanted(items), std::make_shared<core::memory_content>(message))) {
        REQUIRE(piece.begin <= piece.end);
        const auto octets = octets_of(piece);
        CHECK(octets.size() == piece.end - piece.begin);
        if (piece.octets) CHECK(piece.text.ends_with('{' + std::to_string(octets.size()) + "}\r\n"));
        all += piece.text + octets;
    }
    return all;
}

std::string literal(const std::string& octets) { return '{' + std::to_string(octets.size()) + "}\r\n" + octets; }

}  // namespace

TEST_CASE("the message is needed for what its row does not tell") {
    for (const auto* items : {"FLAGS", "FAST", "ALL", "(UID INTERNALDATE RFC822.SIZE MODSEQ)"}) {
        INFO(items);
        CHECK(needs_content(wanted(items)) == (items == std::string("ALL")));
    }
    for (const auto* items : {"ENVELOPE", "BODY", "BODYSTRUCTURE", "BODY.PEEK[]", "BINARY.SIZE[1]", "RFC822.HEADER"}) {
        INFO(items);
        CHECK(needs_content(wanted(items)));
    }
}

TEST_CASE("reading a text sets \\Seen, looking at the rest does not") {
    for (const auto* items : {"BODY[]", "BODY[HEADER]", "BODY[1]", "BODY[]<0.1>", "BINARY[1]", "RFC822", "RFC822.TEXT",
                              "(BODY.PEEK[] BODY[TEXT])"}) {
        INFO(items);
        CHECK(sets_seen(wanted(items)));
    }
    for (const auto* items :
         {"FULL", "(FLAGS BODY BODYSTRUCTURE)", "BODY.PEEK[]", "BINARY.PEEK[1]", "BINARY.SIZE[1]", "RFC822.HEADER"}) {
        INFO(items);
        CHECK_FALSE(sets_seen(wanted(items)));
    }
}

TEST_CASE("each section is the octets RFC 9051 6.4.5.1 means") {
    struct row {
        std::string section;
        std::string octets;
        std::string why;
    };
    const std::vector<row> rows{
        {"", nested, "all"},
        {"HEADER", header, "with its empty line"},
        {"TEXT", body, "preamble, delimiters and epilogue too"},
        {"HEADER.FIELDS (subject X-None to)", "SUBJECT: outer\r\n folded\r\nTo: bob@example.com\r\n\r\n",
         "in the message's order, without case"},
        {"HEADER.FIELDS (X-None)", "\r\n", "none of them: the empty line nevertheless"},
        {"HEADER.FIELDS.NOT (Date From SUBJECT MIME-Version Content-Type)", "To: bob@example.com\r\n\r\n", "all others"},
        {"1", first_body, "a part, undecoded, without the line end that belongs to the delimiter"},
        {"1.MIME", first_header, "a part's header"},
        {"2", second_body, "another"},
        {"3", inner_header + inner_body, "a message as a part"},
        {"3.MIME", third_header, "whose MIME header is not its own"},
        {"3.HEADER", inner_header, "but this is"},
        {"3.TEXT", inner_body, "and this its body"},
        {"3.HEADER.FIELDS (Subject)", "Subject: inner\r\n folded\r\n\r\n", "or some of it"},
        {"3.HEADER.FIELDS.NOT (Subject Content-Type)", "From: inner@example.com\r\n\r\n", "or the rest"},
        {"3.1", inner_first_body, "parts of the message within"},
        {"3.1.MIME", inner_first_header, ""},
        {"3.2", inner_second_body, ""},
        {"3.2.MIME", inner_second_header, ""},
    };
    for (const auto& [section, octets, why] : rows) {
        INFO(section << ": " << why);
        CHECK(sent("BODY[" + section + "]", nested) == "BODY[" + section + "] " + literal(octets));
        CHECK(sent("BODY.PEEK[" + section + "]", nested) == "BODY[" + section + "] " + literal(octets));
    }
}

TEST_CASE("what is not there is NIL") {
    for (const auto* section : {"4", "1.1", "1.2", "2.1", "3.3", "3.1.1", "4.MIME", "1.HEADER", "2.TEXT",
                                "1.HEADER.FIELDS (Subject)", "3.2.TEXT", "3.3.MIME"}) {
        const auto name = "BODY[" + std::string(section) + "]";
        INFO(name);
        CHECK(sent(name, nested) == name + " NIL");
    }
    CHECK(sent("BODY[4]<0.5>", nested) == "BODY[4]<0> NIL");
    CHECK(sent("BINARY[4]", nested) == "BINARY[4] NIL");
    CHECK(sent("(BODY[4] BODY[2])", nested) == "BODY[4] NIL BODY[2] " + literal(second_body));
}

TEST_CASE("a part that is a multipart has a MIME header and parts, but no header, text or encoding") {
    // RFC 2045 6.4 forbids it, so some do it.
    const std::string mime = "Content-Type: multipart/mixed; boundary=b\r\nContent-Transfer-Encoding: base64\r\n\r\n";
    const std::string inner = "--b\r\n\r\nx\r\n--b--";
    const auto octets = "Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\n" + mime + inner + "\r\n--a--\r\n";
    CHECK(sent("(BODY[1] BODY[1.1] BINARY[1])", octets) ==
          "BODY[1] " + literal(inner) + " BODY[1.1] {1}\r\nx BINARY[1] ~" + literal(inner));
    CHECK(sent("(BODY[1.HEADER] BODY[1.TEXT])", octets) == "BODY[1.HEADER] NIL BODY[1.TEXT] NIL");
    CHECK(sent("BODY[1.MIME]", octets) == "BODY[1.MIME] " + literal(mime));
}

TEST_CASE("a message that is no multipart has one part, its body") {
    const std::string head = single.substr(0, single.find("\r\n\r\n") + 4);
    const std::string text = single.substr(head.size());
    CHECK(sent("BODY[1]", single) == "BODY[1] " + literal(text));
    CHECK(sent("BODY[TEXT]", single) == "BODY[TEXT] " + literal(text));
    CHECK(sent("BODY[HEADER]", single) == "BODY[HEADER] " + literal(head));
    CHECK(sent("BODY[2]", single) == "BODY[2] NIL");
    CHECK(sent("BODY[1.1]", single) == "BODY[1.1] NIL");
    CHECK(sent("BINARY[1]", single) == "BINARY[1] ~{5}\r\nhello");
}

TEST_CASE("a message may be empty, or a header, or a body") {
    CHECK(sent("(BODY[] BODY[HEADER] BODY[TEXT])", "") == "BODY[] {0}\r\n BODY[HEADER] {0}\r\n BODY[TEXT] {0}\r\n");
    CHECK(sent("(BODY[HEADER] BODY[TEXT])", "Subject: x\r\n") == "BODY[HEADER] {12}\r\nSubject: x\r\n BODY[TEXT] {0}\r\n");
    CHECK(sent("(BODY[HEADER] BODY[TEXT])", "\r\nx") == "BODY[HEADER] {2}\r\n\r\n BODY[TEXT] {1}\r\nx");
}

TEST_CASE("a piece is cut out of the section, and ends where that does") {
    struct row {
        std::string item;
        std::string answer;
        std::string why;
    };
    const std::vector<row> rows{
        {"BODY[1]<0.3>", "BODY[1]<0> {3}\r\ncaf", "from its beginning"},
        {"BODY[1]<3.3>", "BODY[1]<3> {3}\r\n=C3", "from within"},
        {"BODY[1]<" + std::to_string(first_body.size() - 3) + ".100>",
         "BODY[1]<" + std::to_string(first_body.size() - 3) + "> {3}\r\nend", "not beyond the end"},
        {"BODY[1]<" + std::to_string(first_body.size()) + ".1>", "BODY[1]<" + std::to_string(first_body.size()) + "> {0}\r\n",
         "RFC 9051 6.4.5: behind the end is an empty string"},
        {"BODY[1]<9223372036854775807.9223372036854775807>", "BODY[1]<9223372036854775807> {0}\r\n", "far behind it"},
        {"BODY[1]<0.9223372036854775807>", "BODY[1]<0> " + literal(first_body), "all there could be"},
        {"BODY[HEADER.FIELDS (To)]<4.3>", "BODY[HEADER.FIELDS (To)]<4> {3}\r\nbob", "of fields"},
        {"BODY[]<0.4>", "BODY[]<0> {4}\r\nDate", "of all"},
        {"BODY[3.TEXT]<2.2>", "BODY[3.TEXT]<2> {2}\r\nin", "of a message within"},
        {"BINARY[2]<3.10>", "BINARY[2]<3> ~{2}\r\nAB", "RFC 3516: of the decoded octets"},
        {"BINARY[2]<5.1>", "BINARY[2]<5> ~{0}\r\n", "behind their end"},
    };
    for (const auto& [item, answer, why] : rows) {
        INFO(item << ": " << why);
        CHECK(sent(item, nested) == answer);
    }
}

TEST_CASE("BINARY is a part without its transfer encoding") {
    using namespace std::string_literals;
    CHECK(sent("BINARY[1]", nested) == "BINARY[1] ~{11}\r\ncaf\xC3\xA9!\r\nend");
    CHECK(sent("BINARY.PEEK[2]", nested) == "BINARY[2] ~{5}\r\n\0\1\2AB"s);
    CHECK(sent("BINARY[3.1]", nested) == "BINARY[3.1] ~" + literal(inner_first_body));
    CHECK(sent("BINARY[3]", nested) == "BINARY[3] ~" + literal(inner_header + inner_body));  // has no encoding
    CHECK(sent("BINARY[]", single) == "BINARY[] ~" + literal(single));
    CHECK(sent("BINARY.SIZE[1]", nested) == "BINARY.SIZE[1] 11");
    CHECK(sent("BINARY.SIZE[2]", nested) == "BINARY.SIZE[2] 5");
    CHECK(sent("BINARY.SIZE[3.2]", nested) == "BINARY.SIZE[3.2] " + std::to_string(inner_second_body.size()));
    CHECK(sent("BINARY.SIZE[]", nested) == "BINARY.SIZE[] " + std::to_string(nested.size()));
}

TEST_CASE("RFC 3501's names are answered under these names") {
    CHECK(sent("RFC822", nested) == "RFC822 " + literal(nested));
    CHECK(sent("RFC822.HEADER", nested) == "RFC822.HEADER " + literal(header));
    CHECK(sent("RFC822.TEXT", nested) == "RFC822.TEXT " + literal(body));
}

TEST_CASE("items stand with one blank between, whether text or octets") {
    CHECK(sent("(BINARY.SIZE[2] BODY[4] BODY[2] BINARY.SIZE[1] BODY[3.1] BINARY[2]<3.2>)", nested) ==
          "BINARY.SIZE[2] 5 BODY[4] NIL BODY[2] " + literal(second_body) + " BINARY.SIZE[1] 11 BODY[3.1] " +
              literal(inner_first_body) + " BINARY[2]<3> ~{2}\r\nAB");
    CHECK(sent("(FLAGS UID)", single).empty());
}

TEST_CASE("envelope and structure come first, in an order of their own") {
    const std::string envelope = "ENVELOPE (NIL \"x\" NIL NIL NIL NIL NIL NIL NIL NIL)";
    const std::string start = R"(("text" "plain" ("charset" "us-ascii") NIL NIL "base64" 10 1)";
    CHECK(sent("ENVELOPE", single) == envelope);
    CHECK(sent("BODY", single) == "BODY " + start + ')');
    CHECK(sent("BODYSTRUCTURE", single) == "BODYSTRUCTURE " + start + " NIL NIL NIL NIL)");
    CHECK(sent("(BODY.PEEK[]<0.1> BODYSTRUCTURE BODY ENVELOPE)", single) ==
          envelope + " BODY " + start + ") BODYSTRUCTURE " + start + " NIL NIL NIL NIL) BODY[]<0> {1}\r\nS");
    CHECK(sent("ENVELOPE", nested) ==
          "ENVELOPE (\"Tue, 10 Mar 2026 12:00:00 +0000\" \"outer folded\" ((NIL NIL \"outer\" \"example.com\")) "
          "((NIL NIL \"outer\" \"example.com\")) ((NIL NIL \"outer\" \"example.com\")) ((NIL NIL \"bob\" \"example.com\")) "
          "NIL NIL NIL NIL)");
    CHECK(sent("BODY", nested).contains(R"("message" "rfc822")"));
}

}  // namespace fetch_items_test
