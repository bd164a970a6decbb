#include "imap/search_matcher.hpp"

#include <chrono>

#include "parsed.hpp"
#include "test/catch.hpp"

namespace search_matcher_test {

using namespace postern;
using namespace postern::imap;
using namespace std::chrono_literals;

namespace {

storage::imap_entry entry(std::int64_t uid, storage::entry_flags flags = {}) {
    storage::imap_entry e;
    e.uid = uid;
    e.modseq = 12;
    e.flags = std::move(flags);
    e.received_at = core::timestamp(std::chrono::sys_days(2026y / 3 / 10)) + 23h + 59min;
    e.size = 1000;
    return e;
}

/// Uids 5, 7 and 20.
selected_mailbox mailbox() {
    selected_mailbox m({}, {}, false);
    m.add({entry(5), entry(7), entry(20)});
    return m;
}

search_matcher matcher_of(const std::string& keys, const std::vector<std::uint32_t>& saved = {}) {
    return {parsed<search_command>("SEARCH " + keys).key, mailbox(), saved};
}

searched_text text_of(std::string octets) { return read_searched_text(core::memory_content(std::move(octets))); }

/// "true", "false", or "read" where only the message tells.
std::string judged(const std::string& keys, const storage::imap_entry& e, const std::vector<std::uint32_t>& saved = {}) {
    const auto number = mailbox().number_of(e.uid);
    const auto is = matcher_of(keys, saved).judge(number, e);
    return is ? (*is ? "true" : "false") : "read";
}

bool found(const std::string& keys, const std::string& octets) {
    const auto e = entry(7);
    return matcher_of(keys).judge(2, e, text_of(octets));
}

struct row {
    std::string keys;
    std::string is;
    std::string why;
};

const std::string plain =
    "From: Anna Beispiel <anna@example.com>\r\nTo: bob@example.org\r\nCc: carol@example.net\r\nBcc: dan@example.edu\r\n"
    "Subject: The Quick\r\n brown fox\r\nDate: Tue, 10 Mar 2026 12:00:00 +0000\r\nX-Empty:\r\nX-Two: one\r\nX-Two: other\r\n"
    "\r\nJumps over\r\nthe lazy DOG\r\n";

}  // namespace

TEST_CASE("what the mailbox tells is judged without the message") {
    const std::vector<row> rows{
        {"ALL", "true", "everything"},
        {"OLD", "true", "RFC 3501: nothing is recent"},
        {"RECENT", "false", "likewise"},
        {"NEW", "false", "likewise"},
        {"SEEN", "true", "a flag that is set"},
        {"UNSEEN", "false", ""},
        {"FLAGGED", "false", "one that is not"},
        {"UNFLAGGED", "true", ""},
        {"ANSWERED", "true", ""},
        {"UNANSWERED", "false", ""},
        {"DELETED", "false", ""},
        {"UNDELETED", "true", ""},
        {"DRAFT", "false", ""},
        {"UNDRAFT", "true", ""},
        {"KEYWORD $forwarded", "true", "RFC 9051 2.3.2: keywords have no case"},
        {"KEYWORD LATER", "true", "in the message neither"},
        {"UNKEYWORD $Forwarded", "false", ""},
        {"KEYWORD late", "false", "a part is none"},
        {"UNKEYWORD late", "true", ""},
        {"LARGER 999", "true", "more"},
        {"LARGER 1000", "false", "RFC 9051 6.4.4: not as many"},
        {"SMALLER 1001", "true", "less"},
        {"SMALLER 1000", "false", "not as many"},
        {"MODSEQ 12", "true", "RFC 7162 3.1.5: equal to or greater"},
        {"MODSEQ 13", "false", ""},
        {"BEFORE 10-Mar-2026", "false", "RFC 9051 6.4.4: disregarding time"},
        {"BEFORE 11-Mar-2026", "true", ""},
        {"SINCE 10-Mar-2026", "true", "the day itself is in it"},
        {"SINCE 11-Mar-2026", "false", ""},
        {"ON 10-Mar-2026", "true", ""},
        {"ON 9-Mar-2026", "false", ""},
        {"ON 11-Mar-2026", "false", ""},
    };
    const auto e = entry(7, {.seen = true, .answered = true, .keywords = {"$Forwarded", "Later"}});
    for (const auto& [keys, is, why] : rows) {
        INFO(keys << ": " << why);
        CHECK(judged(keys, e) == is);
    }
    const auto other = entry(7, {.flagged = true, .deleted = true, .draft = true});
    CHECK(judged("FLAGGED DELETED DRAFT UNSEEN UNANSWERED UNKEYWORD Later", other) == "true");
    CHECK(judged("OR SEEN ANSWERED", other) == "false");
}

TEST_CASE("numbers, uids and what was saved mean messages of the mailbox") {
    const std::vector<row> rows{
        {"2", "true", "a number"},
        {"7", "false", "which no uid is"},
        {"1:2", "true", "a range"},
        {"3,1", "false", "around it"},
        {"*", "false", "the last one's number"},
        {"2:*", "true", ""},
        {"9", "false", "none has it"},
        {"NOT 1", "true", ""},
        {"UID 7", "true", "a uid"},
        {"UID 2", "false", "which no number is"},
        {"UID 6:8", "true", ""},
        {"UID 8:6,1", "true", "the other way around, and sorted"},
        {"UID 8:*", "false", ""},
        {"UID *", "false", "the largest uid"},
        {"UID 4294967295", "false", ""},
        {"$", "true", "RFC 5182"},
        {"UID $", "true", "likewise"},
        {"NOT $", "false", ""},
    };
    for (const auto& [keys, is, why] : rows) {
        INFO(keys << ": " << why);
        CHECK(judged(keys, entry(7), {5, 7}) == is);
    }
    CHECK(judged("$", entry(20), {5, 7}) == "false");
    CHECK(judged("$", entry(7)) == "false");  // nothing was saved
    CHECK(judged("*", entry(20)) == "true");
    CHECK(judged("UID *", entry(20)) == "true");
    CHECK(judged("UID 99:*", entry(20)) == "true");

    const search_matcher empty(parsed<search_command>("SEARCH OR 1:* UID 1:*").key, selected_mailbox({}, {}, false), {});
    CHECK(empty.judge(1, entry(7)) == false);
}

TEST_CASE("a message is read only where nothing else decides") {
    const std::vector<row> rows{
        {"BODY x", "read", "only the message tells"},
        {"SEEN BODY x", "read", "still open"},
        {"UNSEEN BODY x", "false", "one that is false decides"},
        {"BODY x UNSEEN", "false", "wherever it stands"},
        {"OR SEEN BODY x", "true", "one of two that is true"},
        {"OR BODY x SEEN", "true", "wherever it stands"},
        {"OR UNSEEN BODY x", "read", "not decided by one that is false"},
        {"OR UNSEEN FLAGGED", "false", "both false"},
        {"NOT BODY x", "read", "what is open stays so"},
        {"NOT (UNSEEN BODY x)", "true", "what is not does not"},
        {"NOT (OR SEEN BODY x)", "false", ""},
        {"NOT NOT SEEN", "true", ""},
        {"(SEEN (NOT FLAGGED)) 2", "true", "all of them"},
        {"SEEN (BODY x OR (FLAGGED BODY y) DRAFT)", "false", "deep within"},
        {"SENTSINCE 1-Jan-2026", "read", "the Date field is in the message"},
        {"HEADER X \"\"", "read", "so are all fields"},
        {"TEXT x", "read", "and the rest"},
    };
    for (const auto& [keys, is, why] : rows) {
        INFO(keys << ": " << why);
        CHECK(judged(keys, entry(7, {.seen = true})) == is);
    }
}

TEST_CASE("whether MODSEQ is asked for is known, however deep it stands") {
    CHECK(matcher_of("MODSEQ 1").asks_for_modseq());
    CHECK(matcher_of("OR SEEN (NOT (ALL MODSEQ 1))").asks_for_modseq());
    CHECK_FALSE(matcher_of("OR SEEN (NOT (ALL LARGER 1))").asks_for_modseq());
}

TEST_CASE("words are found in the field or the body they are looked for in") {
    struct text_row {
        std::string keys;
        bool found;
        std::string why;
    };
    const std::vector<text_row> rows{
        {"FROM anna", true, "a name"},
        {"FROM example.COM", true, "an address, without case"},
        {"FROM bob", false, "another field"},
        {"TO BOB", true, ""},
        {"TO carol", false, ""},
        {"CC carol", true, ""},
        {"CC dan", false, ""},
        {"BCC dan", true, ""},
        {"BCC bob", false, ""},
        {"SUBJECT \"quick brown\"", true, "a folded line"},
        {"SUBJECT QUICK", true, "without case"},
        {"SUBJECT lazy", false, "the body is no subject"},
        {"SUBJECT \"fox brown\"", false, "in their order"},
        {"BODY \"LAZY dog\"", true, ""},
        {"BODY quick", false, "the header is no body"},
        {"TEXT quick", true, "either"},
        {"TEXT lazy", true, "either"},
        {"TEXT slow", false, "neither"},
        {"TEXT X-TWO", true, "a field's name is in the header"},
        {"TEXT \"subject: the quick\"", true, "which is its line's beginning"},
        {"HEADER \"\" one", false, "no field has no name"},
        {"HEADER x-two ONE", true, "a field of any name, in any case"},
        {"HEADER X-Two other", true, "each of that name"},
        {"HEADER X-Two carol", false, ""},
        {"HEADER X-Empty \"\"", true, "RFC 9051 6.4.4: an empty text means that there is such a field"},
        {"HEADER X-Two \"\"", true, "whatever is in it"},
        {"HEADER X-None \"\"", false, "or not"},
        {"HEADER X \"\"", false, "the whole name"},
        {"NOT BODY lazy", false, ""},
        {"NOT BODY slow", true, ""},
        {"OR BODY slow BODY lazy", true, ""},
        {"OR BODY slow BODY slower", false, ""},
        {"BODY lazy SUBJECT fox UNSEEN", true, "all of them"},
        {"BODY lazy SUBJECT slow", false, "not all of them"},
        {"BODY lazy SEEN", false, "the mailbox's still count"},
    };
    for (const auto& [keys, is, why] : rows) {
        INFO(keys << ": " << why);
        CHECK(found(keys, plain) == is);
    }
}

TEST_CASE("words are compared as people read them") {
    // RFC 9051 6.4.4: encoded words, charsets and transfer encodings are decoded first.
    const std::string words = "Subject: =?utf-8?B?R3LDvMOfZSBhdXM=?= =?iso-8859-1?Q?_M=FCnchen?=\r\n\r\n";
    CHECK(found("SUBJECT {11}\r\nGRÜSSE AUS", words) == true);
    CHECK(found("SUBJECT {12}\r\naus münchen", words));
    CHECK(found("TEXT {8}\r\nMÜNCHEN", words));
    CHECK_FALSE(found("SUBJECT utf-8", words));

    const std::string start = "MIME-Version: 1.0\r\nContent-Type: text/";
    CHECK(found("BODY \"hidden words\"",
                start + "plain\r\nContent-Transfer-Encoding: base64\r\n\r\nc29tZSBISURERU4g\r\nd29yZHM=\r\n"));
    CHECK_FALSE(found("BODY c29tZSBISURERU4g",
                      start + "plain\r\nContent-Transfer-Encoding: base64\r\n\r\nc29tZSBISURERU4g\r\nd29yZHM=\r\n"));
    CHECK(found("BODY {5}\r\nCAFÉ",
                start + "plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nim caf=\r\n=E9\r\n"));
    CHECK(found("BODY hello", start + "html; charset=utf-8\r\n\r\n<p>Hello <b>you</b></p>\r\n"));

    const std::string both =
        "MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=x\r\n\r\n--x\r\n\r\nfirst form\r\n"
        "--x\r\nContent-Type: text/html\r\n\r\n<i>second</i> form\r\n--x--\r\n";
    CHECK(found("BODY \"first form\" BODY second", both));
    CHECK_FALSE(found("BODY --x", both));
}

TEST_CASE("a message without a header, or without a body, is judged too") {
    for (const auto* octets : {"", "\r\n", "\r\nbody", "Subject: x", "no header\r\n"}) {
        CHECK_FALSE(found("SUBJECT y", octets));
        CHECK_FALSE(found("BODY y TEXT z", octets));
        CHECK(found("ALL", octets));
    }
    CHECK(found("BODY body", "\r\nbody"));
    CHECK(found("SUBJECT x", "Subject: x"));
}

TEST_CASE("the Date field counts with the day it names, whatever its time and zone") {
    struct date_row {
        std::string date;
        std::string keys;
        bool found;
        std::string why;
    };
    const std::vector<date_row> rows{
        {"Tue, 10 Mar 2026 12:00:00 +0000", "SENTSINCE 10-Mar-2026", true, "the day itself"},
        {"Tue, 10 Mar 2026 12:00:00 +0000", "SENTSINCE 11-Mar-2026", false, "the next"},
        {"Tue, 10 Mar 2026 12:00:00 +0000", "SENTBEFORE 11-Mar-2026", true, "before the next"},
        {"Tue, 10 Mar 2026 12:00:00 +0000", "SENTBEFORE 10-Mar-2026", false, "not before itself"},
        {"Tue, 10 Mar 2026 12:00:00 +0000", "SENTON 10-Mar-2026", true, "on it"},
        {"Tue, 10 Mar 2026 12:00:00 +0000", "SENTON 9-Mar-2026", false, "on another"},
        {"Tue, 10 Mar 2026 23:30:00 -0500", "SENTON 10-Mar-2026", true, "the next day in Greenwich"},
        {"Tue, 10 Mar 2026 23:30:00 -0500", "SENTSINCE 11-Mar-2026", false, "but there it was the tenth"},
        {"Tue, 10 Mar 2026 00:30 +0900 (JST)", "SENTON 10-Mar-2026", true, "the day before in Greenwich"},
        {"Tue, 10 Mar 2026 00:30 +0900 (JST)", "SENTBEFORE 10-Mar-2026", false, "but not there"},
        {"10 Mar 26 23:59:59 EST", "SENTON 10-Mar-2026", true, "RFC 5322 4.3: a zone by its name"},
        {"Tue,\r\n 10 Mar 2026\r\n 23:30:00 -0500", "SENTON 10-Mar-2026", true, "folded"},
        {"Tue Mar 10 12:00:00 2026", "SENTON 10-Mar-2026", true, "as C's asctime has it"},
        {"Tue Mar 10 23:30:00 EST 2026", "SENTON 10-Mar-2026", true, "and with a zone"},
        {"Tue, 10 Mar 2026 23:30:00-0500", "SENTON 10-Mar-2026", true, "without a blank"},
        {"Tue, 10 Mar 2026 23:30", "SENTON 10-Mar-2026", true, "without a zone"},
        {"Tue, 10 Mar 2026", "SENTON 10-Mar-2026", true, "without a time"},
        {"nonsense", "SENTON 10-Mar-2026", true, "no date: the day it arrived"},
        {"nonsense", "SENTSINCE 11-Mar-2026", false, "and no other"},
    };
    for (const auto& [date, keys, is, why] : rows) {
        INFO(date << " " << keys << ": " << why);
        CHECK(found(keys, "Date: " + date + "\r\nSubject: x\r\n\r\n") == is);
    }
    CHECK(found("SENTON 10-Mar-2026", "\r\n"));  // there is none
    // And what arrived that day need not have been sent then.
    CHECK(found("SENTBEFORE 1-Jan-2000 SINCE 1-Jan-2026", "Date: Fri, 31 Dec 1999 23:59:59 -0800\r\n\r\n"));
}

}  // namespace search_matcher_test
