#include "smtp/line_reader.hpp"

namespace postern::smtp {

namespace {

using namespace std::string_view_literals;

constexpr auto remarkable = "\r\n\0"sv;  // what ends a line or spoils it

line_reader::fault fault_of(char c) {
    return c == '\n' ? line_reader::fault::bare_lf : c == '\0' ? line_reader::fault::nul : line_reader::fault::bare_cr;
}

}  // namespace

line_reader::progress line_reader::feed(std::string_view input) {
    if (delivered_) held_.clear();
    delivered_ = false;
    const auto begin = skipping_ ? skip(input) : 0;
    if (skipping_ || begin == input.size()) return {input.size(), std::nullopt};

    const auto rest = input.substr(begin);
    if (after_cr_) {
        after_cr_ = false;
        return rest.front() == '\n' ? deliver({}, begin + 1) : tell(fault::bare_cr, begin);
    }
    const auto text = rest.substr(0, rest.find_first_of(remarkable));
    if (held_.size() + text.size() + "\r\n"sv.size() > limit_) return tell(fault::too_long, begin);
    if (text.size() == rest.size() || (text.size() + 1 == rest.size() && rest.back() == '\r')) {
        held_ += text;
        after_cr_ = text.size() != rest.size();
        return {input.size(), std::nullopt};
    }
    const char stop = rest[text.size()];
    if (stop == '\r' && rest[text.size() + 1] == '\n') return deliver(text, begin + text.size() + 2);
    // A CR is stepped over; a LF or NUL stays for skip(), to which it is an octet like any other.
    return tell(fault_of(stop), begin + text.size() + (stop == '\r' ? 1 : 0));
}

/// Steps over a faulty line up to and with its CRLF, or over all of `input`; returns how much that was.
std::size_t line_reader::skip(std::string_view input) noexcept {
    for (std::size_t i = 0; i < input.size(); ++i) {
        const bool ended = after_cr_ && input[i] == '\n';
        after_cr_ = input[i] == '\r';
        if (!ended) continue;
        skipping_ = false;
        return i + 1;
    }
    return input.size();
}

line_reader::progress line_reader::tell(fault f, std::size_t consumed) {
    held_.clear();
    skipping_ = true;
    return {consumed, line{{}, f}};
}

line_reader::progress line_reader::deliver(std::string_view text, std::size_t consumed) {
    if (held_.empty()) return {consumed, line{text, fault::none}};
    held_ += text;
    delivered_ = true;
    return {consumed, line{held_, fault::none}};
}

}  // namespace postern::smtp
