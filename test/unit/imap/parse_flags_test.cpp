#include "core/clock.hpp"
#include "imap/protocol/responses.hpp"
#include "parsed.hpp"
#include "test/catch.hpp"

namespace parse_flags_test {

using namespace postern;
using namespace postern::imap;

namespace {

std::string flags_of(const flag_list& flags) {
    std::string text;
    write_flags(text, flags);
    return text;
}

std::string text_of(const store_command& s) {
    std::string text = s.by_uid ? "uid " : "";
    text += std::to_string(s.messages.ranges.size());
    text += s.action == flag_action::add ? " +" : s.action == flag_action::remove ? " -" : " =";
    if (s.silent) text += "silent";
    text += flags_of(s.flags);
    if (s.unchanged_since) text += " since " + std::to_string(*s.unchanged_since);
    return text;
}

std::string text_of(const append_command& a) {
    return a.mailbox + flags_of(a.flags) + (a.internal_date ? core::to_rfc3339(*a.internal_date) : "");
}

}  // namespace

TEST_CASE("STORE says which flags change and how") {
    struct row {
        std::string octets;
        std::string text;
        std::string why;
    };
    const std::vector<row> rows{
        {"STORE 1 FLAGS (\\Seen)", "1 =(\\Seen)", "all of them anew"},
        {"STORE 1 FLAGS ()", "1 =()", "none"},
        {"STORE 1,2 +FLAGS \\Deleted", "2 +(\\Deleted)", "without parentheses"},
        {"STORE 1 -FLAGS \\Deleted \\Seen x", "1 -(\\Seen \\Deleted x)", "several without"},
        {"UID STORE 1 +flags.silent (\\sEEN)", "uid 1 +silent(\\Seen)", "in any case, silently"},
        {"STORE 1 FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft $Forwarded)",
         "1 =(\\Seen \\Flagged \\Answered \\Deleted \\Draft $Forwarded)", "all there are"},
        {"STORE 1 FLAGS (Work WORK work other)", "1 =(Work other)", "a keyword once, in whatever case"},
        {"STORE 1 FLAGS (\\Recent)", "1 =()", "not a client's to set"},
        {"STORE 1 (UNCHANGEDSINCE 0) FLAGS (x)", "1 =(x) since 0", "RFC 7162 3.1.3, with zero"},
        {"STORE 1 (unchangedsince 9223372036854775807) FLAGS (x)", "1 =(x) since 9223372036854775807", "63 bits"},
    };
    for (const auto& [octets, text, why] : rows) {
        INFO(why);
        CHECK(text_of(parsed<store_command>(octets)) == text);
    }
}

TEST_CASE("APPEND says all but the message") {
    struct row {
        std::string octets;
        std::string text;
        std::string why;
    };
    const std::vector<row> rows{
        {"APPEND x ", "x()", "nothing besides"},
        {"APPEND {1+}\r\nx (\\Seen \\Recent k) ", "x(\\Seen k)", "flags, without \\Recent"},
        {"APPEND x () ", "x()", "no flags"},
        {"APPEND x \"17-Jul-1996 02:44:25 -0700\" ", "x()1996-07-17T09:44:25Z", "west of Greenwich"},
        {"APPEND x (k) \" 7-jUL-1996 02:44:25 +0530\" ", "x(k)1996-07-06T21:14:25Z", "east, a blank for a digit"},
        {"APPEND x \"7-Jul-1996 02:44:25 +0000\" ", "x()1996-07-07T02:44:25Z", "the blank left out"},
        {"APPEND x \"31-Dec-1998 23:59:60 +0000\" ", "x()1999-01-01T00:00:00Z", "a leap second"},
        {"APPEND x \"01-Jan-1970 00:00:00 +0000\" ", "x()1970-01-01T00:00:00Z", "the first there is"},
        {"APPEND x \"31-Dec-9999 23:59:59 +0000\" ", "x()9999-12-31T23:59:59Z", "the last"},
        {"APPEND x UTF8 (", "x()", "RFC 6855 section 4"},
        {"APPEND x (k) utf8 (", "x(k)", "likewise"},
    };
    for (const auto& [octets, text, why] : rows) {
        INFO(why);
        CHECK(text_of(parsed<append_command>(octets)) == text);
    }
}

TEST_CASE("what is wrong in STORE and APPEND is refused") {
    const std::vector<std::pair<std::string, std::string>> rows{
        {"STORE 1 FLAGS", "no flags"},
        {"STORE 1 FLAGS ", "nor here"},
        {"STORE 1 FLAG (x)", "another item"},
        {"STORE 1 *FLAGS (x)", "no action"},
        {"STORE 1 FLAGS.LOUD (x)", "another end of it"},
        {"STORE 1 FLAGS (\\Foo)", "a system flag that is none"},
        {"STORE 1 FLAGS (\\*)", "no flag"},
        {"STORE 1 FLAGS (\\)", "half a flag"},
        {"STORE 1 FLAGS (\"x\")", "a string"},
        {"STORE 1 FLAGS (\xc3\xa4)", "beyond ASCII"},
        {"STORE 1 FLAGS (x ", "no end"},
        {"STORE 1 FLAGS (x)y", "more"},
        {"STORE 1 FLAGS \\Seen ", "a space at the end"},
        {"STORE 1 (UNCHANGEDSINCE) FLAGS (x)", "since when"},
        {"STORE 1 (UNCHANGEDSINCE 1 UNCHANGEDSINCE 1) FLAGS (x)", "RFC 7162 section 7: once"},
        {"STORE 1 (UNCHANGEDSINCE 9223372036854775808) FLAGS (x)", "64 bits"},
        {"STORE 1 () FLAGS (x)", "no modifier"},
        {"APPEND", "nothing"},
        {"APPEND x", "not even the space before the message"},
        {"APPEND x (\\Seen)", "likewise behind flags"},
        {"APPEND x (\\Foo) ", "a flag that is none"},
        {"APPEND x {3+}\r\nabc", "a message that was no message"},
        {"APPEND x \"17-Jul-1996 02:44:25\" ", "no zone"},
        {"APPEND x \"17-Jul-1996 02:44:25 0700\" ", "no sign"},
        {"APPEND x \"17-Jul-1996 02:44:25 -0760\" ", "sixty minutes"},
        {"APPEND x \"17-Jul-1996 02:44:25 -2400\" ", "a day of hours"},
        {"APPEND x \"17-Jul-1996 24:44:25 -0700\" ", "no such hour"},
        {"APPEND x \"17-Jul-1996 02:60:25 -0700\" ", "no such minute"},
        {"APPEND x \"17-Jul-1996 02:44:61 -0700\" ", "no such second"},
        {"APPEND x \"30-Feb-1996 02:44:25 -0700\" ", "no such day"},
        {"APPEND x \"17-Foo-1996 02:44:25 -0700\" ", "no such month"},
        {"APPEND x \"17-Jul-96 02:44:25 -0700\" ", "two digits of a year"},
        {"APPEND x \"31-Dec-1969 23:59:59 +0000\" ", "before 1970"},
        {"APPEND x \"01-Jan-1970 00:00:00 +0100\" ", "before 1970 in UTC"},
        {"APPEND x \"31-Dec-9999 23:59:59 -0100\" ", "the year 10000 in UTC"},
        {"APPEND x UTF8 ", "half of RFC 6855"},
        {"APPEND x UTF8 (x", "more"},
    };
    for (const auto& [octets, why] : rows) {
        INFO(why);
        CHECK_FALSE(refused(octets).empty());
    }
}

TEST_CASE("thousands of keywords are told apart in no time") {
    std::string octets = "STORE 1 FLAGS (k";
    for (int i = 0; i < 9'000; ++i) octets += " k" + std::to_string(i);
    CHECK(parsed<store_command>(octets + ")").flags.keywords.size() == 9'001);
}

}  // namespace parse_flags_test
