#include "queue/courier.hpp"

#include <list>

#include "core/unicode.hpp"
#include "fake_server.hpp"
#include "net/self_signed_certificate.hpp"
#include "test/catch.hpp"
#include "test/fixed_resolver.hpp"
#include "test/run.hpp"

namespace courier_test {

using namespace postern;
using namespace postern::test;
using strings = std::vector<std::string>;
using kind = smtp_client::delivery_status::kind;

namespace {

/// A courier for a.test, whose mail hosts are fake servers in order.
struct carrying {
    explicit carrying(std::size_t hosts) {
        std::vector<dns::record> records;
        for (std::size_t n = 0; n < hosts; ++n) {
            const auto octet = static_cast<unsigned char>(n + 1);
            const auto port = servers.empty() ? std::uint16_t{0} : servers.front().endpoint().port();
            servers.emplace_back(loop, net::tcp_endpoint(boost::asio::ip::address_v4({127, 0, 0, octet}), port));
            const auto name = "mx" + std::to_string(n + 1) + ".test";
            dns.a(name, {127, 0, 0, octet});
            records.push_back(dns::mx_record{static_cast<std::uint16_t>(n), name});
        }
        dns.mx("a.test", records);
        sessions.hostname = "here.test";
        hop = {"a.test", {}, servers.front().endpoint().port(), false};
    }

    fake_server& server(std::size_t n) { return *std::next(servers.begin(), static_cast<std::ptrdiff_t>(n)); }

    queue::courier& courier() {
        if (!made) {
            settings.anybody = settings.named = std::make_shared<const smtp_client::session_settings>(sessions);
            made =
                std::make_unique<queue::courier>(queue::courier::dependencies{loop.get_executor(), pool, spools, dns, random},
                                                 std::make_shared<const queue::courier_settings>(settings), hop);
        }
        return *made;
    }

    /// "delivered 2.0.0 mx1.test" for each recipient.
    strings carry(const strings& to) {
        std::vector<smtp_client::recipient> recipients;
        for (const auto& r : to) recipients.push_back({.path = r});
        const smtp_client::outgoing message{octets, 0};
        last = run(loop, courier().carry(envelope, recipients, message, [this] { return ours; }));
        strings told;
        for (const auto& c : last) {
            constexpr const char* names[] = {"delivered", "temporary", "permanent"};
            told.push_back(std::string(names[static_cast<int>(c.status.what)]) + ' ' + c.status.host);
        }
        return told;
    }

    boost::asio::io_context loop;
    net::blocking_pool pool{1};
    net::spool_area spools{pool, std::filesystem::temp_directory_path(), {}};
    fixed_resolver dns;
    core::system_random random;
    std::list<fake_server> servers;
    smtp_client::session_settings sessions;
    queue::courier_settings settings;
    queue::next_hop hop;
    std::shared_ptr<const core::content> octets = std::make_shared<core::memory_content>("Subject: x\r\n\r\ntext\r\n");
    smtp_client::envelope envelope{.reverse_path = "from@here.test"};
    bool ours = true;
    std::vector<queue::carried> last;
    std::unique_ptr<queue::courier> made;
};

}  // namespace

TEST_CASE("a refusal for good is final; what is deferred is tried with the next host at once") {
    carrying c(2);
    c.server(0).say["RCPT"] = {"550 5.1.1 no", "451 4.2.1 later", "250 ok"};
    CHECK(c.carry({"one@a.test", "two@a.test", "three@a.test"}) ==
          strings{"permanent mx1.test", "delivered mx2.test", "delivered mx1.test"});
    CHECK(c.server(1).messages.at(0).recipients == strings{"<two@a.test>"});
    CHECK_FALSE(c.courier().unreachable());
    CHECK_FALSE(c.courier().connected());  // the next message begins with the first host again
}

TEST_CASE("a recipient that every host defers keeps the last one's word") {
    carrying c(2);
    c.server(0).say["RCPT"] = {"451 4.2.1 first"};
    c.server(1).say["RCPT"] = {"451 4.2.1 second"};
    CHECK(c.carry({"one@a.test"}) == strings{"temporary mx2.test"});
    CHECK(c.last[0].status.reply == "451 4.2.1 second");
    CHECK_FALSE(c.courier().unreachable());
}

TEST_CASE("a host that is not there or sends us away is passed over, and the one that serves is kept") {
    for (const auto* greeting : {"554 5.3.2 no service", "421 4.3.2 busy", "<close>", "<reset>", "<raw>SSH-2.0\r\n"}) {
        carrying c(2);
        c.server(0).say["CONNECT"] = {greeting, greeting};
        INFO(greeting);
        CHECK(c.carry({"one@a.test"}) == strings{"delivered mx2.test"});
        CHECK(c.courier().connected());
        CHECK(c.carry({"two@a.test"}) == strings{"delivered mx2.test"});
        CHECK(c.server(1).connections == 1);
        CHECK(c.courier().turned_away() == false);
    }
}

TEST_CASE("no host that answers is unreachable; a refusal by all of them is final") {
    carrying c(2);
    c.server(0).say["CONNECT"] = {"<close>"};
    c.server(1).say["CONNECT"] = {"554 5.3.2 never"};
    CHECK(c.carry({"one@a.test"}).at(0).starts_with("temporary"));
    CHECK(c.courier().unreachable());
    for (const auto n : {std::size_t{0}, std::size_t{1}}) c.server(n).say["CONNECT"] = {"554 5.3.2 never"};
    CHECK(c.carry({"one@a.test"}).at(0).starts_with("permanent"));
    CHECK_FALSE(c.courier().unreachable());
    c.hop.key = "none.test";
    c.made.reset();
    CHECK(c.carry({"one@none.test"}).at(0).starts_with("permanent"));
    CHECK(c.last[0].status.status == smtp::enhanced_status{5, 1, 2});
}

TEST_CASE("a connection that died while nothing was sent costs the message nothing") {
    carrying c(1);
    CHECK(c.carry({"one@a.test"}) == strings{"delivered mx1.test"});
    c.server(0).say["MAIL"] = {"<close>"};
    CHECK(c.carry({"two@a.test"}) == strings{"delivered mx1.test"});
    CHECK(c.server(0).connections == 2);
}

TEST_CASE("recipients beyond what a host takes at once follow in transactions of their own") {
    carrying c(1);
    c.server(0).say["RCPT"] = {"250 ok", "250 ok", "452 4.5.3 too many"};
    CHECK(c.carry({"one@a.test", "two@a.test", "three@a.test"}) ==
          strings{"delivered mx1.test", "delivered mx1.test", "delivered mx1.test"});
    CHECK(c.server(0).messages.size() == 2);
    CHECK(c.server(0).connections == 1);
    c.server(0).say["RCPT"] = {"452 4.5.3 too many", "452 4.5.3 too many"};
    CHECK(c.carry({"one@a.test", "two@a.test"}) == strings{"temporary mx1.test", "temporary mx1.test"});
}

TEST_CASE("a handshake that fails is followed by a connection in the clear") {
    carrying c(1);
    c.server(0).extensions = "STARTTLS";
    c.sessions.tls = std::make_shared<net::tls_client_context>(net::tls_client_context::peer::anybody);
    CHECK(c.carry({"one@a.test"}) == strings{"delivered mx1.test"});
    CHECK(c.last[0].status.tls.empty());
    CHECK(c.server(0).connections == 2);
}

TEST_CASE("with a smarthost that must prove itself there is no way around") {
    for (const auto tls : {config::relay_tls::required, config::relay_tls::implicit}) {
        carrying c(1);
        c.server(0).extensions = "STARTTLS";
        c.sessions.tls = std::make_shared<net::tls_client_context>(net::tls_client_context::peer::named);
        c.settings.relay.tls = tls;
        c.hop = {"smart", "127.0.0.1", c.server(0).endpoint().port(), true};
        const auto made = net::make_self_signed_certificate("mx1.test", core::system_clock().now());
        std::vector<net::tls_certificate> certificates;
        certificates.push_back(net::tls_certificate::parse(made.certificate, made.private_key, "chain", "key").value());
        c.server(0).tls = std::make_unique<net::tls_server_context>(std::move(certificates));
        c.server(0).tls_first = tls == config::relay_tls::implicit;
        CHECK(c.carry({"one@a.test"}).at(0).starts_with("temporary"));
        CHECK(c.server(0).messages.empty());
    }
}

TEST_CASE("a smarthost's refusal of our password is no fault of the recipient") {
    carrying c(1);
    c.server(0).extensions = "AUTH=PLAIN";
    c.server(0).say["AUTH"] = {"535 5.7.8 wrong"};
    c.settings.relay.user = "u";
    c.settings.relay.password = "p";
    c.hop = {"smart", "127.0.0.1", c.server(0).endpoint().port(), true};
    CHECK(c.carry({"one@a.test"}).at(0).starts_with("temporary"));
    CHECK_THAT(c.last[0].status.reply, Catch::Contains("535"));
}

TEST_CASE("what somebody else has taken over is not sent") {
    carrying c(1);
    c.ours = false;
    CHECK(c.carry({"one@a.test"}).at(0).starts_with("temporary"));
    CHECK(c.server(0).messages.empty());
    CHECK_FALSE(c.courier().unreachable());
}

TEST_CASE("a message is made to fit the host, and one that cannot be is refused for good") {
    carrying c(1);
    c.octets = std::make_shared<core::memory_content>(
        "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: "
        "8bit\r\n\r\ncaf\xc3\xa9\r\n");
    c.envelope.body = smtp::body_type::eight_bit;
    CHECK(c.carry({"one@a.test"}) == strings{"delivered mx1.test"});
    CHECK(core::is_ascii(c.server(0).messages.at(0).octets));
    c.envelope.smtputf8 = true;
    c.envelope.reverse_path = "j\xc3\xbcrgen@here.test";
    CHECK(c.carry({"one@a.test"}) == strings{"permanent mx1.test"});
    CHECK(c.last[0].status.status == smtp::enhanced_status{5, 6, 7});
}

}  // namespace courier_test
