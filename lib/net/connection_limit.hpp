#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include <boost/asio/ip/address.hpp>

namespace postern::net {

/// Counts connections, in all and per client address, and says when there are too many.
///
/// An IPv6 client counts by its /64: one host usually owns that many addresses and could otherwise take them all.
/// Loop thread only.
class connection_limit {
public:
    enum class refusal { too_many, too_many_from_address };

    connection_limit(std::size_t in_all, std::size_t per_address);

    /// One admitted connection; gives its place back when it is destroyed. May outlive the limit.
    class ticket {
    public:
        ticket(ticket&&) noexcept = default;
        ticket& operator=(ticket&&) = delete;
        ~ticket();

    private:
        friend class connection_limit;
        struct counts;
        using key = std::pair<bool, std::uint64_t>;
        ticket(std::shared_ptr<counts> c, std::optional<key> k) : counts_(std::move(c)), key_(k) {}

        std::shared_ptr<counts> counts_;
        std::optional<key> key_;
    };

    [[nodiscard]] std::expected<ticket, refusal> admit(const boost::asio::ip::address& client);

    /// A proxy's connection: it counts in all, and by address only once it is known whose it is.
    [[nodiscard]] std::expected<ticket, refusal> admit();

    /// The client of a proxy's connection is `client`.
    [[nodiscard]] std::expected<void, refusal> name(ticket& admitted, const boost::asio::ip::address& client);

    /// From now on; who is admitted already stays.
    void change(std::size_t in_all, std::size_t per_address);

    /// Connections admitted and not ended.
    [[nodiscard]] std::size_t size() const;

private:
    std::size_t in_all_;
    std::size_t per_address_;
    std::shared_ptr<ticket::counts> counts_;
};

}  // namespace postern::net
