#include "smtp/dot_reader.hpp"

namespace postern::smtp {

void dot_reader::note(octet_fault f) noexcept {
    if (fault_ == octet_fault::none) fault_ = f;
}

/// The state after `c`, an octet of the message itself, read in line_start, in_line or after_cr.
dot_reader::state dot_reader::after_text(char c) noexcept {
    const bool after_cr = state_ == state::after_cr;
    if (after_cr && c == '\n') return state::line_start;
    if (after_cr) note(octet_fault::bare_cr);
    if (c == '\r') return state::after_cr;
    // RFC 5321 2.3.8: LF alone ends no line, so a dot behind it is text. Taking LF "." for an end is the smuggler's door.
    if (c == '\n') note(octet_fault::bare_lf);
    if (c == '\0') note(octet_fault::nul);
    return state::in_line;
}

dot_reader::progress dot_reader::feed(std::string_view input, octet_sink& out) {
    if (state_ == state::finished) return {0, true};
    std::size_t kept_from = 0;  // the first octet that has not been handed on
    std::size_t next_skip = 0;  // where a skip failed, octets are looked at one by one for a block's length
    const auto hand_on = [&](std::size_t until) {
        if (until > kept_from) out.append(input.substr(kept_from, until - kept_from));
    };
    for (std::size_t i = 0; i < input.size(); ++i) {
        if (state_ == state::in_line && i >= next_skip) {
            if (const auto plain = plain_prefix(input.substr(i)); plain > 0) {
                i += plain;
                state_ =
                    input[i - 1] == '\r' ? state::after_cr : state::in_line;  // behind a LF stands no dot, so in_line will do
            }
            next_skip = i + plain_block;
        }
        const char c = input[i];
        switch (state_) {
            case state::line_start:
                // RFC 5321 4.5.2: a dot that starts a line is the sender's stuffing, or with CRLF the end of the message.
                if (c == '.') {
                    hand_on(i);
                    kept_from = i + 1;
                    state_ = state::dot;
                    break;
                }
                [[fallthrough]];
            case state::in_line:
            case state::after_cr: state_ = after_text(c); break;
            case state::dot:
                if (c == '\r') {
                    kept_from = i + 1;
                    state_ = state::dot_cr;
                    break;
                }
                state_ = state::in_line;
                state_ = after_text(c);
                break;
            case state::dot_cr:
                if (c == '\n') {
                    state_ = state::finished;
                    return {i + 1, true};
                }
                out.append("\r");  // text after all, and a bare CR
                state_ = state::after_cr;
                state_ = after_text(c);
                break;
            case state::finished: break;
        }
    }
    hand_on(input.size());
    return {input.size(), false};
}

}  // namespace postern::smtp
