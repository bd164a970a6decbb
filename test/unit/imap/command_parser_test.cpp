#include "imap/protocol/command_parser.hpp"

#include <string>
#include <vector>

#include "parsed.hpp"
#include "test/catch.hpp"

namespace command_parser_test {

using namespace postern::imap;
using namespace std::string_literals;

TEST_CASE("commands without arguments are known in any case") {
    const auto index = [](const std::string& octets) { return parse_command("a " + octets, false).value().what.index(); };
    CHECK(index("CAPABILITY") == command(capability_command{}).index());
    CHECK(index("noop") == command(noop_command{}).index());
    CHECK(index("LogOut") == command(logout_command{}).index());
    CHECK(index("STARTTLS") == command(starttls_command{}).index());
    CHECK(index("CHECK") == command(check_command{}).index());
    CHECK(index("CLOSE") == command(close_command{}).index());
    CHECK(index("UNSELECT") == command(unselect_command{}).index());
    CHECK(index("NAMESPACE") == command(namespace_command{}).index());
    CHECK(index("IDLE") == command(idle_command{}).index());
    CHECK_FALSE(parsed<expunge_command>("EXPUNGE").uids);
    CHECK(parsed<expunge_command>("UID EXPUNGE 3:5").uids->ranges.size() == 1);
}

TEST_CASE("a failure has the command's tag where there is one") {
    struct row {
        std::string octets;
        std::string tag;
        std::string text;
        std::string why;
    };
    const std::vector<row> rows{
        {"", "*", "a tag was expected", "an empty line"},
        {" ", "*", "a tag was expected", "a space"},
        {"a+b NOOP", "*", "a tag was expected", "RFC 9051 section 9: no plus in a tag"},
        {"\xc3\xa4 NOOP", "*", "a tag was expected", "nor what is beyond ASCII"},
        {"a\"b NOOP", "*", "a tag was expected", "nor a quote"},
        {"a", "a", "a space was expected", "a tag alone"},
        {"a ", "a", "a command was expected", "and a space"},
        {"a  NOOP", "a", "a command was expected", "two spaces"},
        {"a]1.b FOO", "a]1.b", "the command is not known", "a strange tag, an unknown command"},
        {"a NOOPX", "a", "the command is not known", "nearly one"},
        {"a NOOP ", "a", "there is more than the command takes", "a space at the end"},
        {"a NOOP x", "a", "there is more than the command takes", "an argument too many"},
        {"a SELECT", "a", "a space was expected", "one too few"},
        {"a SELECT ", "a", "a string was expected", "likewise"},
        {"a UID FOO 1", "a", "UID goes with COPY, EXPUNGE, FETCH, MOVE, SEARCH and STORE", "no such UID command"},
        {"a UID EXPUNGE", "a", "a space was expected", "RFC 4315: which"},
    };
    for (const auto& [octets, tag, text, why] : rows) {
        INFO(why);
        const auto result = parse_command(octets, false);
        REQUIRE_FALSE(result);
        CHECK(result.error().tag == tag);
        CHECK(result.error().text == text);
        CHECK_FALSE(result.error().charset);
    }
}

TEST_CASE("the tag of half a command is known") {
    CHECK(read_tag("a1 LOGIN {99999") == "a1");
    CHECK(read_tag("a1") == "a1");
    CHECK(read_tag("") == "*");
    CHECK(read_tag("+ x") == "*");
}

TEST_CASE("an argument is an atom, quoted, or a literal") {
    struct row {
        std::string spelled;
        std::string password;
        std::string why;
    };
    const std::vector<row> rows{
        {"x", "x", "an atom"},
        {"a]b+c~", "a]b+c~", "a bracket is allowed in an astring"},
        {"NIL", "NIL", "NIL is a string here"},
        {"\"\"", "", "an empty one"},
        {"\"a b\"", "a b", "with a space"},
        {"\"a\\\"\\\\b\"", "a\"\\b", "with what must be escaped"},
        {"\"\xc3\xa4\"", "\xc3\xa4", "UTF-8"},
        {"{0}\r\n", "", "an empty literal"},
        {"{4}\r\n\"\r\n\\", "\"\r\n\\", "a literal holds anything"},
        {"{2+}\r\n\xc3\xa4", "\xc3\xa4", "one that was not waited for"},
        {"~{1}\r\nx", "x", "a literal8"},
        {"~", "~", "no literal8"},
    };
    for (const auto& [spelled, password, why] : rows) {
        INFO(why);
        const auto login = parsed<login_command>("LOGIN joe " + spelled);
        CHECK(login.user == "joe");
        CHECK(login.password == password);
    }
}

TEST_CASE("what is no argument is refused") {
    const std::vector<std::pair<std::string, std::string>> rows{
        {"", "nothing"},
        {"a(b", "a parenthesis in an atom"},
        {"a%", "a wildcard"},
        {"a\\b", "a backslash"},
        {"\xc3\xa4", "beyond ASCII without quotes"},
        {"\"a", "no end"},
        {"\"a\\", "no end behind a backslash"},
        {"\"a\\b\"", "nothing to escape"},
        {"\"a\r\nb\"", "a line end in quotes"},
        {"\"\xff\"", "no UTF-8"},
        {"{1}\r\n\xff", "nor in a literal"},
        {"{1}\r\n\0"s, "NUL"},
        {"{2}\r\nx", "a literal that is not there"},
        {"{1}x", "no line end"},
        {"{1", "no brace"},
        {"{}\r\n", "no size"},
        {"{18446744073709551617}\r\nx", "2^64 + 1 is not 1"},
        {"\"a\"b", "more behind the quotes"},
    };
    for (const auto& [spelled, why] : rows) {
        INFO(why);
        CHECK_FALSE(refused("LOGIN joe " + spelled).empty());
    }
}

TEST_CASE("names of mailboxes become UTF-8") {
    struct row {
        std::string spelled;
        bool utf8;
        std::string name;
        std::string why;
    };
    const std::vector<row> rows{
        {"inBox", false, "INBOX", "INBOX in any case"},
        {"\"inbox\"", true, "INBOX", "in quotes too"},
        {"inbox/x", false, "inbox/x", "what is below it is as it is"},
        {"Entw&APw-rfe", false, "Entwürfe", "modified UTF-7"},
        {"Entw&APw-rfe", true, "Entw&APw-rfe", "which is none once UTF-8 is enabled"},
        {"\"Entwürfe\"", false, "Entwürfe", "UTF-8 from a client that did not say so"},
        {"\"Entwürfe\"", true, "Entwürfe", "or did"},
        {"a&b", false, "a&b", "no modified UTF-7: as it is"},
        {"a&-b", false, "a&b", "an ampersand"},
        {"\"\"", false, "", "no name is for the store to refuse"},
    };
    for (const auto& [spelled, utf8, name, why] : rows) {
        INFO(why);
        CHECK(parsed<create_command>("CREATE " + spelled, utf8).mailbox == name);
    }
}

TEST_CASE("names with control characters are refused") {
    const std::vector<std::pair<std::string, std::string>> rows{
        {"\"a\tb\"", "a tab"},
        {"{2+}\r\n\r\n", "a line end"},
        {"\"a\x7f\"", "DEL"},
        {"\"a\xc2\x85\"", "a control character of Latin-1"},
        {"\"\xe2\x80\xa8\"", "a separator of lines"},
        {"\"\xe2\x80\xa9\"", "of paragraphs"},
        {"&AAo-", "a line end in modified UTF-7"},
        {"&IIUgKA-", "a separator there"},
    };
    for (const auto& [spelled, why] : rows) {
        INFO(why);
        CHECK(refused("CREATE " + spelled) == "a mailbox's name holds control characters");
    }
    CHECK(refused("CREATE \"\xc2\xa0\"").empty());  // a space that does not break is none
}

TEST_CASE("commands about mailboxes take their names") {
    CHECK(parsed<delete_command>("DELETE x").mailbox == "x");
    const auto rename = parsed<rename_command>("RENAME x {1}\r\ny");
    CHECK((rename.from == "x" && rename.to == "y"));
    CHECK(parsed<subscribe_command>("SUBSCRIBE x").wanted);
    CHECK_FALSE(parsed<subscribe_command>("UNSUBSCRIBE x").wanted);
    const auto select = parsed<select_command>("SELECT x");
    CHECK((select.mailbox == "x" && !select.read_only && !select.condstore));
    const auto examine = parsed<select_command>("EXAMINE x (condstore)");
    CHECK((examine.mailbox == "x" && examine.read_only && examine.condstore));
    const auto copy = parsed<copy_command>("COPY 1:2 inbox");
    CHECK((copy.mailbox == "INBOX" && !copy.by_uid && !copy.move));
    const auto move = parsed<copy_command>("UID MOVE $ x");
    CHECK((move.by_uid && move.move && move.messages.saved));
    CHECK(parsed<copy_command>("MOVE 1 x").move);
    CHECK_FALSE(parsed<copy_command>("UID COPY 1 x").move);
}

TEST_CASE("commands about who and what the client is take their arguments") {
    const auto plain = parsed<authenticate_command>("AUTHENTICATE plain");
    CHECK((plain.mechanism == "PLAIN" && !plain.initial_response));
    CHECK(parsed<authenticate_command>("AUTHENTICATE SCRAM-SHA-256 Zm9v").initial_response == "Zm9v");
    CHECK(parsed<authenticate_command>("AUTHENTICATE EXTERNAL =").initial_response == "=");
    CHECK(parsed<enable_command>("ENABLE condstore UTF8=ACCEPT").capabilities ==
          std::vector<std::string>{"CONDSTORE", "UTF8=ACCEPT"});
    for (const auto* octets : {"ID NIL", "ID nil", "ID ()", "ID (\"name\" \"x y\" \"version\" NIL {2+}\r\nos {1+}\r\nz)"})
        CHECK_NOTHROW(parsed<id_command>(octets));
}

TEST_CASE("what is wrong in these commands is refused") {
    const std::vector<std::string> rows{"SELECT x ()",
                                        "SELECT x (QRESYNC (1 2))",
                                        "SELECT x CONDSTORE",
                                        "CREATE x (USE (\\All))",
                                        "RENAME x",
                                        "AUTHENTICATE",
                                        "AUTHENTICATE PLAIN ",
                                        "AUTHENTICATE PLAIN *",
                                        "AUTHENTICATE PLAIN a b",
                                        "ENABLE",
                                        "ENABLE (X)",
                                        "ID",
                                        "ID x",
                                        "ID (\"name\")",
                                        "ID (name x)",
                                        "LOGIN joe",
                                        "COPY 1",
                                        "MOVE x 1",
                                        "UID"};
    for (const auto& octets : rows) {
        INFO(octets);
        CHECK_FALSE(refused(octets).empty());
    }
}

}  // namespace command_parser_test
