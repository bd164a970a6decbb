#include "smtp/reply_reader.hpp"

#include <algorithm>
#include <vector>

#include "cut.hpp"
#include "require.hpp"
#include "smtp/ehlo_reader.hpp"

using namespace postern::smtp;

namespace {

struct told {
    std::vector<reply> replies;
    std::optional<reply_reader::fault> faulty;
};

void check(const reply& r) {
    require(r.code >= 200 && r.code < 600);
    require(!r.status || r.status->klass == r.code / 100);
    require(std::ranges::all_of(r.text, [](char c) { return c == '\n' || (c >= ' ' && c <= '~'); }));
    require(r.text.size() <= reply_reader::max_octets);
    const auto line = to_line(r);
    require(read_ehlo(r).auth.size() <= 32);
    require(line.size() <= 1000 && line.find('\n') == std::string::npos);
}

/// Feeds a piece; false after a fault.
bool feed(reply_reader& reader, std::string_view piece, told& all) {
    while (true) {
        const auto progress = reader.feed(piece);
        piece.remove_prefix(progress.consumed);
        if (!progress.done) {
            require(piece.empty());
            return true;
        }
        if (!*progress.done) {
            all.faulty = progress.done->error();
            return false;
        }
        check(**progress.done);
        all.replies.push_back(**progress.done);
    }
}

}  // namespace

/// However the octets are cut, the same replies and the same fault come out, and every reply keeps to its bounds.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    cut_input input(data, size);
    told whole;
    reply_reader whole_reader;
    feed(whole_reader, input.octets(), whole);

    told pieces;
    reply_reader piece_reader;
    bool sound = true;
    for (auto rest = input.octets(); sound && !rest.empty();) {
        const auto piece = rest.substr(0, input.next_size());
        sound = feed(piece_reader, piece, pieces);
        rest.remove_prefix(piece.size());
    }
    require(whole.replies == pieces.replies && whole.faulty == pieces.faulty);
    require(whole.faulty || whole_reader.in_reply() == piece_reader.in_reply());
    return 0;
}
