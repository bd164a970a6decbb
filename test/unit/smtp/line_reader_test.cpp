#include "smtp/line_reader.hpp"

#include <string>
#include <vector>

#include "cuts.hpp"
#include "test/catch.hpp"

namespace line_reader_test {

using namespace postern::smtp;
using namespace std::string_literals;
using fault = line_reader::fault;

namespace {

struct read_line {
    std::string text;
    fault faulty = fault::none;

    friend bool operator==(const read_line&, const read_line&) = default;
};

std::ostream& operator<<(std::ostream& out, const read_line& l) {
    return out << '"' << l.text << "\" fault " << static_cast<int>(l.faulty);
}

std::vector<read_line> read_in_pieces(std::string_view octets, std::size_t piece, std::size_t limit = 32) {
    line_reader reader(limit);
    std::vector<read_line> lines;
    for (std::size_t from = 0; from < octets.size(); from += piece) {
        auto rest = octets.substr(from, piece);
        while (true) {
            const auto progress = reader.feed(rest);
            rest.remove_prefix(progress.consumed);
            if (!progress.command) break;
            lines.push_back({std::string(progress.command->text), progress.command->faulty});
        }
        REQUIRE(rest.empty());
    }
    return lines;
}

}  // namespace

TEST_CASE("a command line ends with CRLF and nothing else, and a faulty one is told once") {
    struct row {
        std::string octets;
        std::vector<read_line> lines;
        std::string why;
    };
    const std::vector<row> rows{
        {"NOOP\r\n", {{"NOOP"}}, "one line"},
        {"NOOP", {}, "not yet a line"},
        {"NOOP\r", {}, "still not"},
        {"A\r\n\r\nB\r\n", {{"A"}, {""}, {"B"}}, "pipelined, with an empty line"},
        {"NOOP\n", {{"", fault::bare_lf}}, "told at once: who ends lines with LF would wait for ever"},
        {"NOOP\nRCPT\r\nQUIT\r\n", {{"", fault::bare_lf}, {"QUIT"}}, "smuggling: what follows a bare LF is no command"},
        {"\nNOOP\r\nQUIT\r\n", {{"", fault::bare_lf}, {"QUIT"}}, "smuggling: also at a line's start"},
        {"NOOP\rRCPT\r\nQUIT\r\n", {{"", fault::bare_cr}, {"QUIT"}}, "smuggling: bare CR"},
        {"NOOP\r\r\nQUIT\r\n", {{"", fault::bare_cr}, {"QUIT"}}, "CR CRLF"},
        {"A\r\r\r\nQUIT\r\n", {{"", fault::bare_cr}, {"QUIT"}}, "CR CR CRLF"},
        {"A\0B\r\nQUIT\r\n"s, {{"", fault::nul}, {"QUIT"}}, "NUL"},
        {"A\r\0\nB\r\nQUIT\r\n"s, {{"", fault::bare_cr}, {"QUIT"}}, "NUL within CRLF"},
        {"A\nB\rC\0D\r\nQUIT\r\n"s, {{"", fault::bare_lf}, {"QUIT"}}, "many faults, one line, one answer"},
        {std::string(30, 'x') + "\r\nQUIT\r\n", {{std::string(30, 'x')}, {"QUIT"}}, "exactly the limit"},
        {std::string(31, 'x') + "\r\nQUIT\r\n", {{"", fault::too_long}, {"QUIT"}}, "one octet more"},
        {std::string(5000, 'x') + "\r\nQUIT\r\n", {{"", fault::too_long}, {"QUIT"}}, "many more"},
        {std::string(31, 'x') + "\nQUIT\r\nRSET\r\n",
         {{"", fault::too_long}, {"RSET"}},
         "smuggling: a bare LF in what is skipped"},
        {std::string(30, 'x') + "\nQUIT\r\nRSET\r\n", {{"", fault::bare_lf}, {"RSET"}}, "a fault just within the limit"},
    };
    for (const auto& [octets, lines, why] : rows) {
        for (const std::size_t piece : cuts) {
            INFO(why << ", in pieces of " << piece);
            CHECK(read_in_pieces(octets, piece) == lines);
        }
    }
}

TEST_CASE("the limit can be another for the next line") {
    line_reader reader(8);
    const auto response = std::string(line_reader::auth_limit - 2, 'x');
    reader.set_limit(line_reader::auth_limit);
    CHECK(reader.feed(response + "\r\n").command->text == response);
    CHECK(reader.feed(response + "x\r\n").command->faulty == fault::too_long);
    CHECK_FALSE(reader.feed("x\r\n").command);
    reader.set_limit(8);
    CHECK(reader.feed("1234567\r\n").command->faulty == fault::too_long);
}

TEST_CASE("octets behind a line are left for whoever reads next") {
    line_reader reader;
    const auto progress = reader.feed("DATA\r\nSubject: x\r\n");
    CHECK(progress.consumed == 6);
    CHECK(progress.command->text == "DATA");
}

TEST_CASE("whether a client is in the middle of a command is known") {
    line_reader reader;
    CHECK_FALSE(reader.in_line());
    CHECK_FALSE(reader.feed("NO").command);
    CHECK(reader.in_line());
    CHECK(reader.feed("OP\r\n").command->text == "NOOP");
    CHECK_FALSE(reader.in_line());
    CHECK(reader.feed("NO\nOP").command->faulty == fault::bare_lf);
    CHECK(reader.in_line());
}

}  // namespace line_reader_test
