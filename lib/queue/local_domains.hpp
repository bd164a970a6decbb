#pragma once

#include <optional>
#include <string>
#include <unordered_map>

#include "account/recipient_resolver.hpp"
#include "core/clock.hpp"
#include "net/awaitable.hpp"

namespace postern::queue {

/// Whether a domain is one of ours by now, though its mail was queued: asked once a minute at most, so that it costs nothing
/// beside the mail for others.
class local_domains {
public:
    static constexpr std::chrono::minutes remembered{1};
    static constexpr std::size_t capacity = 10'000;

    local_domains(account::recipient_resolver& recipients, const core::clock& clock) : recipients_(recipients), clock_(clock) {}

    /// Not known counts as no: the mail hosts of a domain are always a right place to go.
    net::awaitable<bool> contains(std::string domain);

private:
    struct answer {
        bool local = false;
        core::timestamp until;
    };

    account::recipient_resolver& recipients_;
    const core::clock& clock_;
    std::unordered_map<std::string, answer> answers_;
};

}  // namespace postern::queue
