#include "dns/published.hpp"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>
#include <boost/asio/ip/address.hpp>

namespace postern::dns {

namespace {

using level = observation::level;

bool is_within(const std::string& name, const std::string& domain) {
    return name == domain ||
           (name.size() > domain.size() && name.ends_with(domain) && name[name.size() - domain.size() - 1] == '.');
}

std::string line(std::string_view owner, std::string_view type, std::string_view data) {
    return fmt::format("{:<24} IN {:<5} {}\n", owner, type, data);
}

std::string services_of(const mail_service& service) {
    std::string out;
    const auto offered = [&](std::string_view name, std::uint16_t port) {
        if (port != 0) out += line(name, "SRV", fmt::format("0 1 {} {}.", port, service.hostname));
    };
    // RFC 6186 3.4: a target of "." says that there is none, so that nobody goes on guessing.
    const auto told = [&](std::string_view name, std::uint16_t port) {
        if (port == 0) out += line(name, "SRV", "0 0 0 .");
        offered(name, port);
    };
    offered("_submissions._tcp", service.submissions_port);
    offered("_submission._tcp", service.submission_port);
    told("_imaps._tcp", service.imaps_port);
    told("_imap._tcp", service.imap_port);
    told("_pop3s._tcp", 0);
    told("_pop3._tcp", 0);
    return out;
}

std::string addresses_of(const mail_service& service, const std::string& domain) {
    const auto owner = service.hostname + '.';
    const auto* comment = is_within(service.hostname, domain) ? "" : "; in its own zone: ";
    std::string out;
    for (const auto& address : service.addresses) {
        const auto* type = address.contains(':') ? "AAAA" : "A";
        out += comment + line(owner, type, address);
    }
    if (out.empty()) out = "; " + line(owner, "A", "the machine's address, and AAAA its IPv6 address");
    return out;
}

std::string reverses_of(const mail_service& service) {
    std::string out;
    for (const auto& address : service.addresses)
        out += "; " + line(reverse_name(address) + '.', "PTR", service.hostname + '.');
    if (out.empty()) out = fmt::format("; PTR of each of the machine's addresses: {}.\n", service.hostname);
    return out;
}

bool same_name(std::string a, std::string b) {
    for (auto* each : {&a, &b}) {
        if (each->ends_with('.')) each->pop_back();
        std::ranges::transform(*each, each->begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    }
    return a == b;
}

observation not_known(const std::string& question, const answer& a) {
    return {level::warning, fmt::format("{}: DNS gave no answer ({}); see dns.servers", question, a.failure)};
}

bool is_public(const std::string& address) {
    boost::system::error_code wrong;
    const auto parsed = boost::asio::ip::make_address(address, wrong);
    if (wrong || parsed.is_loopback() || parsed.is_unspecified()) return false;
    if (parsed.is_v6()) return !parsed.to_v6().is_link_local() && (parsed.to_v6().to_bytes()[0] & 0xfe) != 0xfc;
    const auto octets = parsed.to_v4().to_bytes();
    return octets[0] != 10 && !(octets[0] == 172 && (octets[1] & 0xf0) == 16) && !(octets[0] == 192 && octets[1] == 168);
}

net::awaitable<observation> look_back(resolver& ask, std::string hostname, std::string address) {
    if (!is_public(address)) {
        co_return observation{level::warning, fmt::format("{} is {}, which nobody outside can reach", hostname, address)};
    }
    const auto found = co_await ask.lookup(reverse_name(address), record_type::ptr);
    if (found.status == status::temporary_failure) co_return not_known("PTR of " + address, found);
    std::string names;
    for (const auto& r : found.records) {
        const auto* ptr = std::get_if<ptr_record>(&r);
        if (ptr == nullptr) continue;
        if (same_name(ptr->name, hostname)) co_return observation{level::ok, fmt::format("PTR of {} is {}", address, hostname)};
        names += ' ' + ptr->name;
    }
    co_return observation{level::warning,
                          fmt::format("PTR of {} is{}, not {}: large receivers refuse such mail; whoever gave you the address "
                                      "sets it",
                                      address, names.empty() ? " missing" : names, hostname)};
}

observation judge_mx(const std::string& hostname, const std::string& domain, const answer& found) {
    if (found.status == status::temporary_failure) return not_known("MX of " + domain, found);
    std::string others;
    for (const auto& r : found.records) {
        const auto* mx = std::get_if<mx_record>(&r);
        if (mx == nullptr) continue;
        if (same_name(mx->exchange, hostname)) return {level::ok, fmt::format("MX of {} is {}", domain, hostname)};
        others += ' ' + (mx->exchange.empty() ? "." : mx->exchange);
    }
    if (others.empty()) {
        return {level::error,
                fmt::format("{0} has no MX: mail for it does not find here; publish {0}. MX 10 {1}.", domain, hostname)};
    }
    return {level::warning, fmt::format("MX of {} is{}, not {}: its mail goes there", domain, others, hostname)};
}

observation judge_spf(const std::string& domain, const answer& found) {
    if (found.status == status::temporary_failure) return not_known("SPF of " + domain, found);
    std::vector<std::string> all;
    for (const auto& r : found.records) {
        const auto* txt = std::get_if<txt_record>(&r);
        // RFC 7208 4.5: "v=spf1" alone or with a blank behind it.
        if (txt != nullptr && (txt->text == "v=spf1" || txt->text.starts_with("v=spf1 "))) all.push_back(txt->text);
    }
    if (all.empty()) {
        return {level::warning,
                fmt::format("{0} has no SPF: receivers trust its mail less; publish {0}. TXT \"v=spf1 mx -all\"", domain)};
    }
    if (all.size() > 1) {  // RFC 7208 4.5: an error, as if it had been forbidden
        return {level::error, fmt::format("{} has {} SPF records, which counts as a mistake: leave one", domain, all.size())};
    }
    return {level::ok, fmt::format("SPF of {} is {}", domain, all.front())};
}

}  // namespace

std::string zone_records(const mail_service& service, const std::string& domain) {
    return fmt::format("$ORIGIN {}.\n", domain) + line("@", "MX", fmt::format("10 {}.", service.hostname)) +
           line("@", "TXT", "\"v=spf1 mx -all\"") + services_of(service) + line("autoconfig", "CNAME", service.hostname + '.') +
           line("autodiscover", "CNAME", service.hostname + '.') + addresses_of(service, domain) + reverses_of(service);
}

std::string reverse_name(const std::string& address) {
    boost::system::error_code wrong;
    const auto parsed = boost::asio::ip::make_address(address, wrong);
    if (wrong) return "";
    std::string name;
    if (parsed.is_v4()) {
        for (const auto octet : parsed.to_v4().to_bytes()) name = fmt::format("{}.{}", octet, name);
        return name + "in-addr.arpa";
    }
    for (const auto octet : parsed.to_v6().to_bytes()) name = fmt::format("{:x}.{:x}.{}", octet & 0xf, octet >> 4, name);
    return name + "ip6.arpa";
}

std::string address_text(const record& r) {
    return std::holds_alternative<a_record>(r) || std::holds_alternative<aaaa_record>(r) ? to_text(r) : "";
}

net::awaitable<std::vector<observation>> look_at_host(resolver& ask, std::string hostname) {
    std::vector<observation> all;
    bool known = true;
    std::vector<std::string> addresses;
    for (const auto type : {record_type::a, record_type::aaaa}) {
        const auto found = co_await ask.lookup(hostname, type);
        if (found.status == status::temporary_failure) {
            all.push_back(not_known(fmt::format("{} of {}", name_of(type), hostname), found));
            known = false;
        }
        for (const auto& r : found.records) addresses.push_back(address_text(r));
    }
    if (known && addresses.empty()) {
        all.push_back({level::error, fmt::format("{0} has no address: publish {0}. A and AAAA with this machine's", hostname)});
    }
    if (!addresses.empty()) all.push_back({level::ok, fmt::format("{} is {}", hostname, fmt::join(addresses, ", "))});
    for (const auto& address : addresses) all.push_back(co_await look_back(ask, hostname, address));
    co_return all;
}

net::awaitable<std::vector<observation>> look_at_domain(resolver& ask, std::string hostname, std::string domain) {
    std::vector<observation> all;
    all.push_back(judge_mx(hostname, domain, co_await ask.lookup(domain, record_type::mx)));
    all.push_back(judge_spf(domain, co_await ask.lookup(domain, record_type::txt)));
    co_return all;
}

}  // namespace postern::dns
