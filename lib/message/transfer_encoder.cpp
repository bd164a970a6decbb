#include "message/transfer_encoder.hpp"

#include "message/gmime_library.hpp"

namespace postern::message {

namespace {

/// GMime ends lines with LF.
void append_with_crlf(std::string& out, std::string_view lines) {
    while (!lines.empty()) {
        const auto line = lines.substr(0, lines.find('\n'));
        out += line;
        lines.remove_prefix(line.size());
        if (lines.empty()) return;
        out += "\r\n";
        lines.remove_prefix(1);
    }
}

}  // namespace

struct transfer_encoder::state {
    GMimeEncoding encoding{};
    std::string room;
};

transfer_encoder::transfer_encoder(transfer_encoding encoding) : state_(std::make_unique<state>()) {
    g_mime_encoding_init_encode(&state_->encoding, encoding == transfer_encoding::base64
                                                       ? GMIME_CONTENT_ENCODING_BASE64
                                                       : GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE);
}

transfer_encoder::~transfer_encoder() = default;
transfer_encoder::transfer_encoder(transfer_encoder&&) noexcept = default;
transfer_encoder& transfer_encoder::operator=(transfer_encoder&&) noexcept = default;

void transfer_encoder::feed(std::string_view octets, std::string& out) {
    auto& room = state_->room;
    room.resize(g_mime_encoding_outlen(&state_->encoding, octets.size()));
    const auto n = g_mime_encoding_step(&state_->encoding, octets.data(), octets.size(), room.data());
    append_with_crlf(out, std::string_view(room).substr(0, n));
}

void transfer_encoder::finish(std::string& out) {
    auto& room = state_->room;
    room.resize(g_mime_encoding_outlen(&state_->encoding, 0));
    const auto n = g_mime_encoding_flush(&state_->encoding, "", 0, room.data());
    append_with_crlf(out, std::string_view(room).substr(0, n));
}

}  // namespace postern::message
