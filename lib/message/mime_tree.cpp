#include "message/mime_tree.hpp"

#include <algorithm>
#include <utility>

#include "message/gmime_library.hpp"
#include "message/octet_window.hpp"
#include "message/tree_walk.hpp"

namespace postern::message {

namespace {

bool has_lines(const mime_node& node) { return node.type == "text" || node.is_message(); }

std::uint64_t line_breaks(octet_window& window, std::uint64_t begin, std::uint64_t end) {
    std::uint64_t breaks = 0;
    while (begin < end) {
        const auto piece = window.at(begin);
        if (piece.empty()) break;
        const auto length = std::min<std::uint64_t>(piece.size(), end - begin);
        breaks += static_cast<std::uint64_t>(std::ranges::count(piece.substr(0, static_cast<std::size_t>(length)), '\n'));
        begin += length;
    }
    return breaks;
}

/// Counts the lines of all that has lines in one pass: a message within forty others is not read forty times.
void count_lines(octet_window& window, std::vector<tree_walk::entry>& entries) {
    struct edge {
        std::uint64_t at;
        bool begins;
        mime_node* node;
    };
    std::vector<edge> edges;
    for (auto& e : entries) {
        if (!has_lines(e.node)) continue;
        edges.push_back({.at = e.node.body_begin, .begins = true, .node = &e.node});
        edges.push_back({.at = e.node.body_end, .begins = false, .node = &e.node});
    }
    std::ranges::sort(edges, {}, [](const edge& e) { return std::pair(e.at, !e.begins); });
    std::uint64_t at = 0;
    std::uint64_t breaks = 0;
    std::uint64_t within = 0;
    for (const auto& [place, begins, node] : edges) {
        if (within > 0) breaks += line_breaks(window, at, place);
        at = place;
        if (begins) {
            node->lines = breaks;
            ++within;
        } else {
            node->lines = breaks - node->lines;
            --within;
        }
    }
}

mime_node assemble(std::vector<tree_walk::entry> entries) {
    for (auto i = entries.size(); i-- > 0;) {
        auto& node = entries[i].node;
        std::ranges::reverse(node.children);  // the last was put in first
        if (i > 0) entries[entries[i].parent].node.children.push_back(std::move(node));
    }
    return std::move(entries.front().node);
}

}  // namespace

mime_node read_tree(const core::content& octets) {
    start_gmime();
    octet_window window(octets);
    auto entries = tree_walk(window).run();
    count_lines(window, entries);
    return assemble(std::move(entries));
}

const mime_node* find_part(const mime_node& root, std::span<const std::uint32_t> number) {
    const auto* at = &root;
    bool whole = true;  // `at` is a message, not a part of one
    for (const auto n : number) {
        // RFC 9051 6.4.5.1: numbers within a part of type MESSAGE are those of the enclosed message's body.
        if (!whole && at->is_message()) {
            if (at->children.empty()) return nullptr;
            at = &at->children.front();
            whole = true;
        }
        if (at->is_multipart()) {
            if (n == 0 || n > at->children.size()) return nullptr;
            at = &at->children[n - 1];
        } else if (!whole || n != 1) {
            return nullptr;  // RFC 9051 6.4.5.1: what is not multipart has a part 1 and no other
        }
        whole = false;
    }
    return at;
}

}  // namespace postern::message
