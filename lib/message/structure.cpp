#include "message/structure.hpp"

#include <algorithm>
#include <utility>

namespace postern::message {

namespace {

constexpr std::size_t break_length = 2;  // a delimiter owns the CRLF before it (RFC 2046 5.1.1)

}  // namespace

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

std::optional<std::uint64_t> structure::find_dashes(std::uint64_t limit) {
    // Looking for dashes and not for lines passes base64, which has none, at the speed of memory; looking for a line's end once
    // a dash stands within it does the same for lines full of them.
    char wanted = '-';
    for (auto at = at_; at < limit;) {
        const auto piece = window_.at(at);
        const auto found = piece.find(wanted);
        at += std::min(found, piece.size());
        if (found == std::string_view::npos || at >= limit) continue;
        if (wanted == '\n') {
            wanted = '-';
            continue;
        }
        const auto before = at == 0 ? 0U : 1U;
        const auto around = window_.at(at - before, before + 2);
        const bool starts_line = before == 0 || around.front() == '\n';
        if (starts_line && around.substr(before).starts_with("--")) return at;
        wanted = '\n';
    }
    return std::nullopt;
}

std::uint64_t structure::body_end(std::uint64_t delimiter) {
    const auto begin = leaf_ ? parts_[*leaf_].body.begin : parts_[open_.back()].body.begin;
    const auto length = static_cast<std::size_t>(std::min<std::uint64_t>(break_length, delimiter - begin));
    const auto before = window_.at(delimiter - length, length).substr(0, length);
    if (before == "\r\n") return delimiter - break_length;
    return before.ends_with('\n') ? delimiter - 1 : delimiter;
}

bool structure::next() {
    while (!open_.empty()) {
        const auto found = find_dashes(limit_);
        if (!found) break;
        const auto line = window_.at(*found, boundary_stack::max_line).substr(0, boundary_stack::max_line);
        const auto delimiter = boundaries_.match(line);
        at_ = *found + std::min(line.find('\n'), line.size() - 1) + 1;
        if (!delimiter) continue;
        end_parts(delimiter->level + (delimiter->closes ? 0 : 1), body_end(*found));
        if (delimiter->closes) return true;
        if (parts_.size() == max_parts) {
            end_parts(0, *found);
            return false;
        }
        begin_part(at_, delimiter->level);
        return true;
    }
    end_parts(0, window_.size());
    return false;
}

structure walk(octet_window& window) {
    structure parts(window, window.size());
    while (parts.next()) {
    }
    return parts;
}

}  // namespace postern::message
