#include "smtp/extensions.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "smtp/characters.hpp"
#include "smtp/replies.hpp"

namespace postern::smtp {

namespace {

std::optional<body_type> parse_body(std::string_view value) {
    if (equals_ignoring_case(value, "7BIT")) return body_type::seven_bit;
    if (equals_ignoring_case(value, "8BITMIME")) return body_type::eight_bit;
    if (equals_ignoring_case(value, "BINARYMIME")) return body_type::binary;
    return std::nullopt;
}

/// Takes one parameter of MAIL; a reply says what is wrong with it.
std::optional<reply> take(const extensions& offered, const esmtp_parameter& p, mail_parameters& into) {
    if (p.keyword == "BODY" && (offered.eight_bit_mime || offered.binary_mime)) {
        const auto body = parse_body(p.value.value_or(""));
        if (!body || (*body == body_type::binary && !offered.binary_mime)) return replies::parameter_value(p.keyword);
        into.body = *body;
        return std::nullopt;
    }
    if (p.keyword == "SIZE" && offered.size) {
        into.size = parse_size(p.value.value_or(""));
        if (!into.size) return replies::parameter_value(p.keyword);
        return std::nullopt;
    }
    if (p.keyword == "SMTPUTF8" && offered.smtputf8) {
        if (p.value) return replies::parameter_value(p.keyword);  // RFC 6531 3.4: it must not accept a value
        into.smtputf8 = true;
        return std::nullopt;
    }
    return replies::parameter_unknown(p.keyword);
}

}  // namespace

reply extensions::ehlo_reply(std::string_view hostname, std::string_view client) const {
    auto r = replies::helo(hostname, client);
    const auto line = [&r](std::string_view text) { r.text.append("\n").append(text); };
    if (pipelining) line("PIPELINING");
    if (size) line(fmt::format("SIZE {}", *size));
    if (eight_bit_mime) line("8BITMIME");
    if (smtputf8) line("SMTPUTF8");
    if (enhanced_status_codes) line("ENHANCEDSTATUSCODES");
    if (chunking) line("CHUNKING");
    if (binary_mime) line("BINARYMIME");
    if (rcpt_max || mail_max) {
        std::string limits = "LIMITS";
        if (rcpt_max) fmt::format_to(std::back_inserter(limits), " RCPTMAX={}", *rcpt_max);
        if (mail_max) fmt::format_to(std::back_inserter(limits), " MAILMAX={}", *mail_max);
        line(limits);
    }
    return r;
}

std::expected<mail_parameters, reply> extensions::accept(const mail_command& command) const {
    mail_parameters accepted;
    const auto& given = command.parameters;
    for (auto p = given.begin(); p != given.end(); ++p) {
        // RFC 1870 section 3 forbids a second SIZE; of the others, too, two could only contradict each other. Those before this
        // one are known and differ, so there are only a few.
        const bool repeated = std::any_of(given.begin(), p, [p](const auto& before) { return before.keyword == p->keyword; });
        if (repeated) return std::unexpected(replies::parameter_repeated(p->keyword));
        if (auto refused = take(*this, *p, accepted)) return std::unexpected(std::move(*refused));
    }
    if (command.reverse_path.utf8 && !accepted.smtputf8) return std::unexpected(replies::sender_needs_smtputf8);
    // RFC 1870 6.1: refuse now what could not be taken later, before the octets cross the network.
    if (size.value_or(0) > 0 && accepted.size.value_or(0) > *size) return std::unexpected(replies::too_large);
    return accepted;
}

std::optional<reply> extensions::refuse(const rcpt_command& command, bool with_smtputf8) const {
    if (!command.parameters.empty()) return replies::parameter_unknown(command.parameters.front().keyword);
    if (command.forward_path.utf8 && !with_smtputf8) return replies::recipient_needs_smtputf8;
    return std::nullopt;
}

}  // namespace postern::smtp
