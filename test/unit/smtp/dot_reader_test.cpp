#include "smtp/dot_reader.hpp"

#include <string>
#include <vector>

#include "cuts.hpp"
#include "test/catch.hpp"

namespace dot_reader_test {

using namespace postern::smtp;
using namespace std::string_literals;

namespace {

struct outcome {
    std::string message;
    octet_fault fault = octet_fault::none;
    bool finished = false;
    std::size_t consumed = 0;

    friend bool operator==(const outcome&, const outcome&) = default;
};

outcome read_in_pieces(std::string_view octets, std::size_t piece) {
    dot_reader reader;
    string_sink out;
    outcome seen;
    while (!seen.finished && seen.consumed < octets.size()) {
        const auto input = octets.substr(seen.consumed, piece);
        const auto progress = reader.feed(input, out);
        seen.consumed += progress.consumed;
        seen.finished = progress.finished;
        REQUIRE((seen.finished || progress.consumed == input.size()));
    }
    seen.message = out.octets();
    seen.fault = reader.first_fault();
    return seen;
}

/// Counts the slices it gets.
class counting_sink final : public octet_sink {
public:
    void append(std::string_view) override { ++slices_; }
    [[nodiscard]] int slices() const { return slices_; }

private:
    int slices_ = 0;
};

}  // namespace

TEST_CASE("only CRLF dot CRLF ends a message") {
    struct row {
        std::string octets;
        std::string message;
        octet_fault fault;
        bool ends;
        std::string why;
    };
    const std::vector<row> rows{
        {"a\r\n.\r\n", "a\r\n", octet_fault::none, true, "the rule"},
        {".\r\n", "", octet_fault::none, true, "an empty message"},
        {"..\r\n.\r\n", ".\r\n", octet_fault::none, true, "stuffing is removed once"},
        {"...\r\n.\r\n", "..\r\n", octet_fault::none, true, "and only once"},
        {".a\r\n.\r\n", "a\r\n", octet_fault::none, true, "a dot not doubled is removed all the same (4.5.2)"},
        {"a.\r\n.b.\r\n.\r\n", "a.\r\nb.\r\n", octet_fault::none, true, "dots elsewhere stay"},
        {"a\r\n", "a\r\n", octet_fault::none, false, "more is to come"},
        {"a\r\n.", "a\r\n", octet_fault::none, false, "a dot waits for what follows"},
        {"a\r\n.\r", "a\r\n", octet_fault::none, false, "and for what follows that"},
        {"a\n.\n", "a\n.\n", octet_fault::bare_lf, false, "smuggling: LF dot LF"},
        {"a\n.\r\n", "a\n.\r\n", octet_fault::bare_lf, false, "smuggling: LF dot CRLF"},
        {"a\r\n.\n", "a\r\n\n", octet_fault::bare_lf, false, "smuggling: CRLF dot LF"},
        {"a\r\n.\n.\r\n.\r\n", "a\r\n\n.\r\n", octet_fault::bare_lf, true, "after CRLF dot LF no line has begun"},
        {"a\r.\r\r\n.\r\n", "a\r.\r\r\n", octet_fault::bare_cr, true, "smuggling: CR dot CR, then the true end"},
        {"a\r.\r\n.\r\n", "a\r.\r\n", octet_fault::bare_cr, true, "smuggling: CR dot CRLF"},
        {"a\r\n.\r.\r\n.\r\n", "a\r\n\r.\r\n", octet_fault::bare_cr, true, "smuggling: CRLF dot CR"},
        {"a\r\n.\r\r\n.\r\n", "a\r\n\r\r\n", octet_fault::bare_cr, true, "smuggling: CRLF dot CR CRLF"},
        {"a\0b\r\n.\r\n"s, "a\0b\r\n"s, octet_fault::nul, true, "NUL"},
        {"a\r\n.\0\r\n.\r\n"s, "a\r\n\0\r\n"s, octet_fault::nul, true, "smuggling: a NUL behind the dot"},
        {"a\r\n\0.\r\n.\r\n"s, "a\r\n\0.\r\n"s, octet_fault::nul, true, "smuggling: a NUL before the dot"},
        {"a\r\0\n.\r\n"s, "a\r\0\n.\r\n"s, octet_fault::bare_cr, false, "smuggling: a NUL within CRLF"},
        {"\n\r\0\r\n.\r\n"s, "\n\r\0\r\n"s, octet_fault::bare_lf, true, "the first fault is the one told"},
        {"\xff\x80\r\n.\r\n", "\xff\x80\r\n", octet_fault::none, true, "octets beyond ASCII are text"},
    };
    for (const auto& [octets, message, fault, ends, why] : rows) {
        for (const std::size_t piece : cuts) {  // however the network cut it
            INFO(why << ", in pieces of " << piece);
            CHECK(read_in_pieces(octets, piece) == outcome{message, fault, ends, octets.size()});
        }
    }
}

TEST_CASE("what stands behind the end of a message belongs to the next command") {
    const std::string octets = "a\r\n.\r\nQUIT\r\n";
    for (const std::size_t piece : cuts) {
        CHECK(read_in_pieces(octets, piece) == outcome{"a\r\n", octet_fault::none, true, octets.size() - 6});
    }
}

TEST_CASE("skipping whole blocks finds the same as reading octet by octet") {
    // Every remarkable octet pair at every place relative to a block's borders.
    for (const std::string& probe : {"\r\n.\r\n"s, "\n"s, "\r"s, "\0"s, "\r\n..\r\n"s, "\r\n.x"s, "\r\n.\n"s, "\r.\r\n"s}) {
        for (std::size_t at = 0; at < 3 * plain_block + 2; ++at) {
            for (const std::size_t behind : {std::size_t{10}, 2 * plain_block}) {  // skipping stops at the probe, or goes on
                const auto octets = std::string(at, 'x') + probe + std::string(behind, 'y') + "\r\n.\r\n";
                CAPTURE(probe, at, behind);
                CHECK(read_in_pieces(octets, octets.size()) == read_in_pieces(octets, 1));
            }
        }
    }
}

TEST_CASE("a message without stuffed dots is handed on in one slice") {
    std::string octets;
    for (int line = 0; line < 200; ++line) octets += std::string(static_cast<std::size_t>(line % 80), 'x') + "\r\n";
    octets += ".\r\n";
    dot_reader reader;
    counting_sink out;
    CHECK(reader.feed(octets, out).finished);
    CHECK(out.slices() == 1);
}

}  // namespace dot_reader_test
