#include <algorithm>

#include "relaying.hpp"
#include "test/catch.hpp"

namespace failure_test {

using namespace postern;
using namespace postern::test;
using namespace std::chrono_literals;
using smtp_client::delivery_status;
using kind = delivery_status::kind;

namespace {

/// One failure in an otherwise good session with two messages: the answer with this number is another.
struct injection {
    std::string offered;
    std::size_t at = 0;
    std::string instead;
    bool early = false;
};

struct injected : relaying {
    injected() {
        settings.timeouts.greeting = settings.timeouts.command = settings.timeouts.data = settings.timeouts.data_block =
            settings.timeouts.data_end = settings.timeouts.quit = 150ms;
    }

    bool has_arrived(const std::string& path, std::size_t which) {
        return std::ranges::any_of(server.messages, [&](const fake_server::taken& m) {
            const bool named = std::ranges::find(m.recipients, "<" + path + ">") != m.recipients.end();
            return named && m.sender == sender(which);
        });
    }
    static std::string sender(std::size_t which) { return "<from" + std::to_string(which) + "@here.test>"; }

    void check(const delivery_status& s, const std::string& path, std::size_t which, const injection& i) {
        INFO("message " << which << " to " << path << ": " << told(s) << " [" << s.reply << "] " << s.reason);
        if (s.what == kind::delivered) CHECK(has_arrived(path, which));
        // Only the remote can refuse for good.
        if (s.what == kind::permanent) CHECK((s.reply.starts_with('5') && i.instead.find('5') != std::string::npos));
        if (has_arrived(path, which)) CHECK(s.what != kind::permanent);
        CHECK((s.what == kind::delivered || !s.reply.empty() || !s.reason.empty()));
        CHECK((s.status.klass == 2) == (s.what == kind::delivered));
    }

    void play(const injection& i) {
        INFO("offered " << i.offered << ", answer " << i.at << " is " << i.instead << (i.early ? " early" : ""));
        server.extensions = i.offered;
        server.at = server.answers + i.at;
        server.instead = i.instead;
        server.early = i.early;
        server.messages.clear();
        const auto s = make_session();
        if (!open(*s)) return;
        for (std::size_t which = 0; which < 2 && s->usable(); ++which) {
            envelope.reverse_path = "from" + std::to_string(which) + "@here.test";
            const auto outcomes = send(*s);
            REQUIRE(outcomes.size() == recipients.size());
            for (std::size_t r = 0; r < recipients.size(); ++r) check(outcomes[r], recipients[r].path, which, i);
        }
        quit(*s);
        for (const auto& m : server.messages) {
            if (!m.sender.empty()) CHECK((m.octets == message || m.recipients.empty()));
        }
    }

    std::size_t answers_of(const std::string& offered) {
        const auto before = server.answers;
        play({offered, 1'000'000, "", false});
        CHECK(server.messages.size() == 2);
        return server.answers - before;
    }
};

}  // namespace

TEST_CASE_METHOD(injected, "whatever goes wrong at whichever step, nobody is told of a delivery that was none") {
    const auto instead = GENERATE(as<std::string>(), "<close>", "<reset>", "421 4.3.2 shutting down", "450 4.2.0 later",
                                  "452 4.5.3 too many", "552 too many", "550 5.7.1 no", "354 go ahead", "250 ok", "250",
                                  "hello", "250 ok\r\n250 ok", "250 ok\r\n421 4.3.2 bye", "<raw>250 o", "<raw>250 ok\n",
                                  "<raw>250-ok\r\n550 no\r\n", "221 2.0.0 bye", "554-5.7.1 no\r\n554 5.7.1 really no");
    for (const auto* offered : {"", "PIPELINING", "CHUNKING", "PIPELINING CHUNKING"}) {
        const auto answers = answers_of(offered);
        for (std::size_t at = 0; at < answers; ++at) play({offered, at, instead, false});
    }
}

TEST_CASE_METHOD(injected, "a server that falls silent, drips or talks without end is left in time") {
    settings.timeouts.greeting = settings.timeouts.command = settings.timeouts.data = settings.timeouts.data_block =
        settings.timeouts.data_end = settings.timeouts.quit = 30ms;
    const auto instead = GENERATE(as<std::string>(), "<silence>", "<stall>", "<drip>", "<flood>250-more\r\n", "<flood>x",
                                  "<flood>250 ok\r\n", "<flood>\r\n");
    for (const auto* offered : {"", "PIPELINING CHUNKING"}) {
        const auto answers = answers_of(offered);
        for (std::size_t at = 0; at < answers; ++at) play({offered, at, instead, false});
    }
}

TEST_CASE_METHOD(injected, "a server may speak before the message is over") {
    message = "Subject: large\r\n\r\n";
    while (message.size() < 8'000'000) message += std::string(70, 'x') + "\r\n";
    const auto instead =
        GENERATE(as<std::string>(), "<close>", "<reset>", "421 4.3.2 bye", "552 5.3.4 too large", "250 ok", "<stall>");
    for (const auto* offered : {"PIPELINING", "PIPELINING CHUNKING"}) {
        const std::size_t end_of_message = std::string(offered) == "PIPELINING" ? 7 : 6;
        INFO("offered " << offered << ", " << instead);
        server.extensions = offered;
        server.at = server.answers + end_of_message;
        server.instead = instead;
        server.early = true;
        const auto s = make_session();
        REQUIRE(open(*s));
        for (const auto& outcome : send(*s)) {
            INFO(told(outcome) << " [" << outcome.reply << "] " << outcome.reason);
            CHECK(outcome.what != kind::delivered);
            if (outcome.what == kind::permanent) CHECK(instead.starts_with("552"));
        }
        CHECK(server.messages.empty());
    }
}

TEST_CASE_METHOD(injected, "the whole of a transaction has a limit of its own") {
    settings.timeouts.command = 1h;
    settings.timeouts.transaction = 50ms;
    settings.timeouts.per_recipient = 1ms;
    server.say["RCPT"] = {"250 ok", "<drip>"};
    const auto s = make_session();
    REQUIRE(open(*s));
    CHECK(told(send(*s)) == std::vector<std::string>{"temporary 4.4.2", "temporary 4.4.2", "temporary 4.4.2"});
}

TEST_CASE_METHOD(injected, "a connection that is lost after the message leaves open whether it was taken") {
    for (const auto* offered : {"PIPELINING", "PIPELINING CHUNKING"}) {
        for (const auto* ending : {"<close>", "<reset>", "<silence>"}) {
            server.extensions = offered;
            server.say = {{".", {ending}}, {"BDAT", {ending}}};
            const auto s = make_session();
            REQUIRE(open(*s));
            for (const auto& outcome : send(*s)) {
                CHECK(told(outcome) == "temporary 4.4.2");  // RFC 1047
                CHECK_THAT(outcome.reason, Catch::Matchers::Contains("whether it took the message is not known"));
            }
        }
    }
}

TEST_CASE_METHOD(injected, "a task that is cancelled ends its session at once") {
    settings.timeouts = {};
    server.say["MAIL"] = {"<silence>"};
    const auto s = make_session();
    REQUIRE(open(*s));
    net::task_group group(loop.get_executor(), core::logger());
    const smtp_client::outgoing what{in_memory(message), 0};
    struct sender {
        static net::awaitable<void> run(smtp_client::session& to, const injected& all, const smtp_client::outgoing& octets) {
            co_await to.send(all.envelope, all.recipients, octets);
        }
    };
    group.spawn(sender::run(*s, *this, what), "sender");
    while (server.heard.empty() || !server.heard.back().starts_with("MAIL")) loop.run_one();
    group.cancel();
    loop.restart();
    while (group.size() > 0) loop.run_one();
    CHECK_FALSE(s->usable());
}

}  // namespace failure_test
