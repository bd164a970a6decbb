#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "message/boundary_stack.hpp"
#include "message/mime_tree.hpp"
#include "message/octet_window.hpp"

namespace postern::message {

/// Walks a message and the messages within it from front to back, once.
///
/// `structure` would have to be run again on each message within another, and fifty of those within each other would cost the
/// message's length fifty times. Here the delimiters of enclosing and enclosed multiparts are looked for together, as RFC 2046
/// 5.1.2 has it anyhow: whatever lies in a part ends where that part ends. What a part is, is read as `structure` reads it.
class tree_walk {
public:
    static constexpr std::size_t max_nodes = 1000;
    static constexpr std::size_t max_levels = 50;
    static constexpr std::size_t max_texts = 2UL * 1024 * 1024;  ///< octets of memory for the texts of all nodes

    static constexpr std::size_t no_parent = static_cast<std::size_t>(-1);

    struct entry {
        mime_node node{};  ///< without children
        std::size_t parent = no_parent;
        std::size_t level = 1;
    };

    /// `window` must outlive this.
    explicit tree_walk(octet_window& window) : window_(window) {}

    /// Parents before their parts, parts in order; each lies within its parent. Throws what reading the content throws.
    [[nodiscard]] std::vector<entry> run();

private:
    void begin_part(std::size_t parent, std::uint64_t header_begin);
    bool add(std::size_t parent, std::uint64_t header_begin);
    [[nodiscard]] bool has_room(std::size_t level) const { return level < max_levels && entries_.size() < max_nodes; }
    void keep_or_drop_texts(mime_node& node);
    void end_parts_above(std::size_t kept, std::uint64_t delimiter);
    void settle();

    octet_window& window_;
    std::vector<entry> entries_;
    std::vector<std::size_t> path_;  // from the message to the part we stand in, or behind the end of
    boundary_stack boundaries_;
    std::vector<std::size_t> open_;  // the multiparts boundaries_ belong to
    std::uint64_t at_ = 0;
    std::size_t texts_left_ = max_texts;
};

}  // namespace postern::message
