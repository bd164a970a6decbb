#pragma once

#include <utility>

#include "account/sasl/mechanism.hpp"
#include "account/sasl/mechanisms.hpp"

namespace postern::account::sasl {

/// PLAIN (RFC 4616): one message, [authzid] NUL authcid NUL passwd.
class plain final : public mechanism {
public:
    explicit plain(context with) : with_(std::move(with)) {}
    net::awaitable<step> respond(std::optional<secret> response) override;

private:
    context with_;
};

}  // namespace postern::account::sasl
