#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "message/parsed_message.hpp"

/// What is looked for in a message, and what it is found by: text as a list of terms, made here alone, so that both databases
/// index and look for the same.
///
/// Flow: a few KiB at a time, text is decomposed (NFKD), accents are dropped, case is folded; then it is split. A term is a run
/// of letters, marks and digits: shorter than a word of UAX 29, which keeps "example.com" together, where nobody would find
/// "example". Scripts that put nothing between words (Chinese, Japanese, Korean, Thai, ...) become pairs of characters that
/// overlap, and a last single one. On failure: there is none; what is not a letter or a digit ends a term.
namespace postern::message {

/// At most `most` terms of UTF-8 text, in order; each 1 to 48 octets, longer ones cut. No term holds an ASCII character but
/// letters in lower case and digits.
[[nodiscard]] std::vector<std::string> search_terms(std::string_view utf8, std::size_t most);

/// Terms that follow one another.
struct search_phrase {
    std::vector<std::string> terms;  ///< 1 to longest
    bool prefix = false;             ///< the last one may go on

    static constexpr std::size_t longest = 64;

    friend bool operator==(const search_phrase&, const search_phrase&) = default;
};

/// What finds this text in any that search_terms was made of and that holds it; with `prefix`, also where its last word goes
/// on. nullopt where there is no letter or digit in it.
[[nodiscard]] std::optional<search_phrase> phrase_of(std::string_view utf8, bool prefix = false);

/// What a message is found by. Together less than 15,000 terms: PostgreSQL counts positions up to 16,383, in 1 MiB.
struct search_words {
    std::vector<std::string> sender;
    std::vector<std::string> recipients;
    std::vector<std::string> subject;
    std::vector<std::string> body;  ///< the first 12,000 of the text; of the HTML where there is no text
    std::vector<std::string> attachments;
};

[[nodiscard]] search_words words_of(const parsed_message& message);

}  // namespace postern::message
