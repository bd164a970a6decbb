#include "smtp/dot_writer.hpp"

#include "cut.hpp"
#include "require.hpp"
#include "smtp/dot_reader.hpp"

using namespace postern::smtp;

namespace {

template <class NextSize>
std::string write(std::string_view message, NextSize next_size, octet_fault& fault) {
    dot_writer writer;
    std::string wire;
    while (!message.empty()) {
        const auto piece = message.substr(0, next_size());
        const auto before = wire.size();
        writer.feed(piece, wire);
        require(wire.size() - before <= piece.size() * 4 / 3 + 1);
        message.remove_prefix(piece.size());
    }
    writer.finish(wire);
    fault = writer.first_fault();
    return wire;
}

}  // namespace

/// What is written in pieces is what is written at once, and a reader finds the message in it, and its end at the very end.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    cut_input input(data, size);
    const auto message = input.octets();
    auto whole_fault = octet_fault::none;
    auto piece_fault = octet_fault::none;
    const auto whole = write(message, [&] { return message.size(); }, whole_fault);
    const auto pieces = write(message, [&] { return input.next_size(); }, piece_fault);
    require(whole_fault == piece_fault);
    if (whole_fault != octet_fault::none) return 0;

    require(whole == pieces);
    dot_reader reader;
    string_sink read;
    const auto progress = reader.feed(whole, read);
    require(progress.finished && progress.consumed == whole.size());
    require(reader.first_fault() == octet_fault::none);
    require(read.octets() == message || read.octets() == std::string(message) + "\r\n");
    require(message.empty() || read.octets().ends_with("\r\n"));
    return 0;
}
