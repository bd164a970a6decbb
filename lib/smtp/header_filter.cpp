#include "smtp/header_filter.hpp"

#include <algorithm>

#include "smtp/characters.hpp"

namespace postern::smtp {

namespace {

constexpr std::string_view return_path = "Return-Path";
constexpr std::string_view received = "Received";

bool is_white(char c) { return c == ' ' || c == '\t'; }

}  // namespace

void header_filter::append(std::string_view octets) {
    kept_from_ = 0;
    name_from_ = 0;
    std::size_t i = 0;
    while (i < octets.size() && state_ != state::body) {
        switch (state_) {
            case state::line_start: start_line(octets, i); break;
            case state::name:
            case state::after_name: read_name(octets, i++); break;
            case state::value: {
                // A LF alone ends a line here too: it passes only with BODY=BINARYMIME, where it means what a MIME parser makes
                // of it.
                const auto line_end = octets.find('\n', i);
                if (line_end == std::string_view::npos) {
                    i = octets.size();
                } else {
                    i = line_end + 1;
                    state_ = state::line_start;
                }
                break;
            }
            case state::body: break;
        }
    }
    // A name that may still turn out to be Return-Path waits for the next piece.
    const bool undecided = (state_ == state::name || state_ == state::after_name) && may_be_return_path();
    const auto until = undecided ? name_from_ : octets.size();
    if (undecided) held_ = prefix_size_;
    if (!dropping_ && until > kept_from_) out_.append(octets.substr(kept_from_, until - kept_from_));
}

void header_filter::finish() { release(); }

void header_filter::start_line(std::string_view piece, std::size_t at) {
    const char c = piece[at];
    if (is_white(c) && in_field_) {  // RFC 5322 2.2.3: a continuation belongs to its field, also where that is dropped
        state_ = state::value;
        return;
    }
    if (dropping_) kept_from_ = at;
    dropping_ = false;
    if (c == '\r' || c == '\n' || is_white(c)) {
        state_ = state::body;
        return;
    }
    state_ = state::name;
    name_from_ = at;
    name_size_ = prefix_size_ = 0;
}

void header_filter::read_name(std::string_view piece, std::size_t at) {
    const char c = piece[at];
    if (c == ':' && name_size_ > 0) {
        end_name(piece);
        return;
    }
    const bool in_name = state_ == state::name && is_visible(c) && c != ':';
    if (!in_name && !is_white(c)) {  // not a field, so the body has begun
        release();
        state_ = state::body;
        return;
    }
    if (prefix_size_ < name_.size()) name_[prefix_size_] = c;
    ++prefix_size_;
    if (in_name) {
        ++name_size_;
    } else {
        state_ = state::after_name;  // RFC 5322 4.5: in old messages white space may stand before the colon
    }
    if (held_ > 0 && !may_be_return_path()) release();
}

void header_filter::end_name(std::string_view piece) {
    const auto name = std::string_view(name_.data(), std::min(name_size_, name_.size()));
    if (may_be_return_path() && name_size_ == return_path.size()) {
        if (name_from_ > kept_from_) out_.append(piece.substr(kept_from_, name_from_ - kept_from_));
        held_ = 0;
        dropping_ = true;
    } else if (equals_ignoring_case(name, received)) {
        ++received_;
    }
    release();
    in_field_ = true;
    state_ = state::value;
}

/// Hands on what was held back: it turned out to be no Return-Path.
void header_filter::release() {
    if (held_ > 0) out_.append(std::string_view(name_.data(), held_));
    held_ = 0;
}

bool header_filter::may_be_return_path() const noexcept {
    if (prefix_size_ > name_.size() || name_size_ > return_path.size()) return false;
    return equals_ignoring_case(std::string_view(name_.data(), name_size_), return_path.substr(0, name_size_));
}

}  // namespace postern::smtp
