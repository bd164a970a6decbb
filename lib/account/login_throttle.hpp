#pragma once

#include <chrono>
#include <cstddef>
#include <string>

#include <boost/asio/ip/address.hpp>

#include "account/bounded_table.hpp"
#include "core/clock.hpp"

namespace postern::account {

/// Slows the guessing of passwords, per account and per client address (IPv6: per /64, which one customer has).
///
/// The first failures are free, as typing errors are; then each doubles the wait, up to a bound; failures are forgiven one by
/// one as time passes. An address from which an account has been used rightly is familiar: it has a count of its own and
/// does not share the waits of the account and of the address, so nobody can lock a user out of a device he uses by failing
/// on purpose from elsewhere. Kept in memory, in tables of bounded size.
class login_throttle {
public:
    /// How failures turn into waits.
    struct schedule {
        unsigned free = 0;               ///< failures without a wait
        std::chrono::seconds longest{};  ///< the first wait is a second, each further failure doubles it up to this
    };
    static constexpr schedule per_account{.free = 5, .longest = std::chrono::minutes(1)};
    static constexpr schedule per_address{.free = 20, .longest = std::chrono::minutes(15)};
    static constexpr std::chrono::minutes forgiven_after{5};  ///< each failure, counted from the last one on
    static constexpr std::size_t max_entries = 50'000;        ///< of each table

    explicit login_throttle(const core::clock& clock);

    /// How long it must be waited before a password for `account` is looked at; zero: go on.
    [[nodiscard]] std::chrono::seconds wait_before(const std::string& account, const boost::asio::ip::address& client);

    /// A password is about to be checked. It counts as a failure of the account from now on, so that guesses made at the same
    /// time do not all pass before the first is known to be wrong.
    void begin(const std::string& account, const boost::asio::ip::address& client);

    /// It was right, or could not be checked: what begin() counted is taken back.
    void take_back(const std::string& account, const boost::asio::ip::address& client);

    /// `account` was used rightly from `client`, which is familiar from now on.
    void succeeded(const std::string& account, const boost::asio::ip::address& client);

    /// It was wrong: counts against the address too.
    void failed(const boost::asio::ip::address& client);

private:
    struct record {
        unsigned failures = 0;
        core::timestamp last{};
    };

    [[nodiscard]] std::chrono::seconds wait(const record* r, const schedule& s) const;
    void forgive(record& r) const;
    void count(record& r, const schedule& s) const;

    const core::clock& clock_;
    bounded_table<std::string, record> accounts_;
    bounded_table<std::string, record> addresses_;
    bounded_table<std::string, record> familiar_;  // by account and address
};

}  // namespace postern::account
