#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace postern::smtp {

/// Where a message's octets go, a slice at a time. A slice is valid only during the call.
class octet_sink {
public:
    octet_sink() = default;
    octet_sink(const octet_sink&) = delete;
    octet_sink& operator=(const octet_sink&) = delete;
    virtual ~octet_sink() = default;

    virtual void append(std::string_view octets) = 0;
};

/// Keeps everything in a string.
class string_sink final : public octet_sink {
public:
    void append(std::string_view octets) override { octets_ += octets; }
    [[nodiscard]] const std::string& octets() const noexcept { return octets_; }

private:
    std::string octets_;
};

/// Takes what must be read and is not wanted: the data of a refused BDAT (RFC 3030 section 2).
class discarding_sink final : public octet_sink {
public:
    void append(std::string_view) override {}
};

/// Hands on at most `limit` octets and drops the rest, so that a message that grows too large is read to its end, and
/// answered 552 5.3.4 there, without being kept.
class limited_sink final : public octet_sink {
public:
    limited_sink(octet_sink& out, std::uint64_t limit) : out_(out), limit_(limit) {}
    void append(std::string_view octets) override;

    /// Octets seen, dropped ones included.
    [[nodiscard]] std::uint64_t seen() const noexcept { return seen_; }
    [[nodiscard]] bool exceeded() const noexcept { return seen_ > limit_; }
    [[nodiscard]] std::uint64_t limit() const noexcept { return limit_; }

private:
    octet_sink& out_;
    std::uint64_t limit_;
    std::uint64_t seen_ = 0;
};

}  // namespace postern::smtp
