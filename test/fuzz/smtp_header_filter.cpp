#include "smtp/header_filter.hpp"

#include "cut.hpp"
#include "require.hpp"

using namespace postern::smtp;

namespace {

bool is_subsequence(std::string_view part, std::string_view whole) {
    for (const char c : whole) {
        if (!part.empty() && part.front() == c) part.remove_prefix(1);
    }
    return part.empty();
}

}  // namespace

/// However a message is cut, the same comes out; nothing is added, and a second pass finds nothing more to take out.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    cut_input input(data, size);
    string_sink whole;
    header_filter whole_filter(whole);
    whole_filter.append(input.octets());
    whole_filter.finish();

    string_sink pieces;
    header_filter piece_filter(pieces);
    for (auto rest = input.octets(); !rest.empty();) {
        const auto piece = rest.substr(0, input.next_size());
        piece_filter.append(piece);
        rest.remove_prefix(piece.size());
    }
    piece_filter.finish();
    require(whole.octets() == pieces.octets());
    require(whole_filter.received_fields() == piece_filter.received_fields());
    require(is_subsequence(whole.octets(), input.octets()));

    string_sink twice;
    header_filter second(twice);
    second.append(whole.octets());
    second.finish();
    require(twice.octets() == whole.octets());
    return 0;
}
