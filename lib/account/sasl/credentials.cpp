#include "account/sasl/credentials.hpp"

#include <utility>

#include "account/address.hpp"
#include "core/unicode.hpp"

namespace postern::account::sasl {

refusal refuse(const login_failure& why, std::string detail) {
    using from = login_failure::reason;
    using to = refusal::reason;
    auto reason = to::bad_credentials;
    switch (why.why) {
        case from::bad_credentials: break;
        case from::disabled: reason = to::disabled; break;
        case from::throttled: reason = to::throttled; break;
        case from::unavailable: reason = to::unavailable; break;
    }
    return {.why = reason, .retry_after = why.retry_after, .detail = std::move(detail)};
}

refusal malformed(std::string detail) {
    return {.why = refusal::reason::malformed, .retry_after = {}, .detail = std::move(detail)};
}

bool is_own(std::string_view authzid, std::string_view authcid) {
    if (authzid.empty() || authzid == authcid) return true;
    const auto wanted = parse_address(authzid);
    const auto own = parse_address(authcid);
    return wanted && own && *wanted == *own;
}

secret as_utf8(secret password) {
    const auto octets = password.reveal();
    if (core::is_utf8(octets)) return password;
    std::string text;
    text.reserve(2 * octets.size());
    for (const char c : octets) {
        const auto code = static_cast<unsigned char>(c);
        if (code < 0x80) {
            text += c;
        } else {
            text += static_cast<char>(0xC0U | (code >> 6U));
            text += static_cast<char>(0x80U | (code & 0x3FU));
        }
    }
    return secret(std::move(text));
}

net::awaitable<step> sign_in(const context& with, std::string login, secret password) {
    auto outcome = co_await with.accounts.verify(std::move(login), as_utf8(std::move(password)), with.client);
    if (!outcome) co_return refuse(outcome.error());
    co_return std::move(*outcome);
}

}  // namespace postern::account::sasl
