#include "imap/protocol/parse_cursor.hpp"

#include <algorithm>
#include <utility>

#include "core/unicode.hpp"
#include "imap/protocol/mailbox_name.hpp"

namespace postern::imap {

namespace {

using namespace std::string_view_literals;

bool is_astring_char(char c) { return is_atom_char(c) || c == ']'; }

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return to_upper(c) >= 'A' && to_upper(c) <= 'Z'; }
bool is_keyword_char(char c) { return is_letter(c) || is_digit(c) || c == '.' || c == '-'; }
bool is_base64_char(char c) { return is_letter(c) || is_digit(c) || c == '+' || c == '/' || c == '='; }

}  // namespace

bool is_atom_char(char c) noexcept { return c > ' ' && c < '\x7f' && "(){%*\"\\]"sv.find(c) == std::string_view::npos; }

std::string to_upper(std::string_view text) {
    std::string upper(text);
    std::ranges::transform(upper, upper.begin(), [](char c) { return to_upper(c); });
    return upper;
}

bool parse_cursor::take(char c) {
    if (!next_is(c)) return false;
    rest_.remove_prefix(1);
    return true;
}

bool parse_cursor::expect(char c, std::string_view otherwise) {
    if (take(c)) return true;
    fail(otherwise);
    return false;
}

template <typename Predicate>
std::string_view parse_cursor::take_while(Predicate wanted) {
    const auto end = std::ranges::find_if_not(rest_, wanted);
    const auto taken = rest_.substr(0, static_cast<std::size_t>(end - rest_.begin()));
    rest_.remove_prefix(taken.size());
    return taken;
}

std::string_view parse_cursor::tag() {
    const auto whole = rest_;
    const auto taken = take_while([](char c) { return is_astring_char(c) && c != '+'; });
    if (!taken.empty() && (at_end() || next_is(' '))) return taken;
    rest_ = whole;
    fail("a tag was expected");
    return {};
}

std::string parse_cursor::keyword() { return to_upper(take_while(is_keyword_char)); }

std::string parse_cursor::letters() { return to_upper(take_while(is_letter)); }

bool parse_cursor::take_keyword(std::string_view upper) {
    if (to_upper(rest_.substr(0, upper.size())) != upper) return false;
    const auto behind = rest_.substr(upper.size());
    if (!behind.empty() && is_keyword_char(behind.front())) return false;
    rest_ = behind;
    return true;
}

std::optional<std::string> parse_cursor::atom() {
    const auto taken = take_while(is_atom_char);
    if (taken.empty()) return fail("an atom was expected");
    return std::string(taken);
}

std::optional<std::string> parse_cursor::base64() {
    const auto taken = take_while(is_base64_char);
    if (taken.empty()) return fail("base64 was expected");
    return std::string(taken);
}

std::optional<std::string> parse_cursor::quoted() {
    take('"');
    std::string text;
    while (true) {
        text += take_while([](char c) { return "\"\\\r\n\0"sv.find(c) == std::string_view::npos; });
        if (take('"')) break;
        if (!take('\\') || (!next_is('"') && !next_is('\\'))) return fail("a quoted string is not well-formed");
        text += rest_.front();
        rest_.remove_prefix(1);
    }
    return text;
}

std::optional<std::string> parse_cursor::literal() {
    take('~');
    take('{');
    const auto size = number();
    if (!size) return std::nullopt;
    take('+');
    if (!rest_.starts_with("}\r\n"sv)) return fail("a literal is not well-formed");
    rest_.remove_prefix("}\r\n"sv.size());
    if (*size > rest_.size()) return fail("a literal is not complete");
    std::string text(rest_.substr(0, *size));
    rest_.remove_prefix(*size);
    if (text.find('\0') != std::string::npos) return fail("a literal holds NUL");
    return text;
}

std::optional<std::string> parse_cursor::string() {
    if (!next_is('"') && !next_is('{') && !rest_.starts_with("~{"sv)) return fail("a string was expected");
    auto text = next_is('"') ? quoted() : literal();
    // RFC 6855 section 3: what has the high bit set is UTF-8 or is refused.
    if (text && !core::is_utf8(*text)) return fail("a string is not UTF-8");
    return text;
}

std::optional<std::string> parse_cursor::astring() {
    if (next_is('"') || next_is('{') || rest_.starts_with("~{"sv)) return string();
    const auto taken = take_while(is_astring_char);
    if (taken.empty()) return fail("a string was expected");
    return std::string(taken);
}

std::optional<std::string> parse_cursor::mailbox() { return mailbox_name(astring()); }

std::optional<std::string> parse_cursor::list_mailbox() {
    if (next_is('"') || next_is('{') || rest_.starts_with("~{"sv)) return mailbox_name(string());
    const auto taken = take_while([](char c) { return is_astring_char(c) || c == '%' || c == '*'; });
    if (taken.empty()) return fail("a mailbox was expected");
    return mailbox_name(std::string(taken));
}

std::optional<std::string> parse_cursor::mailbox_name(std::optional<std::string> spelled) {
    if (!spelled) return std::nullopt;
    auto name = read_mailbox_name(std::move(*spelled), utf8_);
    if (!name) return fail("a mailbox's name holds control characters");
    return name;
}

std::optional<std::uint64_t> parse_cursor::number(std::uint64_t largest) {
    if (!next_is_digit()) return fail("a number was expected");
    std::uint64_t value = 0;
    for (const char c : take_while(is_digit)) {
        const auto digit = static_cast<std::uint64_t>(c - '0');
        if (digit > largest || value > (largest - digit) / 10) return fail("a number is too large");
        value = value * 10 + digit;
    }
    return value;
}

std::optional<std::uint32_t> parse_cursor::nz_number() {
    if (next_is('0')) return fail("a number is zero");
    const auto value = number(std::numeric_limits<std::uint32_t>::max());
    if (!value) return std::nullopt;
    return static_cast<std::uint32_t>(*value);
}

std::optional<std::uint32_t> parse_cursor::seq_number() {
    if (take('*')) return sequence_set::last;
    return nz_number();
}

std::optional<sequence_set> parse_cursor::set() {
    if (take('$')) return sequence_set{.ranges = {}, .saved = true};
    sequence_set result;
    do {
        const auto from = seq_number();
        if (!from) return std::nullopt;
        const auto to = take(':') ? seq_number() : from;
        if (!to) return std::nullopt;
        result.ranges.push_back({*from, *to});
    } while (take(','));
    return result;
}

bool parse_cursor::pass_over(char end, std::string_view not_these) {
    take_while([&](char c) { return c != end && not_these.find(c) == std::string_view::npos; });
    return take(end);
}

std::nullopt_t parse_cursor::fail(std::string_view why) {
    if (failure_.empty()) failure_ = why;
    return std::nullopt;
}

std::nullopt_t parse_cursor::fail_for_charset() {
    charset_ = failure_.empty();
    return fail("the charset is not known");
}

}  // namespace postern::imap
