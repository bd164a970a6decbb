#include "account/login_throttle.hpp"

#include <algorithm>
#include <bit>

namespace postern::account {

namespace {

using boost::asio::ip::address;

/// What stands for a client: one IPv4 address, or the /64 that one IPv6 customer has at least (RFC 6177).
std::string network_of(const address& client) {
    if (client.is_v4()) return client.to_string();
    auto octets = client.to_v6().to_bytes();
    if (client.to_v6().is_v4_mapped()) {
        return boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, client.to_v6()).to_string();
    }
    std::ranges::fill(octets.begin() + 8, octets.end(), std::uint8_t{0});
    return boost::asio::ip::address_v6(octets).to_string();
}

std::string pair_of(const std::string& account, const std::string& network) { return account + '\0' + network; }

/// Failures beyond this make no wait longer; counting on would only delay forgiving.
unsigned most_failures(const login_throttle::schedule& s) {
    return s.free + static_cast<unsigned>(std::bit_width(static_cast<unsigned long>(s.longest.count()))) + 1;
}

}  // namespace

login_throttle::login_throttle(const core::clock& clock)
    : clock_(clock), accounts_(max_entries), addresses_(max_entries), familiar_(max_entries) {}

login_throttle::attempt login_throttle::describe(const std::string& account, const address& client) {
    attempt a;
    a.account = account;
    a.network = network_of(client);
    a.familiar = familiar_.find(pair_of(account, a.network)) != nullptr;
    return a;
}

std::chrono::seconds login_throttle::wait_before(const std::string& account, const address& client) {
    return wait_before(describe(account, client));
}

std::chrono::seconds login_throttle::wait_before(const attempt& a) {
    if (a.familiar) return wait(familiar_.find(pair_of(a.account, a.network)), per_account);
    return std::max(wait(accounts_.find(a.account), per_account), wait(addresses_.find(a.network), per_address));
}

std::expected<login_throttle::attempt, std::chrono::seconds> login_throttle::begin(const std::string& account,
                                                                                   const address& client) {
    auto a = describe(account, client);
    if (const auto left = wait_before(a); left.count() > 0) return std::unexpected(left);
    if (a.familiar) {
        ++familiar_.touch(pair_of(account, a.network)).running;
    } else {
        ++accounts_.touch(account).running;
        ++addresses_.touch(a.network).running;
    }
    return a;
}

void login_throttle::take_back(const attempt& a) {
    // A record that was pushed out of its table meanwhile has forgotten the attempt already.
    const auto one_less = [](record* r) {
        if (r != nullptr && r->running > 0) --r->running;
    };
    if (a.familiar) return one_less(familiar_.find(pair_of(a.account, a.network)));
    one_less(accounts_.find(a.account));
    one_less(addresses_.find(a.network));
}

void login_throttle::failed(const attempt& a) {
    take_back(a);
    count(a.familiar ? familiar_.touch(pair_of(a.account, a.network)) : accounts_.touch(a.account), per_account);
    count(addresses_.touch(a.network), per_address);
}

void login_throttle::failed(const address& client) { count(addresses_.touch(network_of(client)), per_address); }

void login_throttle::succeeded(const std::string& account, const address& client) {
    const auto network = network_of(client);
    const bool known = familiar_.find(pair_of(account, network)) != nullptr;
    auto& own = familiar_.touch(pair_of(account, network));
    const auto* so_far = accounts_.find(account);
    if (known || so_far == nullptr) return;
    // Who guessed from this address before the user came gets no second set of free failures; but nor do those who guessed from
    // elsewhere make him wait here.
    own.failures = std::min(unforgiven(*so_far), per_account.free);
    own.last = so_far->last;
}

std::chrono::seconds login_throttle::wait(const record* r, const schedule& s) const {
    using std::chrono::seconds;
    if (r == nullptr) return seconds(0);
    const auto failures = unforgiven(*r);
    if (failures > s.free) {
        const auto doublings = std::min(failures - s.free - 1, 30U);
        const auto full = std::min(seconds(1L << doublings), s.longest);
        const auto left = std::chrono::ceil<seconds>(r->last + full - clock_.now());
        if (left > seconds(0)) return std::min(left, full);  // a clock set back makes no wait longer
    }
    // Each that runs may fail: together they must not be more than may. It will soon be known.
    const bool all_may_fail = r->running == 0 || failures + r->running <= s.free;
    return all_may_fail ? seconds(0) : seconds(1);
}

unsigned login_throttle::unforgiven(const record& r) const {
    const auto quiet = clock_.now() - r.last;
    if (quiet < forgiven_after) return r.failures;
    return r.failures - static_cast<unsigned>(std::min<std::int64_t>(quiet / forgiven_after, r.failures));
}

void login_throttle::count(record& r, const schedule& s) const {
    r.failures = std::min(unforgiven(r) + 1, most_failures(s));
    r.last = clock_.now();
}

}  // namespace postern::account
