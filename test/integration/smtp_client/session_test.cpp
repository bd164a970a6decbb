#include "smtp_client/session.hpp"

#include "relaying.hpp"
#include "test/catch.hpp"

namespace session_test {

using namespace postern;
using namespace postern::test;
using namespace std::chrono_literals;
using smtp_client::open_failure;
using strings = std::vector<std::string>;

namespace {

/// Content that does not lie in memory: `octets` as a medium would give them, failing or ending at `good`.
class slow_content final : public core::content {
public:
    explicit slow_content(std::string octets, std::size_t good = std::string::npos, bool throws = false)
        : octets_(std::move(octets)), good_(std::min(good, octets_.size())), throws_(throws) {}
    [[nodiscard]] std::uint64_t size() const override { return octets_.size(); }
    std::size_t read(std::uint64_t offset, std::span<char> into) const override {
        if (offset >= good_ && throws_) throw std::runtime_error("the disk is gone");
        if (offset >= good_) return 0;
        return octets_.substr(0, good_).copy(into.data(), into.size(), static_cast<std::size_t>(offset));
    }

private:
    std::string octets_;
    std::size_t good_;
    bool throws_;
};

strings all_three(const std::string& outcome) { return {outcome, outcome, outcome}; }

}  // namespace

TEST_CASE_METHOD(relaying, "a message arrives octet for octet, whatever the server offers") {
    struct row {
        std::string offered;
        strings groups;
        std::string why;
    };
    const std::vector<row> rows{
        {"", {"EHLO", "MAIL", "RCPT", "RCPT", "RCPT", "DATA", "QUIT"}, "one command at a time"},
        {"PIPELINING", {"EHLO", "MAIL RCPT RCPT RCPT DATA", "QUIT"}, "one group"},
        {"CHUNKING", {"EHLO", "MAIL", "RCPT", "RCPT", "RCPT", "BDAT", "QUIT"}, "BDAT instead of DATA"},
        {"PIPELINING CHUNKING", {"EHLO", "MAIL RCPT RCPT RCPT", "BDAT", "QUIT"}, "no octets before a recipient is accepted"},
    };
    for (const auto& row : rows) {
        INFO(row.why);
        server.extensions = row.offered;
        server.groups.clear();
        server.messages.clear();
        CHECK(relay() == all_three("delivered 2.6.0"));
        CHECK(server.groups == row.groups);
        REQUIRE(server.messages.size() == 1);
        CHECK(server.messages[0].octets == message);
        CHECK(server.messages[0].recipients == strings{"<a@example.test>", "<b@example.test>", "<c@example.test>"});
        CHECK(server.messages[0].sender == "<from@here.test>");
    }
}

TEST_CASE_METHOD(relaying, "a message is sent from the offset on, and ends with a line's end") {
    const std::string stored = "Return-Path: <x@y.test>\r\nSubject: x\r\n\r\nno end";
    for (const bool slow : {false, true}) {
        const smtp_client::outgoing what{slow ? std::make_shared<slow_content>(stored) : in_memory(stored), 25};
        const auto s = make_session();
        REQUIRE(open(*s));
        CHECK(told(send(*s, what)) == all_three("delivered 2.6.0"));
        CHECK(server.messages.back().octets == "Subject: x\r\n\r\nno end\r\n");
        CHECK(send(*s, what).front().reply == "250 2.6.0 taken");
    }
}

TEST_CASE_METHOD(relaying, "each status says where it came from") {
    const auto s = make_session();
    REQUIRE(open(*s));
    const auto outcome = send(*s).front();
    CHECK(outcome.host == "mx.example.test");
    CHECK(outcome.address == "127.0.0.1:" + std::to_string(server.endpoint().port()));
    CHECK(outcome.tls.empty());
    CHECK(outcome.reply == "250 2.6.0 taken");
}

TEST_CASE_METHOD(relaying, "each recipient has its own answer") {
    for (const auto* offered : {"", "PIPELINING", "PIPELINING CHUNKING"}) {
        server.extensions = offered;
        server.say["RCPT"] = {"450 4.2.1 later", "250 ok", "550 5.1.1 no such user"};
        CHECK(relay() == strings{"temporary 4.2.1", "delivered 2.6.0", "permanent 5.1.1"});
        CHECK(server.messages.back().recipients == strings{"<b@example.test>"});
    }
}

TEST_CASE_METHOD(relaying, "when nobody is accepted no octet of the message is sent") {
    for (const auto* offered : {"", "PIPELINING", "PIPELINING CHUNKING"}) {
        for (const auto* data : {"354 go ahead anyway", "554 5.5.1 no valid recipients"}) {
            server.extensions = offered;
            server.say = {{"RCPT", {"550 5.1.1", "550 5.1.1", "450 4.2.1"}}, {"DATA", {data}}};
            const auto s = make_session();
            REQUIRE(open(*s));
            CHECK(told(send(*s)) == strings{"permanent 5.1.1", "permanent 5.1.1", "temporary 4.2.1"});
            CHECK(server.messages.empty());
            server.say.clear();
            CHECK(told(send(*s)) == all_three("delivered 2.6.0"));  // the two have not lost step
            CHECK(server.messages.back().octets == message);
            server.messages.clear();
        }
    }
}

TEST_CASE_METHOD(relaying, "messages follow one another on one connection, with RSET where one was left open") {
    server.extensions = "PIPELINING";
    const auto s = make_session();
    REQUIRE(open(*s));
    send(*s);
    send(*s);
    server.say["RCPT"] = {"550", "550", "550"};
    send(*s);
    CHECK(told(send(*s)) == all_three("delivered 2.6.0"));
    quit(*s);
    const std::string whole = "MAIL RCPT RCPT RCPT DATA";
    CHECK(server.groups == strings{"EHLO", whole, whole, whole, "RSET " + whole, "QUIT"});
    CHECK(server.connections == 1);
    CHECK(s->transactions() == 4);
    CHECK_FALSE(s->usable());
}

TEST_CASE_METHOD(relaying, "the server's limits are kept") {
    server.extensions = "SIZE=20 LIMITS=MAILMAX=1";
    const auto s = make_session();
    REQUIRE(open(*s));
    CHECK(told(send(*s)) == all_three("permanent 5.3.4"));
    CHECK(server.groups == strings{"EHLO"});
    message = "Subject: x\r\n";
    CHECK(told(send(*s)) == all_three("delivered 2.6.0"));
    CHECK_FALSE(s->usable());
    CHECK(told(send(*s)) == all_three("temporary 4.4.2"));
}

TEST_CASE_METHOD(relaying, "a binary message needs BINARYMIME and goes as it is") {
    message = std::string("a\0\r\n.\r\nb\nc\r", 11);
    envelope.body = smtp::body_type::binary;
    CHECK(relay() == all_three("permanent 5.6.3"));
    server.extensions = "CHUNKING BINARYMIME";
    CHECK(relay() == all_three("delivered 2.6.0"));
    CHECK(server.messages.back().octets == message);
    CHECK(server.messages.back().sender == "<from@here.test> BODY=BINARYMIME");
}

TEST_CASE_METHOD(relaying, "text with a bare line end is broken off before its end") {
    for (const auto* offered : {"", "PIPELINING CHUNKING"}) {
        server.extensions = offered;
        message = "Subject: x\r\n\r\n\n.\nMAIL FROM:<forged@bank.test>\r\n";
        CHECK(relay() == all_three("permanent 5.6.0"));
        CHECK(server.messages.empty());
    }
}

TEST_CASE_METHOD(relaying, "a message that cannot be read to its end never arrives") {
    const std::string large(3'000'000, 'x');
    for (const auto* offered : {"", "PIPELINING CHUNKING"}) {
        for (const bool throws : {false, true}) {
            for (const std::size_t good : {0UL, 1UL, 100'000UL, 2'999'999UL}) {
                server.extensions = offered;
                const smtp_client::outgoing what{std::make_shared<slow_content>(large, good, throws), 0};
                const auto s = make_session();
                REQUIRE(open(*s));
                CHECK(told(send(*s, what)) == all_three("temporary 4.3.0"));
                CHECK_FALSE(s->usable());
                CHECK(server.messages.empty());
            }
        }
    }
}

TEST_CASE_METHOD(relaying, "a server without EHLO is greeted with HELO") {
    server.say["EHLO"] = {"502 5.5.1 what"};
    CHECK(relay() == all_three("delivered 2.6.0"));
    CHECK(server.groups == strings{"EHLO", "HELO", "MAIL", "RCPT", "RCPT", "RCPT", "DATA", "QUIT"});
}

TEST_CASE_METHOD(relaying, "a server may refuse the session") {
    struct row {
        std::map<std::string, std::deque<std::string>> say;
        std::string status;
        std::string why;
    };
    const std::vector<row> rows{
        {{{"CONNECT", {"554 5.7.1 go away"}}}, "permanent 5.7.1", "at the greeting"},
        {{{"CONNECT", {"521 no mail here"}}}, "permanent 5.0.0", "RFC 7504"},
        {{{"CONNECT", {"421 4.3.2 busy"}}}, "temporary 4.3.2", "for now"},
        {{{"CONNECT", {"250 hello"}}}, "temporary 4.5.0", "a greeting that is none"},
        {{{"CONNECT", {"SSH-2.0-OpenSSH_9.2"}}}, "temporary 4.5.0", "another service"},
        {{{"CONNECT", {"<close>"}}}, "temporary 4.4.2", "without a word"},
        {{{"EHLO", {"450 4.7.1 later"}}}, "temporary 4.7.1", "at EHLO, for now"},
        {{{"EHLO", {"554 5.7.1 no"}}, {"HELO", {"554 5.7.1 no"}}}, "permanent 5.7.1", "at EHLO and HELO"},
        {{{"EHLO", {"554 5.7.1 no"}}, {"HELO", {"<close>"}}}, "permanent 5.7.1", "at EHLO, and gone before HELO"},
        {{{"EHLO", {"<close>"}}}, "temporary 4.4.2", "gone at EHLO"},
        {{{"CONNECT", {"220 hi\r\n220 again"}}}, "temporary 4.5.0", "two greetings: which would be EHLO's answer?"},
        {{{"CONNECT", {"220 hi\r\n421 4.3.2 changed my mind"}}}, "temporary 4.4.2", "a farewell at once"},
    };
    for (const auto& row : rows) {
        INFO(row.why);
        server.say = row.say;
        const auto s = make_session();
        const auto opened = open(*s);
        REQUIRE_FALSE(opened);
        CHECK(opened.error().at == open_failure::stage::greeting);
        CHECK(told(opened.error().status) == row.status);
        CHECK(opened.error().status.host == "mx.example.test");
        CHECK_FALSE(s->usable());
    }
}

TEST_CASE_METHOD(relaying, "who does not answer at all is a failure of the connection") {
    boost::asio::basic_socket_acceptor<boost::asio::ip::tcp, net::executor> taken(
        loop.get_executor(), net::tcp_endpoint(boost::asio::ip::address_v4::loopback(), 0));
    to.endpoint = taken.local_endpoint();
    SECTION("nobody listens") { taken.close(); }
    std::vector<net::tcp_socket> queue;
    SECTION("the listener does not take us") {
        // A full queue: the kernel drops what asks to be let in.
        ::listen(taken.native_handle(), 0);
        settings.timeouts.connect = 200ms;
        for (int i = 0; i < 2; ++i) {
            auto& waiting = queue.emplace_back(loop.get_executor(), to.endpoint.protocol());
            waiting.non_blocking(true);
            ::connect(waiting.native_handle(), to.endpoint.data(), static_cast<socklen_t>(to.endpoint.size()));
        }
    }
    const auto s = make_session();
    const auto opened = open(*s);
    REQUIRE_FALSE(opened);
    CHECK(opened.error().at == open_failure::stage::connection);
    CHECK(told(opened.error().status) == "temporary 4.4.1");
}

TEST_CASE_METHOD(relaying, "a connection comes from the address it is told to") {
    to.source = boost::asio::ip::make_address("127.0.0.7");
    CHECK(relay() == all_three("delivered 2.6.0"));
    CHECK(server.peers.back().to_string() == "127.0.0.7");
    to.source = boost::asio::ip::make_address("192.0.2.1");
    CHECK(relay() == strings{"not opened: temporary 4.3.5"});
}

TEST_CASE_METHOD(relaying, "a connection that died between two messages says nothing about the destination") {
    for (const auto* ending : {"<close>", "<reset>", "421 4.4.2 idle too long"}) {
        const auto s = make_session();
        REQUIRE(open(*s));
        send(*s);
        CHECK_FALSE(s->went_stale());
        server.say["MAIL"] = {ending};
        for (const auto& outcome : told(send(*s))) CHECK(outcome.starts_with("temporary 4."));
        CHECK(s->went_stale());
        CHECK_FALSE(s->usable());
    }
    const auto fresh = make_session();
    REQUIRE(open(*fresh));
    server.say["MAIL"] = {"<close>"};
    send(*fresh);
    CHECK_FALSE(fresh->went_stale());  // the first message's end is the destination's doing
}

}  // namespace session_test
