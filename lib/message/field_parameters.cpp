#include "message/field_parameters.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include "core/format.hpp"
#include "message/ascii.hpp"

namespace postern::message {

namespace {

constexpr std::size_t max_parameters = 100;

std::string_view without_blanks_around(std::string_view text) {
    text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
    return text.substr(0, text.find_last_not_of(" \t") + 1);
}

std::string in_lower_case(std::string_view text) {
    std::string lowered(text);
    std::ranges::transform(lowered, lowered.begin(), lower);
    return lowered;
}

/// Without a comment at its end or anything behind one; a parenthesis within a word is what programs put into names of files.
std::string_view without_trailing_comment(std::string_view text) {
    if (text.starts_with('(')) return {};
    return without_blanks_around(text.substr(0, text.find(" (")));
}

/// Takes a value off `rest`, and what stands behind it up to the next ";".
std::string take_value(std::string_view& rest) {
    std::string value;
    rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
    if (rest.starts_with('"')) {
        std::size_t i = 1;
        for (; i < rest.size() && rest[i] != '"'; ++i) {
            if (rest[i] == '\\' && i + 1 < rest.size()) ++i;
            value += rest[i];
        }
        rest.remove_prefix(std::min(i + 1, rest.size()));
        rest.remove_prefix(std::min(rest.find(';'), rest.size()));
    } else {
        const auto end = std::min(rest.find(';'), rest.size());
        value = without_trailing_comment(rest.substr(0, end));
        rest.remove_prefix(end);
    }
    return value;
}

/// One of the sections of a parameter (RFC 2231 3, 4.1): "name*1" or "name*1*".
struct parameter_section {
    std::string_view name;
    std::size_t number;
    bool encoded;
};

std::optional<parameter_section> read_section(std::string_view name) {
    parameter_section section{.name = {}, .number = 0, .encoded = name.ends_with('*')};
    if (section.encoded) name.remove_suffix(1);
    const auto star = name.rfind('*');
    if (star == std::string_view::npos || star == 0) return std::nullopt;
    section.name = name.substr(0, star);
    const auto digits = name.substr(star + 1);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), section.number);
    if (error != std::errc{} || end != digits.data() + digits.size() || section.number >= max_parameters) return std::nullopt;
    return section;
}

void append_percent_encoded(std::string& out, std::string_view text) {
    for (const char c : text) {
        const bool plain = c > ' ' && c < 0x7f && !std::string_view("*'%()<>@,;:\\\"/[]?=").contains(c);  // RFC 2231 7
        if (plain) {
            out += c;
        } else {
            core::append(out, "%{:02X}", static_cast<unsigned char>(c));
        }
    }
}

using parameter_list = std::vector<std::pair<std::string, std::string>>;

/// The parameter whose section 0 is `all[first]`, made whole; the names of the sections used are emptied.
std::pair<std::string, std::string> join_sections(parameter_list& all, std::size_t first) {
    const std::string name(read_section(all[first].first)->name);
    std::vector<std::pair<std::size_t, bool>> sections;
    bool any_encoded = false;
    while (true) {
        const auto next = std::ranges::find_if(all, [&](const auto& p) {
            const auto s = read_section(p.first);
            return s && s->name == name && s->number == sections.size();
        });
        if (next == all.end()) break;
        const bool encoded = next->first.ends_with('*');
        any_encoded = any_encoded || encoded;
        sections.emplace_back(next - all.begin(), encoded);
    }
    std::string value;
    // RFC 2231 4: what is encoded begins with its charset and language; these are not told.
    if (any_encoded && !sections.front().second) value = "''";
    for (const auto& [at, encoded] : sections) {
        if (any_encoded && !encoded) {
            append_percent_encoded(value, all[at].second);
        } else {
            value += all[at].second;
        }
        all[at].first.clear();
    }
    return {any_encoded ? name + '*' : name, std::move(value)};
}

parameter_list with_sections_joined(parameter_list all) {
    parameter_list joined;
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (all[i].first.empty()) continue;
        const auto section = read_section(all[i].first);
        const auto first = !section ? all.end() : std::ranges::find_if(all, [&](const auto& p) {
            const auto s = read_section(p.first);
            return s && s->number == 0 && s->name == section->name;
        });
        if (first == all.end()) {
            joined.push_back(std::move(all[i]));
        } else {
            joined.push_back(join_sections(all, static_cast<std::size_t>(first - all.begin())));
            // Behind a gap: it belongs to nothing.
            if (!all[i].first.empty()) joined.push_back(std::move(all[i]));
        }
    }
    return joined;
}

}  // namespace

field_parameters read_field_parameters(std::string_view line) {
    field_parameters read;
    auto rest = line.substr(std::min(line.find(';'), line.size()));
    read.value = in_lower_case(without_trailing_comment(without_blanks_around(line.substr(0, line.size() - rest.size()))));
    bool cut = false;
    while (!rest.empty() && read.parameters.size() < max_parameters) {
        rest.remove_prefix(1);
        const auto end = std::min(rest.find_first_of(";="), rest.size());
        auto name = in_lower_case(without_blanks_around(rest.substr(0, end)));
        rest.remove_prefix(end);
        if (!rest.starts_with('=')) continue;
        rest.remove_prefix(1);
        auto value = take_value(rest);
        if (name.empty()) continue;
        cut = cut || read_section(name).has_value();
        read.parameters.emplace_back(std::move(name), std::move(value));
    }
    if (cut) read.parameters = with_sections_joined(std::move(read.parameters));
    return read;
}

}  // namespace postern::message
