#include "imap/protocol/responses.hpp"
#include "test/catch.hpp"

namespace response_structure_test {

using namespace postern;
using namespace postern::imap;
using message::mime_node;

namespace {

std::string structure(const mime_node& node, bool extensible, bool utf8 = false) {
    std::string out;
    write_body_structure(out, node, extensible, utf8);
    return out;
}

mime_node text_part() {
    mime_node node;
    node.parameters = {{"charset", "us-ascii"}};
    node.body_begin = 100;
    node.body_end = 3128;
    node.lines = 92;
    return node;
}

mime_node of_type(const std::string& type, const std::string& subtype) {
    mime_node node;
    node.type = type;
    node.subtype = subtype;
    return node;
}

}  // namespace

TEST_CASE("an envelope is written in the order of RFC 9051 7.5.2") {
    message::envelope e;
    std::string out;
    write_envelope(out, e);
    CHECK(out == "(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)");

    e.date = "Wed, 17 Jul 1996 02:23:25 -0700";
    e.subject = "IMAP4rev2 \"WG\"";
    e.from = {{"Terry Gray", "gray", "cac.washington.edu"}};
    e.sender = e.from;
    e.reply_to = {{std::nullopt, "imap", "example.com"}};
    e.to = {{std::nullopt, "friends", std::nullopt}, {std::nullopt, "joe", "example.com"}, {}};  // a group
    e.cc = {{"ä", "", "x"}};
    e.bcc = {{std::nullopt, "b", "c"}};
    e.in_reply_to = "<1@x>";
    e.message_id = "";
    out.clear();
    write_envelope(out, e);
    CHECK(
        out ==
        "(\"Wed, 17 Jul 1996 02:23:25 -0700\" \"IMAP4rev2 \\\"WG\\\"\" ((\"Terry Gray\" NIL \"gray\" \"cac.washington.edu\")) "
        "((\"Terry Gray\" NIL \"gray\" \"cac.washington.edu\")) ((NIL NIL \"imap\" \"example.com\")) "
        "((NIL NIL \"friends\" NIL)(NIL NIL \"joe\" \"example.com\")(NIL NIL NIL NIL)) (({2}\r\nä NIL \"\" \"x\")) "
        "((NIL NIL \"b\" \"c\")) \"<1@x>\" \"\")");
    out.clear();
    e = {.subject = "ä"};
    write_envelope(out, e, true);
    CHECK(out == "(NIL \"ä\" NIL NIL NIL NIL NIL NIL NIL NIL)");
}

TEST_CASE("a text part tells its lines") {
    auto node = text_part();
    CHECK(structure(node, false) == R"(("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 3028 92))");
    CHECK(structure(node, true) == R"(("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 3028 92 NIL NIL NIL NIL))");
}

TEST_CASE("extension data is written whole, and of BODYSTRUCTURE only") {
    auto node = of_type("image", "png");
    node.parameters = {{"name", "a\"b"}, {"x", ""}};
    node.id = "<1@x>";
    node.description = "a picture";
    node.encoding = "base64";
    node.md5 = "Q2hlY2s=";
    node.disposition = "attachment";
    node.disposition_parameters = {{"filename", "a.png"}, {"size", "5"}};
    node.languages = {"de", "en"};
    node.location = "http://example.com/";
    const std::string plain = R"("image" "png" ("name" "a\"b" "x" "") "<1@x>" "a picture" "base64" 0)";
    CHECK(structure(node, false) == "(" + plain + ")");
    CHECK(structure(node, true) ==
          "(" + plain + R"( "Q2hlY2s=" ("attachment" ("filename" "a.png" "size" "5")) ("de" "en") "http://example.com/"))");
    node.disposition_parameters.clear();
    node.languages.clear();
    CHECK(structure(node, true) == "(" + plain + R"( "Q2hlY2s=" ("attachment" NIL) NIL "http://example.com/"))");
}

TEST_CASE("a multipart tells its parts, then itself") {
    auto node = of_type("multipart", "mixed");
    node.parameters = {{"boundary", "b"}};
    node.children = {text_part(), of_type("image", "png")};
    CHECK(structure(node, false) ==
          R"((("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 3028 92)("image" "png" NIL NIL NIL "7bit" 0) "mixed"))");
    node.children.resize(1);
    node.disposition = "inline";
    node.languages = {"de"};
    CHECK(
        structure(node, true) ==
        R"((("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 3028 92 NIL NIL NIL NIL) "mixed" ("boundary" "b") ("inline" NIL) ("de") NIL))");
    node.children.clear();
    CHECK(structure(node, false) == R"((("text" "plain" NIL NIL NIL "7bit" 0 0) "mixed"))");  // there must be one
}

TEST_CASE("a message within a message tells its envelope, its structure and its lines") {
    auto node = of_type("message", "rfc822");
    node.envelope = message::envelope{.subject = "inner"};
    node.body_end = 500;
    node.lines = 9;
    node.children = {text_part()};
    CHECK(structure(node, false) ==
          R"(("message" "rfc822" NIL NIL NIL "7bit" 500 (NIL "inner" NIL NIL NIL NIL NIL NIL NIL NIL) )"
          R"(("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 3028 92) 9))");
    node.children.clear();
    CHECK(structure(node, true) ==
          R"(("message" "rfc822" NIL NIL NIL "7bit" 500 (NIL "inner" NIL NIL NIL NIL NIL NIL NIL NIL) )"
          R"(("text" "plain" NIL NIL NIL "7bit" 0 0 NIL NIL NIL NIL) 9 NIL NIL NIL NIL))");
    // One of another kind is a part like any other.
    CHECK(structure(of_type("message", "delivery-status"), false) == R"(("message" "delivery-status" NIL NIL NIL "7bit" 0))");
}

TEST_CASE("what is beyond ASCII in a structure is quoted only for who enabled UTF-8") {
    auto node = text_part();
    node.parameters = {{"name", "ä"}};
    CHECK(structure(node, false) == "(\"text\" \"plain\" (\"name\" {2}\r\nä) NIL NIL \"7bit\" 3028 92)");
    CHECK(structure(node, false, true) == "(\"text\" \"plain\" (\"name\" \"ä\") NIL NIL \"7bit\" 3028 92)");
}

}  // namespace response_structure_test
