#include "message/search_terms.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <utility>

#include <unicase.h>
#include <unictype.h>
#include <uninorm.h>

#include "core/unicode.hpp"
#include "message/clean_text.hpp"
#include "message/html_text.hpp"

namespace postern::message {

namespace {

constexpr std::size_t longest_term = 48;  // octets
constexpr std::size_t piece_size = 4096;  // octets folded at a time: of a long text only the front is looked at
constexpr std::size_t most_sender = 100;
constexpr std::size_t most_recipients = 1'000;
constexpr std::size_t most_subject = 300;
constexpr std::size_t most_body = 12'000;
constexpr std::size_t most_attachments = 1'000;

struct free_deleter {
    void operator()(void* p) const noexcept { std::free(p); }
};
using malloced = std::unique_ptr<std::uint8_t, free_deleter>;

const std::uint8_t* octets(std::string_view text) { return reinterpret_cast<const std::uint8_t*>(text.data()); }

std::string_view view(const malloced& text, std::size_t length) { return {reinterpret_cast<const char*>(text.get()), length}; }

/// Accents, points and tones. The classes below are parts of letters: nukta, virama, the kana's voicing.
bool is_accent(char32_t c) { return uc_combining_class(c) >= 10; }

std::string fold(std::string_view utf8) {
    std::size_t length = 0;
    const malloced decomposed(u8_normalize(UNINORM_NFKD, octets(utf8), utf8.size(), nullptr, &length));
    if (!decomposed) return {};
    std::string bare;
    for (auto rest = view(decomposed, length); !rest.empty();) {
        const auto c = take_character(rest);
        if (c < 0x80 || !is_accent(c)) append_utf8(bare, c);
    }
    const malloced folded(u8_casefold(octets(bare), bare.size(), nullptr, UNINORM_NFC, nullptr, &length));
    return folded ? std::string(view(folded, length)) : std::string();
}

enum class letter_kind { separator, letter, unspaced, ignored };

bool is_unspaced(char32_t c) {
    constexpr std::array<std::pair<char32_t, char32_t>, 12> ranges = {{
        {0x0E00, 0x0EFF},    // Thai, Lao
        {0x1000, 0x109F},    // Myanmar
        {0x1100, 0x11FF},    // Hangul jamo that make no syllable
        {0x1780, 0x17FF},    // Khmer
        {0x2E80, 0x2FDF},    // Han radicals
        {0x3005, 0x318F},    // Han, Kana, Bopomofo, Hangul
        {0x31A0, 0x31FF},    // Bopomofo, Kana
        {0x3400, 0x4DBF},    // Han
        {0x4E00, 0x9FFF},    // Han
        {0xA960, 0xD7FF},    // Hangul, Myanmar
        {0xF900, 0xFAFF},    // Han
        {0x20000, 0x3FFFF},  // Han
    }};
    return std::ranges::any_of(ranges, [c](const auto& range) { return c >= range.first && c <= range.second; });
}

letter_kind kind_of(char32_t c) {
    if (c < 0x80) return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ? letter_kind::letter : letter_kind::separator;
    constexpr char32_t zero_width_space = 0x200B;  // stands between words where no other does
    if (c == zero_width_space) return letter_kind::separator;
    // What only says how others look: soft hyphens, joiners, variation selectors.
    if (uc_is_general_category_withtable(c, UC_CATEGORY_MASK_Cf) || (c >= 0xFE00 && c <= 0xFE0F)) return letter_kind::ignored;
    constexpr std::uint32_t parts_of_words = UC_CATEGORY_MASK_L | UC_CATEGORY_MASK_M | UC_CATEGORY_MASK_N;
    if (!uc_is_general_category_withtable(c, parts_of_words) || c == 0xFFFD) return letter_kind::separator;
    return is_unspaced(c) ? letter_kind::unspaced : letter_kind::letter;
}

/// Cuts folded text into terms.
class splitter {
public:
    explicit splitter(std::size_t most) : most_(most) {}

    void feed(char32_t c) {
        switch (kind_of(c)) {
            case letter_kind::ignored: return;
            case letter_kind::separator: return end();
            case letter_kind::letter:
                end_run();
                add_to_word(c);
                return;
            case letter_kind::unspaced:
                end_word();
                add_to_run(c);
                return;
        }
    }

    void end() {
        end_word();
        end_run();
    }

    void end_word() {
        if (!word_.empty()) emit(std::exchange(word_, {}));
        cut_ = false;
    }

    [[nodiscard]] bool full() const { return terms_.size() >= most_; }
    [[nodiscard]] std::size_t run_length() const { return run_length_; }
    [[nodiscard]] std::vector<std::string> take() { return std::move(terms_); }

private:
    void add_to_word(char32_t c) {
        const auto before = word_.size();
        if (!cut_) append_utf8(word_, c);
        if (word_.size() <= longest_term) return;
        word_.resize(before);
        cut_ = true;
    }

    void add_to_run(char32_t c) {
        std::string character;
        append_utf8(character, c);
        if (run_length_ > 0) emit(last_ + character);
        last_ = std::move(character);
        ++run_length_;
    }

    void end_run() {
        if (run_length_ > 0) emit(std::exchange(last_, {}));
        run_length_ = 0;
    }

    void emit(std::string term) {
        if (!full()) terms_.push_back(std::move(term));
    }

    std::size_t most_;
    std::vector<std::string> terms_;
    std::string word_;
    bool cut_ = false;
    std::string last_;            // of a run of unspaced characters
    std::size_t run_length_ = 0;  // characters
};

void feed_ascii(splitter& into, std::string_view text) {
    for (const char c : text) {
        into.feed(c >= 'A' && c <= 'Z' ? static_cast<char32_t>(c - 'A' + 'a') : static_cast<char32_t>(c));
    }
}

void feed(splitter& into, std::string_view utf8) {
    while (!utf8.empty() && !into.full()) {
        auto piece = cut_utf8(utf8, piece_size);
        if (piece.empty()) piece = utf8.substr(0, piece_size);  // not UTF-8
        utf8.remove_prefix(piece.size());
        if (core::is_ascii(piece)) {
            feed_ascii(into, piece);
            continue;
        }
        const auto folded = fold(core::is_utf8(piece) ? std::string(piece) : core::to_valid_utf8(piece));
        for (std::string_view rest = folded; !rest.empty() && !into.full();) into.feed(take_character(rest));
    }
}

void append(std::string& to, const std::vector<mailbox_address>& addresses) {
    for (const auto& a : addresses) to.append(a.name).append(1, ' ').append(a.address).append(1, ' ');
}

std::string addresses_of(const std::vector<mailbox_address>& first, const std::vector<mailbox_address>& second = {}) {
    std::string all;
    append(all, first);
    append(all, second);
    return all;
}

std::string names_of(const std::vector<attachment>& attachments) {
    std::string all;
    for (const auto& a : attachments) all.append(a.filename).append(1, ' ');
    return all;
}

std::string text_of(const parsed_message& m) {
    constexpr std::size_t enough = most_body * longest_term;
    if (m.text && !m.text->text.empty()) return m.text->text;
    return m.html ? html_words(m.html->text, enough) : std::string();
}

}  // namespace

std::vector<std::string> search_terms(std::string_view utf8, std::size_t most) {
    splitter found(most);
    feed(found, utf8);
    found.end();
    return found.take();
}

std::optional<search_phrase> phrase_of(std::string_view utf8, bool prefix) {
    splitter found(search_phrase::longest);
    feed(found, utf8);
    const auto run = found.run_length();
    search_phrase phrase;
    phrase.prefix = prefix && run == 0;
    // In the text the run may go on behind its last character, which then is the first of a pair.
    if (run == 1) {
        found.end();
        phrase.prefix = true;
    } else {
        found.end_word();
    }
    phrase.terms = found.take();
    if (phrase.terms.empty()) return std::nullopt;
    return phrase;
}

search_words words_of(const parsed_message& message) {
    return {search_terms(addresses_of(message.from), most_sender),
            search_terms(addresses_of(message.to, message.cc), most_recipients), search_terms(message.subject, most_subject),
            search_terms(text_of(message), most_body), search_terms(names_of(message.attachments), most_attachments)};
}

}  // namespace postern::message
