#include "message/submission.hpp"

#include <string>
#include <vector>

#include "test/catch.hpp"

namespace submission_test {

using namespace postern;
using namespace postern::message;
using fault = submission_edit::fault;
using addresses = std::vector<std::string>;

namespace {

const submission_defaults defaults{.now = core::timestamp{std::chrono::sys_seconds{std::chrono::seconds{1'795'410'600}}},
                                   .unique = "4711.abc",
                                   .domain = "example.test",
                                   .sender = "alice@example.test"};

const std::string date = "Date: Mon, 23 Nov 2026 05:10:00 +0000\r\n";
const std::string from = "From: alice@example.test\r\n";
const std::string id = "Message-ID: <4711.abc@example.test>\r\n";

submission_edit prepare(const std::string& header) { return prepare_submission(header, defaults); }

/// What is left of the header section.
std::string kept(std::string header, const submission_edit& edit) {
    for (auto range = edit.removed.rbegin(); range != edit.removed.rend(); ++range) header.erase(range->begin, range->size);
    return header;
}

}  // namespace

TEST_CASE("what a submitted message must have and has not is added") {
    struct row {
        std::string header;
        std::string prefix;
        std::string why;
    };
    const std::vector<row> rows{
        {"", date + from + id, "nothing there"},
        {"Subject: x\r\n", date + from + id, "neither"},
        {"Date: x\r\nFrom: a@b\r\nMessage-ID: <x@y>\r\n", "", "all there, however good"},
        {"date : x\r\nFROM\t: a@b\r\nmessage-id:\r\n <x@y>\r\n", "", "in any case, with blanks (RFC 5322 4.5), folded"},
        {"From: a@b\r\nMessage-ID: <x@y>\r\n", date, "no Date"},
        {"Date: x\r\nFrom: a@b\r\n", id, "no Message-ID"},
        {"Date: x\r\nMessage-ID: <x@y>\r\n", from, "no From"},
        {"X-Date: x\r\nFrom: a@b\r\nMessage-ID: <x@y>\r\nX: y\r\n Date: x\r\n", date, "not what only looks like it"},
    };
    for (const auto& [header, prefix, why] : rows) {
        INFO(why);
        const auto edit = prepare(header);
        CHECK(edit.found == fault::none);
        CHECK(edit.prefix == prefix);
        CHECK(edit.removed.empty());
    }
}

TEST_CASE("blind copies go, and nothing else") {
    struct row {
        std::string header;
        std::string left;
        std::string why;
    };
    const std::vector<row> rows{
        {"To: a\r\nBcc: b\r\nCc: c\r\n", "To: a\r\nCc: c\r\n", "RFC 5322 3.6.3"},
        {"bCC: b\r\nTo: a\r\n", "To: a\r\n", "the first field, in any case"},
        {"To: a\r\nBcc : b\r\n", "To: a\r\n", "the last field, with a blank"},
        {"To: a\r\nBcc: b,\r\n\tc,\r\n d\r\nCc: e\r\n", "To: a\r\nCc: e\r\n", "with all its lines"},
        {"Bcc: b\r\nBcc: c\r\nTo: a\r\nResent-Bcc: d\r\n", "To: a\r\n", "all of them"},
        {"Bcc:\r\nTo: a\r\n", "To: a\r\n", "an empty one"},
        {"Bccc: b\r\nX-Bcc: c\r\nSubject: Bcc: d\r\n Bcc: e\r\n", "Bccc: b\r\nX-Bcc: c\r\nSubject: Bcc: d\r\n Bcc: e\r\n",
         "not these"},
        {"To: a\nBcc: b\n c\nCc: d\n", "To: a\nCc: d\n", "lines that end with LF"},
        {" stray\r\n\tlines\r\nTo: a\r\n", "To: a\r\n", "a continuation of nothing would be one of ours"},
        {"From alice Mon Nov 23\r\nTo: a\r\n", "To: a\r\n", "a mailbox file's mark would end the header behind ours"},
        {"To: a\r\nBcc: b", "To: a\r\n", "a last line without an end"},
    };
    for (const auto& [header, left, why] : rows) {
        INFO(why);
        CHECK(kept(header, prepare(header)) == left);
    }
}

TEST_CASE("the addresses of From and Sender are told, all of them") {
    struct row {
        std::string header;
        addresses from;
        addresses senders;
        std::string why;
    };
    const std::vector<row> rows{
        {"From: alice@example.test\r\n", {"alice@example.test"}, {}, "an address"},
        {"From: Alice <alice@example.test>\r\n", {"alice@example.test"}, {}, "with a name"},
        {"From: \"bob@there.test\" <alice@example.test>\r\n", {"alice@example.test"}, {}, "an address that is a quoted name"},
        {"From: alice@example.test (bob@there.test)\r\n", {"alice@example.test"}, {}, "or a comment"},
        {"From: alice@example.test <alice@example.test>\r\n", {"alice@example.test"}, {}, "the same address for a name"},
        {"From: =?utf-8?Q?=C3=84?= <alice@example.test>\r\n", {"alice@example.test"}, {}, "an encoded name"},
        {"From: =?utf-8?Q?a@b?= <alice@example.test>\r\n", {"alice@example.test"}, {}, "with an @ in it"},
        {"From: Alice\r\n <alice@example.test>\r\n", {"alice@example.test"}, {}, "folded"},
        {"From: \"a b\"@example.test\r\n", {"\"a b\"@example.test"}, {}, "a quoted local part"},
        {"From: a@x, Bob <b@y>\r\nSender: c@z\r\n", {"a@x", "b@y"}, {"c@z"}, "two authors and who sent it"},
        {"From: us: a@x, b@y;\r\n", {"a@x", "b@y"}, {}, "a group (RFC 6854)"},
        {"From: d\xC3\xB6@b\xC3\xBC\x63her.test\r\n", {"d\xC3\xB6@b\xC3\xBC\x63her.test"}, {}, "UTF-8 (RFC 6532)"},
        {"From: a@x b@y\r\n", {"a@x", "b@y"}, {}, "one address to one reader, the other to the next: both"},
        {"From: <a@x> <b@y>\r\n", {"a@x", "b@y"}, {}, "likewise"},
        {"", {"alice@example.test"}, {}, "the default"},
    };
    for (const auto& [header, authors, senders, why] : rows) {
        INFO(why);
        const auto edit = prepare(header);
        CHECK(edit.found == fault::none);
        CHECK(edit.from == authors);
        CHECK(edit.senders == senders);
    }
}

TEST_CASE("a From that could be read in two ways is a fault") {
    struct row {
        std::string header;
        fault found;
        std::string why;
    };
    std::string crowd = "From: a@x";
    for (int i = 0; i < 20; ++i) crowd += ", a@x";
    const std::vector<row> rows{
        {"From: a@x\r\nFrom: b@y\r\n", fault::several_from, "two of them: each reader shows another"},
        {"From: a@x\r\nSubject: x\r\nfrom : a@x\r\n", fault::several_from, "also in disguise"},
        {"From: a@x\r\nSender: a@x\r\nSender: b@y\r\n", fault::several_from, "two Senders"},
        {"From: a@x, b@y\r\nSender: a@x, b@y\r\n", fault::bad_from, "two addresses in Sender (RFC 5322 3.6.2)"},
        {"From:\r\n", fault::bad_from, "empty"},
        {"From: Alice\r\n", fault::bad_from, "no address"},
        {"From: nobody:;\r\n", fault::bad_from, "an empty group"},
        {"From: a@x, Bob\r\n", fault::bad_from, "an address and something else"},
        {"From: b@y <a@x>\r\n", fault::bad_from, "an unquoted name that is another's address"},
        {"From: <@y,@z:a@x>\r\n", fault::bad_from, "a route (RFC 5322 4.4)"},
        {"From: a@x \"<b@y>\r\n", fault::bad_from, "a quote without an end"},
        {"From: a@x (b@y\r\n", fault::bad_from, "a comment without an end"},
        {"From: a@x@y\r\n", fault::bad_from, "two @"},
        {crowd + "\r\n", fault::bad_from, "more than twenty"},
        {"From: " + std::string(9000, 'x') + " <a@x>\r\n", fault::bad_from, "too long to be looked at"},
    };
    for (const auto& [header, found, why] : rows) {
        INFO(why);
        CHECK(prepare(header).found == found);
    }
}

TEST_CASE("a second From is found however far down it stands") {
    std::string header = "From: a@x\r\n";
    for (int i = 0; i < 5000; ++i) header += "X: y\r\n";
    CHECK(prepare(header).found == fault::none);
    CHECK(prepare(header + "From: b@y\r\n").found == fault::several_from);
}

}  // namespace submission_test
