#include "message/transfer_decoder.hpp"

#include <algorithm>

#include "message/gmime_library.hpp"

namespace postern::message {

namespace {

/// No decoder writes more than it reads, but for what it held back of the piece before.
constexpr std::size_t held_back = 8;

}  // namespace

transfer_encoding read_transfer_encoding(std::string_view value) {
    constexpr std::string_view blanks = " \t\r\n";
    const auto begin = std::min(value.find_first_not_of(blanks), value.size());
    value = value.substr(begin);
    const std::string name(value.substr(0, value.find_first_of(" \t\r\n;(")));
    switch (g_mime_content_encoding_from_string(name.c_str())) {
        case GMIME_CONTENT_ENCODING_BASE64: return transfer_encoding::base64;
        case GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE: return transfer_encoding::quoted_printable;
        default: return transfer_encoding::identity;
    }
}

transfer_decoder::transfer_decoder(encoded_range range) : range_(range), at_(range.begin) {}

std::size_t transfer_decoder::step(std::string_view in, char* out) {
    const auto* from = reinterpret_cast<const unsigned char*>(in.data());
    auto* to = reinterpret_cast<unsigned char*>(out);
    switch (range_.encoding) {
        case transfer_encoding::base64: return g_mime_encoding_base64_decode_step(from, in.size(), to, &state_, &saved_);
        case transfer_encoding::quoted_printable:
            return g_mime_encoding_quoted_decode_step(from, in.size(), to, &state_, &saved_);
        case transfer_encoding::identity: break;
    }
    std::ranges::copy(in, out);
    return in.size();
}

bool transfer_decoder::next(octet_window& window, std::string& out) {
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(piece, range_.end - at_));
    const auto in = window.at(at_, wanted).substr(0, wanted);
    if (in.empty()) return false;
    at_ += in.size();
    const auto before = out.size();
    out.resize(before + in.size() + held_back);
    out.resize(before + step(in, out.data() + before));
    return true;
}

std::uint64_t decoded_size(octet_window& window, const encoded_range& range) {
    if (range.encoding == transfer_encoding::identity) return range.end - range.begin;
    transfer_decoder decoder(range);
    std::uint64_t size = 0;
    for (std::string piece; decoder.next(window, piece); piece.clear()) size += piece.size();
    return size;
}

}  // namespace postern::message
