#include "http/wire/byte_range.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>

#include <boost/url/grammar/ci_string.hpp>

#include "http/wire/white_space.hpp"

namespace postern::http {

namespace {

/// 1*DIGIT; a number too large for us is larger than any body.
std::optional<std::uint64_t> to_position(std::string_view text) {
    if (text.empty() || text.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
    std::uint64_t value = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
    return read.ec == std::errc{} ? value : std::numeric_limits<std::uint64_t>::max();
}

}  // namespace

byte_range read_range(std::string_view field, std::uint64_t size) {
    using enum byte_range::kind;
    const auto equals = field.find('=');
    if (equals == std::string_view::npos || !boost::urls::grammar::ci_is_equal(field.substr(0, equals), "bytes")) return {};
    const auto range = trimmed(field.substr(equals + 1));
    const auto dash = range.find('-');
    if (dash == std::string_view::npos) return {};
    const auto last = to_position(range.substr(dash + 1));
    if (dash == 0) {  // the last so many
        if (!last) return {};
        if (*last == 0) return {unsatisfiable};
        if (size == 0) return {};
        const auto count = std::min(*last, size);
        return {part, size - count, count};
    }
    const auto first = to_position(range.substr(0, dash));
    if (!first || (!last && dash + 1 != range.size()) || (last && *last < *first)) return {};
    if (*first >= size) return {unsatisfiable};
    const auto end = last ? std::min(*last, size - 1) : size - 1;
    return {part, *first, end - *first + 1};
}

}  // namespace postern::http
