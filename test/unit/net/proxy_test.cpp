#include <string>
#include <vector>

#include <boost/asio/write.hpp>

#include "connected_pair.hpp"
#include "net/listener.hpp"
#include "net/lone_source.hpp"
#include "net/network_list.hpp"
#include "net/proxy_header.hpp"
#include "test/catch.hpp"
#include "test/run.hpp"

namespace proxy_test {

namespace asio = boost::asio;
namespace net = postern::net;
using namespace std::chrono_literals;
using namespace std::string_literals;
using asio::ip::make_address;

namespace {

const std::string signature("\r\n\r\n\0\r\nQUIT\n", 12);

/// A version 2 header; its length is that of `rest`, or what is claimed.
std::string binary(unsigned char version_and_command, unsigned char family, const std::string& rest, int claimed = -1) {
    const auto length = claimed < 0 ? rest.size() : static_cast<std::size_t>(claimed);
    std::string header = signature;
    header += static_cast<char>(version_and_command);
    header += static_cast<char>(family);
    header += static_cast<char>(length >> 8);
    header += static_cast<char>(length & 0xff);
    return header + rest;
}

const std::string v4("\xc0\x00\x02\x07\xc6\x33\x64\x01\x12\x67\x00\x19", 12);  // 192.0.2.7:4711 to 198.51.100.1:25
const std::string v6 =
    "\x20\x01\x0d\xb8"s + std::string(11, '\0') + "\x07\x20\x01\x0d\xb8"s + std::string(11, '\0') + "\x01\x12\x67\x00\x19"s;

std::string to_text(const std::optional<net::tcp_endpoint>& e) { return e ? net::to_string(*e) : "the proxy"; }

}  // namespace

TEST_CASE("a PROXY header says who the client is") {
    struct row {
        std::string header, client;
    };
    const auto c = GENERATE(values<row>({
        {"PROXY TCP4 192.0.2.7 198.51.100.1 4711 25\r\n", "192.0.2.7:4711"},
        {"PROXY TCP6 2001:db8::7 2001:db8::1 4711 25\r\n", "[2001:db8::7]:4711"},
        {"PROXY TCP6 ::ffff:192.0.2.7 ::1 4711 25\r\n", "192.0.2.7:4711"},                    // never in IPv6's clothes
        {"PROXY UNKNOWN\r\n", "the proxy"},                                                   //
        {"PROXY UNKNOWN ffff:f...f:ffff ffff:f...f:ffff 65535 65535\r\n", "the proxy"},       // the rest is ignored
        {"PROXY TCP4 255.255.255.255 255.255.255.255 65535 0\r\n", "255.255.255.255:65535"},  //
        {binary(0x21, 0x11, v4), "192.0.2.7:4711"},                                           //
        {binary(0x21, 0x11, v4 + "\x04\x00\x03" + "abc"s), "192.0.2.7:4711"},                 // a TLV, skipped
        {binary(0x21, 0x21, v6), "[2001:db8::7]:4711"},                                       //
        {binary(0x20, 0x11, v4), "the proxy"},                                                // LOCAL: a health check
        {binary(0x20, 0x00, ""), "the proxy"},                                                //
        {binary(0x21, 0x00, "what it likes"), "the proxy"},                                   // UNSPEC
        {binary(0x21, 0x31, std::string(216, 'p')), "the proxy"},                             // a UNIX socket
        {binary(0x21, 0x11, v4 + std::string(net::longest_proxy_header - 28, 't')), "192.0.2.7:4711"},  // the longest
    }));
    const auto whole = net::parse_proxy_header(c.header + "EHLO");
    REQUIRE(whole);
    REQUIRE(*whole);
    CHECK((*whole)->size == c.header.size());
    CHECK(to_text((*whole)->client) == c.client);
    for (std::size_t n = 0; n < c.header.size(); ++n) {  // however the network cut it
        const auto part = net::parse_proxy_header(std::string_view(c.header).substr(0, n));
        REQUIRE(part);
        CHECK_FALSE(part->has_value());
    }
}

TEST_CASE("what is no PROXY header is known as soon as it can be") {
    const auto octets = GENERATE(as<std::string>(),
                                 "EHLO client.test\r\n",                             //
                                 "PROXX",                                            //
                                 "\x16\x03\x01",                                     // a TLS handshake
                                 "PROXY TCP5 192.0.2.7 198.51.100.1 4711 25\r\n",    //
                                 "PROXY TCP4 2001:db8::7 2001:db8::1 4711 25\r\n",   // of the other family
                                 "PROXY TCP6 192.0.2.7 198.51.100.1 4711 25\r\n",    //
                                 "PROXY TCP6 fe80::1%eth0 ::1 4711 25\r\n",          // a scope
                                 "PROXY TCP4 192.0.2.7 198.51.100.1 4711\r\n",       // a word too few
                                 "PROXY TCP4 192.0.2.7 198.51.100.1 4711 25 1\r\n",  // and too many
                                 "PROXY TCP4  192.0.2.7 198.51.100.1 4711 25\r\n",   // two spaces
                                 "PROXY TCP4 192.0.2.7 198.51.100.1 04711 25\r\n",   // heading zeroes
                                 "PROXY TCP4 192.0.2.7 198.51.100.1 65536 25\r\n",   //
                                 "PROXY TCP4 192.0.2.7 198.51.100.1 -1 25\r\n",      //
                                 "PROXY TCP4 192.0.2 198.51.100.1 4711 25\r\n",      //
                                 "PROXY TCP4 192.0.2.7 198.51.100.1 4711 25\n",      // see below: no end within its length
                                 "PROXY UNKNOWN " + std::string(100, 'x'),           // longer than a line may be
                                 binary(0x11, 0x11, v4),                             // version 1 in binary
                                 binary(0x22, 0x11, v4),                             // a command that is none
                                 binary(0x21, 0x12, v4),                             // datagrams
                                 binary(0x21, 0x41, v4),                             // a family that is none
                                 binary(0x21, 0x11, v4.substr(0, 11)),               // no room for the addresses
                                 binary(0x21, 0x21, v6.substr(0, 35)),               //
                                 binary(0x21, 0x11, v4, 0xffff));                    // more than anybody needs
    const auto padded = octets.ends_with("25\n") ? octets + std::string(107, 'x') : octets;
    const auto parsed = net::parse_proxy_header(padded);
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().code == net::errc::bad_proxy_header);
}

namespace {

net::awaitable<std::string> read_header(net::tcp_socket& from, net::deadline::duration limit) {
    const auto client = co_await net::read_proxy_header(from, limit);
    co_return client ? to_text(*client) : client.error().message();
}

}  // namespace

TEST_CASE("the header is taken off a connection and not an octet more, however it comes") {
    asio::io_context loop;
    asio::basic_socket_acceptor<asio::ip::tcp, net::executor> acceptor(loop.get_executor(),
                                                                       net::tcp_endpoint(asio::ip::address_v4::loopback(), 0));
    net::tcp_socket far(loop.get_executor());
    far.connect(acceptor.local_endpoint());
    auto near = acceptor.accept();
    std::string text;
    SECTION("at once, with what follows") {
        asio::write(far, asio::buffer(binary(0x21, 0x11, v4) + "EHLO early"));
        text = postern::test::run(loop, read_header(near, 10s));
        CHECK(text == "192.0.2.7:4711");
        std::string left(64, '\0');
        left.resize(near.read_some(asio::buffer(left)));
        CHECK(left == "EHLO early");
    }
    SECTION("octet by octet") {
        far.set_option(asio::ip::tcp::no_delay(true));
        const auto sending = [](net::tcp_socket& to) -> net::awaitable<std::string> {
            for (const char c : "PROXY TCP4 192.0.2.7 198.51.100.1 4711 25\r\n"s) {
                asio::write(to, asio::buffer(&c, 1));
                co_await asio::post(to.get_executor(), net::use_awaitable);
            }
            co_return "";
        };
        std::vector<net::awaitable<std::string>> both;
        both.push_back(read_header(near, 10s));
        both.push_back(sending(far));
        CHECK(postern::test::run_all(loop, std::move(both)).front() == "192.0.2.7:4711");
        CHECK(near.available() == 0);
    }
    SECTION("a proxy that says nothing is not waited for") {
        CHECK(postern::test::run(loop, read_header(near, 50ms)) == "no PROXY header");
    }
    SECTION("a proxy that goes") {
        far.close();
        CHECK(postern::test::run(loop, read_header(near, 10s)) == "connection closed by the peer");
    }
}

TEST_CASE("a list of networks holds addresses of both families") {
    const std::vector<std::string> networks{"192.0.2.0/24", "10.1.2.3/32", "2001:db8::/32", "not one"};
    const net::network_list list(networks);
    CHECK(list.contains(make_address("192.0.2.255")));
    CHECK(list.contains(make_address("::ffff:192.0.2.1")));  // the same client, come by another socket
    CHECK(list.contains(make_address("10.1.2.3")));
    CHECK(list.contains(make_address("2001:db8:ffff::1")));
    CHECK_FALSE(list.contains(make_address("192.0.3.0")));
    CHECK_FALSE(list.contains(make_address("10.1.2.4")));
    CHECK_FALSE(list.contains(make_address("2001:db9::1")));
    CHECK_FALSE(net::network_list().contains(make_address("127.0.0.1")));
    CHECK(net::network_list().empty());
    const std::vector<std::string> all{"0.0.0.0/0"};
    CHECK(net::network_list(all).contains(make_address("203.0.113.9")));
    CHECK_FALSE(net::network_list(all).contains(make_address("::1")));
}

TEST_CASE("the kernel's tables name the default gateways") {
    const auto found = net::default_gateways(
        "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n"
        "eth0\t00000000\t010011AC\t0003\t0\t0\t0\t00000000\t0\t0\t0\n"
        "eth0\t000011AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0\n"
        "eth1\t00000000\tnonsense\t0003\n",
        "00000000000000000000000000000000 00 00000000000000000000000000000000 00 fd000000000000000000000000000001 00000400 x\n"
        "fe800000000000000000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 x\n"
        "short 00\n");
    CHECK(found == std::vector{make_address("172.17.0.1"), make_address("fd00::1")});
    CHECK(net::default_gateways("", "").empty());
}

TEST_CASE("that all clients come from one private gateway is noticed once") {
    const auto gateway = make_address("172.17.0.1");
    const auto other = make_address("192.0.2.1");
    SECTION("all of them") {
        net::lone_source source({gateway});
        for (std::size_t i = 1; i < net::lone_source::enough; ++i) CHECK_FALSE(source.seen(gateway));
        CHECK(source.seen(gateway));
        for (int i = 0; i < 300; ++i) CHECK_FALSE(source.seen(gateway));
    }
    SECTION("one client from elsewhere shows that addresses come through") {
        net::lone_source source({gateway});
        CHECK_FALSE(source.seen(gateway));
        CHECK_FALSE(source.seen(other));
        for (int i = 0; i < 300; ++i) CHECK_FALSE(source.seen(gateway));
    }
    SECTION("one busy client that is no gateway is just that") {
        net::lone_source source({gateway});
        for (int i = 0; i < 300; ++i) CHECK_FALSE(source.seen(other));
    }
}

}  // namespace proxy_test
