#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "archive/mbox_reader.hpp"
#include "archive/mbox_writer.hpp"
#include "require.hpp"

using namespace postern::archive;

namespace {

/// Messages one after the other, each followed by its flags.
std::vector<std::string> read_in_pieces(std::string_view mbox, std::size_t piece) {
    mbox_reader reader;
    std::vector<std::string> all;
    const auto take = [&](const std::vector<mbox_event>& events) {
        for (const auto& e : events) {
            if (e.what == mbox_event::kind::begin) all.emplace_back();
            if (e.what == mbox_event::kind::octets) all.back() += e.octets;
            if (e.what == mbox_event::kind::end) all.emplace_back(info_of(e.state));
        }
    };
    for (; !mbox.empty(); mbox.remove_prefix(std::min(piece, mbox.size()))) take(reader.feed(mbox.substr(0, piece)));
    take(reader.finish());
    return all;
}

}  // namespace

/// Any file gives the same messages however it is cut; and any octets, written as a message, come back.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const auto piece = std::size_t{data[0]} + 1;
    const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
    require(read_in_pieces(text, piece) == read_in_pieces(text, size));
    mbox_writer writer;
    const flags state{true, false, true};
    auto mbox = writer.begin("a@x.test", {}, state);
    for (auto rest = text; !rest.empty(); rest.remove_prefix(std::min(piece, rest.size()))) {
        mbox += writer.octets(rest.substr(0, piece));
    }
    mbox += writer.end();
    require(read_in_pieces(mbox + mbox, piece) ==
            std::vector<std::string>{std::string(text), info_of(state), std::string(text), info_of(state)});
    return 0;
}
