#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>

namespace postern::imap {

/// Whether a line's end announces a literal: "{5}", "{5+}", "~{5}" (RFC 9051 section 9, RFC 7888 section 3). Is shown the line
/// octet by octet, so that a line which is not kept is understood too.
class literal_tail {
public:
    void take(char c) noexcept {
        const bool behind_tilde = tilde_;
        tilde_ = c == '~';
        if (c == '{') {
            at_ = place::brace;
            size_ = 0;
            length_ = behind_tilde ? 2 : 1;
            return;
        }
        ++length_;
        if (c >= '0' && c <= '9' && (at_ == place::brace || at_ == place::digits)) {
            at_ = place::digits;
            // One of thirty digits stays the largest there is, and does not become a small one.
            const auto digit = static_cast<std::uint64_t>(c - '0');
            size_ = size_ > (largest - digit) / 10 ? largest : size_ * 10 + digit;
        } else if (c == '+' && at_ == place::digits) {
            at_ = place::plus;
        } else if (c == '}' && (at_ == place::digits || at_ == place::plus)) {
            waits_ = at_ == place::digits;
            at_ = place::closed;
        } else {
            at_ = place::none;
        }
    }

    void reset() noexcept { *this = {}; }

    [[nodiscard]] bool announced() const noexcept { return at_ == place::closed; }
    /// Of what is announced:
    [[nodiscard]] std::uint64_t size() const noexcept { return size_; }  ///< 2^64 - 1 for all that is larger
    [[nodiscard]] bool waits() const noexcept { return waits_; }
    [[nodiscard]] std::size_t length() const noexcept { return length_; }  ///< of its spelling

private:
    static constexpr auto largest = std::numeric_limits<std::uint64_t>::max();
    enum class place { none, brace, digits, plus, closed };

    place at_ = place::none;
    bool tilde_ = false;
    bool waits_ = false;
    std::uint64_t size_ = 0;
    std::size_t length_ = 0;
};

}  // namespace postern::imap
