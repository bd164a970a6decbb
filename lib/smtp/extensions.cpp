#include "smtp/extensions.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "core/format.hpp"
#include "smtp/characters.hpp"
#include "smtp/replies.hpp"
#include "smtp/xtext.hpp"

namespace postern::smtp {

namespace {

std::optional<body_type> parse_body(std::string_view value) {
    if (equals_ignoring_case(value, "7BIT")) return body_type::seven_bit;
    if (equals_ignoring_case(value, "8BITMIME")) return body_type::eight_bit;
    if (equals_ignoring_case(value, "BINARYMIME")) return body_type::binary;
    return std::nullopt;
}

/// RFC 4954 section 5: a mailbox or "<>" inside an xtext.
bool is_auth_identity(std::string_view value) {
    const auto identity = decode_xtext(value);
    return identity && (*identity == "<>" || parse_mailbox(*identity));
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
    if (p.keyword == "RET" && offered.dsn) {
        const auto ret = parse_ret(p.value.value_or(""));
        if (!ret) return replies::parameter_value(p.keyword);
        into.ret = *ret;
        return std::nullopt;
    }
    if (p.keyword == "ENVID" && offered.dsn) {
        into.envid = parse_envid(p.value.value_or(""));
        if (!into.envid) return replies::parameter_value(p.keyword);
        return std::nullopt;
    }
    if (p.keyword == "AUTH" && !offered.auth.empty()) {
        // RFC 4954 section 5: taken also from who has not authenticated. Nobody is trusted to speak for others, so it counts as
        // "<>" whatever it says.
        if (!is_auth_identity(p.value.value_or(""))) return replies::parameter_value(p.keyword);
        return std::nullopt;
    }
    return replies::parameter_unknown(p.keyword);
}

/// Takes one parameter of RCPT; a reply says what is wrong with it.
std::optional<reply> take(const extensions& offered, const esmtp_parameter& p, rcpt_parameters& into) {
    if (p.keyword == "NOTIFY" && offered.dsn) {
        const auto notify = parse_notify(p.value.value_or(""));
        if (!notify) return replies::parameter_value(p.keyword);
        into.notify = *notify;
        return std::nullopt;
    }
    if (p.keyword == "ORCPT" && offered.dsn) {
        into.orcpt = parse_orcpt(p.value.value_or(""), offered.smtputf8);
        if (!into.orcpt) return replies::parameter_value(p.keyword);
        return std::nullopt;
    }
    return replies::parameter_unknown(p.keyword);
}

/// Takes all parameters of a command; a reply says what is wrong with the first that cannot be taken.
template <class Parameters>
std::expected<Parameters, reply> take_all(const extensions& offered, const std::vector<esmtp_parameter>& given) {
    Parameters accepted;
    for (auto p = given.begin(); p != given.end(); ++p) {
        // RFC 1870 section 3 and RFC 3461 4.5 forbid a second one; of the others, too, two could only contradict each other.
        // Those before this one are known and differ, so there are only a few.
        const bool repeated = std::any_of(given.begin(), p, [p](const auto& before) { return before.keyword == p->keyword; });
        if (repeated) return std::unexpected(replies::parameter_repeated(p->keyword));
        if (auto refused = take(offered, *p, accepted)) return std::unexpected(std::move(*refused));
    }
    return accepted;
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
    if (dsn) line("DSN");
    if (starttls) line("STARTTLS");
    if (!auth.empty()) line(fmt::format("AUTH {}", fmt::join(auth, " ")));
    if (rcpt_max || mail_max) {
        std::string limits = "LIMITS";
        if (rcpt_max) core::append(limits, " RCPTMAX={}", *rcpt_max);
        if (mail_max) core::append(limits, " MAILMAX={}", *mail_max);
        line(limits);
    }
    return r;
}

std::expected<mail_parameters, reply> extensions::accept(const mail_command& command) const {
    auto accepted = take_all<mail_parameters>(*this, command.parameters);
    if (!accepted) return accepted;
    if (command.reverse_path.utf8 && !accepted->smtputf8) return std::unexpected(replies::sender_needs_smtputf8);
    // RFC 1870 6.1: refuse now what could not be taken later, before the octets cross the network.
    if (size.value_or(0) > 0 && accepted->size.value_or(0) > *size) return std::unexpected(replies::too_large(*size));
    return accepted;
}

std::expected<rcpt_parameters, reply> extensions::accept(const rcpt_command& command, bool with_smtputf8) const {
    auto accepted = take_all<rcpt_parameters>(*this, command.parameters);
    if (!accepted) return accepted;
    if (command.forward_path.utf8 && !with_smtputf8) return std::unexpected(replies::recipient_needs_smtputf8);
    return accepted;
}

}  // namespace postern::smtp
