#include "smtp/trace.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "smtp/characters.hpp"

namespace postern::smtp {

namespace {

constexpr std::size_t columns = 78;  // RFC 5322 2.1.1

/// Puts clauses on lines of at most 78 columns; one that is longer has a line to itself.
class folded_field {
public:
    explicit folded_field(std::string_view name) : text_(name) {}

    folded_field& operator<<(std::string_view clause) {
        if (text_.size() - line_ + 1 + clause.size() > columns && !at_line_start_) {
            text_ += "\r\n\t";
            line_ = text_.size() - 1;
        } else {
            text_ += ' ';
        }
        at_line_start_ = false;
        text_ += clause;
        return *this;
    }

    [[nodiscard]] std::string finish() && { return std::move(text_) + "\r\n"; }

private:
    std::string text_;
    std::size_t line_ = 0;
    bool at_line_start_ = true;
};

/// The client's word for itself, with what could end the field or open a comment taken out.
std::string host_name(std::string_view helo) {
    std::string out(helo.substr(0, max_domain));
    std::ranges::replace_if(out, [](char c) { return !is_visible(c) || std::string_view("()<>\\\";,@").contains(c); }, '?');
    return out.empty() ? "unknown" : out;
}

std::string literal(std::string_view address) { return fmt::format("[{}{}]", address.contains(':') ? "IPv6:" : "", address); }

/// The rest of the field: its last clauses, a semicolon, and when.
std::string finish(folded_field out, std::vector<std::string> clauses, core::timestamp at) {
    clauses.back() += ';';
    for (const auto& clause : clauses) out << clause;
    out << core::to_rfc5322(at);
    return std::move(out).finish();
}

}  // namespace

std::string_view to_string(with_protocol p) noexcept {
    if (p.utf8) {
        if (p.tls) return p.authenticated ? "UTF8SMTPSA" : "UTF8SMTPS";
        return p.authenticated ? "UTF8SMTPA" : "UTF8SMTP";
    }
    if (!p.esmtp) return "SMTP";
    if (p.tls) return p.authenticated ? "ESMTPSA" : "ESMTPS";
    return p.authenticated ? "ESMTPA" : "ESMTP";
}

std::string to_string(const received_field& f) {
    folded_field out("Received:");
    // RFC 5321 4.4: what the client said, and beside it, in a comment, what the connection says.
    out << fmt::format("from {}", host_name(f.helo)) << fmt::format("({})", literal(f.client_address));
    out << fmt::format("by {}", f.hostname) << fmt::format("with {}", to_string(f.protocol));
    if (!f.tls_version.empty()) out << fmt::format("({})", f.tls_version);
    std::vector<std::string> clauses{fmt::format("id {}", f.id)};
    if (f.recipient) clauses.push_back(fmt::format("for <{}>", to_string(*f.recipient)));
    if (!f.tls_cipher.empty()) clauses.push_back(fmt::format("tls {}", f.tls_cipher));
    return finish(std::move(out), std::move(clauses), f.at);
}

std::string to_string(const received_over_http& f) {
    folded_field out("Received:");
    out << fmt::format("from {}", literal(f.client_address)) << fmt::format("by {}", f.hostname);
    out << (f.secure ? "with HTTPS" : "with HTTP");
    std::vector<std::string> clauses{fmt::format("id {}", f.id)};
    if (f.recipient) clauses.push_back(fmt::format("for <{}>", to_string(*f.recipient)));
    return finish(std::move(out), std::move(clauses), f.at);
}

std::string return_path_field(const address& reverse_path) {
    return fmt::format("Return-Path: <{}>\r\n", to_string(reverse_path));
}

}  // namespace postern::smtp
