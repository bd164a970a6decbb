#include "message/address_lexer.hpp"

#include <algorithm>

namespace postern::message {

namespace {

constexpr std::string_view address_specials = "<>,:;@.";

/// Where `what` occurs at or behind `from`; `known` is where it was found before, for a `from` that was not greater.
std::size_t find_onwards(std::string_view line, std::string_view what, std::size_t from, std::size_t& known) {
    if (known < from || known == 0) known = std::min(line.find(what, from), line.size());
    return known;
}

}  // namespace

bool address_lexer::take_quoted(std::string& text) {
    if (!quotes_end_) return false;
    for (auto i = at_ + 1; i < line_.size(); ++i) {
        if (line_[i] == '"') {
            at_ = i + 1;
            return true;
        }
        if (line_[i] == '\\' && i + 1 < line_.size()) ++i;
        text += line_[i];
    }
    quotes_end_ = false;
    text.clear();
    return false;
}

bool address_lexer::take_comment(std::string& text) {
    if (!comments_end_) return false;
    std::size_t depth = 1;
    for (auto i = at_ + 1; i < line_.size(); ++i) {
        if (line_[i] == '(') ++depth;
        if (line_[i] == ')' && --depth == 0) {
            at_ = i + 1;
            return true;
        }
        if (line_[i] == '\\' && i + 1 < line_.size()) ++i;
        text += line_[i];
    }
    comments_end_ = false;
    text.clear();
    return false;
}

std::size_t address_lexer::literal_length() const {
    const auto end = line_.find_first_of("[]<>,;@()\" ", at_ + 1);
    return end != std::string_view::npos && line_[end] == ']' ? end + 1 - at_ : 0;
}

std::size_t address_lexer::encoded_word_length() {
    // RFC 2047 5 (3) keeps specials out of the words of a phrase; programs put commas and brackets in them all the same.
    if (!line_.substr(at_).starts_with("=?")) return 0;
    const auto blank = find_onwards(line_, " ", at_, next_blank_);
    const auto charset_end = line_.substr(0, std::min(blank, at_ + 64)).find('?', at_ + 2);
    if (charset_end == std::string_view::npos || charset_end + 2 >= blank || line_[charset_end + 2] != '?') return 0;
    const auto end = find_onwards(line_, "?=", charset_end + 3, next_word_end_);
    return end < blank ? end + 2 - at_ : 0;
}

address_token address_lexer::next() {
    address_token token;
    const auto begin = std::min(line_.find_first_not_of(' ', at_), line_.size());
    token.blank_before = begin > at_;
    at_ = begin;
    if (at_ == line_.size()) return token;
    const char c = line_[at_];
    if (c == '(' && take_comment(token.text)) {
        token.is = address_token::kind::comment;
        return token;
    }
    if (address_specials.contains(c)) {
        token.is = address_token::kind::special;
        token.special = c;
        ++at_;
        return token;
    }
    token.is = address_token::kind::word;
    if (c == '"' && take_quoted(token.text)) return token;
    auto length = c == '[' ? literal_length() : encoded_word_length();
    if (length == 0) length = std::min(line_.find_first_of("<>,:;@.(\"[ ", at_ + 1), line_.size()) - at_;
    token.text = line_.substr(at_, length);
    at_ += length;
    return token;
}

}  // namespace postern::message
