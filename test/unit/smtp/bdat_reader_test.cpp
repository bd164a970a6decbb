#include "smtp/bdat_reader.hpp"

#include <limits>
#include <string>
#include <vector>

#include "cuts.hpp"
#include "test/catch.hpp"

namespace bdat_reader_test {

using namespace postern::smtp;
using namespace std::string_literals;

namespace {

struct outcome {
    std::string message;
    octet_fault fault = octet_fault::none;

    friend bool operator==(const outcome&, const outcome&) = default;
};

/// Reads the chunks as one message, each followed by a command, in pieces.
outcome read_in_pieces(const std::vector<std::string>& chunks, body_type body, std::size_t piece) {
    bdat_reader reader(body);
    string_sink out;
    for (std::size_t n = 0; n < chunks.size(); ++n) {
        const std::string wire = chunks[n] + "NOOP\r\n";
        reader.begin(chunks[n].size(), n + 1 == chunks.size());
        std::size_t consumed = 0;
        bool finished = reader.feed({}, out).finished;
        CHECK(finished == chunks[n].empty());
        while (!finished) {
            const auto progress = reader.feed(std::string_view(wire).substr(consumed, piece), out);
            consumed += progress.consumed;
            finished = progress.finished;
        }
        CHECK(consumed == chunks[n].size());
    }
    return {out.octets(), reader.first_fault()};
}

}  // namespace

TEST_CASE("chunks are put together as they are") {
    struct row {
        std::vector<std::string> chunks;
        body_type body;
        octet_fault fault;
        std::string why;
    };
    const std::vector<row> rows{
        {{"a\r\n"}, body_type::seven_bit, octet_fault::none, "one chunk"},
        {{"a\r\n", ""}, body_type::seven_bit, octet_fault::none, "BDAT 0 LAST ends a message"},
        {{""}, body_type::seven_bit, octet_fault::none, "an empty message"},
        {{"a", "b\r", "\nc\r\n"}, body_type::eight_bit, octet_fault::none, "a CRLF may be cut by a chunk's border"},
        {{"a\r\n.\r\n", "..b\r\n"}, body_type::seven_bit, octet_fault::none, "dots mean nothing here"},
        {{"a"}, body_type::seven_bit, octet_fault::none, "the last line may lack its CRLF"},
        {{"a\r", "b\r\n"}, body_type::seven_bit, octet_fault::bare_cr, "a CR at a chunk's end is bare when no LF follows"},
        {{"a\r", ""}, body_type::seven_bit, octet_fault::bare_cr, "or when nothing follows"},
        {{"a\r", "", "\n"}, body_type::seven_bit, octet_fault::none, "an empty chunk in between changes nothing"},
        {{"a", "\nb"}, body_type::eight_bit, octet_fault::bare_lf, "a LF at a chunk's start"},
        {{"a\r\n.\n.\r\n"}, body_type::eight_bit, octet_fault::bare_lf, "what smuggles after DATA is refused here too"},
        {{"a\0b\r\n"s}, body_type::seven_bit, octet_fault::nul, "NUL"},
        {{"\0\n\r\xff"s, "\r"}, body_type::binary, octet_fault::none, "BODY=BINARYMIME allows every octet (RFC 3030)"},
    };
    for (const auto& [chunks, body, fault, why] : rows) {
        std::string whole;
        for (const auto& chunk : chunks) whole += chunk;
        for (const std::size_t piece : cuts) {
            INFO(why << ", in pieces of " << piece);
            CHECK(read_in_pieces(chunks, body, piece) == outcome{whole, fault});
        }
    }
}

TEST_CASE("skipping whole blocks finds the same faults as reading octet by octet") {
    for (const std::string& probe : {"\n"s, "\r"s, "\0"s, "\r\n"s, "\n\r"s}) {
        for (std::size_t at = 0; at < 3 * plain_block + 2; ++at) {
            for (const std::size_t behind : {std::size_t{10}, 2 * plain_block}) {  // skipping stops at the probe, or goes on
                const std::string octets = std::string(at, 'x') + probe + std::string(behind, 'y');
                CAPTURE(probe, at, behind);
                CHECK(read_in_pieces({octets}, body_type::seven_bit, 1000) ==
                      read_in_pieces({octets}, body_type::seven_bit, 1));
            }
        }
    }
}

TEST_CASE("a chunk's size counts before its octets have come, and does not overflow") {
    bdat_reader reader;
    discarding_sink out;
    reader.begin(10, false);
    CHECK(reader.announced() == 10);
    CHECK(reader.remaining() == 10);
    CHECK(reader.feed("0123456789", out).finished);
    reader.begin(std::numeric_limits<std::uint64_t>::max(), true);
    CHECK(reader.announced() == std::numeric_limits<std::uint64_t>::max());
    CHECK_FALSE(reader.feed("0123456789", out).finished);
    CHECK(reader.remaining() == std::numeric_limits<std::uint64_t>::max() - 10);
}

}  // namespace bdat_reader_test
