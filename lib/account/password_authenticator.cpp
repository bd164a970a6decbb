#include "account/password_authenticator.hpp"

#include <algorithm>
#include <exception>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "account/address.hpp"
#include "account/app_password.hpp"
#include "account/credential_cache.hpp"
#include "account/login_throttle.hpp"
#include "account/password.hpp"
#include "account/scram.hpp"
#include "net/pending.hpp"

namespace postern::account {

namespace {

using boost::asio::ip::address;
using reason = login_failure::reason;
using storage::canonical_address;

constexpr std::chrono::seconds busy_retry{1};

enum class verdict { right, wrong, busy, unavailable };

std::unexpected<login_failure> refuse(reason why, std::chrono::seconds retry_after = {}) {
    return std::unexpected(login_failure{why, retry_after});
}

/// What is checked: one password for one login, against the hash the account has now.
struct question {
    canonical_address login;
    std::string hash;
    secret password;
};

}  // namespace

struct password_authenticator::state {
    using waiting = std::shared_ptr<net::pending<verdict>>;

    state(storage::directory& d, storage::app_password_store& a, password_hasher& h, core::random_source& random,
          const core::clock& c, core::logger l)
        : directory(d), app_passwords(a), hasher(h), clock(c), log(l.module("account")), cache(random, c), throttle(c) {
        random.fill(std::as_writable_bytes(std::span(scram_secret)));
    }

    net::awaitable<login_result> verify(canonical_address login, secret password, address client);
    net::awaitable<verdict> check(question asked, credential_cache::fingerprint credentials, login_throttle::attempt attempt);
    net::awaitable<verdict> look_at(question asked);
    net::awaitable<verdict> look_up(canonical_address login, storage::key_octets token);
    net::awaitable<std::expected<scram_login, login_failure>> find_scram(canonical_address login, address client);
    net::awaitable<login_result> conclude_scram(canonical_address login, std::optional<storage::app_password_id> fits,
                                                address client);
    net::awaitable<core::result<std::optional<storage::account>>> owner(canonical_address login, storage::app_password_id key);
    login_result admit(const storage::account& account, const address& client);
    login_result reject(const std::string& login, const address& client);
    std::unexpected<login_failure> unavailable(const std::string& login, const core::error& why);

    storage::directory& directory;
    storage::app_password_store& app_passwords;
    password_hasher& hasher;
    const core::clock& clock;
    core::logger log;
    credential_cache cache;
    login_throttle throttle;
    storage::key_octets scram_secret{};  // of what is made up
    // Who waits for a check that somebody else, with the very same credentials, has begun.
    std::unordered_map<credential_cache::fingerprint, std::vector<waiting>, credential_cache::fingerprint_hash> in_flight;
};

net::awaitable<login_result> password_authenticator::state::verify(canonical_address login, secret password, address client) {
    const auto name = to_string(login);
    if (const auto wait = throttle.wait_before(name, client); wait.count() > 0) co_return refuse(reason::throttled, wait);

    const auto found = co_await directory.find_account(login);
    if (!found) co_return unavailable(name, found.error());
    const auto& account = *found;
    auto hash = account ? account->password_hash : std::string();
    const auto credentials = cache.identify(name, hash, password);
    if (cache.knows(credentials)) co_return admit(*account, client);

    auto outcome = verdict::wrong;
    if (const auto begun = in_flight.find(credentials); begun != in_flight.end()) {
        const auto mine = std::make_shared<net::pending<verdict>>();
        begun->second.push_back(mine);
        outcome = co_await mine->wait();
    } else {
        // Others may have failed, or may be trying, since the row was asked for: nothing comes between this and the count.
        auto attempt = throttle.begin(name, client);
        if (!attempt) co_return refuse(reason::throttled, attempt.error());
        outcome = co_await check({std::move(login), std::move(hash), std::move(password)}, credentials, std::move(*attempt));
    }
    if (outcome == verdict::busy) co_return refuse(reason::throttled, busy_retry);
    if (outcome == verdict::unavailable) co_return refuse(reason::unavailable);
    if (outcome == verdict::wrong || !account) co_return reject(name, client);
    co_return admit(*account, client);
}

/// One check for all who ask the same at the same time: a browser opens six connections, and each has the same password.
net::awaitable<verdict> password_authenticator::state::check(question asked, credential_cache::fingerprint credentials,
                                                             login_throttle::attempt attempt) {
    in_flight.try_emplace(credentials);
    auto outcome = verdict::busy;
    std::exception_ptr escaped;
    try {
        auto token = app_password_token(asked.password);
        if (token) outcome = co_await look_up(asked.login, *token);
        if (!token || outcome == verdict::wrong) {
            outcome = co_await look_at(std::move(asked));
            if (outcome == verdict::right) cache.remember(credentials);
        }
    } catch (...) {
        escaped = std::current_exception();  // whoever waits must be told all the same
    }
    if (outcome == verdict::wrong) {
        throttle.failed(attempt);
    } else {
        throttle.take_back(attempt);
    }
    const auto waiters = in_flight.extract(credentials);
    for (const auto& other : waiters.mapped()) other->complete(outcome);
    if (escaped) std::rethrow_exception(escaped);
    co_return outcome;
}

/// The account's own password: the dear way, also for who has none.
net::awaitable<verdict> password_authenticator::state::look_at(question asked) {
    const auto right = co_await hasher.verify(std::move(asked.hash), std::move(asked.password));
    if (right) co_return *right ? verdict::right : verdict::wrong;
    log.warning("login_busy", {{"reason", right.error().message()}});
    co_return verdict::busy;
}

/// An app password: the cheap way. It opens its own account only.
net::awaitable<verdict> password_authenticator::state::look_up(canonical_address login, storage::key_octets token) {
    const auto found = co_await app_passwords.find(token);
    if (!found) {
        log.warning("login_unavailable", {{"account", to_string(login)}, {"reason", found.error().message()}});
        co_return verdict::unavailable;
    }
    if (!*found || (*found)->account.address != login) co_return verdict::wrong;
    app_passwords.used((*found)->password.id, clock.now());
    co_return verdict::right;
}

net::awaitable<std::expected<scram_login, login_failure>> password_authenticator::state::find_scram(canonical_address login,
                                                                                                    address client) {
    const auto name = to_string(login);
    if (const auto wait = throttle.wait_before(name, client); wait.count() > 0) co_return refuse(reason::throttled, wait);
    const auto found = co_await app_passwords.find_scram(std::move(login));
    if (!found) co_return unavailable(name, found.error());
    if (!*found) co_return scram_login{made_up_parameters(scram_secret, name), {}};
    co_return scram_login{(*found)->parameters, (*found)->keys};
}

net::awaitable<login_result> password_authenticator::state::conclude_scram(canonical_address login,
                                                                           std::optional<storage::app_password_id> fits,
                                                                           address client) {
    const auto name = to_string(login);
    core::result<std::optional<storage::account>> account;
    if (fits) account = co_await owner(std::move(login), *fits);
    if (!account) co_return unavailable(name, account.error());
    // The proof came at no cost, so it counts here, between one moment and the next: however many arrive at once, those beyond
    // the allowed number learn nothing.
    const auto attempt = throttle.begin(name, client);
    if (!attempt) co_return refuse(reason::throttled, attempt.error());
    if (!*account) {
        throttle.failed(*attempt);
        co_return reject(name, client);
    }
    throttle.take_back(*attempt);
    app_passwords.used(*fits, clock.now());
    co_return admit(**account, client);
}

/// The account, read anew, if that app password is still one of its own.
net::awaitable<core::result<std::optional<storage::account>>> password_authenticator::state::owner(
    canonical_address login, storage::app_password_id key) {
    const auto now = co_await app_passwords.find_scram(login);
    if (!now) co_return std::unexpected(now.error());
    if (!*now || std::ranges::find((*now)->keys, key, &storage::scram_key::id) == (*now)->keys.end()) co_return std::nullopt;
    co_return co_await directory.find_account(std::move(login));
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

std::unexpected<login_failure> password_authenticator::state::unavailable(const std::string& login, const core::error& why) {
    log.warning("login_unavailable", {{"account", login}, {"reason", why.message()}});
    return refuse(reason::unavailable);
}

password_authenticator::password_authenticator(storage::directory& directory, storage::app_password_store& app_passwords,
                                               password_hasher& hasher, core::random_source& random, const core::clock& clock,
                                               core::logger log)
    : state_(std::make_unique<state>(directory, app_passwords, hasher, random, clock, std::move(log))) {}

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

net::awaitable<std::expected<scram_login, login_failure>> password_authenticator::find_scram(std::string login,
                                                                                             address client) {
    auto account = parse_address(login);
    if (!account) co_return scram_login{made_up_parameters(state_->scram_secret, login), {}};
    co_return co_await state_->find_scram(std::move(*account), std::move(client));
}

net::awaitable<login_result> password_authenticator::conclude_scram(std::string login,
                                                                    std::optional<storage::app_password_id> fits,
                                                                    address client) {
    auto account = parse_address(login);
    if (!account) {
        state_->throttle.failed(client);
        co_return state_->reject("(not an address)", client);
    }
    co_return co_await state_->conclude_scram(std::move(*account), fits, std::move(client));
}

}  // namespace postern::account
