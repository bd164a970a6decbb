#include "smtp_client/content_reader.hpp"

#include <algorithm>
#include <exception>
#include <span>
#include <utility>

namespace postern::smtp_client {

namespace {

using piece = std::expected<std::string, std::string>;

piece read_piece(const core::content& from, std::uint64_t offset, std::size_t size) {
    std::string octets(size, '\0');
    std::size_t filled = 0;
    try {
        while (filled < size) {
            const auto n = from.read(offset + filled, std::span(octets).subspan(filled));
            if (n == 0) return std::unexpected("it ends too early");
            filled += n;
        }
    } catch (const std::exception& e) {
        return std::unexpected(e.what());
    }
    return octets;
}

}  // namespace

net::awaitable<std::expected<std::string_view, std::string>> content_reader::next(std::size_t most) {
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>({left(), most, piece_size}));
    const auto from = message_.offset + given_;
    given_ += size;
    if (const auto whole = message_.octets->in_memory()) co_return whole->substr(static_cast<std::size_t>(from), size);
    auto octets = co_await workers_.run([content = message_.octets, from, size] { return read_piece(*content, from, size); });
    if (!octets) co_return std::unexpected(std::move(octets.error()));
    piece_ = std::move(*octets);
    co_return std::string_view(piece_);
}

}  // namespace postern::smtp_client
