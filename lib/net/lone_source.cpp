#include "net/lone_source.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>
#include <string>

#include "net/network_list.hpp"

namespace postern::net {

namespace ip = boost::asio::ip;

namespace {

std::optional<std::uint32_t> hexadecimal(std::string_view digits) {
    std::uint32_t value = 0;
    const auto [end, ec] = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
    if (ec != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
    return value;
}

std::vector<std::string> words_of(const std::string& line) {
    std::istringstream words(line);
    return {std::istream_iterator<std::string>(words), {}};
}

/// "eth0 00000000 010011AC ...": interface, destination, gateway, each address as the machine's own number of network order.
std::optional<ip::address> ipv4_gateway(const std::vector<std::string>& words) {
    if (words.size() < 3 || words[1] != "00000000" || words[2].size() != 8) return std::nullopt;
    const auto number = hexadecimal(words[2]);
    if (!number || *number == 0) return std::nullopt;
    ip::address_v4::bytes_type bytes;
    std::memcpy(bytes.data(), &*number, bytes.size());
    return ip::address_v4(bytes);
}

/// Destination, its prefix's length, source, its length, next hop: 32 digits each, in order.
std::optional<ip::address> ipv6_gateway(const std::vector<std::string>& words) {
    if (words.size() < 5 || words[1] != "00" || words[4].size() != 32) return std::nullopt;
    ip::address_v6::bytes_type bytes;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        const auto octet = hexadecimal(std::string_view(words[4]).substr(2 * i, 2));
        if (!octet) return std::nullopt;
        bytes[i] = static_cast<unsigned char>(*octet);
    }
    ip::address_v6 hop(bytes);
    if (hop.is_unspecified()) return std::nullopt;
    return hop;
}

std::string text_of(const char* file) {
    std::ifstream in(file);
    return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

std::vector<ip::address> default_gateways(std::string_view route, std::string_view ipv6_route) {
    std::vector<ip::address> found;
    std::string line;
    for (std::istringstream lines{std::string(route)}; std::getline(lines, line);)
        if (const auto hop = ipv4_gateway(words_of(line))) found.push_back(*hop);
    for (std::istringstream lines{std::string(ipv6_route)}; std::getline(lines, line);)
        if (const auto hop = ipv6_gateway(words_of(line))) found.push_back(*hop);
    return found;
}

std::vector<ip::address> private_gateways() {
    static const std::array<std::string, 4> ranges{"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"};
    const network_list of_nobody_else(ranges);
    auto found = default_gateways(text_of("/proc/net/route"), text_of("/proc/net/ipv6_route"));
    std::erase_if(found, [&](const ip::address& a) { return !of_nobody_else.contains(a); });
    return found;
}

bool lone_source::seen(const ip::address& client) {
    if (gateways_.empty()) return false;
    if (count_ == 0) only_ = client;
    const bool hidden = client == only_ && std::ranges::find(gateways_, client) != gateways_.end();
    const bool decided = !hidden || ++count_ == enough;
    if (decided) gateways_.clear();
    return decided && hidden;
}

}  // namespace postern::net
