#pragma once

#include <cstddef>
#include <string>

#include "account/password.hpp"
#include "account/scram.hpp"
#include "account/secret.hpp"
#include "core/result.hpp"
#include "net/awaitable.hpp"
#include "net/blocking_pool.hpp"

namespace postern::account {

/// Runs Argon2id and PBKDF2 off the loop, for every protocol and for administration: at most so many at once, others in order
/// of arrival, and beyond a bounded queue errc::busy at once, so that a flood of logins costs neither memory nor the other
/// users' wait.
///
/// The io_context must be declared before it: the destructor finishes what has begun.
class password_hasher {
public:
    static constexpr std::size_t usual_queue = 128;

    /// `at_once` is limits.password_hashes: that many threads. `waiting` bounds the queue. `memory` is limits.password_memory:
    /// octets for each hash that is made.
    explicit password_hasher(std::size_t at_once, std::size_t waiting = usual_queue,
                             std::size_t memory = default_password_memory);

    /// The hash to store for a password that passed check_new_password. busy.
    net::awaitable<core::result<std::string>> hash(secret password);

    /// Whether `password`, normalized, gives `hash`. With an empty `hash` the same work is done and the answer is false, so
    /// that time does not tell whether an account exists. busy.
    net::awaitable<core::result<bool>> verify(std::string hash, secret password);

    /// The SCRAM keys of an app password. busy.
    net::awaitable<core::result<scram_keys>> derive(secret password, storage::scram_parameters parameters);

private:
    [[nodiscard]] bool full() const;

    std::size_t waiting_limit_;
    std::size_t memory_;
    net::blocking_pool pool_;
};

}  // namespace postern::account
