#include "account/password_hasher.hpp"

#include <utility>

#include "account/errc.hpp"

namespace postern::account {

namespace {

constexpr auto busy_detail = "too many passwords are being checked; try again in a second";

}  // namespace

password_hasher::password_hasher(std::size_t at_once, std::size_t waiting, std::size_t memory)
    : waiting_limit_(waiting), memory_(memory), pool_(at_once) {}

net::awaitable<core::result<std::string>> password_hasher::hash(secret password) {
    if (full()) co_return core::fail(errc::busy, busy_detail);
    co_return co_await pool_.run([held = std::move(password), memory = memory_] { return hash_password(held, memory); });
}

net::awaitable<core::result<bool>> password_hasher::verify(std::string hash, secret password) {
    if (full()) co_return core::fail(errc::busy, busy_detail);
    co_return co_await pool_.run([against = std::move(hash), held = std::move(password), memory = memory_] {
        if (!against.empty()) return verify_password(against, held);
        static_cast<void>(hash_password(held, memory));  // the same work, so that the answer takes as long
        return false;
    });
}

net::awaitable<core::result<scram_keys>> password_hasher::derive(secret password, storage::scram_parameters parameters) {
    if (full()) co_return core::fail(errc::busy, busy_detail);
    co_return co_await pool_.run([held = std::move(password), parameters] { return derive_scram_keys(held, parameters); });
}

bool password_hasher::full() const { return pool_.waiting() >= waiting_limit_; }

}  // namespace postern::account
