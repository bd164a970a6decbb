#include "message/tree_walk.hpp"

#include <algorithm>
#include <utility>

#include "message/delimiter_search.hpp"
#include "message/header_block.hpp"
#include "message/mime_fields.hpp"
#include "message/part.hpp"
#include "message/structure.hpp"

namespace postern::message {

namespace {

bool is_enclosed_message(const part& p) { return p.is("message", "rfc822") || p.is("message", "global"); }

}  // namespace

std::vector<tree_walk::entry> tree_walk::run() {
    begin_part(no_parent, 0);
    while (!open_.empty()) {
        const auto found = find_delimiter(window_, boundaries_, at_, window_.size());
        if (!found) break;
        at_ = found->behind;
        const auto [level, closes] = found->meant;
        const auto multipart = open_[level];
        const auto in_path = std::ranges::find(path_, multipart) - path_.begin();
        end_parts_above(static_cast<std::size_t>(in_path) + 1, found->begin);
        // A closed multipart stays in the path: its epilogue is in its body.
        open_.resize(level + (closes ? 0 : 1));
        boundaries_.close_down_to(open_.size());
        if (closes) continue;
        if (has_room(entries_[multipart].level)) begin_part(multipart, at_);
    }
    settle();
    return std::move(entries_);
}

void tree_walk::begin_part(std::size_t parent, std::uint64_t header_begin) {
    while (add(parent, header_begin)) {
        parent = entries_.size() - 1;
        header_begin = at_;
    }
}

/// Adds a part; whether it encloses a message, which is to be added next.
bool tree_walk::add(std::size_t parent, std::uint64_t header_begin) {
    const auto level = parent == no_parent ? 1 : entries_[parent].level + 1;
    const bool in_multipart = parent != no_parent && entries_[parent].node.is_multipart();
    const auto max_header = in_multipart ? structure::max_part_header : structure::max_header;
    const auto [header, body_begin] = read_header(window_, header_begin, max_header, boundaries_);
    if (parent != no_parent && !in_multipart) {
        entries_[parent].node.envelope = read_envelope(header);
        keep_or_drop_texts(entries_[parent].node);
    }
    const auto read = read_part(header, in_multipart && entries_[parent].node.subtype == "digest");
    at_ = body_begin;
    path_.push_back(entries_.size());
    entries_.push_back({.parent = parent, .level = level});
    auto& node = entries_.back().node;
    read_mime_fields(header, read, node);
    keep_or_drop_texts(node);
    node.header_begin = header_begin;
    node.body_begin = body_begin;
    // RFC 2046 5.2.1 forbids to encode a message, RFC 6532 3.5 allows it for message/global: then there are no octets in it to
    // point at, and it is told of as a whole.
    const bool readable = read.body.encoding == transfer_encoding::identity;
    if (is_enclosed_message(read) && readable && has_room(level)) return true;
    if (read.is_multipart() && has_room(level)) {
        boundaries_.open(read.boundary);
        open_.push_back(entries_.size() - 1);
    } else if (read.is_multipart() || is_enclosed_message(read)) {
        make_opaque(node);
    }
    return false;
}

void tree_walk::keep_or_drop_texts(mime_node& node) {
    const auto weight = text_weight(node);
    if (weight > texts_left_) {
        drop_texts(node);
    } else {
        texts_left_ -= weight;
    }
}

void tree_walk::end_parts_above(std::size_t kept, std::uint64_t delimiter) {
    for (auto i = kept; i < path_.size(); ++i) {
        auto& node = entries_[path_[i]].node;
        node.body_end = body_end_before(window_, node.body_begin, delimiter);
    }
    path_.resize(kept);
}

void tree_walk::settle() {
    for (const auto at : path_) entries_[at].node.body_end = window_.size();
    std::vector<bool> parents(entries_.size());
    for (auto& [node, parent, level] : entries_) {
        if (parent == no_parent) continue;
        parents[parent] = true;
        // A header that a delimiter cut short sticks out over the line break, which is the delimiter's, if not its part's own.
        const auto end = entries_[parent].node.body_end;
        for (auto* const place : {&node.header_begin, &node.body_begin, &node.body_end}) *place = std::min(*place, end);
    }
    for (std::size_t i = 0; i < entries_.size(); ++i) {
        auto& node = entries_[i].node;
        // As `structure` has it: its boundary never occurred, so what there is, is text.
        if (node.is_multipart() && !parents[i]) make_plain_text(node);
    }
}

}  // namespace postern::message
