#include "http/content_body.hpp"

#include <algorithm>
#include <utility>

namespace postern::http {

namespace {

std::string read_piece(const core::content& from, std::uint64_t offset, std::uint64_t end) {
    std::string piece(static_cast<std::size_t>(std::min<std::uint64_t>(body_piece, end - offset)), '\0');
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

bool content_body::narrow(std::uint64_t first, std::uint64_t count) {
    at_ = first;
    end_ = first + count;
    return true;
}

net::awaitable<std::string> content_body::next() {
    if (at_ == end_) co_return std::string();
    std::string piece;
    if (octets_->in_memory()) {
        piece = read_piece(*octets_, at_, end_);
    } else {
        piece = co_await workers_.run([octets = octets_, from = at_, to = end_] { return read_piece(*octets, from, to); });
    }
    at_ += piece.size();
    co_return piece;
}

}  // namespace postern::http
