#include "message/structure.hpp"

#include <algorithm>
#include <utility>

#include "message/delimiter_search.hpp"

namespace postern::message {

structure::structure(octet_window& window, std::uint64_t scan_limit)
    : window_(window), limit_(std::min(scan_limit, window.size())) {
    auto [header, body_begin] = read_header(window_, 0, max_header, boundaries_);
    header_ = std::move(header);
    add_part(read_part(header_, false), body_begin);
}

void structure::add_part(part p, std::uint64_t body_begin) {
    p.body.begin = body_begin;
    p.body.end = window_.size();
    at_ = body_begin;
    p.opened = p.is_multipart() && open_.size() < max_depth;
    if (p.opened) {
        boundaries_.open(p.boundary);
        open_.push_back(parts_.size());
        leaf_ = std::nullopt;
    } else {
        leaf_ = parts_.size();
    }
    parts_.push_back(std::move(p));
}

void structure::begin_part(std::uint64_t header_begin, std::size_t level) {
    const auto parent = open_[level];
    const auto [header, body_begin] = read_header(window_, header_begin, max_part_header, boundaries_);
    auto p = read_part(header, parts_[parent].subtype == "digest");
    p.parent = parent;
    p.header = header_begin;
    add_part(std::move(p), body_begin);
}

void structure::end_parts(std::size_t level, std::uint64_t end) {
    if (leaf_) parts_[*leaf_].body.end = end;
    leaf_ = std::nullopt;
    for (; open_.size() > level; open_.pop_back()) {
        auto& ended = parts_[open_.back()];
        ended.body.end = end;
        if (open_.back() + 1 < parts_.size()) continue;
        // Nothing in it was a part: its boundary never occurred, so what there is, is text.
        ended.type = "text";
        ended.subtype = "plain";
        ended.opened = false;
    }
    boundaries_.close_down_to(level);
}

bool structure::next() {
    const auto found = open_.empty() ? std::nullopt : find_delimiter(window_, boundaries_, at_, limit_);
    if (!found) {
        end_parts(0, window_.size());
        return false;
    }
    at_ = found->behind;
    const auto [level, closes] = found->meant;
    const auto begin = leaf_ ? parts_[*leaf_].body.begin : parts_[open_.back()].body.begin;
    end_parts(level + (closes ? 0 : 1), body_end_before(window_, begin, found->begin));
    if (closes) return true;
    if (parts_.size() == max_parts) {
        end_parts(0, found->begin);
        return false;
    }
    begin_part(at_, level);
    return true;
}

structure walk(octet_window& window) {
    structure parts(window, window.size());
    while (parts.next()) {
    }
    return parts;
}

}  // namespace postern::message
