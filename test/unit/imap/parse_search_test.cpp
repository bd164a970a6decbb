#include <array>

#include "core/clock.hpp"
#include "parsed.hpp"
#include "test/catch.hpp"

namespace parse_search_test {

using namespace postern;
using namespace postern::imap;
using kind = search_key::kind;

namespace {

std::string set_text(const sequence_set& set) {
    if (set.saved) return "$";
    std::string text;
    for (const auto& [from, to] : set.ranges) text += std::to_string(from) + ":" + std::to_string(to) + ",";
    return text;
}

/// "(both seen (negated draft))"
std::string text_of(const search_key& key) {
    static constexpr std::array names{"all",     "none",    "both",     "either",  "negated",     "numbers",    "uids",
                                      "seen",    "flagged", "answered", "deleted", "draft",       "keyword",    "larger",
                                      "smaller", "modseq",  "before",   "since",   "sent_before", "sent_since", "header",
                                      "subject", "from",    "to",       "cc",      "bcc",         "body",       "text"};
    std::string text = names.at(static_cast<std::size_t>(key.what));
    if (!key.name.empty()) text += " " + key.name;
    if (key.what == kind::numbers || key.what == kind::uids) text += " " + set_text(key.set);
    if (key.what >= kind::header || key.what == kind::keyword) text += " <" + key.text + ">";
    if (key.what >= kind::larger && key.what <= kind::modseq) text += " " + std::to_string(key.number);
    if (key.what >= kind::before && key.what <= kind::sent_since) text += " " + core::to_rfc3339(key.time);
    for (const auto& inner : key.keys) text += " " + text_of(inner);
    return key.keys.empty() ? text : "(" + text + ")";
}

std::string keys_of(const std::string& octets) { return text_of(parsed<search_command>("SEARCH " + octets).key); }

std::string repeated(const std::string& what, std::size_t times) {
    std::string all;
    for (std::size_t i = 0; i < times; ++i) all += what;
    return all;
}

}  // namespace

TEST_CASE("keys of SEARCH are understood") {
    struct row {
        std::string octets;
        std::string text;
        std::string why;
    };
    const std::vector<row> rows{
        {"ALL", "all", "one key is the root itself"},
        {"seen Flagged", "(both seen flagged)", "several: all of them"},
        {"ANSWERED DELETED DRAFT", "(both answered deleted draft)", "the other flags"},
        {"UNSEEN", "(negated seen)", "the opposite"},
        {"UNANSWERED UNDELETED UNDRAFT UNFLAGGED",
         "(both (negated answered) (negated deleted) (negated draft) (negated flagged))", "of the others"},
        {"OLD", "all", "\\Recent is never set"},
        {"NEW RECENT", "(both none none)", "likewise"},
        {"KEYWORD $Forwarded", "keyword <$Forwarded>", "a keyword"},
        {"UNKEYWORD x", "(negated keyword <x>)", "and its opposite"},
        {"NOT SEEN", "(negated seen)", "NOT"},
        {"NOT NOT 1", "(negated (negated numbers 1:1,))", "twice"},
        {"OR SEEN NOT DRAFT", "(either seen (negated draft))", "OR takes two"},
        {"OR OR 1 2 3", "(either (either numbers 1:1, numbers 2:2,) numbers 3:3,)", "one within another"},
        {"(SEEN DRAFT) ALL", "(both (both seen draft) all)", "parentheses"},
        {"(SEEN)", "seen", "that hold one"},
        {"NOT (SEEN DRAFT)", "(negated (both seen draft))", "or more"},
        {"1,3:* 7", "(both numbers 1:1,3:0, numbers 7:7,)", "messages by number"},
        {"*", "numbers 0:0,", "the last one"},
        {"$", "numbers $", "those that were saved (RFC 5182)"},
        {"UID $", "uids $", "by uid they are the same"},
        {"UID 5:9", "uids 5:9,", "by uid"},
        {"LARGER 0 SMALLER 9223372036854775807", "(both larger 0 smaller 9223372036854775807)", "sizes, 63 bits"},
        {"MODSEQ 620162338", "modseq 620162338", "RFC 7162 3.1.5"},
        {"MODSEQ 0", "modseq 0", "zero is allowed"},
        {"MODSEQ \"/flags/\\\\draft\" all 620162338", "modseq 620162338", "with an entry"},
        {"BEFORE 1-Feb-1994", "before 1994-02-01T00:00:00Z", "a date"},
        {"SINCE \"01-fEB-1994\"", "since 1994-02-01T00:00:00Z", "in quotes"},
        {"ON 31-Dec-1999", "(both since 1999-12-31T00:00:00Z before 2000-01-01T00:00:00Z)", "a day has two ends"},
        {"SENTBEFORE 1-Jan-0001", "sent_before 0001-01-01T00:00:00Z", "the earliest"},
        {"SENTSINCE 29-Feb-2000", "sent_since 2000-02-29T00:00:00Z", "a leap day"},
        {"SENTON 1-Feb-1994", "(both sent_since 1994-02-01T00:00:00Z sent_before 1994-02-02T00:00:00Z)", "likewise"},
        {"SUBJECT x FROM \"a b\" TO {1+}\r\ny CC \"\" BCC z", "(both subject <x> from <a b> to <y> cc <> bcc <z>)",
         "texts in all spellings"},
        {"BODY a TEXT b", "(both body <a> text <b>)", "of the whole message"},
        {"HEADER X-Spam \"\"", "header X-Spam <>", "a field that is there"},
        {"HEADER \"List-Id\" x", "header List-Id <x>", "one that holds something"},
        {"SUBJECT \"\xc3\xa4\"", "subject <\xc3\xa4>", "UTF-8 that nobody announced"},
        {"CHARSET utf-8 SUBJECT {2+}\r\n\xc3\xa4", "subject <\xc3\xa4>", "UTF-8 announced"},
        {"CHARSET \"US-ASCII\" SUBJECT x", "subject <x>", "the other one that is known"},
    };
    for (const auto& [octets, text, why] : rows) {
        INFO(why);
        CHECK(keys_of(octets) == text);
    }
}

TEST_CASE("SEARCH says what is to be returned") {
    struct row {
        std::string octets;
        std::string text;
        std::string why;
    };
    const std::vector<row> rows{
        {"SEARCH ALL", "", "the old form"},
        {"UID SEARCH ALL", "uid ", "by uid"},
        {"SEARCH RETURN () ALL", "extended all ", "RFC 4731 3.1: none named is ALL"},
        {"SEARCH return (min MAX) ALL", "extended min max ", "two"},
        {"UID SEARCH RETURN (ALL COUNT SAVE) CHARSET UTF-8 ALL", "uid extended all count save ", "the others, with a charset"},
        {"SEARCH RETURN (SAVE) ALL", "extended save ", "RFC 5182 2.1: nothing is returned"},
    };
    for (const auto& [octets, text, why] : rows) {
        INFO(why);
        const auto s = parsed<search_command>(octets);
        std::string told = s.by_uid ? "uid " : "";
        if (s.extended) told += "extended ";
        if (s.return_min) told += "min ";
        if (s.return_max) told += "max ";
        if (s.return_all) told += "all ";
        if (s.return_count) told += "count ";
        if (s.return_save) told += "save ";
        CHECK(told == text);
    }
}

TEST_CASE("what is wrong in SEARCH is refused") {
    const std::vector<std::pair<std::string, std::string>> rows{
        {"", "no key"},
        {"FOO", "not known"},
        {"SEEN ", "a space at the end"},
        {"SEEN  DRAFT", "two spaces"},
        {"NOT", "not what"},
        {"OR SEEN", "or what"},
        {"()", "no key in parentheses"},
        {"(SEEN", "no end"},
        {"SEEN)", "no beginning"},
        {"0", "no message has that number"},
        {"UID", "no set"},
        {"KEYWORD \\Seen", "no keyword"},
        {"LARGER -1", "a sign"},
        {"LARGER 9223372036854775808", "64 bits"},
        {"MODSEQ \"/flags/x\" 5", "no type"},
        {"MODSEQ \"/flags/x\" mine 5", "no such type"},
        {"BEFORE 1-Feb", "no year"},
        {"BEFORE 001-Feb-1994", "three digits of a day"},
        {"BEFORE 30-Feb-1994", "no such day"},
        {"BEFORE 0-Feb-1994", "nor this"},
        {"BEFORE 1-Feb-0000", "nor this year"},
        {"BEFORE 1-Feb-94", "two digits"},
        {"BEFORE 1-Feb-19945", "five digits"},
        {"BEFORE \"1-Feb-1994", "no end"},
        {"SUBJECT", "no text"},
        {"SUBJECT \"\xff\"", "no UTF-8"},
        {"CHARSET UTF-8 SUBJECT \"\xc3\"", "no UTF-8 where it was announced"},
        {"HEADER x", "no text"},
        {"RETURN (FOO) ALL", "no such option"},
        {"RETURN (ALL)", "no key"},
        {"RETURN ALL", "no list"},
        {"CHARSET UTF-8", "no key"},
        {"ALL CHARSET UTF-8", "too late"},
    };
    for (const auto& [octets, why] : rows) {
        INFO(why);
        CHECK_FALSE(refused("SEARCH " + octets).empty());
        CHECK_FALSE(parse_command("a SEARCH " + octets, false).error().charset);
    }
}

TEST_CASE("a charset that is not known is told as such") {
    for (const auto* octets :
         {"a SEARCH CHARSET ISO-8859-1 SUBJECT {1+}\r\n\xe4", "a UID SEARCH RETURN () CHARSET \"KOI8-R\" ALL"}) {
        const auto failure = parse_command(octets, false).error();
        CHECK(failure.charset);
        CHECK(failure.tag == "a");
    }
}

TEST_CASE("a search has a thousand keys, twenty deep, and no more") {
    // The root is one deep, each NOT one more.
    CHECK(refused("SEARCH " + repeated("NOT ", 18) + "ALL") == "");
    CHECK(refused("SEARCH " + repeated("NOT ", 19) + "ALL") == "search keys are nested too deep");
    CHECK(refused("SEARCH " + repeated("(", 18) + "ALL" + repeated(")", 18)) == "");
    CHECK(refused("SEARCH " + repeated("(", 60'000)) == "search keys are nested too deep");
    CHECK(refused("SEARCH " + repeated("OR ALL ", 19) + "ALL") == "search keys are nested too deep");
    CHECK(refused("SEARCH " + repeated("NOT ", 18) + "UNSEEN") == "search keys are nested too deep");  // two keys
    CHECK(refused("SEARCH " + repeated("NOT ", 17) + "UNSEEN") == "");
    CHECK(refused("SEARCH " + repeated("NOT ", 18) + "ON 1-Jan-2000") == "search keys are nested too deep");
    CHECK(refused("SEARCH " + repeated("ALL ", 998) + "ALL") == "");
    CHECK(refused("SEARCH " + repeated("ALL ", 999) + "ALL") == "there are too many search keys");
    CHECK(refused("SEARCH " + repeated("UNSEEN ", 500) + "ALL") == "there are too many search keys");
    CHECK(refused("SEARCH " + repeated("ON 1-Jan-2000 ", 333) + "ALL") == "there are too many search keys");
}

}  // namespace parse_search_test
