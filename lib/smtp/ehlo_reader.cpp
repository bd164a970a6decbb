#include "smtp/ehlo_reader.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <string>
#include <string_view>

#include "smtp/characters.hpp"

namespace postern::smtp {

namespace {

constexpr std::size_t max_mechanisms = 32;
constexpr std::size_t max_mechanism = 20;  // RFC 4422 3.1

std::string_view next_word(std::string_view& text, std::string_view separators = " ") {
    text.remove_prefix(std::min(text.find_first_not_of(separators), text.size()));
    const auto word = text.substr(0, text.find_first_of(separators));
    text.remove_prefix(word.size());
    return word;
}

std::optional<std::size_t> positive(std::string_view value) {
    const auto number = parse_size(value);
    return number && *number > 0 ? number : std::nullopt;
}

void read_auth(std::string_view rest, extensions& into) {
    while (into.auth.size() < max_mechanisms) {
        const auto word = next_word(rest);
        if (word.empty()) return;
        std::string name;
        std::ranges::transform(word, std::back_inserter(name), to_upper);
        if (name.size() <= max_mechanism && std::ranges::find(into.auth, name) == into.auth.end())
            into.auth.push_back(std::move(name));
    }
}

/// RFC 9422: names with values; what is not known is passed over.
void read_limits(std::string_view rest, extensions& into) {
    for (auto word = next_word(rest); !word.empty(); word = next_word(rest)) {
        const auto name = word.substr(0, word.find('='));
        const auto value = word.substr(std::min(name.size() + 1, word.size()));
        if (equals_ignoring_case(name, "RCPTMAX")) into.rcpt_max = positive(value);
        if (equals_ignoring_case(name, "MAILMAX")) into.mail_max = positive(value);
    }
}

struct flag {
    std::string_view keyword;
    bool extensions::* offered;
};

constexpr std::array flags{
    flag{"PIPELINING", &extensions::pipelining},
    flag{"8BITMIME", &extensions::eight_bit_mime},
    flag{"SMTPUTF8", &extensions::smtputf8},
    flag{"ENHANCEDSTATUSCODES", &extensions::enhanced_status_codes},
    flag{"CHUNKING", &extensions::chunking},
    flag{"BINARYMIME", &extensions::binary_mime},
    flag{"DSN", &extensions::dsn},
    flag{"STARTTLS", &extensions::starttls},
};

void read_line(std::string_view line, extensions& into) {
    const auto keyword = next_word(line, " =");
    for (const auto& f : flags) {
        if (equals_ignoring_case(keyword, f.keyword)) into.*f.offered = true;
    }
    if (equals_ignoring_case(keyword, "SIZE")) {
        const auto value = next_word(line);
        into.size =
            value.empty() ? std::optional<std::uint64_t>(0) : parse_size(value);  // RFC 1870 4: no value, no fixed limit
    } else if (equals_ignoring_case(keyword, "AUTH")) {
        if (line.starts_with('=')) line.remove_prefix(1);
        read_auth(line, into);
    } else if (equals_ignoring_case(keyword, "LIMITS")) {
        read_limits(line, into);
    }
}

}  // namespace

extensions read_ehlo(const reply& ehlo) {
    extensions offered;
    std::string_view rest = ehlo.text;
    rest.remove_prefix(std::min(rest.find('\n'), rest.size()));  // the first line is the server's name and greeting
    while (!rest.empty()) {
        rest.remove_prefix(1);
        const auto line = rest.substr(0, rest.find('\n'));
        read_line(line, offered);
        rest.remove_prefix(line.size());
    }
    offered.binary_mime = offered.binary_mime && offered.chunking;
    return offered;
}

}  // namespace postern::smtp
