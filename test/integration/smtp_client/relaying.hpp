#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>

#include "core/content.hpp"
#include "fake_server.hpp"
#include "net/blocking_pool.hpp"
#include "net/tls_client_context.hpp"
#include "smtp_client/session.hpp"
#include "test/run.hpp"

namespace postern::test {

inline std::shared_ptr<const core::content> in_memory(std::string octets) {
    return std::make_shared<core::memory_content>(std::move(octets));
}

/// "delivered 2.0.0", "temporary 4.5.3": an outcome as the tests say it.
inline std::string told(const smtp_client::delivery_status& s) {
    constexpr const char* names[] = {"delivered", "temporary", "permanent"};
    return std::string(names[static_cast<int>(s.what)]) + " " + to_string(s.status);
}

inline std::vector<std::string> told(const std::vector<smtp_client::delivery_status>& all) {
    std::vector<std::string> texts;
    for (const auto& s : all) texts.push_back(told(s));
    return texts;
}

/// A fake server and what it takes to send mail to it.
struct relaying {
    boost::asio::io_context loop;
    net::blocking_pool pool{1};
    fake_server server{loop};
    smtp_client::session_settings settings{.hostname = "mx.here.test", .tls = nullptr, .timeouts = {}};
    smtp_client::target to{.host = "mx.example.test", .endpoint = server.endpoint()};
    smtp_client::envelope envelope{.reverse_path = "from@here.test"};
    std::vector<smtp_client::recipient> recipients{
        {.path = "a@example.test"}, {.path = "b@example.test"}, {.path = "c@example.test"}};
    std::string message = "Subject: test\r\n\r\n.dot\r\n..two\r\n.\r\nlast\r\n";

    std::unique_ptr<smtp_client::session> make_session() {
        return std::make_unique<smtp_client::session>(loop.get_executor(), pool,
                                                      std::make_shared<smtp_client::session_settings>(settings), to);
    }
    auto open(smtp_client::session& s) { return run(loop, s.open()); }
    auto send(smtp_client::session& s, const smtp_client::outgoing& what) {
        return run(loop, s.send(envelope, recipients, what));
    }
    auto send(smtp_client::session& s) {
        const smtp_client::outgoing what{in_memory(message), 0};
        return send(s, what);
    }
    void quit(smtp_client::session& s) { run(loop, said_quit(s)); }

    /// Opens, sends and quits; the outcomes.
    std::vector<std::string> relay() {
        const auto s = make_session();
        if (const auto opened = open(*s); !opened) return {"not opened: " + told(opened.error().status)};
        auto outcomes = told(send(*s));
        quit(*s);
        return outcomes;
    }

private:
    static net::awaitable<bool> said_quit(smtp_client::session& s) {
        co_await s.quit();
        co_return true;
    }
};

}  // namespace postern::test
