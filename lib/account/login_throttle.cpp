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

std::string pair_of(const std::string& account, const address& client) { return account + '\0' + network_of(client); }

/// Failures beyond this make no wait longer; counting on would only delay forgiving.
unsigned most_failures(const login_throttle::schedule& s) {
    return s.free + static_cast<unsigned>(std::bit_width(static_cast<unsigned long>(s.longest.count()))) + 1;
}

}  // namespace

login_throttle::login_throttle(const core::clock& clock)
    : clock_(clock), accounts_(max_entries), addresses_(max_entries), familiar_(max_entries) {}

std::chrono::seconds login_throttle::wait_before(const std::string& account, const address& client) {
    if (const auto* own = familiar_.find(pair_of(account, client))) return wait(own, per_account);
    return std::max(wait(accounts_.find(account), per_account), wait(addresses_.find(network_of(client)), per_address));
}

void login_throttle::begin(const std::string& account, const address& client) {
    auto* own = familiar_.find(pair_of(account, client));
    count(own != nullptr ? *own : accounts_.touch(account), per_account);
}

void login_throttle::take_back(const std::string& account, const address& client) {
    auto* counted = familiar_.find(pair_of(account, client));
    if (counted == nullptr) counted = accounts_.find(account);
    if (counted != nullptr && counted->failures > 0) --counted->failures;
}

void login_throttle::succeeded(const std::string& account, const address& client) {
    familiar_.touch(pair_of(account, client)) = {};
}

void login_throttle::failed(const address& client) { count(addresses_.touch(network_of(client)), per_address); }

std::chrono::seconds login_throttle::wait(const record* r, const schedule& s) const {
    using std::chrono::seconds;
    if (r == nullptr) return seconds(0);
    auto now = *r;
    forgive(now);
    if (now.failures <= s.free) return seconds(0);
    const auto doublings = std::min(now.failures - s.free - 1, 30U);
    const auto full = std::min(seconds(1L << doublings), s.longest);
    const auto left = std::chrono::ceil<seconds>(r->last + full - clock_.now());
    return std::clamp(left, seconds(0), full);  // a clock set back makes no wait longer
}

void login_throttle::forgive(record& r) const {
    const auto quiet = clock_.now() - r.last;
    if (quiet < forgiven_after) return;
    const auto forgiven = static_cast<unsigned>(std::min<std::int64_t>(quiet / forgiven_after, r.failures));
    r.failures -= forgiven;
}

void login_throttle::count(record& r, const schedule& s) const {
    forgive(r);
    r.failures = std::min(r.failures + 1, most_failures(s));
    r.last = clock_.now();
}

}  // namespace postern::account
