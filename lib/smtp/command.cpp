#include "smtp/command.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <utility>

#include "core/unicode.hpp"
#include "smtp/characters.hpp"
#include "smtp/replies.hpp"

namespace postern::smtp {

namespace {

using parsed = std::expected<command, reply>;

constexpr std::string_view white = " \t";

std::string_view without_leading(std::string_view text) {
    return text.substr(std::min(text.find_first_not_of(white), text.size()));
}

std::string_view without_trailing(std::string_view text) { return text.substr(0, text.find_last_not_of(white) + 1); }

/// Takes the first word off `text` and the white space behind it.
std::string_view take_word(std::string_view& text) {
    const auto word = text.substr(0, text.find_first_of(white));
    text = without_leading(text.substr(word.size()));
    return word;
}

std::string upper(std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(), to_upper);
    return out;
}

/// Characters of host names and address literals, those in error included: RFC 5321 4.1.4 forbids to turn a client away for
/// who it says it is. Nothing here can do harm in a reply or a header.
bool is_host_octet(char c) { return is_alnum(c) || std::string_view("-._:[]%").contains(c); }

template <class Command>
parsed parse_hello(std::string_view rest) {
    const auto domain = take_word(rest);
    const bool fit = !domain.empty() && domain.size() <= max_domain && std::ranges::all_of(domain, is_host_octet);
    if (!fit || !rest.empty()) return std::unexpected(replies::helo_argument);
    return Command{std::string(domain)};
}

/// esmtp-keyword of RFC 5321 4.1.2.
bool is_keyword(std::string_view text) {
    return !text.empty() && text.front() != '-' && std::ranges::all_of(text, [](char c) { return is_alnum(c) || c == '-'; });
}

/// esmtp-value of RFC 5321 4.1.2, with UTF-8 (RFC 6531 3.3).
bool is_value(std::string_view text) {
    return !text.empty() && core::is_utf8(text) &&
           std::ranges::all_of(text, [](char c) { return (is_visible(c) && c != '=') || is_beyond_ascii(c); });
}

std::expected<std::vector<esmtp_parameter>, reply> parse_parameters(std::string_view text) {
    std::vector<esmtp_parameter> parameters;
    while (!text.empty()) {
        const auto word = take_word(text);
        const auto keyword = word.substr(0, word.find('='));
        if (!is_keyword(keyword)) return std::unexpected(replies::parameter_syntax);
        esmtp_parameter parameter{upper(keyword), std::nullopt};
        if (keyword.size() < word.size()) {
            const auto value = word.substr(keyword.size() + 1);
            if (!is_value(value)) return std::unexpected(replies::parameter_syntax);
            parameter.value = value;
        }
        parameters.push_back(std::move(parameter));
    }
    return parameters;
}

/// What differs between MAIL FROM: and RCPT TO:.
struct path_command {
    std::string_view prefix;
    decltype(&parse_reverse_path) parse_path;
    const reply& bad_command;
    const reply& bad_path;
    const reply& long_path;
};

template <class Command>
parsed parse_envelope(std::string_view rest, const path_command& kind) {
    if (!equals_ignoring_case(rest.substr(0, kind.prefix.size()), kind.prefix)) return std::unexpected(kind.bad_command);
    rest = without_leading(rest.substr(kind.prefix.size()));  // the grammar has no space here; many clients do
    if (rest.empty()) return std::unexpected(kind.bad_command);
    auto path = kind.parse_path(rest);
    if (!path) return std::unexpected(path.error() == address_fault::too_long ? kind.long_path : kind.bad_path);
    rest.remove_prefix(path->length);
    // "<a@b>SIZE=1" is no parameter but a path that goes wrong.
    if (!rest.empty() && !white.contains(rest.front())) return std::unexpected(kind.bad_path);
    auto parameters = parse_parameters(without_leading(rest));
    if (!parameters) return std::unexpected(std::move(parameters.error()));
    return Command{std::move(path->value), std::move(*parameters)};
}

parsed parse_mail(std::string_view rest) {
    return parse_envelope<mail_command>(
        rest, {"FROM:", parse_reverse_path, replies::mail_syntax, replies::sender_syntax, replies::sender_too_long});
}

parsed parse_rcpt(std::string_view rest) {
    return parse_envelope<rcpt_command>(
        rest, {"TO:", parse_forward_path, replies::rcpt_syntax, replies::recipient_syntax, replies::recipient_too_long});
}

/// "BDAT" SP 1*DIGIT [ SP "LAST" ] (RFC 3030 section 2).
parsed parse_bdat(std::string_view rest) {
    const auto size = take_word(rest);
    const auto marker = take_word(rest);
    const auto value = parse_size(size);
    const bool last = equals_ignoring_case(marker, "LAST");
    if (!value || !rest.empty() || (!last && !marker.empty())) return std::unexpected(replies::bdat_syntax);
    return bdat_command{*value, last};
}

/// "AUTH" SP sasl-mech [ SP initial-response ] (RFC 4954 section 4; mechanism names: RFC 4422 3.1).
parsed parse_auth(std::string_view rest) {
    const auto mechanism = take_word(rest);
    const auto response = take_word(rest);
    const bool fit = !mechanism.empty() && mechanism.size() <= 20 &&
                     std::ranges::all_of(mechanism, [](char c) { return is_alnum(c) || c == '-' || c == '_'; });
    if (!fit || !rest.empty()) return std::unexpected(replies::auth_syntax);
    auth_command auth{upper(mechanism), std::nullopt};
    if (!response.empty()) auth.initial_response = response;
    return auth;
}

template <class Command>
parsed parse_bare(std::string_view rest) {
    if (!rest.empty())
        return std::unexpected(replies::no_arguments);  // RFC 5321 4.3.2: 501 for a parameter that is not allowed
    return Command{};
}

template <class Command>
parsed parse_with_argument(std::string_view rest) {
    if (rest.empty()) return std::unexpected(replies::argument_needed);
    return Command{std::string(rest)};
}

template <class Command>
parsed parse_and_ignore(std::string_view) {
    return Command{};  // RFC 5321 4.1.1.8, 4.1.1.9: whatever follows is of no account
}

struct verb {
    std::string_view name;
    parsed (*parse)(std::string_view rest);
};

constexpr std::array verbs{
    verb{"MAIL", parse_mail},
    verb{"RCPT", parse_rcpt},
    verb{"DATA", parse_bare<data_command>},
    verb{"BDAT", parse_bdat},
    verb{"EHLO", parse_hello<ehlo_command>},
    verb{"HELO", parse_hello<helo_command>},
    verb{"RSET", parse_bare<rset_command>},
    verb{"QUIT", parse_bare<quit_command>},
    verb{"NOOP", parse_and_ignore<noop_command>},
    verb{"HELP", parse_and_ignore<help_command>},
    verb{"VRFY", parse_with_argument<vrfy_command>},
    verb{"EXPN", parse_with_argument<expn_command>},
    verb{"STARTTLS", parse_bare<starttls_command>},
    verb{"AUTH", parse_auth},
};

}  // namespace

std::optional<std::uint64_t> parse_size(std::string_view text) {
    constexpr std::size_t max_digits = 20;
    if (text.empty() || text.size() > max_digits || !std::ranges::all_of(text, is_digit)) return std::nullopt;
    std::uint64_t value = 0;
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} ? value : std::numeric_limits<std::uint64_t>::max();
}

std::expected<command, reply> parse_command(std::string_view line) {
    auto rest = without_trailing(line);
    const auto name = take_word(rest);
    if (name.empty()) return std::unexpected(rest.empty() ? replies::empty_line : replies::unknown_command);
    const auto* known = std::ranges::find_if(verbs, [name](const verb& v) { return equals_ignoring_case(v.name, name); });
    if (known == verbs.end()) return std::unexpected(replies::unknown_command);
    return known->parse(rest);
}

}  // namespace postern::smtp
