#include "config/text.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include "core/format.hpp"
#include "core/unicode.hpp"

namespace postern::config {

namespace {

constexpr std::size_t max_shown = 100;  // octets of a value in a message

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

std::string percent_decoded(std::string_view text) {
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%' && i + 2 < text.size() && hex_value(text[i + 1]) >= 0 && hex_value(text[i + 2]) >= 0) {
            result.push_back(static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2])));
            i += 2;
        } else {
            result.push_back(text[i]);
        }
    }
    return result;
}

/// Where the value of the first parameter with a password in its name starts, or npos.
/// libpq decodes the names of parameters too, so "p%61ssword" is one.
std::size_t find_password_parameter(std::string_view url) {
    for (auto start = url.find('?'); start != std::string_view::npos; start = url.find('&', start + 1)) {
        const auto equals = url.find('=', start);
        if (equals == std::string_view::npos) break;
        if (percent_decoded(url.substr(start + 1, equals - start - 1)).contains("password")) return equals + 1;
    }
    return std::string_view::npos;
}

/// Optimal string alignment: insertions, deletions, substitutions and swaps of neighbours.
std::size_t edits_between(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before(b.size() + 1);
    std::vector<std::size_t> last(b.size() + 1);
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(last.begin(), last.end(), 0);
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) row[j] = std::min(row[j], before[j - 2] + 1);
        }
        std::swap(before, last);
        std::swap(last, row);
    }
    return last.back();
}

}  // namespace

std::string without_password(std::string_view url) {
    const auto scheme = url.find("://");
    if (scheme == std::string_view::npos) return "***";
    auto shown = std::string(url);
    // The last "@" ends the user's part for us, wherever it stands: a password with an unescaped "/", "?" or "@" is not shown
    // either, at the price of hiding a host when a parameter holds an "@".
    const auto at = shown.rfind('@');
    const auto colon = shown.find(':', scheme + 3);
    if (at != std::string::npos && colon < at) shown.replace(colon + 1, at - colon - 1, "***");
    if (const auto value = find_password_parameter(shown); value != std::string::npos)
        shown.replace(value, std::string::npos, "***");
    return shown;
}

std::string in_quotes(std::string_view text) {
    const bool cut = text.size() > max_shown;
    std::string result = "\"";
    const bool utf8 = core::is_utf8(text);
    for (const char c : text.substr(0, max_shown)) {
        const auto octet = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            result.push_back('\\');
            result.push_back(c);
        } else if (octet < 0x20 || octet == 0x7f || (octet >= 0x80 && (!utf8 || cut))) {
            core::append(result, "\\x{:02x}", octet);
        } else {
            result.push_back(c);
        }
    }
    return result + (cut ? "...\"" : "\"");
}

std::string_view trim(std::string_view text) {
    constexpr std::string_view space = " \t";
    const auto first = text.find_first_not_of(space);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(space) - first + 1);
}

std::string nearest(std::string_view text, const std::vector<std::string>& candidates) {
    constexpr std::size_t max_compared = 100;  // the cost grows with the square
    if (text.size() > max_compared) return {};
    std::string best;
    auto fewest = std::max<std::size_t>(text.size() / 3, 1);
    for (const auto& candidate : candidates) {
        const auto edits = edits_between(text, candidate);
        if (edits < fewest || (edits == fewest && best.empty())) {
            fewest = edits;
            best = candidate;
        }
    }
    return best;
}

}  // namespace postern::config
