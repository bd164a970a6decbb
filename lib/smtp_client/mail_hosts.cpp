#include "smtp_client/mail_hosts.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <limits>
#include <map>
#include <optional>
#include <span>
#include <utility>

#include <fmt/format.h>
#include <boost/asio/ip/tcp.hpp>

#include "dns/wire.hpp"
#include "smtp_client/transaction.hpp"

namespace postern::smtp_client {

namespace {

using boost::asio::ip::address;
using hosts_or_failure = std::expected<std::vector<mail_host>, delivery_status>;

constexpr std::size_t max_hosts = 50;
constexpr std::size_t max_addresses = 20;

std::unexpected<delivery_status> nowhere(delivery_status::kind what, smtp::enhanced_status status, std::string reason) {
    return std::unexpected(failure(what, status, std::move(reason)));
}

std::unexpected<delivery_status> dns_failure(std::string_view name, const dns::answer& a) {
    return nowhere(delivery_status::kind::temporary, {4, 4, 3}, fmt::format("DNS lookup of {} failed: {}", name, a.failure));
}

std::unexpected<delivery_status> no_such_domain(std::string_view name) {
    return nowhere(delivery_status::kind::permanent, {5, 1, 2}, fmt::format("the domain {} does not exist", name));
}

/// "[192.0.2.1]" or "[IPv6:2001:db8::1]" (RFC 5321 4.1.3); nullopt for anything else.
std::optional<address> literal_address(std::string_view destination) {
    if (!destination.starts_with('[') || !destination.ends_with(']')) return std::nullopt;
    auto text = destination.substr(1, destination.size() - 2);
    if (text.size() > 5 && dns::same_name(text.substr(0, 5), "IPv6:")) text.remove_prefix(5);
    boost::system::error_code error;
    const auto parsed = boost::asio::ip::make_address(std::string(text), error);
    return error ? std::nullopt : std::optional(parsed);
}

std::uint32_t random_number(core::random_source& random) {
    std::uint32_t n = 0;
    random.fill(std::as_writable_bytes(std::span(&n, 1)));
    return n;
}

/// By preference, equal ones in random order, so that several hosts share the load (RFC 5321 5.1).
void order(std::vector<mail_host>& hosts, core::random_source& random) {
    std::multimap<std::pair<std::uint16_t, std::uint32_t>, mail_host> sorted;
    for (auto& h : hosts) sorted.emplace(std::pair(h.preference, random_number(random)), std::move(h));
    hosts.clear();
    for (auto& entry : sorted) hosts.push_back(std::move(entry.second));
}

/// RFC 5321 5.1: where we are an MX ourselves, only hosts before us may be tried.
void leave_out_ourselves(std::vector<mail_host>& hosts, const std::vector<std::string>& own_names) {
    std::uint32_t ours = std::numeric_limits<std::uint32_t>::max();
    for (const auto& h : hosts) {
        if (std::ranges::any_of(own_names, [&](const std::string& own) { return dns::same_name(own, h.name); })) {
            ours = std::min<std::uint32_t>(ours, h.preference);
        }
    }
    std::erase_if(hosts, [ours](const mail_host& h) { return h.preference >= ours; });
}

bool is_null_mx(const dns::answer& a) {
    return a.records.size() == 1 && std::get<dns::mx_record>(a.records.front()).exchange.empty();
}

bool has_route(const address& to) {
    const boost::asio::ip::tcp::endpoint endpoint(to, 25);
    const int fd = ::socket(endpoint.protocol().family(), SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return false;
    const bool connected = ::connect(fd, endpoint.data(), static_cast<socklen_t>(endpoint.size())) == 0;
    ::close(fd);
    return connected;
}

address to_address(const dns::record& r) {
    if (const auto* four = std::get_if<dns::a_record>(&r)) return boost::asio::ip::address_v4(four->address);
    return boost::asio::ip::address_v6(std::get<dns::aaaa_record>(r).address);
}

}  // namespace

net::awaitable<hosts_or_failure> find_mail_hosts(dns::resolver& resolver, std::string destination,
                                                 std::vector<std::string> own_names, core::random_source& random) {
    if (const auto literal = literal_address(destination)) co_return std::vector<mail_host>{{literal->to_string(), 0}};
    if (destination.starts_with('[')) {
        co_return nowhere(delivery_status::kind::permanent, {5, 1, 2}, fmt::format("{} is not an address", destination));
    }
    const auto mx = co_await resolver.lookup(destination, dns::record_type::mx);
    if (mx.status == dns::status::temporary_failure) co_return dns_failure(destination, mx);
    if (mx.status == dns::status::no_such_name) co_return no_such_domain(destination);
    std::vector<mail_host> hosts;
    if (mx.status == dns::status::no_data) {
        hosts.push_back({mx.canonical_name, 0});  // RFC 5321 5.1: an implicit MX of preference 0
    } else if (is_null_mx(mx)) {
        // RFC 7505 section 3: the domain says that it takes no mail.
        co_return nowhere(delivery_status::kind::permanent, {5, 1, 10},
                          fmt::format("the domain {} accepts no mail", destination));
    }
    for (const auto& r : mx.records) {
        const auto& record = std::get<dns::mx_record>(r);
        // RFC 7505 3: "." among real exchangers names nobody.
        if (!record.exchange.empty()) hosts.push_back({record.exchange, record.preference});
    }
    leave_out_ourselves(hosts, own_names);
    if (hosts.empty()) {
        co_return nowhere(delivery_status::kind::permanent, {5, 4, 6},
                          fmt::format("mail for {} would come back to this host, which does not take it", destination));
    }
    order(hosts, random);
    if (hosts.size() > max_hosts) hosts.resize(max_hosts);
    co_return hosts;
}

net::awaitable<std::expected<std::vector<address>, delivery_status>> find_addresses(dns::resolver& resolver, std::string host,
                                                                                    bool from_mx) {
    boost::system::error_code not_literal;
    if (const auto literal = boost::asio::ip::make_address(host, not_literal); !not_literal) co_return std::vector{literal};

    std::vector<address> addresses;
    const auto six = co_await resolver.lookup(host, dns::record_type::aaaa);
    const auto four = co_await resolver.lookup(host, dns::record_type::a);
    for (const auto* a : {&six, &four}) {
        for (const auto& r : a->records) addresses.push_back(to_address(r));
    }
    if (addresses.empty()) {
        for (const auto* a : {&six, &four}) {
            if (a->status == dns::status::temporary_failure) co_return dns_failure(host, *a);
        }
        if (from_mx) {
            co_return nowhere(delivery_status::kind::temporary, {4, 4, 4},
                              fmt::format("the mail host {} has no address", host));
        }
        if (four.status == dns::status::no_such_name) co_return no_such_domain(host);
        co_return nowhere(delivery_status::kind::permanent, {5, 1, 2},
                          fmt::format("{} has neither a mail host nor an address", host));
    }
    std::vector<address> reachable;
    std::vector<address> others;
    for (const auto& a : addresses) (has_route(a) ? reachable : others).push_back(a);
    addresses = std::move(reachable);
    addresses.insert(addresses.end(), others.begin(), others.end());
    if (addresses.size() > max_addresses) addresses.resize(max_addresses);
    co_return addresses;
}

}  // namespace postern::smtp_client
