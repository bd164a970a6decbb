#include "imap/protocol/responses.hpp"
#include "parsed.hpp"
#include "test/catch.hpp"

namespace parse_fetch_test {

using namespace postern::imap;

namespace {

/// Items by their names, what the session adds for nobody left out: "FLAGS BODY[1]<0.10>".
std::string text_of(const fetch_command& f) {
    std::string text = f.by_uid ? "uid:" : "";
    if (f.flags) text += " FLAGS";
    if (f.uid) text += " UID";
    if (f.internal_date) text += " INTERNALDATE";
    if (f.size) text += " RFC822.SIZE";
    if (f.envelope) text += " ENVELOPE";
    if (f.body) text += " BODY";
    if (f.body_structure) text += " BODYSTRUCTURE";
    if (f.modseq) text += " MODSEQ";
    for (const auto& section : f.sections) {
        text += section.peek ? " peek:" : " ";
        write_section_name(text, section);
        if (section.partial) text += "*" + std::to_string(section.partial->second);
    }
    if (f.changed_since) text += " since " + std::to_string(*f.changed_since);
    return text;
}

}  // namespace

TEST_CASE("FETCH names what it asks for") {
    struct row {
        std::string items;
        std::string text;
        std::string why;
    };
    const std::vector<row> rows{
        {"ALL", " FLAGS INTERNALDATE RFC822.SIZE ENVELOPE", "a macro"},
        {"fast", " FLAGS INTERNALDATE RFC822.SIZE", "another"},
        {"FULL", " FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODY", "the third"},
        {"FLAGS", " FLAGS", "one item"},
        {"(FLAGS UID INTERNALDATE RFC822.SIZE ENVELOPE BODY BODYSTRUCTURE MODSEQ)",
         " FLAGS UID INTERNALDATE RFC822.SIZE ENVELOPE BODY BODYSTRUCTURE MODSEQ", "all that are no octets"},
        {"(flags Flags)", " FLAGS", "twice is once"},
        {"BODY[]", " BODY[]", "the whole message"},
        {"BODY.PEEK[]", " peek:BODY[]", "without setting \\Seen"},
        {"body[header]", " BODY[HEADER]", "in any case"},
        {"BODY[TEXT]", " BODY[TEXT]", "the body"},
        {"BODY[1]", " BODY[1]", "a part"},
        {"BODY[1.2.3]", " BODY[1.2.3]", "a part of a part"},
        {"BODY[1.MIME]", " BODY[1.MIME]", "a part's header"},
        {"BODY[1.2.HEADER]", " BODY[1.2.HEADER]", "the header of a message within"},
        {"BODY[1.TEXT]", " BODY[1.TEXT]", "its body"},
        {"BODY[HEADER.FIELDS (From \"To\" {2+}\r\ncc)]", " BODY[HEADER.FIELDS (From To cc)]", "fields, spelled in all ways"},
        {"BODY.PEEK[1.HEADER.FIELDS.NOT (Received)]", " peek:BODY[1.HEADER.FIELDS.NOT (Received)]", "all but some"},
        {"BODY[HEADER.FIELDS (\"a b\")]", " BODY[HEADER.FIELDS (\"a b\")]",
         "what is no field's name is asked for nevertheless"},
        {"BODY[]<0.2048>", " BODY[]<0>*2048", "a piece"},
        {"BODY[1]<10.1>", " BODY[1]<10>*1", "the smallest"},
        {"BODY[]<9223372036854775807.9223372036854775807>", " BODY[]<9223372036854775807>*9223372036854775807", "63 bits"},
        {"(BINARY[1] BINARY.PEEK[1.2]<0.5> BINARY.SIZE[2] BINARY[])",
         " BINARY[1] peek:BINARY[1.2]<0>*5 peek:BINARY.SIZE[2] BINARY[]", "RFC 3516"},
        {"(RFC822 RFC822.HEADER RFC822.TEXT)", " RFC822 peek:RFC822.HEADER RFC822.TEXT", "RFC 3501"},
        {"(BODY[] BODY[] BODY[1] BODY[])", " BODY[] BODY[1]", "the same is answered once"},
        {"(FLAGS) (CHANGEDSINCE 12345)", " FLAGS MODSEQ since 12345", "RFC 7162 3.1.4.1: MODSEQ is implied"},
    };
    for (const auto& [items, text, why] : rows) {
        INFO(why);
        CHECK(text_of(parsed<fetch_command>("FETCH 1:* " + items)) == text);
        CHECK(text_of(parsed<fetch_command>("UID FETCH 1:* " + items)) == "uid:" + text);
    }
}

TEST_CASE("RFC 3501's names mean sections of the message") {
    const auto f = parsed<fetch_command>("FETCH 1 (RFC822.HEADER RFC822.TEXT RFC822)");
    CHECK(f.sections.at(0).of.what == section::piece::header);
    CHECK(f.sections.at(1).of.what == section::piece::text);
    CHECK(f.sections.at(2).of.what == section::piece::whole);
}

TEST_CASE("what is wrong in FETCH is refused") {
    std::string deep = "BODY[1";
    for (int i = 0; i < 50; ++i) deep += ".1";
    std::string many = "(";
    for (int i = 1; i <= 251; ++i) many += (i == 1 ? "BODY[" : " BODY[") + std::to_string(i) + "]";
    const std::vector<std::pair<std::string, std::string>> rows{
        {"", "nothing"},
        {"()", "an empty list"},
        {"FOO", "not known"},
        {"(FLAGS FOO)", "nor in a list"},
        {"FLAGS UID", "two without parentheses"},
        {"(ALL)", "a macro in a list (RFC 9051 6.4.5)"},
        {"(FLAGS", "no end"},
        {"(FLAGS )", "a space too many"},
        {"BODY.PEEK", "a peek at nothing"},
        {"BODY[", "no end of a section"},
        {"BODY[FOO]", "no section"},
        {"BODY[MIME]", "RFC 9051 6.4.5.1: of a part only"},
        {"BODY[0]", "parts begin with 1"},
        {"BODY[1.]", "half a part"},
        {"BODY[1..2]", "a part without number"},
        {"BODY[.1]", "likewise"},
        {"BODY[1TEXT]", "no dot"},
        {"BODY[4294967296]", "beyond 32 bits"},
        {deep + "]", "51 deep"},
        {"BODY[HEADER.FIELDS]", "no fields"},
        {"BODY[HEADER.FIELDS ()]", "none of them"},
        {"BODY[HEADER.FIELDS(From)]", "no space"},
        {"BODY[]<0>", "how many"},
        {"BODY[]<0.0>", "none"},
        {"BODY[]<.5>", "from where"},
        {"BODY[]<0.9223372036854775808>", "64 bits"},
        {"BODY[]<0.5", "no end"},
        {"BINARY", "no section"},
        {"BINARY[HEADER]", "RFC 3516: parts only"},
        {"BINARY[1.MIME]", "likewise"},
        {"BINARY.SIZE[1]<0.5>", "a size has no pieces"},
        {"RFC822[]", "no section here"},
        {many + ")", "too many sections"},
        {"FLAGS (CHANGEDSINCE)", "since when"},
        {"FLAGS (CHANGEDSINCE 1 CHANGEDSINCE 2)", "twice"},
        {"FLAGS (CHANGEDSINCE 1 VANISHED)", "QRESYNC is not offered"},
        {"FLAGS ()", "no modifier"},
    };
    for (const auto& [items, why] : rows) {
        INFO(why);
        CHECK_FALSE(refused("FETCH 1 " + items).empty());
    }
    CHECK_FALSE(refused("FETCH 1").empty());
}

}  // namespace parse_fetch_test
