#pragma once

#include <optional>
#include <string>
#include <utility>

#include "account/sasl/mechanism.hpp"
#include "account/sasl/mechanisms.hpp"

namespace postern::account::sasl {

/// LOGIN (draft-murchison-sasl-login): never a standard, and all that some clients know. Asks for the name, unless that came as
/// the initial response, and for the password. Clients compare the prompts, so they are these and no others.
class login final : public mechanism {
public:
    static constexpr std::string_view name_prompt = "Username:";
    static constexpr std::string_view password_prompt = "Password:";

    explicit login(context with) : with_(std::move(with)) {}
    net::awaitable<step> respond(std::optional<secret> response) override;

private:
    context with_;
    std::optional<std::string> name_;
};

}  // namespace postern::account::sasl
