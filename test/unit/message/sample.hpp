#pragma once

#include <cstddef>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "core/content.hpp"
#include "test/catch.hpp"

namespace postern::message::test {

/// Text written with LF, as messages travel.
inline std::string crlf(std::string_view text) {
    std::string message;
    for (const char c : text) {
        if (c == '\n') message += '\r';
        message += c;
    }
    return message;
}

inline core::memory_content content_of(std::string_view text) { return core::memory_content(crlf(text)); }

/// A message of test/data/message.
inline std::string load(const std::string& name) {
    std::ifstream file(std::string(POSTERN_MESSAGE_DATA) + '/' + name, std::ios::binary);
    INFO("test/data/message/" << name);
    REQUIRE(file);
    return {std::istreambuf_iterator<char>(file), {}};
}

/// Content that lies elsewhere: read in pieces, never seen whole.
class distant_content final : public core::content {
public:
    explicit distant_content(std::string octets) : octets_(std::move(octets)) {}
    [[nodiscard]] std::uint64_t size() const override { return octets_.size(); }
    std::size_t read(std::uint64_t offset, std::span<char> into) const override { return octets_.read(offset, into); }

private:
    core::memory_content octets_;
};

/// The whole content, read `piece` octets at a time.
inline std::string read_in_pieces(const core::content& from, std::size_t piece) {
    std::string all;
    std::string buffer(piece, '\0');
    while (const auto n = from.read(all.size(), buffer)) all.append(buffer, 0, n);
    return all;
}

}  // namespace postern::message::test
