#include "message/body_selection.hpp"

#include <algorithm>

namespace postern::message {

namespace {

bool is_body(const part& p) {
    if (p.disposition == part::disposition_kind::attachment) return false;
    // A text with a name is a file, unless it is all there is.
    return p.parent == part::no_parent || p.filename.empty();
}

bool is_inline(const std::vector<part>& parts, const part& p) {
    if (p.disposition == part::disposition_kind::attachment || p.parent == part::no_parent) return false;
    return !p.content_id.empty() && (parts[p.parent].subtype == "related" || p.disposition == part::disposition_kind::in_line);
}

bool is_signature(const part& p) {
    return p.type == "application" &&
           (p.subtype == "pgp-signature" || p.subtype == "pkcs7-signature" || p.subtype == "x-pkcs7-signature");
}

}  // namespace

/// Whether the part lies in no multipart/alternative, or in that form of the nearest one which the first of its kind lies in.
bool body_selector::takes(std::vector<taken_form>& taken, const std::vector<part>& parts, std::size_t index) {
    auto form = index;
    while (parts[form].parent != part::no_parent && parts[parts[form].parent].subtype != "alternative")
        form = parts[form].parent;
    const auto alternative = parts[form].parent;
    if (alternative == part::no_parent) return true;
    const auto known = std::ranges::find(taken, alternative, &taken_form::alternative);
    if (known != taken.end()) return known->form == form;
    taken.push_back({.alternative = alternative, .form = form});
    return true;
}

part_role body_selector::role_of(const std::vector<part>& parts, std::size_t index) {
    const auto& p = parts[index];
    if (p.opened) return part_role::container;
    if (is_body(p) && p.is("text", "plain") && takes(text_, parts, index)) return part_role::text;
    if (is_body(p) && p.is("text", "html") && takes(html_, parts, index)) return part_role::html;
    return is_inline(parts, p) ? part_role::inline_ : part_role::attachment;
}

std::vector<part_role> select_bodies(const std::vector<part>& parts) {
    std::vector<part_role> roles;
    roles.reserve(parts.size());
    body_selector selector;
    for (std::size_t i = 0; i < parts.size(); ++i) roles.push_back(selector.role_of(parts, i));
    return roles;
}

bool is_sent_along(const std::vector<part>& parts, std::size_t index, part_role role) {
    const auto& p = parts[index];
    if (role != part_role::attachment || is_signature(p)) return false;
    if (p.disposition == part::disposition_kind::attachment || p.is("message", "rfc822")) return true;
    return p.type != "text" && !p.filename.empty();
}

}  // namespace postern::message
