#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>

#include "core/result.hpp"
#include "net/awaitable.hpp"
#include "storage/records.hpp"

namespace postern::storage {

/// A delivery::response as it was kept.
struct kept_response {
    std::array<unsigned char, 32> request_sha256{};
    int status = 0;
    std::string body;
    core::timestamp created_at;
};

/// Answers to requests that may be asked again. message_store::deliver puts them in, in the transaction that does what they
/// tell of, so that there is one if and only if that was done. Every call may fail with errc::unavailable or errc::failed.
class response_store {
public:
    virtual ~response_store() = default;

    virtual net::awaitable<core::result<std::optional<kept_response>>> find(account_id account, std::string key) = 0;

    /// Removes at most `limit` (1 to 10,000) from before `time`. Returns how many; fewer than `limit`: none are left.
    virtual net::awaitable<core::result<std::size_t>> remove_before(core::timestamp time, std::size_t limit) = 0;
};

}  // namespace postern::storage
