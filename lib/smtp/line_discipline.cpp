#include "smtp/line_discipline.hpp"

#include <cstdint>
#include <cstring>

namespace postern::smtp {

namespace {

/// Whether the pairs of neighbours in the `plain_block` + 1 octets at `p` are all unremarkable: a block at a time, as this is
/// where a message's octets cost their time.
bool is_plain_block(const char* p) noexcept {
    using octets [[gnu::vector_size(plain_block)]] = std::uint8_t;
    octets a;
    octets b;  // the neighbour of each
    std::memcpy(&a, p, plain_block);
    std::memcpy(&b, p + 1, plain_block);
    const auto half_line_end = (a == '\r') ^ (b == '\n');
    const auto dot_line = (a == '\n') & (b == '.');
    const auto nul = a == 0;
    return __builtin_reduce_or(half_line_end | dot_line | nul) == 0;
}

}  // namespace

std::string_view to_string(octet_fault f) noexcept {
    switch (f) {
        case octet_fault::none: return "none";
        case octet_fault::bare_cr: return "bare CR";
        case octet_fault::bare_lf: return "bare LF";
        case octet_fault::nul: return "NUL";
    }
    return "";
}

std::size_t plain_prefix(std::string_view text) noexcept {
    if (text.empty() || text.front() == '\n') return 0;
    std::size_t done = 0;
    while (text.size() - done > plain_block && is_plain_block(text.data() + done)) done += plain_block;
    return done;
}

void line_discipline::feed(std::string_view text) noexcept {
    const auto note = [this](octet_fault f) {
        if (fault_ == octet_fault::none) fault_ = f;
    };
    std::size_t next_skip = 0;  // where a skip failed, octets are looked at one by one for a block's length
    for (std::size_t i = 0; i < text.size() && fault_ == octet_fault::none; ++i) {
        if (!after_cr_ && i >= next_skip) {
            if (const auto plain = plain_prefix(text.substr(i)); plain > 0) {
                i += plain;
                after_cr_ = text[i - 1] == '\r';
            }
            next_skip = i + plain_block;
        }
        const char c = text[i];
        if (after_cr_ && c != '\n') note(octet_fault::bare_cr);
        if (!after_cr_ && c == '\n') note(octet_fault::bare_lf);
        if (c == '\0') note(octet_fault::nul);
        after_cr_ = c == '\r';
    }
}

void line_discipline::finish() noexcept {
    if (after_cr_ && fault_ == octet_fault::none) fault_ = octet_fault::bare_cr;
}

}  // namespace postern::smtp
