#include "smtp/bdat_reader.hpp"

#include "cut.hpp"
#include "require.hpp"

using namespace postern::smtp;

/// However a text is cut into chunks and pieces, its octets pass unchanged and its faults are those of one chunk in one piece.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    cut_input input(data, size);
    const auto octets = input.octets();

    bdat_reader whole;
    string_sink whole_out;
    whole.begin(octets.size(), true);
    require(whole.feed(octets, whole_out).finished);
    require(whole_out.octets() == octets);

    bdat_reader cut;
    bdat_reader binary(body_type::binary);
    string_sink out;
    discarding_sink nowhere;
    for (auto rest = octets;;) {
        const auto chunk = rest.substr(0, input.next_size());
        const auto piece = chunk.substr(0, chunk.size() / 2);
        rest.remove_prefix(chunk.size());
        cut.begin(chunk.size(), rest.empty());
        binary.begin(chunk.size(), rest.empty());
        require(cut.feed(piece, out).consumed == piece.size());
        // What stands behind the chunk is a command's and must be left alone.
        const auto progress = cut.feed({chunk.data() + piece.size(), chunk.size() - piece.size() + rest.size()}, out);
        require(progress.finished && progress.consumed == chunk.size() - piece.size());
        require(binary.feed(chunk, nowhere).finished);
        if (rest.empty()) break;
    }
    require(out.octets() == octets);
    require(cut.announced() == octets.size());
    require(cut.first_fault() == whole.first_fault());
    require(binary.first_fault() == octet_fault::none);
    return 0;
}
