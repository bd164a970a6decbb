#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "core/content.hpp"
#include "storage/records.hpp"
#include "storage/soci/read_pool.hpp"

namespace postern::storage {

/// What stands in one row: of message_content, or in the message's own, which is part 0.
struct content_part {
    std::int64_t number = 0;
    std::uint64_t size = 0;             ///< octets
    std::optional<std::string> octets;  ///< only where they were asked for
};

/// A message's octets as they lie in the database.
struct stored_parts {
    std::uint64_t size = 0;  ///< of the whole
    std::vector<content_part> parts;
};

/// The parts of a message, with their octets when the whole is at most `memory_limit`; nullopt when there is no such message.
/// Throws database_error, also when the parts do not add up to the message's size.
[[nodiscard]] std::optional<stored_parts> select_parts(connection& on, message_id id, std::uint64_t memory_limit);

/// The octets of one part; nullopt when it is gone.
[[nodiscard]] std::optional<std::string> select_part(connection& on, message_id id, std::int64_t number);

/// A message too large for memory: keeps one part, the one read last, and fetches another when it is asked for.
///
/// read() throws std::system_error with a storage::errc: unavailable, failed, or not_found when the message was removed
/// meanwhile.
class stored_content final : public core::content {
public:
    stored_content(std::shared_ptr<read_pool> reads, message_id id, stored_parts where);

    [[nodiscard]] std::uint64_t size() const override { return where_.size; }
    std::size_t read(std::uint64_t offset, std::span<char> into) const override;

private:
    /// The part's octets. Under mutex_.
    const std::string& fetch(std::size_t index) const;

    std::shared_ptr<read_pool> reads_;
    message_id id_;
    stored_parts where_;
    std::vector<std::uint64_t> starts_;  // offset of each part's first octet

    mutable std::mutex mutex_;  // threads may share a content
    mutable std::optional<std::size_t> kept_index_;
    mutable std::string kept_;
};

}  // namespace postern::storage
