#include "http/content_body.hpp"

#include <utility>

namespace postern::http {

namespace {

std::string read_piece(const core::content& from, std::uint64_t offset) {
    std::string piece(body_piece, '\0');
    std::size_t filled = 0;
    while (filled < piece.size()) {
        const auto n = from.read(offset + filled, std::span(piece).subspan(filled));
        if (n == 0) break;
        filled += n;
    }
    piece.resize(filled);
    return piece;
}

}  // namespace

net::awaitable<std::string> content_body::next() {
    if (sent_ == octets_->size()) co_return std::string();
    std::string piece;
    if (octets_->in_memory()) {
        piece = read_piece(*octets_, sent_);
    } else {
        piece = co_await workers_.run([octets = octets_, from = sent_] { return read_piece(*octets, from); });
    }
    sent_ += piece.size();
    co_return piece;
}

}  // namespace postern::http
