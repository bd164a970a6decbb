#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace postern::message {

/// Makes text of octets: every line ends with CRLF, and what cannot be carried is replaced. In pieces of any size.
class text_mender {
public:
    struct rules {
        bool keeps_beyond_ascii;
        char for_cr;     ///< instead of a CR that ends no line
        char for_octet;  ///< instead of a NUL, and of what is beyond ASCII and not kept; NUL: nothing
    };

    /// `last`: the text ends here.
    void feed(std::string_view text, const rules& r, bool last, std::string& out) {
        for (const char c : text) {
            // Of several CR in a row the last may end a line; the others are nothing, before a LF most of all.
            if (c != '\n' && c != '\r' && after_cr_) append(r.for_cr, out);
            after_cr_ = c == '\r';
            if (after_cr_) continue;
            if (c == '\n') out += '\r';
            const bool carried = c != '\0' && (r.keeps_beyond_ascii || static_cast<unsigned char>(c) < 0x80);
            append(carried ? c : r.for_octet, out);
        }
        if (last && std::exchange(after_cr_, false)) append(r.for_cr, out);
    }

private:
    static void append(char c, std::string& out) {
        if (c != '\0') out += c;
    }

    bool after_cr_ = false;
};

}  // namespace postern::message
