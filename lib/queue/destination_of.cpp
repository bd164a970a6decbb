#include "queue/destination_of.hpp"

#include <algorithm>

#include "core/unicode.hpp"
#include "smtp/address.hpp"

namespace postern::queue {

std::optional<std::string> destination_of(std::string_view path) {
    const auto parsed = smtp::parse_mailbox(path);
    if (!parsed || parsed->domain.empty()) return std::nullopt;
    if (!parsed->is_literal()) return core::to_a_label(parsed->domain);
    auto literal = parsed->domain;
    std::ranges::transform(literal, literal.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return literal;
}

}  // namespace postern::queue
