#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "imap/protocol/sequence_set.hpp"

namespace postern::imap {

inline constexpr std::uint64_t max_number64 = std::numeric_limits<std::int64_t>::max();  ///< RFC 9051 section 9: 63 bits

/// RFC 9051 section 9.
[[nodiscard]] bool is_atom_char(char c) noexcept;

/// Keywords of the protocol are in no case and no locale (RFC 9051 section 9, note 1).
[[nodiscard]] constexpr char to_upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }
[[nodiscard]] std::string to_upper(std::string_view text);

/// Reads a command token by token (RFC 9051 section 9): each step takes one off the front, or fails and says why.
///
/// The grammar is decided by the next octet alone, so there is no way back: the first failure is the command's.
class parse_cursor {
public:
    /// `utf8`: names of mailboxes are not in modified UTF-7. `octets` must outlive the cursor.
    parse_cursor(std::string_view octets, bool utf8) : rest_(octets), utf8_(utf8) {}

    [[nodiscard]] bool at_end() const { return rest_.empty(); }
    [[nodiscard]] bool next_is(char c) const { return rest_.starts_with(c); }
    [[nodiscard]] bool next_is_digit() const { return !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9'; }

    /// Takes `c` if it is next; that it is not is no failure.
    bool take(char c);
    bool expect(char c, std::string_view otherwise);
    bool space() { return expect(' ', "a space was expected"); }

    /// "" where there is none to be read.
    std::string_view tag();
    /// A name of the protocol's, in upper case: letters, digits, '.', '-'. "" where there is none.
    std::string keyword();
    std::string letters();  ///< likewise, and letters only
    /// Takes the keyword `upper` if it is next.
    bool take_keyword(std::string_view upper);
    std::optional<std::string> atom();
    /// base64 or "=" (RFC 4959 section 3), as it stands.
    std::optional<std::string> base64();

    std::optional<std::string> string();  ///< quoted or a literal; UTF-8
    std::optional<std::string> astring();
    std::optional<std::string> mailbox();
    std::optional<std::string> list_mailbox();  ///< with wildcards

    /// Of any number of digits; one that is over `largest` fails.
    std::optional<std::uint64_t> number(std::uint64_t largest = max_number64);
    std::optional<std::uint32_t> nz_number();
    std::optional<sequence_set> set();

    /// "(" item *(SP item) ")"; `item` takes one and says whether there was one.
    template <typename Item>
    bool list(Item item, bool may_be_empty) {
        if (!expect('(', "a list in parentheses was expected")) return false;
        if (may_be_empty && take(')')) return true;
        do {
            if (!item()) return false;
        } while (take(' '));
        return expect(')', "the end of a list was expected");
    }

    /// Takes all up to `end` and `end`, unless one of `not_these` or the end of the command comes before.
    bool pass_over(char end, std::string_view not_these);

    /// Keeps the first reason. `why` has static storage.
    std::nullopt_t fail(std::string_view why);
    std::nullopt_t fail_for_charset();
    [[nodiscard]] std::string_view failure() const { return failure_; }
    [[nodiscard]] bool failed_for_charset() const { return charset_; }

private:
    template <typename Predicate>
    std::string_view take_while(Predicate wanted);
    std::optional<std::string> quoted();
    std::optional<std::string> literal();
    std::optional<std::uint32_t> seq_number();
    std::optional<std::string> mailbox_name(std::optional<std::string> spelled);

    std::string_view rest_;
    std::string_view failure_;
    bool utf8_;
    bool charset_ = false;
};

}  // namespace postern::imap
