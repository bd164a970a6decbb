#include "dns/cares_resolver.hpp"

#include <array>
#include <functional>
#include <optional>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include "net/task_group.hpp"
#include "test/catch.hpp"
#include "test/dns_message.hpp"

namespace cares_resolver_test {

using namespace postern;
using postern::test::dns_message;
using namespace std::chrono_literals;
using boost::asio::ip::tcp;
using boost::asio::ip::udp;

namespace {

/// A DNS server on loopback that answers as a script says: octets for each question, or nothing. UDP, and TCP on the same port.
class scripted_server {
public:
    struct query {
        std::uint16_t id = 0;
        std::string octets;
        bool over_tcp = false;
        int number = 0;  ///< 1 for the first
    };
    using script = std::function<std::optional<std::string>(const query&)>;

    scripted_server(boost::asio::io_context& loop, script s) : udp_(loop), tcp_(loop), script_(std::move(s)) {
        // A port that is free for both.
        for (int left = 100; !open(left == 0); --left) continue;
        receive();
        accept();
    }

    [[nodiscard]] dns::server address() const { return {"127.0.0.1", udp_.local_endpoint().port()}; }
    [[nodiscard]] int queries() const { return queries_; }
    [[nodiscard]] int tcp_queries() const { return tcp_queries_; }

private:
    /// False when the port UDP was given is taken for TCP; throws then if `last`.
    bool open(bool last) {
        udp_ = udp::socket(udp_.get_executor(), udp::endpoint(boost::asio::ip::address_v4::loopback(), 0));
        tcp_ = tcp::acceptor(tcp_.get_executor(), tcp::v4());
        boost::system::error_code taken;
        tcp_.bind(tcp::endpoint(boost::asio::ip::address_v4::loopback(), udp_.local_endpoint().port()), taken);
        if (!taken) tcp_.listen(boost::asio::socket_base::max_listen_connections, taken);
        if (taken && last) throw boost::system::system_error(taken);
        return !taken;
    }

    std::optional<std::string> react(std::string octets, bool over_tcp) {
        const auto id =
            static_cast<std::uint16_t>(static_cast<unsigned char>(octets[0]) << 8 | static_cast<unsigned char>(octets[1]));
        tcp_queries_ += over_tcp ? 1 : 0;
        return script_({id, std::move(octets), over_tcp, ++queries_});
    }
    void receive() {
        udp_.async_receive_from(boost::asio::buffer(buffer_), peer_,
                                [this](const boost::system::error_code& error, std::size_t n) {
                                    if (error) return;
                                    if (const auto reply = react(std::string(buffer_.data(), n), false))
                                        udp_.send_to(boost::asio::buffer(*reply), peer_);
                                    receive();
                                });
    }
    struct connection {
        explicit connection(tcp::socket s) : socket(std::move(s)) {}
        tcp::socket socket;
        std::array<unsigned char, 2> size{};
        std::string octets;
    };
    void accept() {
        tcp_.async_accept([this](const boost::system::error_code& error, tcp::socket socket) {
            if (error) return;
            const auto c = std::make_shared<connection>(std::move(socket));
            boost::asio::async_read(c->socket, boost::asio::buffer(c->size),
                                    [this, c](const boost::system::error_code& e, std::size_t) {
                                        if (!e) read_question(c);
                                    });
            accept();
        });
    }
    void read_question(const std::shared_ptr<connection>& c) {
        c->octets.resize(static_cast<std::size_t>(c->size[0] << 8 | c->size[1]));
        boost::asio::async_read(
            c->socket, boost::asio::buffer(c->octets), [this, c](const boost::system::error_code& e, std::size_t) {
                if (e) return;
                const auto reply = react(c->octets, true);
                if (!reply) return;
                c->octets = {static_cast<char>(reply->size() >> 8), static_cast<char>(reply->size() & 0xff)};
                c->octets += *reply;
                boost::asio::write(c->socket, boost::asio::buffer(c->octets));
            });
    }

    udp::socket udp_;
    tcp::acceptor tcp_;
    script script_;
    std::array<char, 4096> buffer_{};
    udp::endpoint peer_;
    int queries_ = 0;
    int tcp_queries_ = 0;
};

net::awaitable<void> ask(dns::resolver& from, std::string name, dns::record_type type, std::optional<dns::answer>& into) {
    into = co_await from.lookup(std::move(name), type);
}

dns::answer lookup(boost::asio::io_context& loop, const std::vector<dns::server>& servers,
                   dns::record_type type = dns::record_type::mx) {
    auto resolver = dns::cares_resolver::create(loop.get_executor(), {.servers = servers, .timeout = 200ms, .tries = 2});
    REQUIRE(resolver);
    net::task_group tasks(loop.get_executor(), {});
    std::optional<dns::answer> got;
    tasks.spawn(ask(**resolver, "x.test", type, got), "ask");
    while (!got && loop.run_one() > 0) {
    }
    REQUIRE(got);
    return *got;
}

dns_message reply_to(const scripted_server::query& q, std::uint16_t flags = dns_message::response) {
    return dns_message(flags, q.id).question("x.test", 15);
}

std::string good(const scripted_server::query& q) {
    return reply_to(q).answer("x.test", 15, 60, dns_message::mx(10, "mx.test")).octets();
}

const std::vector<dns::record> expected = {dns::mx_record{10, "mx.test"}};

}  // namespace

TEST_CASE("an answer comes back, and the question asked for DNSSEC's verdict") {
    boost::asio::io_context loop;
    std::string question;
    scripted_server server(loop, [&](const auto& q) {
        question = q.octets;
        return std::optional(good(q));
    });
    const auto a = lookup(loop, {server.address()});
    CHECK(a.status == dns::status::found);
    CHECK(a.records == expected);
    REQUIRE(question.size() > 12);
    CHECK((static_cast<unsigned char>(question[3]) & 0x20) != 0);  // RFC 6840 5.7: the AD bit
    CHECK((static_cast<unsigned char>(question[11])) == 1);        // RFC 6891: one OPT record
}

TEST_CASE("a truncated answer is asked for again over TCP") {
    boost::asio::io_context loop;
    scripted_server server(loop, [](const auto& q) {
        return std::optional(q.over_tcp ? good(q) : reply_to(q, dns_message::response | dns_message::truncated).octets());
    });
    const auto a = lookup(loop, {server.address()});
    CHECK(a.records == expected);
    CHECK(server.tcp_queries() == 1);
}

TEST_CASE("silence is tried again, then given up as a temporary failure") {
    boost::asio::io_context loop;
    scripted_server deaf(loop, [](const auto&) { return std::optional<std::string>{}; });
    const auto a = lookup(loop, {deaf.address()});
    CHECK(a.status == dns::status::temporary_failure);
    CHECK_FALSE(a.failure.empty());
    CHECK(deaf.queries() == 2);

    scripted_server slow(loop, [](const auto& q) { return q.number == 1 ? std::nullopt : std::optional(good(q)); });
    CHECK(lookup(loop, {slow.address()}).records == expected);
}

TEST_CASE("the next server is asked after one that fails") {
    boost::asio::io_context loop;
    const std::uint16_t flags = GENERATE(as<std::uint16_t>{}, 0x8182, 0x8184, 0x8185);  // SERVFAIL, NOTIMP, REFUSED
    scripted_server broken(loop, [&](const auto& q) { return std::optional(reply_to(q, flags).octets()); });
    scripted_server works(loop, [](const auto& q) { return std::optional(good(q)); });
    CHECK(lookup(loop, {broken.address(), works.address()}).records == expected);
    CHECK(lookup(loop, {broken.address()}).status == dns::status::temporary_failure);
}

TEST_CASE("NXDOMAIN and no data are answers, not failures") {
    boost::asio::io_context loop;
    scripted_server server(loop, [](const auto& q) { return std::optional(reply_to(q, 0x8183).octets()); });
    CHECK(lookup(loop, {server.address()}).status == dns::status::no_such_name);
    scripted_server empty(loop, [](const auto& q) { return std::optional(reply_to(q).octets()); });
    CHECK(lookup(loop, {empty.address()}).status == dns::status::no_data);
}

TEST_CASE("what does not fit the question is passed over") {
    boost::asio::io_context loop;
    scripted_server wrong_id(loop, [](const auto& q) {
        auto other = q;
        other.id = static_cast<std::uint16_t>(q.id + 1);
        return std::optional(q.number == 1 ? good(other) : good(q));
    });
    CHECK(lookup(loop, {wrong_id.address()}).records == expected);
    CHECK(wrong_id.queries() == 2);
}

TEST_CASE("garbage, compression loops and empty datagrams are temporary failures") {
    boost::asio::io_context loop;
    const std::string tail = GENERATE(std::string("\xc0\x0c", 2), std::string(300, '\xff'), std::string("\xc0\xff\x00", 3));
    scripted_server server(loop, [&](const auto& q) { return std::optional(reply_to(q).count_answer().raw(tail).octets()); });
    CHECK(lookup(loop, {server.address()}).status == dns::status::temporary_failure);
}

TEST_CASE("a cancelled question ends its coroutine at once and harms no other") {
    boost::asio::io_context loop;
    bool answering = false;
    scripted_server server(loop, [&](const auto& q) { return answering ? std::optional(good(q)) : std::nullopt; });
    auto resolver =
        dns::cares_resolver::create(loop.get_executor(), {.servers = {server.address()}, .timeout = 200ms, .tries = 50});
    REQUIRE(resolver);
    net::task_group first(loop.get_executor(), {});
    net::task_group second(loop.get_executor(), {});
    std::optional<dns::answer> cancelled;
    std::optional<dns::answer> kept;
    first.spawn(ask(**resolver, "x.test", dns::record_type::mx, cancelled), "first");
    second.spawn(ask(**resolver, "x.test", dns::record_type::mx, kept), "second");
    while (server.queries() < 2) loop.run_one();
    first.cancel();
    while (first.size() > 0) loop.run_one();
    CHECK_FALSE(cancelled);
    answering = true;
    while (!kept && loop.run_one() > 0) {
    }
    REQUIRE(kept);
    CHECK(kept->records == expected);
}

TEST_CASE("a resolver that goes away ends the questions still out") {
    boost::asio::io_context loop;
    scripted_server server(loop, [](const auto&) { return std::optional<std::string>{}; });
    auto resolver =
        dns::cares_resolver::create(loop.get_executor(), {.servers = {server.address()}, .timeout = 60s, .tries = 1});
    REQUIRE(resolver);
    net::task_group tasks(loop.get_executor(), {});
    std::optional<dns::answer> got;
    tasks.spawn(ask(**resolver, "x.test", dns::record_type::mx, got), "ask");
    while (server.queries() == 0) loop.run_one();
    resolver->reset();
    while (!got && loop.run_one() > 0) {
    }
    REQUIRE(got);
    CHECK(got->status == dns::status::temporary_failure);
}

TEST_CASE("a server that is not an address is refused, and servers are told as configured") {
    boost::asio::io_context loop;
    CHECK_FALSE(dns::cares_resolver::create(loop.get_executor(), {.servers = {{"not an address", 53}}}));
    const auto resolver = dns::cares_resolver::create(loop.get_executor(), {.servers = {{"127.0.0.1", 5353}, {"::1", 53}}});
    REQUIRE(resolver);
    CHECK((*resolver)->servers() == std::vector<std::string>{"127.0.0.1:5353", "[::1]:53"});
}

TEST_CASE("a name that cannot be asked is a temporary failure with its reason") {
    boost::asio::io_context loop;
    auto resolver = dns::cares_resolver::create(loop.get_executor(), {.servers = {{"127.0.0.1", 9}}});
    REQUIRE(resolver);
    net::task_group tasks(loop.get_executor(), {});
    std::optional<dns::answer> got;
    tasks.spawn(ask(**resolver, std::string(300, 'a'), dns::record_type::mx, got), "ask");
    while (!got && loop.run_one() > 0) {
    }
    REQUIRE(got);
    CHECK(got->status == dns::status::temporary_failure);
    CHECK_FALSE(got->failure.empty());
}

}  // namespace cares_resolver_test
