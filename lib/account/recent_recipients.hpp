#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "account/bounded_table.hpp"
#include "account/recipient_resolver.hpp"
#include "core/clock.hpp"

namespace postern::account {

/// Remembers for a moment which recipients were found, so that many messages for one mailbox ask the database once.
///
/// Only what was found is kept, and only for `lifetime`: far less than may lie between a transaction's RCPT and its commit
/// anyway, so a change of an alias counts as soon for a message as if its RCPT had come that much earlier. The commit looks
/// again whether every account is there, enabled and has room. A larger message than the one asked about is asked about anew,
/// for the room it needs. What fails or is refused is never remembered. Loop thread only.
class recent_recipients final : public recipient_resolver {
public:
    static constexpr std::chrono::milliseconds lifetime{250};
    static constexpr std::size_t max_entries = 10'000;

    /// Both outlive this.
    recent_recipients(recipient_resolver& resolver, const core::clock& clock)
        : resolver_(resolver), clock_(clock), found_(max_entries) {}

    net::awaitable<resolution> resolve(std::string address, std::uint64_t size) override;

private:
    struct entry {
        core::timestamp asked_at;
        std::uint64_t size = 0;
        std::vector<local_recipient> recipients;
    };

    [[nodiscard]] bool holds(const entry& e, std::uint64_t size) const;

    recipient_resolver& resolver_;
    const core::clock& clock_;
    bounded_table<std::string, entry> found_;
};

}  // namespace postern::account
