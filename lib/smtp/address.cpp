#include "smtp/address.hpp"

#include <algorithm>
#include <optional>

#include <arpa/inet.h>
#include <fmt/format.h>

#include "core/unicode.hpp"
#include "smtp/characters.hpp"

namespace postern::smtp {

namespace {

/// Reads the grammar of RFC 5321 4.1.2 from left to right. A function returns false when what it names does not stand here;
/// then the text is no address.
class scanner {
public:
    explicit scanner(std::string_view text) : text_(text) {}

    [[nodiscard]] std::size_t at() const noexcept { return at_; }
    [[nodiscard]] bool ended() const noexcept { return at_ == text_.size(); }
    [[nodiscard]] std::string_view since(std::size_t from) const { return text_.substr(from, at_ - from); }

    bool take(char c) {
        if (ended() || text_[at_] != c) return false;
        ++at_;
        return true;
    }

    bool take_local_part(std::string& decoded) {
        if (!ended() && text_[at_] == '"') return take_quoted_string(decoded);
        const auto from = at_;
        do {
            if (take_while(is_atext).empty()) return false;
        } while (take('.'));
        decoded = since(from);
        return true;
    }

    /// Domain, here with U-labels (RFC 6531 3.3) and, beyond the grammar, one dot at the end: that is how a host name is
    /// written in full (RFC 1034 3.1), and a policy must see that it is the same domain.
    bool take_domain() {
        do {
            const auto label = take_while(is_label_octet);
            if (label.empty() || label.front() == '-' || label.back() == '-') return false;
        } while (take('.') && !ended() && is_label_octet(text_[at_]));
        return true;
    }

    bool take_literal(address_literal& literal) {
        if (!take('[')) return false;
        const auto content = take_while(is_dcontent);
        const auto read = read_literal(content);
        if (!read || !take(']')) return false;
        literal = *read;
        return true;
    }

    bool take_mailbox(address& a) {
        const auto from = at_;
        if (!take_local_part(a.local_part) || !take('@')) return false;
        const auto domain_from = at_;
        if (!take_literal(a.literal) && (at_ != domain_from || !take_domain())) return false;
        a.domain = since(domain_from);
        a.text = since(from);
        a.utf8 = !core::is_ascii(a.text);
        return !a.utf8 || core::is_utf8(a.text);
    }

    /// A-d-l ":", the source route: it must be accepted and should be ignored (RFC 5321 4.1.1.3, appendix C).
    bool take_source_route() {
        do {
            if (!take('@') || !take_domain()) return false;
        } while (take(','));
        return take(':');
    }

private:
    static bool is_label_octet(char c) { return is_alnum(c) || c == '-' || is_beyond_ascii(c); }
    /// Visible ASCII but "[", "\" and "]" (RFC 5321 4.1.3).
    static bool is_dcontent(char c) { return is_visible(c) && (c < '[' || c > ']'); }

    template <class Predicate>
    std::string_view take_while(Predicate is) {
        const auto from = at_;
        while (!ended() && is(text_[at_])) ++at_;
        return since(from);
    }

    bool take_quoted_string(std::string& decoded) {
        for (++at_; !ended(); ++at_) {
            char c = text_[at_];
            if (c == '"') {
                ++at_;
                return true;
            }
            if (c == '\\') {
                if (++at_ == text_.size()) return false;
                c = text_[at_];
                if (is_beyond_ascii(c)) return false;
            }
            if (c != ' ' && !is_visible(c) && !is_beyond_ascii(c)) return false;
            decoded += c;
        }
        return false;
    }

    static std::optional<address_literal> read_literal(std::string_view content) {
        const auto colon = content.find(':');
        if (colon == std::string_view::npos) return read_ipv4(content);
        const auto tag = content.substr(0, colon);
        const auto rest = content.substr(colon + 1);
        if (equals_ignoring_case(tag, "IPv6")) {
            address_literal literal{address_literal::kind::ipv6, {}};
            if (::inet_pton(AF_INET6, std::string(rest).c_str(), literal.octets.data()) != 1) return std::nullopt;
            return literal;
        }
        // Standardized-tag is Ldh-str; only "IPv6" has been registered so far.
        const bool is_tag = !tag.empty() && tag.back() != '-' && std::ranges::all_of(tag, is_label_octet);
        if (!is_tag || rest.empty()) return std::nullopt;
        return address_literal{address_literal::kind::general, {}};
    }

    /// Snum is one to three digits and decimal, leading zeros or not, which inet_pton would refuse.
    static std::optional<address_literal> read_ipv4(std::string_view content) {
        address_literal literal{address_literal::kind::ipv4, {}};
        scanner s(content);
        for (std::size_t i = 0; i < 4; ++i) {
            if (i > 0 && !s.take('.')) return std::nullopt;
            const auto digits = s.take_while(is_digit);
            if (digits.empty() || digits.size() > 3) return std::nullopt;
            int value = 0;
            for (const char c : digits) value = value * 10 + (c - '0');
            if (value > 255) return std::nullopt;
            literal.octets[i] = static_cast<std::uint8_t>(value);
        }
        if (!s.ended()) return std::nullopt;
        return literal;
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

bool is_too_long(const address& a) { return a.local_part.size() > max_local_part || a.domain.size() > max_domain; }

/// The part of Path that Reverse-path and Forward-path share: "<" [ A-d-l ":" ] Mailbox ">".
std::expected<parsed_path, address_fault> parse_path(std::string_view text) {
    scanner s(text);
    parsed_path path;
    if (!s.take('<')) return std::unexpected(address_fault::syntax);
    if (text.substr(1).starts_with('@') && !s.take_source_route()) return std::unexpected(address_fault::syntax);
    if (!s.take_mailbox(path.value) || !s.take('>')) return std::unexpected(address_fault::syntax);
    path.length = s.at();
    if (path.length > max_path || is_too_long(path.value)) return std::unexpected(address_fault::too_long);
    return path;
}

bool is_dot_string(std::string_view local_part) {
    std::string ignored;
    scanner s(local_part);
    return !local_part.starts_with('"') && s.take_local_part(ignored) && s.ended();
}

}  // namespace

std::expected<address, address_fault> parse_mailbox(std::string_view text) {
    scanner s(text);
    address a;
    if (!s.take_mailbox(a) || !s.ended()) return std::unexpected(address_fault::syntax);
    if (is_too_long(a)) return std::unexpected(address_fault::too_long);
    return a;
}

std::expected<parsed_path, address_fault> parse_reverse_path(std::string_view text) {
    if (text.starts_with("<>")) return parsed_path{{}, 2};  // RFC 5321 4.5.5: notifications have nobody to answer to
    return parse_path(text);
}

std::expected<parsed_path, address_fault> parse_forward_path(std::string_view text) {
    constexpr std::string_view postmaster = "<postmaster>";
    if (!equals_ignoring_case(text.substr(0, postmaster.size()), postmaster)) return parse_path(text);
    parsed_path path{{}, postmaster.size()};
    path.value.text = text.substr(1, postmaster.size() - 2);
    path.value.local_part = path.value.text;
    return path;
}

std::string to_string(const address& a) {
    if (a.is_null()) return {};
    std::string out;
    if (is_dot_string(a.local_part)) {
        out = a.local_part;
    } else {
        out += '"';
        for (const char c : a.local_part) {
            if (c == '"' || c == '\\') out += '\\';
            out += c;
        }
        out += '"';
    }
    if (!a.domain.empty()) out.append("@").append(a.domain);
    return out;
}

bool is_route_like(std::string_view local_part) noexcept { return local_part.find_first_of("%!@") != std::string_view::npos; }

}  // namespace postern::smtp
