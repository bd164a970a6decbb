#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "smtp/octet_sink.hpp"

namespace postern::smtp {

/// A message with more Received fields than this goes round in circles: 554 5.4.6 (RFC 5321 6.3).
inline constexpr std::size_t max_received_fields = 100;

/// Reads a message's header section as its octets pass: counts Received fields, and takes out Return-Path fields with their
/// continuation lines, so that ours stands once (RFC 5321 4.4). All else passes byte for byte, in slices as large as they come.
///
/// The header section ends with the empty line, or before the first line that is not a field (RFC 5322 2.2). Lines may have any
/// length: what is held back between two pieces is the start of a field name, at most 64 octets. finish() hands it on.
class header_filter final : public octet_sink {
public:
    explicit header_filter(octet_sink& out) : out_(out) {}

    void append(std::string_view octets) override;

    /// The message has ended.
    void finish();

    [[nodiscard]] std::size_t received_fields() const noexcept { return received_; }

private:
    enum class state : std::uint8_t { line_start, name, after_name, value, body };

    void start_line(std::string_view piece, std::size_t at);
    void read_name(std::string_view piece, std::size_t at);
    void end_name(std::string_view piece);
    void release();
    [[nodiscard]] bool may_be_return_path() const noexcept;

    octet_sink& out_;
    std::size_t received_ = 0;
    state state_ = state::line_start;
    bool in_field_ = false;        // a field has been read, so a continuation line may follow
    bool dropping_ = false;        // that field is a Return-Path
    std::array<char, 64> name_{};  // the current line up to its colon, as far as it fits
    std::size_t name_size_ = 0;    // without white space before the colon
    std::size_t prefix_size_ = 0;  // with it; both count on beyond what fits
    std::size_t held_ = 0;         // this much of name_ came in an earlier piece and has not been handed on
    std::size_t kept_from_ = 0;    // in the current piece: the first octet not yet handed on or dropped
    std::size_t name_from_ = 0;    // in the current piece: where the name starts, or 0
};

}  // namespace postern::smtp
