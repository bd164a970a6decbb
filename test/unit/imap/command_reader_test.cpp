#include "imap/protocol/command_reader.hpp"

#include <string>
#include <vector>

#include "cuts.hpp"
#include "test/catch.hpp"

namespace command_reader_test {

using namespace postern::imap;
using namespace std::string_literals;
using fault = command_reader::faulty::fault;

namespace {

constexpr std::size_t limit = 64;

/// What a session would note: "complete a NOOP", "go on", "too_long a N"; the octets of a message are taken.
struct listener {
    command_reader reader{limit};
    bool takes_messages = true;
    std::uint64_t message_left = 0;
    std::vector<std::string> told{};

    void hear(std::string_view input) {
        while (true) {
            if (message_left > 0) {
                const auto taken = std::min<std::uint64_t>(message_left, input.size());
                input.remove_prefix(static_cast<std::size_t>(taken));
                if (message_left -= taken; message_left > 0) return;
                reader.resume_after_message(true);
            }
            const auto [consumed, what] = reader.feed(input);
            REQUIRE(consumed <= input.size());
            input.remove_prefix(consumed);
            if (std::holds_alternative<command_reader::more_input>(what)) {
                REQUIRE(input.empty());
                return;
            }
            note(what);
        }
    }

    void note(const command_reader::event& what) {
        static const std::vector<std::string> names{"bare_cr", "bare_lf", "nul", "too_long"};
        if (std::holds_alternative<command_reader::continuation>(what)) told.push_back("go on");
        if (const auto* e = std::get_if<command_reader::complete>(&what)) told.push_back("complete " + std::string(e->octets));
        if (const auto* e = std::get_if<command_reader::faulty>(&what))
            told.push_back(names.at(static_cast<std::size_t>(e->why)) + " " + std::string(e->octets));
        const auto* e = std::get_if<command_reader::message_literal>(&what);
        if (e == nullptr) return;
        told.push_back((e->waits ? "waits " : "sends ") + std::to_string(e->size) + " " + std::string(e->octets));
        if (!takes_messages && e->waits)
            reader.resume_after_message(false);
        else if (e->size == 0)
            reader.resume_after_message(true);
        else
            message_left = e->size;
    }
};

struct row {
    std::string octets;
    std::vector<std::string> told;
    std::string why;
};

void check(const std::vector<row>& rows, bool takes_messages = true) {
    for (const auto& [octets, told, why] : rows) {
        for (const std::size_t piece : cuts) {
            INFO(why << ", in pieces of " << piece);
            listener l;
            l.takes_messages = takes_messages;
            for (std::size_t from = 0; from < octets.size(); from += piece)
                l.hear(std::string_view(octets).substr(from, piece));
            CHECK(l.told == told);
        }
    }
}

}  // namespace

TEST_CASE("a line of IMAP ends with CRLF and nothing else, and what spoils a command is told once") {
    check({
        {"a NOOP\r\nb NOOP\r\n", {"complete a NOOP", "complete b NOOP"}, "pipelined"},
        {"\r\na NOOP\r\n", {"complete ", "complete a NOOP"}, "an empty line"},
        {"a NOOP", {}, "not yet a command"},
        {"a NOOP\r", {}, "still not"},
        {"a NOOP\nb X\r\nc X\r\n",
         {"bare_lf a NOOP", "complete c X"},
         "a bare LF: told at the line's end, what follows is skipped"},
        {"a NO\rOP\r\nc X\r\n", {"bare_cr a NO", "complete c X"}, "a bare CR"},
        {"a NOOP\r\r\nc X\r\n", {"bare_cr a NOOP", "complete c X"}, "CR CRLF"},
        {"a\0b\r\nc X\r\n"s, {"nul a", "complete c X"}, "NUL"},
        {"a\nb\rc\0\r\nc X\r\n"s, {"bare_lf a", "complete c X"}, "many faults: the first is told"},
        {std::string(62, 'x') + "\r\n", {"complete " + std::string(62, 'x')}, "exactly the limit"},
        {std::string(63, 'x'), {"too_long " + std::string(62, 'x')}, "one octet more: told at once"},
        {std::string(500, 'x') + "\nc\r\nd X\r\n", {"too_long " + std::string(62, 'x'), "complete d X"}, "the rest is skipped"},
        {"a\n" + std::string(500, 'x') + "\r\nd X\r\n", {"bare_lf a", "complete d X"}, "spoiled, then long: told once"},
    });
}

TEST_CASE("literals are gathered in place") {
    check({
        {"a LOGIN {2}\r\njo {3}\r\npwd\r\n", {"go on", "go on", "complete a LOGIN {2}\r\njo {3}\r\npwd"}, "the client waits"},
        {"a LOGIN {2+}\r\njo {3+}\r\npwd\r\n", {"complete a LOGIN {2+}\r\njo {3+}\r\npwd"}, "LITERAL+"},
        {"a X ~{2+}\r\njo\r\n", {"complete a X ~{2+}\r\njo"}, "literal8"},
        {"a X {0}\r\n\r\nb\r\n", {"go on", "complete a X {0}\r\n", "complete b"}, "an empty one"},
        {"a X {4+}\r\n\r\n\r\n\r\n", {"complete a X {4+}\r\n\r\n\r\n"}, "line ends within belong to it"},
        {"a X {3+}\r\n\r\n\n\r\n", {"complete a X {3+}\r\n\r\n\n"}, "bare ones too"},
        {"a X {4+}\r\n{9+}\r\n", {"complete a X {4+}\r\n{9+}"}, "what looks like an announcement within is none"},
        {"a X {3+}\r\n{9+}\r\nb\r\n", {"complete a X {3+}\r\n{9+}", "complete b"}, "nor one that begins within"},
        {"a X {5} \r\n", {"complete a X {5} "}, "not at the line's end"},
        {"a X {}\r\nb {+}\r\nc {5+ }\r\nd 5}\r\ne {-5}\r\n",
         {"complete a X {}", "complete b {+}", "complete c {5+ }", "complete d 5}", "complete e {-5}"},
         "no announcements"},
        {"a X \"{2+}\r\nhi\r\n", {"complete a X \"{2+}\r\nhi"}, "the line's end decides, whatever quotes say (RFC 7888 3)"},
        {"a X {3+}\r\nh\0i\r\nb\r\n"s, {"nul a X {3+}\r\nh", "complete b"}, "NUL within"},
        {"a X\n {3}\r\nb\r\n", {"bare_lf a X", "complete b"}, "spoiled, and the client waits: it is told, and sends nothing"},
        {"a X\n {3+}\r\n\r\n\r\r\nb\r\n", {"bare_lf a X", "complete b"}, "spoiled, and it does not wait: that is skipped"},
        {"a X {3}\r\r\nb\r\n", {"bare_cr a X {3}", "complete b"}, "no CRLF, no announcement"},
    });
}

TEST_CASE("a literal that is too large is told at once and never gathered") {
    const auto nines = std::string(30, '9');
    check({
        {"a X {52}\r\n" + std::string(52, 'y') + "\r\n",
         {"go on", "complete a X {52}\r\n" + std::string(52, 'y')},
         "exactly the limit"},
        {"a X {53}\r\nb Y\r\n", {"too_long a X {53}", "complete b Y"}, "one more: the client does not send it"},
        {"a X {60+}\r\n" + std::string(60, '\n') + " {3+}\r\nabc {0+}\r\n\r\nb Y\r\n",
         {"too_long a X {60+}", "complete b Y"},
         "LITERAL+: it comes all the same, and the rest of its command"},
        {"a X {60+}\r\n" + std::string(60, 'y') + " {3}\r\nb Y\r\n",
         {"too_long a X {60+}", "complete b Y"},
         "then one that the client waits for: it has its answer"},
        {"a X {18446744073709551615}\r\nb Y\r\n", {"too_long a X {18446744073709551615}", "complete b Y"}, "2^64 - 1"},
        {"a X {18446744073709551617}\r\nb Y\r\n", {"too_long a X {18446744073709551617}", "complete b Y"}, "2^64 + 1 is not 1"},
        {"a X {18446744073709551610}\r\nb Y\r\n",
         {"too_long a X {18446744073709551610}", "complete b Y"},
         "a sum of sizes runs over"},
        {"a X {" + nines + "}\r\nb Y\r\n", {"too_long a X {" + nines + "}", "complete b Y"}, "thirty digits"},
        {"a X {" + nines + "+}\r\nb Y\r\n",
         {"too_long a X {" + nines + "+}"},
         "and whoever sends that many octets is not heard again"},
        {std::string(70, 'x') + " {2}\r\nb Y\r\n",
         {"too_long " + std::string(62, 'x'), "complete b Y"},
         "a line too long, then a literal the client waits for"},
        {std::string(70, 'x') + " {2+}\r\n\r\n\r\nb Y\r\n",
         {"too_long " + std::string(62, 'x'), "complete b Y"},
         "a line too long, then one it does not wait for"},
    });
}

TEST_CASE("the message of APPEND is the session's, whatever its size") {
    check({
        {"a APPEND INBOX {5}\r\nhello\r\nb X\r\n", {"waits 5 a APPEND INBOX ", "complete ", "complete b X"}, "waiting"},
        {"a append INBOX {5+}\r\nhello\r\nb X\r\n",
         {"sends 5 a append INBOX ", "complete ", "complete b X"},
         "not waiting, in any case"},
        {"a APPEND x ~{3+}\r\n\0\0\0\r\n"s, {"sends 3 a APPEND x ", "complete "}, "literal8 may hold NUL"},
        {"a APPEND x {0+}\r\n\r\n", {"sends 0 a APPEND x ", "complete "}, "an empty one"},
        {"a APPEND x {100+}\r\n" + std::string(100, 'm') + "\r\n",
         {"sends 100 a APPEND x ", "complete "},
         "larger than a command"},
        {"a APPEND x {9223372036854775807}\r\n", {"waits 9223372036854775807 a APPEND x "}, "2^63 - 1"},
        {"a APPEND x {9223372036854775808}\r\nb X\r\n",
         {"too_long a APPEND x {9223372036854775808}", "complete b X"},
         "one more is no size"},
        {"a APPEND {3}\r\nfoo {5+}\r\nhello\r\n",
         {"go on", "sends 5 a APPEND {3}\r\nfoo ", "complete "},
         "the mailbox is a literal"},
        {"a APPEND ~{3+}\r\nfoo {5+}\r\nhello\r\n", {"sends 5 a APPEND ~{3+}\r\nfoo ", "complete "}, "or a literal8"},
        {"a APPEND \"a \\\"b\" {1+}\r\nx\r\n", {"sends 1 a APPEND \"a \\\"b\" ", "complete "}, "or quoted"},
        {"a APPEND x (\\Seen) {1+}\r\nx\r\n", {"sends 1 a APPEND x (\\Seen) ", "complete "}, "flags"},
        {"a APPEND x \" 1-Jan\" {1+}\r\nx\r\n", {"sends 1 a APPEND x \" 1-Jan\" ", "complete "}, "a date, even a wrong one"},
        {"a APPEND x () \"1\" {1+}\r\nx\r\n", {"sends 1 a APPEND x () \"1\" ", "complete "}, "both"},
        {"a APPEND x UTF8 (~{1+}\r\nx)\r\n", {"sends 1 a APPEND x UTF8 (", "complete "}, "RFC 6855 section 4"},
        {"a APPEND x {1+}\r\nx)\r\n", {"sends 1 a APPEND x ", "complete )"}, "no parenthesis to close"},
        {"a APPEND x {1+}\r\nx {2+}\r\nhi\r\nb X\r\n",
         {"sends 1 a APPEND x ", "complete  {2+}\r\nhi", "complete b X"},
         "a second message is no message: BAD"},
        {"a APPEND x {1+}\r\nxb APPEND y {1+}\r\nz\r\nc X\r\n",
         {"sends 1 a APPEND x ", "complete b APPEND y {1+}\r\nz", "complete c X"},
         "nor does a command begin behind the message"},
        {"a APPEND x {1+}\r\nx\n\r\nb X\r\n", {"sends 1 a APPEND x ", "bare_lf ", "complete b X"}, "a fault behind it"},
        {"a APPEND {3+}\r\nabc\r\n", {"complete a APPEND {3+}\r\nabc"}, "a mailbox and no message"},
        {"a APPEND x y {3+}\r\nabc\r\n", {"complete a APPEND x y {3+}\r\nabc"}, "not the shape of APPEND"},
        {"a APPENDX x {3+}\r\nabc\r\n", {"complete a APPENDX x {3+}\r\nabc"}, "another command"},
        {"a+ APPEND x {3+}\r\nabc\r\n", {"complete a+ APPEND x {3+}\r\nabc"}, "no tag"},
        {"a APPEND {1+}\r\nx {1+}\r\ny {1+}\r\nz\r\n",
         {"sends 1 a APPEND {1+}\r\nx ", "complete  {1+}\r\nz"},
         "the second literal is the message, the third is too much"},
    });
}

TEST_CASE("a message that was refused before it was sent does not come") {
    check({{"a APPEND x {9}\r\nb NOOP\r\n", {"waits 9 a APPEND x ", "complete b NOOP"}, "the next octet begins a command"},
           {"a APPEND x UTF8 (~{9}\r\n)\r\n", {"waits 9 a APPEND x UTF8 (", "complete )"}, "and is no parenthesis to close"}},
          false);
}

TEST_CASE("a new limit holds from the next command on") {
    listener l;
    l.hear("a NO");
    l.reader.set_limit(8);
    l.hear("OP but a long one\r\n");
    l.hear("b NOOP\r\n");
    l.hear("b NOOPX\r\n");
    CHECK(l.told == std::vector<std::string>{"complete a NOOP but a long one", "complete b NOOP", "too_long b NOOP"});
}

TEST_CASE("whether an IMAP client is in the middle of a command is known") {
    command_reader reader;
    CHECK_FALSE(reader.in_command());
    for (const auto* part : {"a", " X {3}\r", "\n", "abc", "\r"}) {
        reader.feed(part);
        INFO(part);
        CHECK(reader.in_command());
    }
    reader.feed("\n");
    CHECK_FALSE(reader.in_command());
    reader.feed("a X\n");
    CHECK(reader.in_command());
    reader.feed("\r\n");
    CHECK_FALSE(reader.in_command());
    reader.feed("a APPEND x {3}\r\n");
    CHECK(reader.in_command());
    CHECK(reader.feed("abc").consumed == 0);  // the message is not the reader's
    reader.resume_after_message(true);
    CHECK(reader.in_command());
    reader.feed("\r\n");
    CHECK_FALSE(reader.in_command());
}

TEST_CASE("a command of ten thousand literals costs no more than its length") {
    command_reader reader(command_reader::default_limit);
    std::string octets = "a APPEND x (" + std::string(20'000, 'f');
    while (octets.size() < 60'000) octets += "{0+}\r\n";
    CHECK(std::holds_alternative<command_reader::complete>(reader.feed(octets + "\r\n").what));
}

}  // namespace command_reader_test
