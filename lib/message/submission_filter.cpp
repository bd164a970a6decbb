#include "message/submission_filter.hpp"

#include <utility>

#include "message/header_line.hpp"

namespace postern::message {

submission_filter::submission_filter(submission_defaults defaults, sink out)
    : defaults_(std::move(defaults)), out_(std::move(out)) {}

void submission_filter::append(std::string_view octets) {
    if (refused_) return;
    if (!in_header_) return out_(octets);
    held_ += octets;
    look_for_end();
    // A line of deciding_octets that has not ended the header is part of it.
    if (in_header_ && (line_ > max_header || held_.size() > max_header + deciding_octets)) refuse();
}

void submission_filter::refuse() {
    refused_ = true;
    edit_.found = submission_edit::fault::header_too_large;
    held_ = {};
}

void submission_filter::look_for_end() {
    while (line_ < held_.size()) {
        const auto rest = std::string_view(held_).substr(line_);
        const auto end = rest.find('\n', searched_);
        searched_ = end == rest.npos ? rest.size() : 0;
        if (end == rest.npos && rest.size() < deciding_octets) return;
        const auto kind = classify(rest, line_ == 0);
        if (kind == line_kind::empty || kind == line_kind::other) return end_header(line_, kind == line_kind::empty);
        if (end == rest.npos) return;
        line_ += end + 1;
    }
}

void submission_filter::finish() {
    if (refused_ || !in_header_) return;
    // What is left is a line without an end.
    const auto rest = std::string_view(held_).substr(line_);
    const bool of_header = !rest.empty() && classify(rest, line_ == 0) != line_kind::other;
    end_header(of_header ? held_.size() : line_, false);
}

void submission_filter::end_header(std::size_t size, bool by_empty_line) {
    in_header_ = false;
    if (size > max_header) return refuse();
    const auto whole = std::exchange(held_, {});
    const auto header = std::string_view(whole).substr(0, size);
    edit_ = prepare_submission(header, defaults_);
    out_(edit_.prefix);
    std::size_t from = 0;
    for (const auto& range : edit_.removed) {
        if (range.begin > from) out_(header.substr(from, range.begin - from));
        from = range.begin + range.size;
    }
    if (from < header.size()) out_(header.substr(from));
    // Text without a header of its own: the fields put before it must not swallow it.
    if (!by_empty_line && header.empty() && size < whole.size()) out_("\r\n");
    if (size < whole.size()) out_(std::string_view(whole).substr(size));
}

}  // namespace postern::message
