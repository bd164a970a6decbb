#include <fstream>
#include <string>

#include <openssl/ssl.h>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>

#include "certificates.hpp"
#include "connected_pair.hpp"
#include "net/stream.hpp"
#include "net/tls_client_context.hpp"
#include "net/tls_server_context.hpp"
#include "test/catch.hpp"
#include "test/run.hpp"

namespace tls_stream_test {

namespace asio = boost::asio;
namespace net = postern::net;
using namespace std::chrono_literals;
using net::tls_client_context;
using net::tls_server_context;
using postern::core::result;
using postern::test::certificate_for;
using postern::test::connected_pair;
using postern::test::run;
using postern::test::run_all;
using postern::test::temporary_folder;
using task = net::awaitable<result<void>>;

namespace {

constexpr auto as_tuple = asio::as_tuple(net::use_awaitable);

std::vector<net::tls_certificate> certificates(std::initializer_list<std::string_view> hosts) {
    std::vector<net::tls_certificate> all;
    for (const auto host : hosts) all.push_back(certificate_for(host));
    return all;
}

/// Two of our own streams, connected.
struct stream_pair {
    explicit stream_pair(asio::io_context& loop) : pair(loop), far(std::move(pair.far)) {}

    connected_pair pair;
    net::stream& near = pair.near;
    net::stream far;
};

std::pair<result<void>, result<void>> shake_hands(asio::io_context& loop, stream_pair& both, const tls_server_context& server,
                                                  const tls_client_context& client, std::string_view name) {
    std::vector<task> sides;
    sides.push_back(both.near.start_tls(server, 10s));
    sides.push_back(both.far.start_tls(client, name, 10s));
    auto ended = run_all(loop, std::move(sides));
    return {ended[0], ended[1]};
}

/// Asio's own SSL stream as the other end, with rules of its own: a peer that is not written by us.
struct other_client {
    other_client(net::tcp_socket& socket, auto set_up) : context(asio::ssl::context::tls_client) {
        SSL_CTX_set_security_level(context.native_handle(), 0);
        set_up(context.native_handle());
        tls.emplace(socket, context);
    }

    task handshake() {
        const auto [ec] = co_await tls->async_handshake(asio::ssl::stream_base::client, as_tuple);
        if (ec) co_return postern::core::fail(net::errc::tls_failed, ec.message());
        co_return result<void>{};
    }

    asio::ssl::context context;
    std::optional<asio::ssl::stream<net::tcp_socket&>> tls;
};

std::pair<result<void>, result<void>> shake_hands(asio::io_context& loop, net::stream& near, const tls_server_context& server,
                                                  other_client& client) {
    std::vector<task> sides;
    sides.push_back(near.start_tls(server, 10s));
    sides.push_back(client.handshake());
    auto ended = run_all(loop, std::move(sides));
    return {ended[0], ended[1]};
}

net::awaitable<std::string> read_all(net::stream& from) {
    std::string all;
    for (;;) {
        all += from.buffered();
        from.consume(from.buffered().size());
        if (!co_await from.fill(10s)) break;
    }
    from.close();
    co_return all;
}

net::awaitable<std::string> write_to_end(net::stream& to, std::string_view octets) {
    const auto sent = co_await to.write(octets, 10s);
    if (sent) co_await to.finish(10s);  // a close would reset: the server's tickets have not been read
    co_return sent ? "" : sent.error().message();
}

task interrupt(net::stream& what) {
    what.interrupt();
    co_return result<void>{};
}

}  // namespace

TEST_CASE("both sides of a handshake know what was agreed on") {
    asio::io_context loop;
    stream_pair both(loop);
    const tls_server_context server(certificates({"mx.example.test"}));
    const tls_client_context client(tls_client_context::peer::anybody);
    CHECK(both.near.tls() == nullptr);
    const auto [served, connected] = shake_hands(loop, both, server, client, "Mx.Example.test");
    REQUIRE(served);
    REQUIRE(connected);
    REQUIRE(both.near.tls());
    CHECK(both.near.tls()->version == "TLSv1.3");
    CHECK(both.near.tls()->cipher.starts_with("TLS_"));
    CHECK(both.near.tls()->server_name == "mx.example.test");
    CHECK(both.near.tls()->channel_binding.size() == 32);
    CHECK(both.near.tls()->channel_binding == both.far.tls()->channel_binding);
    CHECK_FALSE(both.far.tls()->peer_verified);

    stream_pair again(loop);
    REQUIRE(shake_hands(loop, again, server, client, "127.0.0.1").first);
    CHECK(again.near.tls()->server_name.empty());  // RFC 6066 section 3
    CHECK(again.near.tls()->channel_binding != both.near.tls()->channel_binding);
}

TEST_CASE("only what is strong enough is agreed on, and a channel binding only where it binds") {
    struct row {
        int version;
        const char* ciphers;
        std::uint64_t options;
        const char* agreed;  // on a version; "" on nothing
        std::size_t binding;
    };
    const auto c = GENERATE(values<row>({
        {TLS1_3_VERSION, "ALL", 0, "TLSv1.3", 32},
        {TLS1_2_VERSION, "ECDHE-ECDSA-CHACHA20-POLY1305", 0, "TLSv1.2", 32},
        // RFC 9266 section 3: one in the middle could give both halves the same secret
        {TLS1_2_VERSION, "ECDHE-ECDSA-AES128-GCM-SHA256", SSL_OP_NO_EXTENDED_MASTER_SECRET, "TLSv1.2", 0},
        {TLS1_2_VERSION, "ECDHE-ECDSA-AES256-SHA384", 0, "", 0},  // CBC
        {TLS1_2_VERSION, "aNULL", 0, "", 0},
        {TLS1_1_VERSION, "ALL", 0, "", 0},
        {TLS1_VERSION, "ALL", 0, "", 0},
    }));
    asio::io_context loop;
    connected_pair pair(loop);
    const tls_server_context server(certificates({"mx.example.test"}));
    other_client client(pair.far, [&](SSL_CTX* context) {
        SSL_CTX_set_min_proto_version(context, c.version);
        SSL_CTX_set_max_proto_version(context, c.version);
        SSL_CTX_set_options(context, c.options);
        REQUIRE(SSL_CTX_set_cipher_list(context, c.ciphers) == 1);
    });
    const auto [served, connected] = shake_hands(loop, pair.near, server, client);
    CHECK(served.has_value() == !std::string(c.agreed).empty());
    CHECK(connected.has_value() == served.has_value());
    if (!served) {
        CHECK(served.error().code == net::errc::tls_failed);
        CHECK(connected.error().detail.contains("alert"));  // it was told, not only cut off
        CHECK(pair.near.tls() == nullptr);
        return;
    }
    CHECK(pair.near.tls()->version == c.agreed);
    CHECK(pair.near.tls()->channel_binding.size() == c.binding);
}

TEST_CASE("a client may not renegotiate") {
    asio::io_context loop;
    connected_pair pair(loop);
    const tls_server_context server(certificates({"mx.example.test"}));
    other_client client(pair.far, [](SSL_CTX* context) { SSL_CTX_set_max_proto_version(context, TLS1_2_VERSION); });
    REQUIRE(shake_hands(loop, pair.near, server, client).first);
    REQUIRE(SSL_renegotiate(client.tls->native_handle()) == 1);
    std::vector<task> sides;
    sides.push_back(client.handshake());
    sides.push_back(pair.near.fill(10s));
    const auto ended = run_all(loop, std::move(sides));
    CHECK(ended[0].error().detail.contains("no renegotiation"));
}

TEST_CASE("octets pass whole in both directions, whatever their number") {
    const auto size = GENERATE(1UL, 16'384UL, 16'385UL, 300'000UL, 8UL << 20);
    asio::io_context loop;
    stream_pair both(loop);
    const tls_server_context server(certificates({"mx.example.test"}));
    const tls_client_context client(tls_client_context::peer::anybody);
    REQUIRE(shake_hands(loop, both, server, client, "mx.example.test").first);
    std::string sent;
    for (std::size_t i = 0; sent.size() < size; ++i) sent += std::to_string(i) + ' ';
    sent.resize(size);
    const bool from_server = GENERATE(true, false);
    auto& writer = from_server ? both.near : both.far;
    auto& reader = from_server ? both.far : both.near;
    std::vector<net::awaitable<std::string>> sides;
    sides.push_back(write_to_end(writer, sent));
    sides.push_back(read_all(reader));
    const auto ended = run_all(loop, std::move(sides));
    CHECK(ended[0].empty());
    CHECK((ended[1] == sent));
}

TEST_CASE("what came in the clear is not there after the handshake") {
    asio::io_context loop;
    stream_pair both(loop);
    const tls_server_context server(certificates({"mx.example.test"}));
    const tls_client_context client(tls_client_context::peer::anybody);
    REQUIRE(run(loop, both.far.write("STARTTLS\r\nMAIL FROM:<mallory@example.test>\r\n", 10s)));
    REQUIRE(run(loop, both.near.write("220 go\r\n250 injected\r\n", 10s)));
    REQUIRE(run(loop, both.near.fill(10s)));
    REQUIRE(run(loop, both.far.fill(10s)));
    both.near.consume(10);
    both.far.consume(8);
    const auto [served, connected] = shake_hands(loop, both, server, client, "mx.example.test");
    REQUIRE(served);
    REQUIRE(connected);
    CHECK(both.near.buffered().empty());
    CHECK(both.far.buffered().empty());
    REQUIRE(run(loop, both.far.write("NOOP\r\n", 10s)));
    REQUIRE(run(loop, both.near.fill(10s)));
    CHECK(both.near.buffered() == "NOOP\r\n");
}

TEST_CASE("a handshake that comes to nothing closes the connection and says why") {
    asio::io_context loop;
    connected_pair pair(loop);
    const tls_server_context server(certificates({"mx.example.test"}));
    net::errc expected{};
    SECTION("commands instead") {
        asio::write(pair.far, asio::buffer(std::string_view("EHLO client.test\r\n")));
        expected = net::errc::tls_failed;
    }
    SECTION("silence") { expected = net::errc::timed_out; }
    SECTION("the beginning of a hello, and then silence") {
        asio::write(pair.far, asio::buffer(std::string_view("\x16\x03\x01\x02\x00\x01\x00", 7)));
        expected = net::errc::timed_out;
    }
    SECTION("the end") {
        pair.far.shutdown(net::tcp_socket::shutdown_send);
        expected = net::errc::closed;
    }
    SECTION("a hello that is not one") {
        asio::write(pair.far, asio::buffer(std::string("\x16\x03\x01\x00\x40", 5) + std::string(64, '\xff')));
        expected = net::errc::tls_failed;
    }
    const auto limit = expected == net::errc::timed_out ? 1ms : 10s;
    const auto ended = run(loop, pair.near.start_tls(server, limit));
    REQUIRE_FALSE(ended);
    CHECK(ended.error().code == expected);
    CHECK(pair.near.tls() == nullptr);
    CHECK_FALSE(run(loop, pair.near.write("250 in the clear\r\n", 10s)));
    CHECK_FALSE(run(loop, pair.near.fill(10s)));
    pair.near.reject("421 in the clear\r\n");
    std::string heard;
    boost::system::error_code ec;
    asio::read(pair.far, asio::dynamic_buffer(heard), ec);
    CHECK_FALSE(heard.contains("clear"));
}

TEST_CASE("a handshake has one time limit for all of it") {
    asio::io_context loop;
    connected_pair pair(loop);
    struct slow {
        static task dribble(net::tcp_socket& socket, net::stream& near, const bool& over) {
            const std::string hello("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11);
            asio::steady_timer pause(socket.get_executor());
            std::size_t i = 0;
            while (!over) {
                const auto octet = i < hello.size() ? hello[i++] : 'x';
                boost::system::error_code ec;
                asio::write(socket, asio::buffer(&octet, 1), ec);
                pause.expires_after(2ms);
                co_await pause.async_wait(net::use_awaitable);
            }
            CHECK_FALSE(near.tls());
            co_return result<void>{};
        }
        static task shake(net::stream& near, const tls_server_context& as, bool& over) {
            auto ended = co_await near.start_tls(as, 20ms);
            over = true;
            co_return ended;
        }
    };
    const tls_server_context server(certificates({"mx.example.test"}));
    bool over = false;
    std::vector<task> sides;
    sides.push_back(slow::shake(pair.near, server, over));
    sides.push_back(slow::dribble(pair.far, pair.near, over));
    CHECK(run_all(loop, std::move(sides)).front().error().code == net::errc::timed_out);
}

TEST_CASE("a stop interrupts a handshake") {
    asio::io_context loop;
    connected_pair pair(loop);
    const tls_server_context server(certificates({"mx.example.test"}));
    std::vector<task> sides;
    sides.push_back(pair.near.start_tls(server, 10s));
    sides.push_back(interrupt(pair.near));
    CHECK(run_all(loop, std::move(sides)).front().error().code == net::errc::interrupted);
}

TEST_CASE("under TLS a wait ends with what ended it") {
    asio::io_context loop;
    stream_pair both(loop);
    const tls_server_context server(certificates({"mx.example.test"}));
    const tls_client_context client(tls_client_context::peer::anybody);
    REQUIRE(shake_hands(loop, both, server, client, "mx.example.test").first);
    const std::string large(32 << 20, 'x');
    SECTION("silence") { CHECK(run(loop, both.near.fill(1ms)).error().code == net::errc::timed_out); }
    SECTION("the peer closes") {
        both.far.close();
        CHECK(run(loop, both.near.fill(10s)).error().code == net::errc::closed);
        CHECK(run(loop, both.near.fill(10s)).error().code == net::errc::closed);
    }
    SECTION("we are interrupted, and from then on at once; writing goes on") {
        std::vector<task> tasks;
        tasks.push_back(both.near.fill(10s));
        tasks.push_back(interrupt(both.near));
        CHECK(run_all(loop, std::move(tasks)).front().error().code == net::errc::interrupted);
        CHECK(run(loop, both.near.fill(10s)).error().code == net::errc::interrupted);
        REQUIRE(run(loop, both.near.write("421\r\n", 10s)));
        REQUIRE(run(loop, both.far.fill(10s)));
        CHECK(both.far.buffered() == "421\r\n");
    }
    SECTION("the peer takes nothing") { CHECK(run(loop, both.near.write(large, 20ms)).error().code == net::errc::timed_out); }
    SECTION("more input than fits") {
        for (int i = 0; i < 100; ++i) REQUIRE(run(loop, both.far.write(std::string_view(large).substr(0, 1000), 10s)));
        result<void> last;
        while (last) last = run(loop, both.near.fill(10s));
        CHECK(both.near.buffered().size() == 64 * 1024);
        CHECK(last.error().code == net::errc::closed);
    }
}

TEST_CASE("octets that are no record end the connection") {
    asio::io_context loop;
    connected_pair pair(loop);
    const tls_server_context server(certificates({"mx.example.test"}));
    other_client client(pair.far, [](SSL_CTX*) {});
    REQUIRE(shake_hands(loop, pair.near, server, client).first);
    asio::write(pair.far, asio::buffer(std::string_view("QUIT in the clear\r\n")));
    CHECK(run(loop, pair.near.fill(10s)).error().code == net::errc::tls_failed);
}

TEST_CASE("under TLS input is seen before it is read, and what carries no octets is not input") {
    asio::io_context loop;
    connected_pair pair(loop);
    const tls_server_context server(certificates({"mx.example.test"}));
    other_client client(pair.far, [](SSL_CTX*) {});
    REQUIRE(shake_hands(loop, pair.near, server, client).first);
    CHECK_FALSE(pair.near.input_waiting());
    // Two records in one segment: the second waits inside the TLS layer, where the socket knows nothing of it.
    asio::write(*client.tls, asio::buffer(std::string(3000, 'a')));
    asio::write(*client.tls, asio::buffer(std::string_view("second")));
    while (!pair.near.input_waiting()) loop.poll();
    CHECK(pair.near.buffered().starts_with("aaa"));
    std::string seen;
    while (pair.near.input_waiting() || seen.size() < 3006) {
        seen += pair.near.buffered();
        pair.near.consume(pair.near.buffered().size());
    }
    CHECK(seen == std::string(3000, 'a') + "second");
    for (int i = 0; i < 20; ++i) {
        REQUIRE(SSL_key_update(client.tls->native_handle(), SSL_KEY_UPDATE_REQUESTED) == 1);
        REQUIRE(SSL_do_handshake(client.tls->native_handle()) == 1);
    }
    asio::write(*client.tls, asio::buffer(std::string_view("third")));
    while (!pair.near.input_waiting()) loop.poll();
    CHECK(pair.near.buffered() == "third");
    REQUIRE(run(loop, pair.near.write("fourth", 10s)));  // with the key the update asked for
    std::string answer(6, '\0');
    asio::read(*client.tls, asio::buffer(answer));
    CHECK(answer == "fourth");
}

TEST_CASE("the end is told in TLS, so that a peer knows a whole answer from a cut one") {
    asio::io_context loop;
    connected_pair pair(loop);
    const tls_server_context server(certificates({"mx.example.test"}));
    other_client client(pair.far, [](SSL_CTX*) {});
    REQUIRE(shake_hands(loop, pair.near, server, client).first);
    std::string heard;
    boost::system::error_code ec;
    SECTION("by a close") {
        REQUIRE(run(loop, pair.near.write("221 bye\r\n", 10s)));
        pair.near.close();
    }
    SECTION("by a refusal") { pair.near.reject("221 bye\r\n"); }
    SECTION("by a close that waits for the peer, whose input is not read") {
        struct ends {
            static task finish(net::stream& near) {
                co_await near.finish(10s);
                co_return result<void>{};
            }
            static task leave(other_client& from, net::tcp_socket& far, std::string& heard) {
                co_await asio::async_read(*from.tls, asio::dynamic_buffer(heard), as_tuple);
                far.close();
                co_return result<void>{};
            }
        };
        asio::write(*client.tls, asio::buffer(std::string(10'000, 'z')));
        REQUIRE(run(loop, pair.near.write("221 bye\r\n", 10s)));
        std::vector<task> tasks;
        tasks.push_back(ends::finish(pair.near));
        tasks.push_back(ends::leave(client, pair.far, heard));
        run_all(loop, std::move(tasks));
        CHECK(heard == "221 bye\r\n");
        return;
    }
    asio::read(*client.tls, asio::dynamic_buffer(heard), ec);
    CHECK(heard == "221 bye\r\n");
    CHECK(ec == asio::error::eof);  // not asio::ssl::error::stream_truncated
}

TEST_CASE("the name a client asks for chooses the certificate") {
    const auto c = GENERATE(table<std::string, std::string>({
        // asked for              answered with
        {"one.example.test", "one.example.test"},
        {"two.example.test", "two.example.test"},
        {"TWO.example.test", "two.example.test"},
        {"any.example.org", "*.example.org"},
        {"mx.example.org", "mx.example.org"},  // itself before the wildcard, though it stands behind it
        {"a.b.example.org", "one.example.test"},
        {"unknown.test", "one.example.test"},
        {"127.0.0.1", "one.example.test"},  // none asked for
    }));
    const auto& [asked, expected] = c;
    asio::io_context loop;
    connected_pair pair(loop);
    const tls_server_context server(certificates({"one.example.test", "*.example.org", "two.example.test", "mx.example.org"}));
    other_client client(pair.far, [](SSL_CTX*) {});
    if (asked != "127.0.0.1") SSL_set_tlsext_host_name(client.tls->native_handle(), asked.c_str());
    REQUIRE(shake_hands(loop, pair.near, server, client).second);
    const std::unique_ptr<X509, decltype(&X509_free)> shown(SSL_get1_peer_certificate(client.tls->native_handle()), X509_free);
    REQUIRE(shown);
    CHECK(X509_check_host(shown.get(), expected.c_str(), 0, 0, nullptr) == 1);
    CHECK((asked == "mx.example.org") ==
          (X509_check_host(shown.get(), "mx.example.org", 0, X509_CHECK_FLAG_NO_WILDCARDS, nullptr) == 1));
}

TEST_CASE("new certificates are for new handshakes; a session that runs goes on") {
    asio::io_context loop;
    stream_pair before(loop);
    tls_server_context server(certificates({"old.example.test"}));
    const temporary_folder folder;
    const auto renewed = net::make_self_signed_certificate(
        "new.example.test", std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now()));
    std::ofstream(folder / "renewed.crt") << renewed.certificate;
    const tls_client_context anybody(tls_client_context::peer::anybody);
    const tls_client_context named(tls_client_context::peer::named, folder / "renewed.crt");
    REQUIRE(shake_hands(loop, before, server, anybody, "old.example.test").first);
    std::vector<net::tls_certificate> next;
    next.push_back(net::tls_certificate::parse(renewed.certificate, renewed.private_key, "chain", "key").value());
    server.replace(std::move(next));

    stream_pair after(loop);
    REQUIRE(shake_hands(loop, after, server, named, "new.example.test").second);
    CHECK(after.far.tls()->peer_verified);
    REQUIRE(run(loop, before.far.write("still here", 10s)));
    REQUIRE(run(loop, before.near.fill(10s)));
    CHECK(before.near.buffered() == "still here");
}

TEST_CASE("a client that expects a named server takes no other") {
    const auto own = net::make_self_signed_certificate(
        "mx.example.test", std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now()));
    const temporary_folder folder;
    std::ofstream(folder / "trusted.crt") << own.certificate;
    std::vector<net::tls_certificate> certificate;
    certificate.push_back(net::tls_certificate::parse(own.certificate, own.private_key, "chain", "key").value());
    const tls_server_context server(std::move(certificate));
    const tls_server_context impostor(certificates({"mx.example.test"}));
    const tls_client_context client(tls_client_context::peer::named, folder / "trusted.crt");
    struct row {
        bool answers_itself;
        const char* expected;
        const char* said;
    };
    const auto c = GENERATE(values<row>({
        {true, "mx.example.test", ""},
        {true, "other.example.test", "hostname mismatch"},
        {true, "127.0.0.1", "IP address mismatch"},
        {false, "mx.example.test", "self-signed certificate"},
    }));
    asio::io_context loop;
    stream_pair both(loop);
    const auto connected = shake_hands(loop, both, c.answers_itself ? server : impostor, client, c.expected).second;
    CHECK((connected ? "" : connected.error().detail) == c.said);
    if (!connected) CHECK(connected.error().code == net::errc::tls_failed);
    CHECK_THROWS(tls_client_context(tls_client_context::peer::named, "absent.crt"));
}

}  // namespace tls_stream_test
