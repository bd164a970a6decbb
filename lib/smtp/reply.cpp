#include "smtp/reply.hpp"

#include <algorithm>
#include <iterator>

#include <fmt/compile.h>

namespace postern::smtp {

namespace {

/// What a line of reply text may hold: HT, SP and printable ASCII (RFC 5321 4.2). Anything else could end the line, or lie
/// to a person's terminal.
char harmless(char c) { return c == '\t' || (c >= ' ' && c <= '~') ? c : '?'; }

void append_line(std::string& out, const reply& r, std::string_view text, bool last) {
    fmt::format_to(std::back_inserter(out), FMT_COMPILE("{:03}{}"), r.code, last ? ' ' : '-');
    // RFC 2034 section 4: every line of a multi-line reply has the status code, and the same one.
    if (const auto& s = r.status) {
        fmt::format_to(std::back_inserter(out), FMT_COMPILE("{}.{}.{} "), s->klass, s->subject, s->detail);
    }
    const auto begin = out.size();
    out += text;
    std::transform(out.begin() + static_cast<std::ptrdiff_t>(begin), out.end(),
                   out.begin() + static_cast<std::ptrdiff_t>(begin), harmless);
    out += "\r\n";
}

constexpr std::size_t prefix_room = 4 + 12;  // "250-" and "5.999.999 " at their longest
constexpr std::size_t max_text = max_reply_line - prefix_room - 2;

}  // namespace

void append_to(std::string& out, const reply& r) {
    std::string_view rest = r.text;
    while (true) {
        const auto end = std::min(rest.find('\n'), rest.size());
        const auto taken = std::min(end, max_text);
        const bool last = taken == rest.size();
        append_line(out, r, rest.substr(0, taken), last);
        if (last) return;
        rest.remove_prefix(taken == end ? taken + 1 : taken);
    }
}

std::string to_string(const reply& r) {
    std::string out;
    append_to(out, r);
    return out;
}

}  // namespace postern::smtp
