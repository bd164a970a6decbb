#include "net/proxy_header.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <string>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/address.hpp>

#include "net/network_list.hpp"

namespace postern::net {

namespace asio = boost::asio;
namespace ip = asio::ip;

namespace {

using parsed = core::result<std::optional<proxy_header>>;

constexpr std::string_view text_beginning = "PROXY ";
constexpr std::size_t longest_line = 107;  // section 2.1, with CRLF
constexpr std::string_view signature("\r\n\r\n\0\r\nQUIT\n", 12);
constexpr std::size_t fixed_part = 16;  // section 2.2: signature, version and command, family and protocol, length

std::unexpected<core::error> bad(const char* why) { return core::fail(errc::bad_proxy_header, why); }

/// Both are the beginning of the same text, as far as they go.
bool agree(std::string_view a, std::string_view b) {
    const auto n = std::min(a.size(), b.size());
    return a.substr(0, n) == b.substr(0, n);
}

/// Takes the next word off `line`; words are separated by exactly one space.
std::string_view take_word(std::string_view& line) {
    const auto end = std::min(line.find(' '), line.size());
    const auto word = line.substr(0, end);
    line.remove_prefix(std::min(end + 1, line.size()));
    return word;
}

std::optional<std::uint16_t> port_of(std::string_view digits) {
    std::uint16_t port = 0;
    const auto [end, ec] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    const bool whole = ec == std::errc() && end == digits.data() + digits.size();
    if (!whole || (digits.size() > 1 && digits.front() == '0')) return std::nullopt;  // section 2.1: no heading zeroes
    return port;
}

/// Of the family the line names, and without a scope, which no proxy can know of us.
std::optional<ip::address> address_of(std::string_view text, bool v6) {
    boost::system::error_code wrong;
    auto address = ip::make_address(std::string(text), wrong);
    if (wrong || address.is_v6() != v6 || text.contains('%')) return std::nullopt;
    return address;
}

parsed parse_line(std::string_view octets) {
    const auto end = octets.substr(0, longest_line).find("\r\n");
    if (end == std::string_view::npos) {
        if (octets.size() >= longest_line) return bad("a PROXY line without an end");
        return std::nullopt;
    }
    auto line = octets.substr(text_beginning.size(), end - text_beginning.size());
    proxy_header header{.size = end + 2};
    const auto family = take_word(line);
    if (family == "UNKNOWN") return header;  // whatever follows on the line is to be ignored
    if (family != "TCP4" && family != "TCP6") return bad("a PROXY line of an unknown family");
    const bool v6 = family == "TCP6";
    const auto source = address_of(take_word(line), v6);
    const auto destination = address_of(take_word(line), v6);
    const auto source_port = port_of(take_word(line));
    const auto destination_port = port_of(line);
    if (!source || !destination || !source_port || !destination_port) return bad("a PROXY line with a wrong address or port");
    header.client = tcp_endpoint(plain(*source), *source_port);
    return header;
}

unsigned octet(std::string_view octets, std::size_t at) { return static_cast<unsigned char>(octets[at]); }

std::uint16_t number(std::string_view octets, std::size_t at) {
    return static_cast<std::uint16_t>(octet(octets, at) << 8 | octet(octets, at + 1));
}

template <class Address>
tcp_endpoint client_in(std::string_view addresses) {
    typename Address::bytes_type bytes;
    std::memcpy(bytes.data(), addresses.data(), bytes.size());
    return {plain(Address(bytes)), number(addresses, 2 * bytes.size())};  // source, destination, source's port, destination's
}

parsed parse_binary(std::string_view octets) {
    if (octets.size() < fixed_part) return std::nullopt;
    const auto version_and_command = octet(octets, 12);
    if (version_and_command != 0x20 && version_and_command != 0x21)
        return bad("a PROXY header of an unknown version or command");
    const std::size_t size = fixed_part + number(octets, 14);
    if (size > longest_proxy_header) return bad("a PROXY header that is too long");
    if (octets.size() < size) return std::nullopt;
    proxy_header header{.size = size};
    if (version_and_command == 0x20) return header;  // LOCAL: family and addresses say nothing
    const auto addresses = octets.substr(fixed_part, size - fixed_part);
    switch (octet(octets, 13)) {
        case 0x00:  // UNSPEC
        case 0x31:  // a stream over a UNIX socket
            return header;
        case 0x11:  // TCP over IPv4
            if (addresses.size() < 12) return bad("a PROXY header without room for its addresses");
            header.client = client_in<ip::address_v4>(addresses);
            return header;
        case 0x21:  // TCP over IPv6
            if (addresses.size() < 36) return bad("a PROXY header without room for its addresses");
            header.client = client_in<ip::address_v6>(addresses);
            return header;
        default: return bad("a PROXY header of an unknown family or of datagrams");
    }
}

}  // namespace

parsed parse_proxy_header(std::string_view octets) {
    if (agree(octets, signature)) return octets.size() < signature.size() ? parsed(std::nullopt) : parse_binary(octets);
    if (agree(octets, text_beginning)) return octets.size() < text_beginning.size() ? parsed(std::nullopt) : parse_line(octets);
    return bad("no PROXY header");
}

awaitable<core::result<std::optional<tcp_endpoint>>> read_proxy_header(tcp_socket& socket, deadline::duration limit) {
    boost::system::error_code ec;
    socket.non_blocking(true, ec);
    deadline patience(socket.get_executor(), [&socket] {
        boost::system::error_code ignored;
        socket.cancel(ignored);
    });
    patience.arm(limit);
    std::array<char, longest_proxy_header> octets{};
    for (std::size_t have = 0;;) {
        const auto room = asio::buffer(octets) + have;
        const auto seen = socket.receive(room, tcp_socket::message_peek, ec);
        if (ec == asio::error::would_block) {
            const auto [waited] = co_await socket.async_wait(tcp_socket::wait_read, asio::as_tuple(use_awaitable));
            if (waited && patience.expired()) co_return core::fail(errc::timed_out, "no PROXY header");
            if (waited) co_return core::fail(errc::cancelled);
            continue;
        }
        if (ec) co_return core::fail(errc::closed, ec == asio::error::eof ? "" : ec.message());
        const auto header = parse_proxy_header({octets.data(), have + seen});
        if (!header) co_return std::unexpected(header.error());
        // While the header is not whole, all that came belongs to it; of what follows it nothing is taken.
        const auto taken = *header ? (*header)->size - have : seen;
        have += socket.receive(asio::buffer(room, taken), 0, ec);
        if (*header) co_return (*header)->client;
    }
}

}  // namespace postern::net
