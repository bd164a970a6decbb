#include "message/html_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "message/ascii.hpp"
#include "message/clean_text.hpp"

namespace postern::message {

namespace {

constexpr std::size_t max_reference = 12;  // octets between "&" and ";" that are looked at

struct named_character {
    std::string_view name;
    std::string_view utf8;
};

// Those that occur in mail; others stay as they are written.
constexpr auto characters = std::to_array<named_character>({
    {"amp", "&"},         {"lt", "<"},          {"gt", ">"},          {"quot", "\""},       {"apos", "'"},
    {"nbsp", " "},        {"copy", "\u00a9"},   {"reg", "\u00ae"},    {"trade", "\u2122"},  {"euro", "\u20ac"},
    {"pound", "\u00a3"},  {"hellip", "\u2026"}, {"ndash", "\u2013"},  {"mdash", "\u2014"},  {"lsquo", "\u2018"},
    {"rsquo", "\u2019"},  {"ldquo", "\u201c"},  {"rdquo", "\u201d"},  {"laquo", "\u00ab"},  {"raquo", "\u00bb"},
    {"bull", "\u2022"},   {"middot", "\u00b7"}, {"deg", "\u00b0"},    {"szlig", "\u00df"},  {"auml", "\u00e4"},
    {"ouml", "\u00f6"},   {"uuml", "\u00fc"},   {"Auml", "\u00c4"},   {"Ouml", "\u00d6"},   {"Uuml", "\u00dc"},
    {"eacute", "\u00e9"}, {"egrave", "\u00e8"}, {"ecirc", "\u00ea"},  {"agrave", "\u00e0"}, {"acirc", "\u00e2"},
    {"ccedil", "\u00e7"}, {"ntilde", "\u00f1"}, {"aacute", "\u00e1"}, {"iacute", "\u00ed"}, {"oacute", "\u00f3"},
    {"uacute", "\u00fa"}, {"shy", ""},          {"zwnj", ""},         {"zwj", ""},
});

constexpr auto unseen_elements = std::to_array<std::string_view>({"script", "style", "title"});

// A tag of these stands within a word; every other one ends it.
constexpr auto inline_elements =
    std::to_array<std::string_view>({"a", "abbr", "b", "big", "code", "em", "font", "i", "mark", "s", "small", "span", "strike",
                                     "strong", "sub", "sup", "u", "wbr"});

bool is_letter(char c) { return lower(c) >= 'a' && lower(c) <= 'z'; }

bool same(std::string_view a, std::string_view b) { return std::ranges::equal(a, b, {}, lower, lower); }

std::string_view after(std::string_view text, std::string_view mark) {
    const auto found = text.find(mark);
    return found == std::string_view::npos ? std::string_view{} : text.substr(found + mark.size());
}

/// Passes an element's content: what follows is its end tag, or nothing.
std::string_view skip_element(std::string_view html, std::string_view name) {
    for (auto at = html.find("</"); at != std::string_view::npos; at = html.find("</", at + 2)) {
        if (same(html.substr(at + 2, name.size()), name)) return html.substr(at);
    }
    return {};
}

/// Passes a tag or comment, with an unseen element all of it. `html` starts with "<".
std::string_view skip_tag(std::string_view html, std::string& words) {
    if (html.starts_with("<!--")) return after(html.substr(2), "-->");
    const bool closes = html.substr(1).starts_with('/');
    const auto name_begin = closes ? 2U : 1U;
    if (html.size() <= name_begin || !(is_letter(html[name_begin]) || html[name_begin] == '!' || html[name_begin] == '?')) {
        words += '<';
        return html.substr(1);
    }
    const auto inside = html.substr(name_begin);
    const std::string_view name(inside.begin(), std::ranges::find_if(inside, [](char c) {
                                    return c == '>' || c == '/' || c == ' ' || c == '\t' || c == '\n';
                                }));
    const auto is_name = [name](std::string_view element) { return same(name, element); };
    if (std::ranges::none_of(inline_elements, is_name)) words += ' ';
    const auto rest = after(inside, ">");
    return !closes && std::ranges::any_of(unseen_elements, is_name) ? skip_element(rest, name) : rest;
}

bool append_numeric(std::string_view digits, std::string& words) {
    const bool hexadecimal = digits.starts_with('x') || digits.starts_with('X');
    if (hexadecimal) digits.remove_prefix(1);
    std::uint32_t code = 0;
    const auto [stop, error] = std::from_chars(digits.begin(), digits.end(), code, hexadecimal ? 16 : 10);
    if (error != std::errc{} || stop != digits.end() || code == 0) return false;
    const bool is_control = code < 0x20 || (code >= 0x7f && code < 0xa0);
    append_utf8(words, is_control ? char32_t{' '} : char32_t{code});
    return true;
}

/// Resolves a character reference; one we do not know stays as it is. `html` starts with "&".
std::string_view take_reference(std::string_view html, std::string& words) {
    const auto semicolon = html.substr(0, max_reference).find(';');
    if (semicolon != std::string_view::npos) {
        const auto name = html.substr(1, semicolon - 1);
        const auto* known = std::ranges::find(characters, name, &named_character::name);
        if (known != characters.end()) {
            words += known->utf8;
            return html.substr(semicolon + 1);
        }
        if (name.starts_with('#') && append_numeric(name.substr(1), words)) return html.substr(semicolon + 1);
    }
    words += '&';
    return html.substr(1);
}

}  // namespace

std::string html_words(std::string_view html, std::size_t enough) {
    std::string words;
    while (!html.empty() && words.size() < enough) {
        const auto plain = html.substr(0, html.find_first_of("<&"));
        words += plain.substr(0, enough);
        html.remove_prefix(plain.size());
        if (html.empty()) break;
        html = html.front() == '<' ? skip_tag(html, words) : take_reference(html, words);
    }
    return words;
}

}  // namespace postern::message
