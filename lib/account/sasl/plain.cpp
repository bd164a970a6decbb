#include "account/sasl/plain.hpp"

#include "account/sasl/credentials.hpp"

namespace postern::account::sasl {

net::awaitable<step> plain::respond(std::optional<secret> response) {
    if (!response) co_return challenge{};  // RFC 4422 5: the client speaks first, so it is asked with nothing
    const auto message = response->reveal();
    if (message.size() > max_response) co_return malformed("PLAIN: message too long");
    const auto first = message.find('\0');
    const auto second = first == message.npos ? first : message.find('\0', first + 1);
    // RFC 4616 section 2: exactly two NULs, and neither the name nor the password is empty.
    if (second == message.npos || message.find('\0', second + 1) != message.npos) co_return malformed("PLAIN: not three parts");
    const auto authzid = message.substr(0, first);
    const auto authcid = message.substr(first + 1, second - first - 1);
    const auto password = message.substr(second + 1);
    if (authcid.empty() || password.empty()) co_return malformed("PLAIN: an empty part");
    if (!is_own(authzid, authcid)) co_return refusal{.detail = "PLAIN: the authorization identity is another's"};
    co_return co_await sign_in(with_, std::string(authcid), secret(password));
}

}  // namespace postern::account::sasl
