#include "smtp/trace.hpp"

#include <algorithm>
#include <initializer_list>
#include <string>
#include <vector>

#include "smtp/characters.hpp"

namespace postern::smtp {

namespace {

constexpr std::size_t columns = 78;  // RFC 5322 2.1.1

/// Puts clauses on lines of at most 78 columns; one that is longer has a line to itself.
class folded_field {
public:
    explicit folded_field(std::string_view name) : text_(name) {}

    /// A clause, in pieces.
    folded_field& add(std::initializer_list<std::string_view> pieces) {
        std::size_t size = 0;
        for (const auto piece : pieces) size += piece.size();
        if (text_.size() - line_ + 1 + size > columns && !at_line_start_) {
            text_ += "\r\n\t";
            line_ = text_.size() - 1;
        } else {
            text_ += ' ';
        }
        at_line_start_ = false;
        for (const auto piece : pieces) text_ += piece;
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

/// What stands before an address in an address literal (RFC 5321 4.1.3).
std::string_view literal_tag(std::string_view address) { return address.contains(':') ? "IPv6:" : ""; }

/// The rest of the field: its last clauses, a semicolon, and when.
std::string finish(folded_field out, std::vector<std::string> clauses, core::timestamp at) {
    clauses.back() += ';';
    for (const auto& clause : clauses) out.add({clause});
    out.add({core::to_rfc5322(at)});
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
    out.add({"from ", host_name(f.helo)}).add({"([", literal_tag(f.client_address), f.client_address, "])"});
    out.add({"by ", f.hostname}).add({"with ", to_string(f.protocol)});
    if (!f.tls_version.empty()) out.add({"(", f.tls_version, ")"});
    std::vector<std::string> clauses{"id " + std::string(f.id)};
    if (f.recipient) clauses.push_back("for <" + to_string(*f.recipient) + '>');
    if (!f.tls_cipher.empty()) clauses.push_back("tls " + std::string(f.tls_cipher));
    return finish(std::move(out), std::move(clauses), f.at);
}

std::string to_string(const received_over_http& f) {
    folded_field out("Received:");
    out.add({"from [", literal_tag(f.client_address), f.client_address, "]"}).add({"by ", f.hostname});
    out.add({f.secure ? "with HTTPS" : "with HTTP"});
    std::vector<std::string> clauses{"id " + std::string(f.id)};
    if (f.recipient) clauses.push_back("for <" + to_string(*f.recipient) + '>');
    return finish(std::move(out), std::move(clauses), f.at);
}

std::string return_path_field(const address& reverse_path) { return "Return-Path: <" + to_string(reverse_path) + ">\r\n"; }

}  // namespace postern::smtp
