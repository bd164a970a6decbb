#include "smtp/reply_reader.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>

#include <fmt/format.h>

#include "smtp/characters.hpp"

namespace postern::smtp {

namespace {

constexpr std::size_t code_digits = 3;
constexpr std::size_t max_on_one_line = 1000;

/// The code at the start of a line: 2yz to 5yz. The second digit is not held to 0 to 5 (RFC 5321 4.2.1): 571 and 587 are seen.
std::optional<std::uint16_t> read_code(std::string_view line) {
    if (line.size() < code_digits || !std::ranges::all_of(line.substr(0, code_digits), is_digit)) return std::nullopt;
    if (line.front() < '2' || line.front() > '5') return std::nullopt;
    // RFC 5321 4.2: a client must take a code without text. Whatever else follows it is no reply.
    if (line.size() > code_digits && line[code_digits] != ' ' && line[code_digits] != '-') return std::nullopt;
    return static_cast<std::uint16_t>((line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0'));
}

std::optional<std::uint16_t> take_number(std::string_view& text) {
    std::uint16_t value = 0;
    const auto [stop, error] = std::from_chars(text.data(), text.data() + std::min<std::size_t>(text.size(), 3), value);
    if (error != std::errc{}) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(stop - text.data()));
    return value;
}

bool take_dot(std::string_view& text) {
    if (!text.starts_with('.')) return false;
    text.remove_prefix(1);
    return true;
}

/// Takes a status code, with the space after it, off the front of `text` (RFC 2034 section 4). One whose class is not the
/// reply's contradicts it and is left where it is: the reply code decides.
std::optional<enhanced_status> take_status(std::string_view& text, std::uint16_t code) {
    auto rest = text;
    const auto klass = take_number(rest);
    if (!klass || *klass != code / 100 || !take_dot(rest)) return std::nullopt;
    const auto subject = take_number(rest);
    if (!subject || !take_dot(rest)) return std::nullopt;
    const auto detail = take_number(rest);
    if (!detail || (!rest.empty() && rest.front() != ' ')) return std::nullopt;
    if (!rest.empty()) rest.remove_prefix(1);
    text = rest;
    return enhanced_status{*klass, *subject, *detail};
}

/// What a server says ends up in logs, reports and on terminals.
char printable(char c) { return c >= ' ' && c <= '~' ? c : c == '\t' ? ' ' : '?'; }

reply_reader::fault fault_of(line_reader::fault f) {
    return f == line_reader::fault::too_long ? reply_reader::fault::line_too_long : reply_reader::fault::bad_line_end;
}

}  // namespace

reply_reader::progress reply_reader::feed(std::string_view input) {
    std::size_t consumed = 0;
    while (true) {
        const auto p = line_.feed(input.substr(consumed));
        consumed += p.consumed;
        if (!p.command) return {consumed, std::nullopt};
        if (auto done = take(*p.command)) return {consumed, std::move(done)};
    }
}

std::optional<std::expected<reply, reply_reader::fault>> reply_reader::take(const line_reader::line& line) {
    if (line.faulty != line_reader::fault::none) return std::unexpected(fault_of(line.faulty));
    const auto code = read_code(line.text);
    if (!code || (lines_ > 0 && *code != reply_.code)) return std::unexpected(fault::syntax);
    octets_ += line.text.size();
    if (++lines_ > max_lines || octets_ > max_octets) return std::unexpected(fault::too_long);

    auto text = line.text.substr(std::min(line.text.size(), code_digits + 1));
    // No status stands in 3yz, nor in what EHLO says, where no keyword looks like one (RFC 2034 section 3).
    const auto status = take_status(text, *code);
    if (lines_ == 1) {
        reply_.code = *code;
        reply_.status = status;
    } else {
        reply_.text += '\n';
    }
    std::ranges::transform(text, std::back_inserter(reply_.text), printable);
    if (line.text.size() > code_digits && line.text[code_digits] == '-') return std::nullopt;
    lines_ = octets_ = 0;
    return std::exchange(reply_, {});
}

std::string_view to_string(reply_reader::fault f) noexcept {
    switch (f) {
        case reply_reader::fault::bad_line_end: return "a reply line holds a bare CR, a bare LF or a NUL";
        case reply_reader::fault::line_too_long: return "a reply line is too long";
        case reply_reader::fault::too_long: return "a reply is too long";
        case reply_reader::fault::syntax: return "what came is no reply";
    }
    return "";
}

std::string to_line(const reply& r) {
    auto line = fmt::format("{:03}", r.code);
    if (r.status) line.append(" ").append(to_string(*r.status));
    if (!r.text.empty()) line.append(" ").append(r.text.substr(0, max_on_one_line));
    std::ranges::replace(line, '\n', ' ');
    line.resize(std::min(line.size(), max_on_one_line));
    return line;
}

}  // namespace postern::smtp
