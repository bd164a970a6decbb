#include "parsed.hpp"
#include "test/catch.hpp"

namespace parse_list_test {

using namespace postern::imap;

namespace {

std::string text_of(const status_items& s) {
    std::string text;
    if (s.messages) text += 'm';
    if (s.recent) text += 'r';
    if (s.uid_next) text += 'n';
    if (s.uid_validity) text += 'v';
    if (s.unseen) text += 'u';
    if (s.deleted) text += 'd';
    if (s.size) text += 's';
    if (s.highest_modseq) text += 'h';
    return text;
}

/// "lsub|extended reference [pattern] select: ... return: ..."
std::string text_of(const list_command& l) {
    std::string text = l.lsub ? "lsub" : l.extended ? "extended" : "list";
    text += " <" + l.reference + ">";
    for (const auto& pattern : l.patterns) text += " [" + pattern + "]";
    if (l.select_subscribed) text += " +subscribed";
    if (l.select_special_use) text += " +special";
    if (l.recursive_match) text += " +recursive";
    if (l.return_subscribed) text += " subscribed";
    if (l.return_children) text += " children";
    if (l.return_special_use) text += " special";
    if (l.return_status) text += " status=" + text_of(*l.return_status);
    return text;
}

}  // namespace

TEST_CASE("LIST is understood in its old form and in the extended one") {
    struct row {
        std::string octets;
        std::string text;
        std::string why;
    };
    const std::vector<row> rows{
        {"LIST \"\" *", "list <> [*]", "the old form"},
        {"list \"\" \"\"", "list <> []", "what the hierarchy's delimiter is"},
        {"LIST a/ b%]*", "list <a/> [b%]*]", "wildcards in an atom"},
        {"LIST \"\" {3+}\r\n%/x", "list <> [%/x]", "a pattern as a literal"},
        {"LIST \"\" Entw&APw-*", "list <> [Entwü*]", "modified UTF-7 between wildcards"},
        {"LIST \"\" inbox", "list <> [INBOX]", "INBOX in any case"},
        {"LIST \"\" inb%", "list <> [inb%]", "a pattern is left as it is"},
        {"LIST () \"\" %", "extended <> [%]", "no options make it extended"},
        {"LIST \"\" (a b*)", "extended <> [a] [b*]", "several patterns (RFC 5258)"},
        {"LIST \"\" (a)", "extended <> [a]", "one in parentheses"},
        {"LIST (SUBSCRIBED) \"\" *", "extended <> [*] +subscribed subscribed", "what is selected by is told"},
        {"LIST (subscribed RECURSIVEMATCH REMOTE) \"\" *", "extended <> [*] +subscribed +recursive subscribed",
         "all of RFC 5258"},
        {"LIST (REMOTE) \"\" *", "extended <> [*]", "REMOTE alone"},
        {"LIST (SPECIAL-USE) \"\" *", "extended <> [*] +special special", "RFC 6154"},
        {"LIST \"\" * RETURN (SUBSCRIBED CHILDREN SPECIAL-USE)", "extended <> [*] subscribed children special",
         "return options"},
        {"LIST \"\" * RETURN ()", "extended <> [*]", "none"},
        {"LIST \"\" * RETURN (STATUS (MESSAGES UNSEEN) CHILDREN)", "extended <> [*] children status=mu", "RFC 5819"},
        {"LSUB \"\" *", "lsub <> [*]", "RFC 3501 6.3.9"},
    };
    for (const auto& [octets, text, why] : rows) {
        INFO(why);
        CHECK(text_of(parsed<list_command>(octets)) == text);
    }
}

TEST_CASE("STATUS names what it asks for") {
    const auto all =
        parsed<status_command>("STATUS inbox (MESSAGES RECENT UIDNEXT UIDVALIDITY UNSEEN DELETED SIZE HIGHESTMODSEQ)");
    CHECK(all.mailbox == "INBOX");
    CHECK(text_of(all.items) == "mrnvudsh");
    CHECK(text_of(parsed<status_command>("STATUS x (unseen)").items) == "u");
}

TEST_CASE("what is wrong in LIST and STATUS is refused") {
    std::string many = "LIST \"\" (";
    for (int i = 0; i < 101; ++i) many += i == 0 ? "a" : " a";
    const std::vector<std::pair<std::string, std::string>> rows{
        {"LIST", "no arguments"},
        {"LIST \"\"", "no pattern"},
        {"LIST  \"\" *", "two spaces"},
        {"LIST \"\" ()", "no pattern in parentheses"},
        {"LIST (RECURSIVEMATCH) \"\" *", "RFC 5258 3.1: it needs another"},
        {"LIST (RECURSIVEMATCH REMOTE) \"\" *", "likewise"},
        {"LIST (RECURSIVEMATCH SPECIAL-USE) \"\" *", "likewise: RFC 6154 calls it independent"},
        {"LIST (FOO) \"\" *", "an option that is not known"},
        {"LIST (SUBSCRIBED \"\" *", "a list without end"},
        {"LIST (SUBSCRIBED)\"\" *", "no space behind it"},
        {"LIST \"\" * RETURN", "no return options"},
        {"LIST \"\" * RETURN (FOO)", "one that is not known"},
        {"LIST \"\" * RETURN (STATUS)", "STATUS without items"},
        {"LIST \"\" * FOO (CHILDREN)", "no RETURN"},
        {"LIST \"\" * ", "a space at the end"},
        {"LSUB \"\" (a b)", "LSUB has no extended form"},
        {"LSUB () \"\" a", "likewise"},
        {many + ")", "too many patterns"},
        {"STATUS x", "no items"},
        {"STATUS x ()", "none of them"},
        {"STATUS x MESSAGES", "no parentheses"},
        {"STATUS x (FOO)", "one that is not known"},
        {"STATUS x (MESSAGES  UNSEEN)", "two spaces"},
        {"STATUS x (MESSAGES) y", "more"},
    };
    for (const auto& [octets, why] : rows) {
        INFO(why);
        CHECK_FALSE(refused(octets).empty());
    }
}

}  // namespace parse_list_test
