#include "smtp/reply_reader.hpp"

#include <ostream>
#include <string>
#include <vector>

#include "cuts.hpp"
#include "test/catch.hpp"

namespace postern::smtp {

std::ostream& operator<<(std::ostream& out, const reply& r) {
    return out << r.code << " [" << (r.status ? to_string(*r.status) : "") << "] \"" << r.text << '"';
}

}  // namespace postern::smtp

namespace reply_reader_test {

using namespace postern::smtp;
using namespace std::string_literals;
using fault = reply_reader::fault;
using outcome = std::expected<reply, fault>;

namespace {

/// The replies in `octets`, up to the first fault, and whether another has been begun.
struct reading {
    std::vector<reply> replies;
    std::optional<fault> faulty;
    bool in_reply = false;
};

reading read_in_pieces(std::string_view octets, std::size_t piece) {
    reading all;
    reply_reader reader;
    for (std::size_t from = 0; from < octets.size(); from += piece) {
        for (auto rest = octets.substr(from, piece); !rest.empty();) {
            const auto progress = reader.feed(rest);
            rest.remove_prefix(progress.consumed);
            if (!progress.done) break;
            if (!*progress.done) {
                all.faulty = progress.done->error();
                return all;
            }
            all.replies.push_back(**progress.done);
        }
    }
    all.in_reply = reader.in_reply();
    return all;
}

std::string lines(std::size_t count, const std::string& text = "x") {
    std::string all;
    for (std::size_t i = 1; i < count; ++i) all += "250-" + text + "\r\n";
    return all + "250 " + text + "\r\n";
}

}  // namespace

TEST_CASE("replies are read with their code, status and text, however the network cut them") {
    struct row {
        std::string octets;
        std::vector<reply> replies;
        std::string why;
    };
    const std::vector<row> rows{
        {"220 mx.example.test ESMTP\r\n", {{220, "mx.example.test ESMTP"}}, "a greeting"},
        {"250\r\n", {{250, ""}}, "RFC 5321 4.2: a client takes a code alone"},
        {"250 \r\n", {{250, ""}}, "and one with a space"},
        {"250-a\r\n250-\r\n250 c\r\n", {{250, "a\n\nc"}}, "lines, one of them empty"},
        {"250-a\r\n250\r\n", {{250, "a\n"}}, "the last line without text"},
        {"250 a\r\n550 b\r\n354 c\r\n", {{250, "a"}, {550, "b"}, {354, "c"}}, "pipelined answers"},
        {"550 5.1.1 no such user\r\n", {{550, {5, 1, 1}, "no such user"}}, "RFC 2034"},
        {"550 5.1.1\r\n", {{550, {5, 1, 1}, ""}}, "a status alone"},
        {"550-5.7.1 see\r\n550 5.7.1 there\r\n", {{550, {5, 7, 1}, "see\nthere"}}, "on every line, taken off every line"},
        {"550-see\r\n550 5.7.1 there\r\n", {{550, "see\nthere"}}, "only the first line says it"},
        {"452 4.5.3 too many\r\n", {{452, {4, 5, 3}, "too many"}}, "temporary"},
        {"250 2.1.5 ok\r\n", {{250, {2, 1, 5}, "ok"}}, "success"},
        {"550 5.123.999 x\r\n", {{550, {5, 123, 999}, "x"}}, "three digits"},
        {"550 4.1.1 x\r\n", {{550, "4.1.1 x"}}, "a status of another class contradicts the code"},
        {"550 5.1 x\r\n", {{550, "5.1 x"}}, "no status"},
        {"550 5.1.1x\r\n", {{550, "5.1.1x"}}, "no status: an address, say"},
        {"550 5.1.1234 x\r\n", {{550, "5.1.1234 x"}}, "four digits are none"},
        {"571 refused\r\n", {{571, "refused"}}, "codes beyond the RFC's second digit are seen"},
        {"250 gr\xc3\xbc\xc3\x9f\x1b[2J\tgott\r\n",
         {{250,
           "gr????"
           "?[2J gott"}},
         "nothing that could reach a terminal"},
    };
    for (const auto& row : rows) {
        INFO(row.why << ": " << row.octets);
        for (const auto piece : cuts) {
            const auto all = read_in_pieces(row.octets, piece);
            CHECK(all.replies == row.replies);
            CHECK_FALSE(all.faulty);
            CHECK_FALSE(all.in_reply);
        }
    }
}

TEST_CASE("what is no reply, or too much of one, is a fault") {
    struct row {
        std::string octets;
        fault faulty;
        std::string why;
    };
    const std::vector<row> rows{
        {"hello\r\n", fault::syntax, "no code"},
        {"\r\n", fault::syntax, "an empty line"},
        {"25 ok\r\n", fault::syntax, "two digits"},
        {"2500 ok\r\n", fault::syntax, "four digits"},
        {"250_ok\r\n", fault::syntax, "neither space nor dash"},
        {"150 wait\r\n", fault::syntax, "SMTP has no 1yz (RFC 5321 4.2.1)"},
        {"650 ok\r\n", fault::syntax, "nor 6yz"},
        {" 250 ok\r\n", fault::syntax, "a space in front"},
        {"250-a\r\n550 b\r\n", fault::syntax, "RFC 5321 4.2.1: the same code on every line"},
        {"250-a\r\nb\r\n", fault::syntax, "a line that is none in the middle"},
        {"250 ok\n", fault::bad_line_end, "LF alone"},
        {"550 no: Subject: x\n250 ok\r\n", fault::bad_line_end, "a subject that pretends to be the next reply"},
        {"250 ok\r\r\n", fault::bad_line_end, "CR CRLF"},
        {"250 a\0b\r\n"s, fault::bad_line_end, "NUL"},
        {"250 " + std::string(reply_reader::max_line, 'x'), fault::line_too_long, "a line that does not end"},
        {"250 " + std::string(reply_reader::max_line - 5, 'x') + "\r\n", fault::line_too_long, "one octet too many"},
        {lines(reply_reader::max_lines + 1), fault::too_long, "one line too many"},
        {lines(9, std::string(2000, 'x')), fault::too_long, "long lines add up"},
    };
    for (const auto& row : rows) {
        INFO(row.why);
        for (const auto piece : cuts) {
            const auto all = read_in_pieces(row.octets, piece);
            CHECK(all.replies.empty());
            CHECK(all.faulty == row.faulty);
        }
    }
}

TEST_CASE("a reply may be as long as the bounds say, each anew") {
    const auto longest = "250 " + std::string(reply_reader::max_line - 6, 'x') + "\r\n";
    const auto all = read_in_pieces(longest + lines(reply_reader::max_lines) + lines(reply_reader::max_lines), 1000);
    CHECK_FALSE(all.faulty);
    CHECK(all.replies.size() == 3);
}

TEST_CASE("a reply that has been begun is known to be so") {
    CHECK_FALSE(read_in_pieces("", 1).in_reply);
    CHECK(read_in_pieces("2", 1).in_reply);
    CHECK(read_in_pieces("250-first\r\n", 1).in_reply);
    CHECK_FALSE(read_in_pieces("250 all\r\n", 1).in_reply);
}

TEST_CASE("a reply is told on one line") {
    CHECK(to_line({550, {5, 1, 1}, "no such user\nreally"}) == "550 5.1.1 no such user really");
    CHECK(to_line({250, ""}) == "250");
    CHECK(to_line({550, std::string(5000, 'x')}).size() == 1000);
}

}  // namespace reply_reader_test
