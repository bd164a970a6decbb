#include "smtp/dot_writer.hpp"

#include <string>

#include "cuts.hpp"
#include "smtp/dot_reader.hpp"
#include "test/catch.hpp"

namespace dot_writer_test {

using namespace postern::smtp;
using namespace std::string_literals;

namespace {

struct written {
    std::string wire;
    octet_fault fault = octet_fault::none;
};

written write_in_pieces(std::string_view message, std::size_t piece) {
    dot_writer writer;
    written w;
    for (std::size_t from = 0; from < message.size(); from += piece) writer.feed(message.substr(from, piece), w.wire);
    writer.finish(w.wire);
    w.fault = writer.first_fault();
    return w;
}

}  // namespace

TEST_CASE("a message is sent octet for octet, with its dots doubled and its end marked") {
    const auto text = std::string(200, 'x');
    struct row {
        std::string message;
        std::string wire;
        octet_fault fault;
        std::string why;
    };
    using enum octet_fault;
    const std::vector<row> rows{
        {"a\r\n", "a\r\n.\r\n", none, "the rule"},
        {"", ".\r\n", none, "an empty message"},
        {"a", "a\r\n.\r\n", none, "an end that is no line's"},
        {".", "..\r\n.\r\n", none, "a dot and nothing else"},
        {".\r\n", "..\r\n.\r\n", none, "what looks like the end"},
        {"a\r\n.\r\nb\r\n", "a\r\n..\r\nb\r\n.\r\n", none, "and in the middle"},
        {"..a\r\n.b\r\n", "...a\r\n..b\r\n.\r\n", none, "one dot more, however many there are"},
        {"a.\r\nb..c\r\n", "a.\r\nb..c\r\n.\r\n", none, "other dots stay"},
        {text + "\r\n." + text, text + "\r\n.." + text + "\r\n.\r\n", none, "behind a stretch that is skipped at once"},
        {"a\n.\nb\r\n", "a\n.\nb\r\n.\r\n", bare_lf, "smuggling: LF dot LF"},
        {"a\r.\r\n", "a\r.\r\n.\r\n", bare_cr, "smuggling: CR dot"},
        {"a\r", "a\r.\r\n", bare_cr, "a CR at the very end"},
        {"a\0b\r\n"s, "a\0b\r\n.\r\n"s, nul, "NUL"},
        {text + "\n" + text, text + "\n" + text + "\r\n.\r\n", bare_lf, "a fault in a long stretch"},
    };
    for (const auto& row : rows) {
        INFO(row.why);
        for (const auto piece : cuts) {
            const auto w = write_in_pieces(row.message, piece);
            CHECK((w.fault != none) == (row.fault != none));
            if (row.fault == none) CHECK(w.wire == row.wire);
            if (row.fault != none) CHECK(w.fault == row.fault);
        }
    }
}

}  // namespace dot_writer_test
