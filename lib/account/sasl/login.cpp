#include "account/sasl/login.hpp"

#include "account/sasl/credentials.hpp"

namespace postern::account::sasl {

net::awaitable<step> login::respond(std::optional<secret> response) {
    if (!response) co_return challenge{std::string(name_prompt)};
    const auto text = response->reveal();
    if (text.empty() || text.size() > max_response) co_return malformed("LOGIN: an empty or too long response");
    if (!name_) {
        name_ = text;
        co_return challenge{std::string(password_prompt)};
    }
    co_return co_await sign_in(with_, std::move(*name_), std::move(*response));
}

}  // namespace postern::account::sasl
