#pragma once

#include <chrono>
#include <cstddef>
#include <expected>
#include <string>

#include <boost/asio/ip/address.hpp>

#include "account/bounded_table.hpp"
#include "core/clock.hpp"

namespace postern::account {

/// Slows the guessing of passwords, per account and per client address (IPv6: per /64, which one customer has).
///
/// The first failures are free, as typing errors are; then each doubles the wait, up to a bound; failures are forgiven one by
/// one as time passes, and by nothing else: a password that is right says nothing of the guesses made beside it. An attempt
/// counts as a failure while it runs, so however many are made at once, no more pass than may fail.
///
/// An address from which an account has been used rightly is familiar: it has a count of its own and does not share the waits
/// of the account and of the address, so nobody can lock a user out of a device he uses by failing on purpose from elsewhere.
/// That holds for this account alone. Kept in memory, in tables of bounded size.
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

    /// An attempt that has begun: what it counts in. It ends with exactly one of failed() and take_back(), whatever happens.
    class attempt {
        friend class login_throttle;
        std::string account;
        std::string network;
        bool familiar = false;  // when it began, whatever has become familiar since
    };

    explicit login_throttle(const core::clock& clock);

    /// How long it must be waited before a password for `account` is looked at; zero: go on.
    [[nodiscard]] std::chrono::seconds wait_before(const std::string& account, const boost::asio::ip::address& client);

    /// A password is about to be checked, or how long it must be waited before.
    [[nodiscard]] std::expected<attempt, std::chrono::seconds> begin(const std::string& account,
                                                                     const boost::asio::ip::address& client);

    /// It was wrong: it counts against the account and the address.
    void failed(const attempt& a);

    /// It was right, or could not be checked: it counts no more, and what counted besides stays.
    void take_back(const attempt& a);

    /// `account` was used rightly from `client`, which is familiar from now on.
    void succeeded(const std::string& account, const boost::asio::ip::address& client);

    /// Something that cannot be right for any account was tried: counts against the address.
    void failed(const boost::asio::ip::address& client);

private:
    struct record {
        unsigned failures = 0;
        unsigned running = 0;
        core::timestamp last{};  // failure
    };

    [[nodiscard]] attempt describe(const std::string& account, const boost::asio::ip::address& client);
    [[nodiscard]] std::chrono::seconds wait_before(const attempt& a);
    [[nodiscard]] std::chrono::seconds wait(const record* r, const schedule& s) const;
    [[nodiscard]] unsigned unforgiven(const record& r) const;
    void count(record& r, const schedule& s) const;

    const core::clock& clock_;
    bounded_table<std::string, record> accounts_;
    bounded_table<std::string, record> addresses_;
    bounded_table<std::string, record> familiar_;  // by account and address
};

}  // namespace postern::account
