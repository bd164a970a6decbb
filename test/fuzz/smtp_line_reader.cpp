#include "smtp/line_reader.hpp"

#include <vector>

#include "cut.hpp"
#include "require.hpp"

using namespace postern::smtp;

namespace {

constexpr std::size_t limit = 40;

struct told {
    std::string text;
    line_reader::fault faulty;

    friend bool operator==(const told&, const told&) = default;
};

void feed(line_reader& reader, std::string_view piece, std::vector<told>& lines) {
    while (true) {
        const auto progress = reader.feed(piece);
        piece.remove_prefix(progress.consumed);
        if (!progress.command) break;
        require(progress.command->text.size() + 2 <= limit);
        require(progress.command->text.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos);
        lines.push_back({std::string(progress.command->text), progress.command->faulty});
    }
    require(piece.empty());
}

std::size_t count_line_ends(std::string_view octets) {
    std::size_t count = 0;
    for (std::size_t at = 0; (at = octets.find("\r\n", at)) != std::string_view::npos; at += 2) ++count;
    return count;
}

}  // namespace

/// However the octets are cut, the same lines come out: one for each CRLF, and one more when the last, unfinished, is faulty.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    cut_input input(data, size);
    std::vector<told> whole;
    line_reader whole_reader(limit);
    feed(whole_reader, input.octets(), whole);

    std::vector<told> pieces;
    line_reader piece_reader(limit);
    for (auto rest = input.octets(); !rest.empty();) {
        const auto piece = rest.substr(0, input.next_size());
        feed(piece_reader, piece, pieces);
        rest.remove_prefix(piece.size());
    }
    require(whole == pieces);
    require(whole_reader.in_line() == piece_reader.in_line());
    const auto ends = count_line_ends(input.octets());
    require(whole.size() == ends || (whole.size() == ends + 1 && whole.back().faulty != line_reader::fault::none));
    return 0;
}
