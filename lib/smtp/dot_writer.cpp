#include "smtp/dot_writer.hpp"

namespace postern::smtp {

void dot_writer::note(octet_fault f) noexcept {
    if (fault_ == octet_fault::none) fault_ = f;
}

void dot_writer::feed(std::string_view message, std::string& out) {
    std::size_t copied = 0;
    std::size_t next_skip = 0;  // where a skip failed, octets are looked at one by one for a block's length
    for (std::size_t i = 0; i < message.size(); ++i) {
        if (state_ == state::in_line && i >= next_skip) {
            if (const auto plain = plain_prefix(message.substr(i)); plain > 0) {
                i += plain;
                // Behind a LF stands no dot, so in_line will do.
                state_ = message[i - 1] == '\r' ? state::after_cr : state::in_line;
            }
            next_skip = i + plain_block;
        }
        const char c = message[i];
        if (state_ == state::line_start && c == '.') {
            out.append(message, copied, i - copied).push_back('.');
            copied = i;
        }
        if (state_ == state::after_cr && c == '\n') {
            state_ = state::line_start;
            continue;
        }
        if (state_ == state::after_cr) note(octet_fault::bare_cr);
        if (c == '\n') note(octet_fault::bare_lf);
        if (c == '\0') note(octet_fault::nul);
        state_ = c == '\r' ? state::after_cr : state::in_line;
    }
    out.append(message, copied);
}

void dot_writer::finish(std::string& out) {
    if (state_ == state::after_cr) note(octet_fault::bare_cr);
    if (state_ == state::in_line) out += "\r\n";
    out += ".\r\n";
}

}  // namespace postern::smtp
