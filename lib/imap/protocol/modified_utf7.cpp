#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/unicode.hpp"
#include "imap/protocol/responses.hpp"

namespace postern::imap {

namespace {

// RFC 3501 5.1.3: base64 with "," in place of "/".
constexpr std::string_view digits64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";

bool stands_for_itself(std::uint32_t c) { return c >= 0x20 && c <= 0x7e; }

/// Takes a code point off the front of valid UTF-8.
std::uint32_t take_code_point(std::string_view& utf8) {
    const auto lead = static_cast<unsigned char>(utf8.front());
    const std::size_t more = lead < 0x80 ? 0 : lead < 0xE0 ? 1 : lead < 0xF0 ? 2 : 3;
    std::uint32_t c = more == 0 ? lead : lead & (0x3FU >> more);
    for (std::size_t i = 1; i <= more; ++i) c = c << 6U | (static_cast<unsigned char>(utf8[i]) & 0x3FU);
    utf8.remove_prefix(more + 1);
    return c;
}

void put_utf8(std::string& out, std::uint32_t c) {
    if (c < 0x80) {
        out += static_cast<char>(c);
        return;
    }
    const unsigned more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    constexpr std::array<std::uint32_t, 4> leads{0, 0xC0, 0xE0, 0xF0};
    out += static_cast<char>(leads.at(more) | c >> (6 * more));
    for (unsigned i = more; i > 0; --i) out += static_cast<char>(0x80U | (c >> (6 * (i - 1)) & 0x3FU));
}

/// A run of UTF-16 in base64, "&" to "-".
class utf7_run {
public:
    explicit utf7_run(std::string& out) : out_(out) { out_ += '&'; }

    void put(std::uint32_t c) {
        if (c < 0x10000) return put_unit(c);
        put_unit(0xD800 + ((c - 0x10000) >> 10U));
        put_unit(0xDC00 + ((c - 0x10000) & 0x3FFU));
    }

    void close() {
        if (bits_ > 0) out_ += digits64[held_ << (6 - bits_) & 0x3FU];
        out_ += '-';
    }

private:
    void put_unit(std::uint32_t unit) {
        held_ = held_ << 16U | unit;
        for (bits_ += 16; bits_ >= 6; bits_ -= 6) out_ += digits64[held_ >> (bits_ - 6) & 0x3FU];
        held_ &= 0x3FU;
    }

    std::string& out_;
    std::uint32_t held_ = 0;
    unsigned bits_ = 0;
};

/// What is between "&" and "-", at least one digit; false: it is not what the encoder makes.
bool decode_run(std::string_view run, std::string& out) {
    std::uint32_t held = 0;
    unsigned bits = 0;
    std::uint32_t high = 0;  // a surrogate that waits for its other half
    for (const char c : run) {
        const auto digit = digits64.find(c);
        if (digit == std::string_view::npos) return false;
        held = held << 6U | static_cast<std::uint32_t>(digit);
        bits += 6;
        if (bits < 16) continue;
        bits -= 16;
        const auto unit = held >> bits & 0xFFFFU;
        held &= (1U << bits) - 1;
        const bool low = unit >= 0xDC00 && unit <= 0xDFFF;
        if (low != (high != 0)) return false;
        if (unit >= 0xD800 && unit <= 0xDBFF) {
            high = unit;
            continue;
        }
        // RFC 3501 5.1.3: what can stand for itself must, or a name had two spellings.
        if (stands_for_itself(unit)) return false;
        put_utf8(out, low ? 0x10000 + ((high - 0xD800) << 10U) + (unit - 0xDC00) : unit);
        high = 0;
    }
    return high == 0 && bits < 6 && held == 0;
}

}  // namespace

std::string to_modified_utf7(std::string_view utf8) {
    std::string mended;
    if (!core::is_utf8(utf8)) utf8 = mended = core::to_valid_utf8(utf8);
    std::string out;
    std::optional<utf7_run> run;
    while (!utf8.empty()) {
        const auto c = take_code_point(utf8);
        if (!stands_for_itself(c)) {
            if (!run) run.emplace(out);
            run->put(c);
            continue;
        }
        if (run) run->close();
        run.reset();
        out += static_cast<char>(c);
        if (c == '&') out += '-';
    }
    if (run) run->close();
    return out;
}

std::optional<std::string> from_modified_utf7(std::string_view text) {
    std::string out;
    bool behind_run = false;
    while (!text.empty()) {
        const char c = text.front();
        text.remove_prefix(1);
        if (!stands_for_itself(static_cast<unsigned char>(c))) return std::nullopt;
        if (c != '&') {
            out += c;
            behind_run = false;
            continue;
        }
        const auto end = text.find('-');
        if (end == std::string_view::npos) return std::nullopt;
        if (end == 0) {
            out += '&';
        } else if (behind_run || !decode_run(text.substr(0, end), out)) {
            return std::nullopt;  // RFC 3501 5.1.3: two runs in a row are one, spelled in another way
        }
        behind_run = end != 0;
        text.remove_prefix(end + 1);
    }
    return out;
}

}  // namespace postern::imap
