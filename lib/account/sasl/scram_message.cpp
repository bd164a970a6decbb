#include "account/sasl/scram_message.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "core/base64.hpp"
#include "core/unicode.hpp"

namespace postern::account::sasl {

namespace {

constexpr scram_error invalid_encoding = "invalid-encoding";
constexpr scram_error other_error = "other-error";

bool is_alpha(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/// "printable": what a nonce is made of.
bool is_printable(char c) { return c >= '!' && c <= '~' && c != ','; }

bool is_binding_name(char c) { return is_alpha(c) || (c >= '0' && c <= '9') || c == '.' || c == '-'; }

/// UTF-8 without NUL.
bool is_text(std::string_view message) { return core::is_utf8(message) && !message.contains('\0'); }

/// Takes what stands before the next comma, and the comma.
std::string_view take_part(std::string_view& text) {
    const auto part = text.substr(0, text.find(','));
    text.remove_prefix(std::min(part.size() + 1, text.size()));
    return part;
}

/// The value of "x=value", where the value is not empty.
std::optional<std::string_view> value_of(std::string_view part, char name) {
    if (part.size() < 3 || part[0] != name || part[1] != '=') return std::nullopt;
    return part.substr(2);
}

/// RFC 5802 5.1: unknown optional extensions are ignored, if they are attributes at all.
bool are_extensions(std::string_view text) {
    while (!text.empty()) {
        const auto part = take_part(text);
        if (part.size() < 3 || !is_alpha(part[0]) || part[1] != '=') return false;
    }
    return true;
}

/// saslname: "=2C" is a comma and "=3D" an equals sign, and no other "=" may stand.
std::optional<std::string> decode_name(std::string_view encoded) {
    std::string name;
    while (!encoded.empty()) {
        const bool comma = encoded.starts_with("=2C");
        if (comma || encoded.starts_with("=3D")) {
            name += comma ? ',' : '=';
            encoded.remove_prefix(3);
            continue;
        }
        if (encoded.front() == '=') return std::nullopt;
        name += encoded.front();
        encoded.remove_prefix(1);
    }
    return name;
}

std::optional<std::string> parse_nonce(std::string_view part) {
    const auto nonce = value_of(part, 'r');
    if (!nonce || !std::ranges::all_of(*nonce, is_printable)) return std::nullopt;
    return std::string(*nonce);
}

/// gs2-header; what follows it is left in `rest`.
std::expected<client_first, scram_error> parse_gs2_header(std::string_view message, std::string_view& rest) {
    rest = message;
    client_first first;
    const auto flag = take_part(rest);
    if (flag == "y") {
        first.flag = client_first::binding::not_offered;
    } else if (const auto type = value_of(flag, 'p'); type && std::ranges::all_of(*type, is_binding_name)) {
        first.flag = client_first::binding::required;
        first.binding_type = *type;
    } else if (flag != "n") {
        return std::unexpected(other_error);
    }
    if (!rest.contains(',')) return std::unexpected(other_error);
    const auto authzid = take_part(rest);
    if (!authzid.empty()) {
        const auto encoded = value_of(authzid, 'a');
        auto name = encoded ? decode_name(*encoded) : std::nullopt;
        if (!name) return std::unexpected(other_error);
        first.authzid = std::move(*name);
    }
    first.gs2_header = message.substr(0, message.size() - rest.size());
    return first;
}

}  // namespace

std::expected<client_first, scram_error> parse_client_first(std::string_view message) {
    if (!is_text(message)) return std::unexpected(invalid_encoding);
    std::string_view rest;
    auto first = parse_gs2_header(message, rest);
    if (!first) return first;
    first->bare = rest;
    if (rest.ends_with(',')) return std::unexpected(other_error);  // an empty part, which take_part() would not show
    if (rest.starts_with("m=")) return std::unexpected("extensions-not-supported");  // RFC 5802 5.1
    const auto encoded = value_of(take_part(rest), 'n');
    if (!encoded) return std::unexpected(other_error);
    auto name = decode_name(*encoded);
    if (!name) return std::unexpected("invalid-username-encoding");
    auto nonce = parse_nonce(take_part(rest));
    if (!nonce || !are_extensions(rest)) return std::unexpected(other_error);
    first->name = std::move(*name);
    first->nonce = std::move(*nonce);
    return first;
}

std::expected<client_final, scram_error> parse_client_final(std::string_view message) {
    if (!is_text(message)) return std::unexpected(invalid_encoding);
    // No value holds a comma, and the proof comes last.
    const auto before_proof = message.rfind(',');
    if (before_proof == message.npos) return std::unexpected(other_error);
    auto rest = message.substr(0, before_proof);
    if (rest.ends_with(',')) return std::unexpected(other_error);
    client_final final{.binding = {}, .nonce = {}, .proof = {}, .without_proof = std::string(rest)};
    if (rest.starts_with("m=")) return std::unexpected("extensions-not-supported");
    const auto binding = value_of(take_part(rest), 'c');
    auto nonce = parse_nonce(take_part(rest));
    const auto proof = value_of(message.substr(before_proof + 1), 'p');
    if (!binding || !nonce || !proof || !are_extensions(rest)) return std::unexpected(other_error);
    auto binding_octets = core::decode_base64(*binding);
    auto proof_octets = core::decode_base64(*proof);
    if (!binding_octets || !proof_octets) return std::unexpected(invalid_encoding);
    final.binding = std::move(*binding_octets);
    final.nonce = std::move(*nonce);
    final.proof = std::move(*proof_octets);
    return final;
}

}  // namespace postern::account::sasl
