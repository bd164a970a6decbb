#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/ip/address.hpp>

#include "config/relay_settings.hpp"
#include "core/random.hpp"
#include "dns/resolver.hpp"
#include "net/blocking_pool.hpp"
#include "net/spool.hpp"
#include "queue/host_walk.hpp"
#include "queue/route_table.hpp"
#include "smtp_client/session.hpp"

namespace postern::queue {

/// What all couriers of a process share.
struct courier_settings {
    std::shared_ptr<const smtp_client::session_settings> anybody;  ///< TLS with whoever answers
    std::shared_ptr<const smtp_client::session_settings> named;    ///< TLS with nobody but the host of that name
    config::relay_settings relay;
    std::vector<boost::asio::ip::address> sources;  ///< to connect from; the first of the endpoint's family
    std::vector<std::string> own_names;
    std::size_t max_messages = 100;  ///< over one connection
    std::chrono::steady_clock::duration max_age = std::chrono::minutes(5);
};

/// What one message became for one recipient.
struct carried {
    smtp_client::delivery_status status;
    bool confirms = false;  ///< the host took over the notices of success (RFC 3461 5.2.1)
};

/// Carries messages to one next hop over one connection at a time, which it keeps while it serves.
///
/// Flow: the hosts of the next hop are tried in order until one opens a session. What a host refuses for good (5yz) is final
/// for its recipient; what it defers (4yz) is tried with the next host at once, as is everything when a host cannot be reached
/// or breaks off (RFC 5321 5.1). A TLS handshake that fails is followed by one attempt in the clear where TLS is opportunistic.
/// A connection lost behind a message's end is not followed by another host: the message may have arrived.
/// On failure: everything is a status per recipient; nothing throws but cancellation.
///
/// Loop thread only, one call at a time.
class courier {
public:
    /// All of these outlive the courier.
    struct dependencies {
        net::executor loop;
        net::blocking_pool& workers;
        net::spool_area& spools;
        dns::resolver& resolver;
        core::random_source& random;
    };

    courier(const dependencies& uses, std::shared_ptr<const courier_settings> settings, next_hop to);

    /// A status for each recipient, in order. The arguments live until it returns. `ours` is asked before each transaction:
    /// where it says no, somebody else has the message now, and it is not sent.
    net::awaitable<std::vector<carried>> carry(const smtp_client::envelope& e, const std::vector<smtp_client::recipient>& to,
                                               const smtp_client::outgoing& message, std::function<bool()> ours);

    /// Whether the last carry() reached no host at all, and might another time.
    [[nodiscard]] bool unreachable() const noexcept { return unreachable_; }
    /// Whether in the last carry() a host was too busy for us (421).
    [[nodiscard]] bool turned_away() const noexcept { return turned_away_; }
    /// Whether a session stands.
    [[nodiscard]] bool connected() const noexcept { return session_ && session_->usable(); }

    /// Whether the connection has served long enough: others shall have a turn at the host, and its addresses may have changed.
    [[nodiscard]] bool is_tired() const;

    /// Says good-bye; the courier may be used again.
    net::awaitable<void> leave();

private:
    struct round;  // one carry()
    net::awaitable<bool> have_session(round& r);
    net::awaitable<std::optional<smtp_client::open_failure>> open(const host_walk::candidate& at, smtp_client::tls_use tls);
    net::awaitable<void> send(round& r);
    net::awaitable<std::vector<smtp_client::delivery_status>> transact(const round& r, std::vector<smtp_client::recipient> to);
    [[nodiscard]] smtp_client::tls_use tls_wanted() const;
    [[nodiscard]] std::optional<boost::asio::ip::address> source_for(const net::tcp_endpoint& to) const;

    dependencies uses_;
    std::shared_ptr<const courier_settings> settings_;
    next_hop to_;
    std::unique_ptr<smtp_client::session> session_;
    std::optional<host_walk> walk_;  // behind the present session's host
    std::chrono::steady_clock::time_point opened_;
    std::size_t messages_ = 0;  // over the present session
    bool unreachable_ = false;
    bool turned_away_ = false;
};

}  // namespace postern::queue
