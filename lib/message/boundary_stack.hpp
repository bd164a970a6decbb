#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern::message {

/// The multiparts that are open at some place of a message, outermost first, and their delimiter lines (RFC 2046 5.1.1).
class boundary_stack {
public:
    /// RFC 2046 allows 70 octets; longer ones occur, but a delimiter that does not end within a line's limit is not looked for.
    static constexpr std::size_t max_boundary = 250;

    /// Octets of a line that decide whether it is a delimiter.
    static constexpr std::size_t max_line = 512;

    struct delimiter {
        std::size_t level;  ///< of the multipart it belongs to; what is open above it has ended without its own delimiter
        bool closes;        ///< "--boundary--": no further part follows
    };

    void open(std::string boundary) { boundaries_.push_back(std::move(boundary)); }
    void close_down_to(std::size_t levels) { boundaries_.resize(levels); }
    [[nodiscard]] std::size_t levels() const noexcept { return boundaries_.size(); }

    /// Reads a line, or at least its first max_line octets; nullopt when it is no delimiter of an open multipart.
    /// Where nested multiparts use one boundary the innermost is meant.
    [[nodiscard]] std::optional<delimiter> match(std::string_view line) const;

private:
    std::vector<std::string> boundaries_;
};

}  // namespace postern::message
