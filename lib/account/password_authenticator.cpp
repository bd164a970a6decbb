#include "account/password_authenticator.hpp"

#include <exception>
#include <unordered_map>
#include <utility>
#include <vector>

#include "account/address.hpp"
#include "account/credential_cache.hpp"
#include "account/login_throttle.hpp"
#include "account/password.hpp"
#include "net/pending.hpp"

namespace postern::account {

namespace {

using boost::asio::ip::address;
using reason = login_failure::reason;

constexpr std::chrono::seconds busy_retry{1};

enum class verdict { right, wrong, unknown };

login_result refuse(reason why, std::chrono::seconds retry_after = {}) {
    return std::unexpected(login_failure{why, retry_after});
}

}  // namespace

struct password_authenticator::state {
    using waiting = std::shared_ptr<net::pending<verdict>>;

    state(storage::directory& d, password_hasher& h, core::random_source& random, const core::clock& clock, core::logger l)
        : directory(d), hasher(h), log(l.module("account")), cache(random, clock), throttle(clock) {}

    net::awaitable<login_result> verify(storage::canonical_address login, secret password, address client);
    net::awaitable<verdict> check(std::string login, std::string hash, secret password,
                                  credential_cache::fingerprint credentials, address client);
    login_result admit(const storage::account& account, const address& client);
    login_result reject(const std::string& login, const address& client);

    storage::directory& directory;
    password_hasher& hasher;
    core::logger log;
    credential_cache cache;
    login_throttle throttle;
    // Who waits for a check that somebody else, with the very same credentials, has begun.
    std::unordered_map<credential_cache::fingerprint, std::vector<waiting>, credential_cache::fingerprint_hash> in_flight;
};

net::awaitable<login_result> password_authenticator::state::verify(storage::canonical_address login, secret password,
                                                                   address client) {
    const auto name = to_string(login);
    if (const auto wait = throttle.wait_before(name, client); wait.count() > 0) co_return refuse(reason::throttled, wait);

    const auto found = co_await directory.find_account(std::move(login));
    if (!found) {
        log.warning("login_unavailable", {{"account", name}, {"reason", found.error().message()}});
        co_return refuse(reason::unavailable);
    }
    const auto& account = *found;
    auto hash = account ? account->password_hash : std::string();
    const auto credentials = cache.identify(name, hash, password);
    if (!cache.knows(credentials)) {
        // Others may have failed while the row was read.
        if (const auto wait = throttle.wait_before(name, client); wait.count() > 0) co_return refuse(reason::throttled, wait);
        const auto outcome = co_await check(name, std::move(hash), std::move(password), credentials, client);
        if (outcome == verdict::unknown) co_return refuse(reason::throttled, busy_retry);
        if (outcome == verdict::wrong || !account) co_return reject(name, client);
    }
    co_return admit(*account, client);
}

/// One Argon2id for all who ask the same at the same time: a browser opens six connections, and each has the same password.
net::awaitable<verdict> password_authenticator::state::check(std::string login, std::string hash, secret password,
                                                             credential_cache::fingerprint credentials, address client) {
    if (const auto begun = in_flight.find(credentials); begun != in_flight.end()) {
        const auto mine = std::make_shared<net::pending<verdict>>();
        begun->second.push_back(mine);
        co_return co_await mine->wait();
    }
    in_flight.try_emplace(credentials);
    throttle.begin(login, client);
    auto outcome = verdict::unknown;
    std::exception_ptr escaped;
    try {
        const auto right = co_await hasher.verify(std::move(hash), std::move(password));
        if (right) outcome = *right ? verdict::right : verdict::wrong;
        if (!right) log.warning("login_busy", {{"reason", right.error().message()}});
    } catch (...) {
        escaped = std::current_exception();  // whoever waits must be told all the same
    }
    if (outcome == verdict::right) cache.remember(credentials);
    if (outcome == verdict::wrong) throttle.failed(client);
    if (outcome != verdict::wrong) throttle.take_back(login, client);
    const auto waiters = in_flight.extract(credentials);
    for (const auto& other : waiters.mapped()) other->complete(outcome);
    if (escaped) std::rethrow_exception(escaped);
    co_return outcome;
}

login_result password_authenticator::state::admit(const storage::account& account, const address& client) {
    if (!account.disabled) {
        throttle.succeeded(to_string(account.address), client);
        return account;
    }
    log.info("login_refused",
             {{"account", to_string(account.address)}, {"client", client.to_string()}, {"reason", "disabled"}});
    return refuse(reason::disabled);
}

login_result password_authenticator::state::reject(const std::string& login, const address& client) {
    log.warning("login_failed", {{"account", login}, {"client", client.to_string()}});
    return refuse(reason::bad_credentials);
}

password_authenticator::password_authenticator(storage::directory& directory, password_hasher& hasher,
                                               core::random_source& random, const core::clock& clock, core::logger log)
    : state_(std::make_unique<state>(directory, hasher, random, clock, std::move(log))) {}

password_authenticator::~password_authenticator() = default;

net::awaitable<login_result> password_authenticator::verify(std::string login, secret password, address client) {
    auto account = parse_address(login);
    auto normal = normalize_password(password.reveal());
    // Neither can be right for any account, so answering at once tells nothing about one. The login is not logged: people
    // type their password there.
    if (!account || !normal) {
        state_->throttle.failed(client);
        co_return state_->reject("(not an address or a password)", client);
    }
    co_return co_await state_->verify(std::move(*account), std::move(*normal), std::move(client));
}

}  // namespace postern::account
