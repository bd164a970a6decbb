#include "message/preview.hpp"

#include <algorithm>
#include <string_view>

#include "message/body_text.hpp"
#include "message/clean_text.hpp"
#include "message/html_text.hpp"

namespace postern::message {

namespace {

constexpr std::size_t first_text = 1UL * 1024;  // enough for nearly every message
constexpr std::size_t first_html = 4UL * 1024;
constexpr std::size_t next_read = 8;  // times as much, when it was not
constexpr std::size_t max_text = 64UL * 1024;
constexpr std::size_t max_html = 256UL * 1024;  // newsletters begin with pages of style

/// Characters that take no room or are mere distance; newsletters fill their previews with them.
bool is_space(char32_t c) {
    return c == ' ' || c == '\t' || c == '\n' || c == 0xa0 || c == 0xad || c == 0x34f || (c >= 0x2000 && c <= 0x200f) ||
           (c >= 0x2028 && c <= 0x202f) || (c >= 0x205f && c <= 0x206f) || c == 0x3000 || c == 0xfeff;
}

/// How many octets the ASCII word takes that `text` begins with.
std::size_t plain_word(std::string_view text) {
    const auto* end = std::ranges::find_if_not(text, [](char c) { return c > ' ' && c < 0x7f; });
    return static_cast<std::size_t>(end - text.begin());
}

/// Words gathered into one line of at most max_preview characters.
class preview_line {
public:
    void add(std::string_view text) {
        while (!text.empty() && !full()) {
            if (const auto word = text.substr(0, plain_word(text)); !word.empty()) {
                begin_word();
                const auto taken = word.substr(0, max_preview - characters_);
                line_ += taken;
                characters_ += taken.size();
                text.remove_prefix(word.size());
                continue;
            }
            const char32_t c = take_character(text);
            if (is_space(c)) {
                space_ = !line_.empty();
                continue;
            }
            begin_word();
            if (full()) break;
            append_utf8(line_, c);
            ++characters_;
        }
    }
    void end_word() { space_ = !line_.empty(); }
    [[nodiscard]] bool full() const noexcept { return characters_ >= max_preview; }
    [[nodiscard]] const std::string& line() const noexcept { return line_; }

private:
    /// Writes the space that is due, unless nothing could follow it: then the line is full.
    void begin_word() {
        if (!space_) return;
        space_ = false;
        if (++characters_ < max_preview) line_ += ' ';
    }

    std::string line_;
    std::size_t characters_ = 0;
    bool space_ = false;
};

preview_line read_lines(std::string_view text, bool with_quotes) {
    preview_line preview;
    while (!text.empty() && !preview.full()) {
        const auto line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(text.size(), line.size() + 1));
        if (line == "-- ") break;  // RFC 3676 4.3: the signature begins
        if (!with_quotes && line.starts_with('>')) continue;
        preview.add(line);
        preview.end_word();
    }
    return preview;
}

preview_line read_text(std::string_view text) {
    auto preview = read_lines(text, false);
    return preview.line().empty() ? read_lines(text, true) : preview;
}

preview_line read_html(std::string_view html, std::size_t words) {
    preview_line preview;
    preview.add(html_words(html, words));
    return preview;
}

}  // namespace

std::string preview_of(octet_window& window, const part& p) {
    const bool html = p.is("text", "html");
    const auto limit = html ? max_html : max_text;
    for (auto read = html ? first_html : first_text;; read *= next_read) {
        const auto body = decode_body(window, p, std::min(read, limit));
        const auto preview = html ? read_html(body.utf8, limit) : read_text(body.utf8);
        if (preview.full() || !body.truncated || read >= limit) return preview.line();
    }
}

}  // namespace postern::message
