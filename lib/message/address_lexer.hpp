#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace postern::message {

struct address_token {
    enum class kind : std::uint8_t {
        end,
        word,     ///< an atom, a quoted string, an encoded word, a domain literal: what it says
        special,  ///< one of <>,:;@.
        comment,  ///< what stands between the outer parentheses
    };

    kind is = kind::end;
    char special = 0;
    bool blank_before = false;
    std::string text{};
};

/// Cuts an address list into tokens (RFC 5322 3.2). A quote, a parenthesis or a bracket without its counterpart is a letter
/// like others, so that one of them does not swallow the addresses behind it.
class address_lexer {
public:
    /// `line` must outlive this; unfolded, without control characters.
    explicit address_lexer(std::string_view line) : line_(line) {}

    /// Passes each octet a bounded number of times in all.
    [[nodiscard]] address_token next();

private:
    bool take_quoted(std::string& text);
    bool take_comment(std::string& text);
    [[nodiscard]] std::size_t literal_length() const;
    [[nodiscard]] std::size_t encoded_word_length();

    std::string_view line_;
    std::size_t at_ = 0;
    // What was looked for in vain, or found far ahead, is not looked for again: else "((((" would cost its square.
    bool quotes_end_ = true;
    bool comments_end_ = true;
    std::size_t next_blank_ = 0;
    std::size_t next_word_end_ = 0;
};

}  // namespace postern::message
