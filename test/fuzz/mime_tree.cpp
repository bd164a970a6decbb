// Any octets give a tree within the bounds mime_tree.hpp states, whose nodes lie within each other in order and are found by
// their numbers; the same one however the octets are read. Its fields are lines that IMAP can tell.
#include "message/mime_tree.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <string>

#include "core/unicode.hpp"
#include "require.hpp"

using namespace postern;
using namespace postern::message;

namespace {

/// The octets as they come from a file.
class distant_octets final : public core::content {
public:
    explicit distant_octets(const core::content& octets) : octets_(octets) {}
    [[nodiscard]] std::uint64_t size() const override { return octets_.size(); }
    std::size_t read(std::uint64_t offset, std::span<char> into) const override { return octets_.read(offset, into); }

private:
    const core::content& octets_;
};

void require_line(const std::string& text) {
    require(text.size() <= 64UL * 1024);
    require(core::is_utf8(text));
    require(std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }));
}

void require_line(const std::optional<std::string>& text) {
    if (text) require_line(*text);
}

void require_list(const std::vector<envelope_address>& list) {
    require(list.size() <= 1000);
    bool in_group = false;
    for (const auto& a : list) {
        require_line(a.name);
        require_line(a.mailbox);
        require_line(a.host);
        if (a.host) {
            require(a.mailbox.has_value());
            continue;
        }
        require(a.mailbox.has_value() != in_group && !a.name);
        in_group = !in_group;
    }
    require(!in_group);
}

void require_envelope(const envelope& e) {
    for (const auto* list : {&e.from, &e.sender, &e.reply_to, &e.to, &e.cc, &e.bcc}) require_list(*list);
    for (const auto* text : {&e.date, &e.subject, &e.in_reply_to, &e.message_id}) require_line(*text);
}

void require_parameters(const mime_parameters& parameters) {
    require(parameters.size() <= 100);
    for (const auto& [name, value] : parameters) {
        require(!name.empty());
        require_line(name);
        require_line(value);
    }
}

void require_fields(const mime_node& n) {
    for (const auto* text : {&n.type, &n.subtype, &n.encoding}) {
        require_line(*text);
        require(!text->empty());
    }
    require(n.encoding.size() <= 64);
    require_parameters(n.parameters);
    require_parameters(n.disposition_parameters);
    for (const auto* text : {&n.id, &n.description, &n.md5, &n.disposition, &n.location}) require_line(*text);
    for (const auto& tag : n.languages) require_line(tag);
    if (n.envelope) require_envelope(*n.envelope);
}

class checker {
public:
    checker(const mime_node& root, std::string_view octets) : root_(root), octets_(octets) {}

    /// `whole`: a message, not a part of one: without a number of its own where it is a multipart.
    void check(const mime_node& n, bool whole) {
        require(++nodes_ <= 1000 && ++level_ <= 50);
        require(n.header_begin <= n.body_begin && n.body_begin <= n.body_end && n.body_end <= octets_.size());
        require_fields(n);
        const auto body = octets_.substr(n.body_begin, n.body_end - n.body_begin);
        if (n.type == "text" || n.is_message()) {
            require(n.lines == static_cast<std::uint64_t>(std::ranges::count(body, '\n')));
        }
        // What is no multipart is part 1 of the message it is the whole of.
        const bool numbered = whole && !n.is_multipart();
        if (numbered) number_.push_back(1);
        if (!whole || numbered) require(find_part(root_, number_) == &n);
        require(n.is_multipart() ? !n.children.empty() : n.children.size() == (n.is_message() ? 1 : 0));
        if (n.is_message()) {
            const auto& inner = n.children.front();
            require(inner.header_begin == n.body_begin && inner.body_end == n.body_end);
            check(inner, true);
        } else {
            check_parts(n);
        }
        if (numbered) number_.pop_back();
        --level_;
    }

private:
    void check_parts(const mime_node& n) {
        auto at = n.body_begin;
        number_.push_back(0);
        for (const auto& child : n.children) {
            ++number_.back();
            require(child.header_begin >= at && child.body_end <= n.body_end);
            at = child.body_end;
            check(child, false);
        }
        ++number_.back();
        require(find_part(root_, number_) == nullptr || !n.is_multipart());
        number_.pop_back();
    }

    const mime_node& root_;
    std::string_view octets_;
    std::vector<std::uint32_t> number_;
    std::size_t nodes_ = 0;
    std::size_t level_ = 0;
};

void require_same(const mime_node& a, const mime_node& b) {
    require(a.type == b.type && a.subtype == b.subtype && a.parameters == b.parameters && a.envelope == b.envelope);
    require(a.header_begin == b.header_begin && a.body_begin == b.body_begin && a.body_end == b.body_end);
    require(a.lines == b.lines && a.children.size() == b.children.size());
    for (std::size_t i = 0; i < a.children.size(); ++i) require_same(a.children[i], b.children[i]);
}

/// Both halves of a header, each line in one of them.
void require_selections(const core::content& content, const mime_node& root) {
    const std::array<std::string, 2> names = {"Content-Type", "from"};
    const octet_range header{.begin = root.header_begin, .end = root.body_begin};
    const auto these = select_fields(content, header, names, false);
    const auto others = select_fields(content, header, names, true);
    require(these.ends_with("\r\n") && others.ends_with("\r\n"));
    require(these.size() + others.size() <= root.body_begin - root.header_begin + 6);
    require(select_fields(distant_octets(content), header, names, true) == others);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const core::memory_content content(std::string(reinterpret_cast<const char*>(data), size));
    const auto root = read_tree(content);
    require(root.header_begin == 0 && root.body_end == size);
    checker(root, *content.in_memory()).check(root, true);
    require_same(root, read_tree(distant_octets(content)));
    require_selections(content, root);
    octet_window window(content);
    require_envelope(read_envelope(read_header(window, 0, 256UL * 1024, {}).header));
    return 0;
}
