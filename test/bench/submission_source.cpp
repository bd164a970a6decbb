// Postfix's smtp-source, as far as the side-by-side tools use it, that also signs in: a load of equal messages.
//
//     submission_source [-s sessions] [-m messages] [-l octets] [-f from] [-t to] [-M hostname] [-4] [-d] address:port
//
// Each session sends message after message over one connection and, like smtp-source, waits for every reply. With SOURCE_USER
// and SOURCE_PASSWORD in the environment it says AUTH PLAIN where AUTH is offered; with SOURCE_TLS=1 STARTTLS comes first. Ends
// with status 1 at the first reply that is not what it should be.

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <unistd.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "core/base64.hpp"
#include "net/stream.hpp"
#include "net/tls_client_context.hpp"
#include "smtp/ehlo_reader.hpp"
#include "smtp/reply_reader.hpp"
#include "smtp_client/connect.hpp"

namespace {

using namespace postern;
using namespace std::chrono_literals;

constexpr auto patience = 60s;
constexpr std::size_t line_length = 80;  // as smtp-source has it, CRLF included

struct load {
    net::tcp_endpoint to;
    std::string from = "sender@example.test";
    std::string recipient = "someone@relay.test";
    std::string hostname = "bench.example.test";
    std::string body;
    std::string credentials;  // of AUTH PLAIN; empty: not signed in
    std::unique_ptr<net::tls_client_context> tls;
    std::size_t left = 1;  // messages that no session has taken yet
};

class session {
public:
    session(load& what, net::tcp_socket socket) : load_(what), stream_(std::move(socket)) {}

    net::awaitable<void> run() {
        co_await expect(2);
        auto offered = co_await hello();
        if (load_.tls) {
            co_await ask("STARTTLS\r\n", 2);
            if (!co_await stream_.start_tls(*load_.tls, "bench.example.test", patience)) throw std::runtime_error("no TLS");
            offered = co_await hello();
        }
        if (!load_.credentials.empty() && !offered.auth.empty())
            co_await ask(fmt::format("AUTH PLAIN {}\r\n", load_.credentials), 2);
        while (load_.left > 0) co_await send(load_.left--);
        co_await ask("QUIT\r\n", 2);
    }

private:
    net::awaitable<smtp::extensions> hello() {
        co_return smtp::read_ehlo(co_await ask(fmt::format("EHLO {}\r\n", load_.hostname), 2));
    }

    net::awaitable<void> send(std::size_t number) {
        co_await ask(fmt::format("MAIL FROM:<{}>\r\n", load_.from), 2);
        co_await ask(fmt::format("RCPT TO:<{}>\r\n", load_.recipient), 2);
        co_await ask("DATA\r\n", 3);
        co_await ask(fmt::format("From: <{}>\r\nTo: <{}>\r\nDate: Mon, 24 Nov 2025 16:00:00 +0000\r\n"
                                 "Message-Id: <{}.{}@{}>\r\nSubject: load\r\n\r\n{}.\r\n",
                                 load_.from, load_.recipient, ::getpid(), number, load_.hostname, load_.body),
                     2);
    }

    net::awaitable<smtp::reply> ask(std::string octets, int wanted) {
        if (!co_await stream_.write(octets, patience)) throw std::runtime_error("the connection broke");
        co_return co_await expect(wanted);
    }

    net::awaitable<smtp::reply> expect(int wanted) {
        for (;;) {
            const auto progress = replies_.feed(stream_.buffered());
            stream_.consume(progress.consumed);
            if (progress.done && !*progress.done) throw std::runtime_error("not an SMTP reply");
            if (progress.done && (*progress.done)->code / 100 == wanted) co_return **progress.done;
            if (progress.done) throw std::runtime_error(smtp::to_line(**progress.done));
            if (!co_await stream_.fill(patience)) throw std::runtime_error("the connection broke");
        }
    }

    load& load_;
    net::stream stream_;
    smtp::reply_reader replies_;
};

net::awaitable<void> run_session(load& what, net::executor loop) {
    auto socket = co_await smtp_client::connect(loop, what.to, std::nullopt, patience);
    if (!socket) throw std::runtime_error(socket.error().reason);
    session s(what, std::move(*socket));
    co_await s.run();
}

std::string body_of(std::size_t octets) {
    std::string body;
    while (octets - body.size() >= line_length) body.append(line_length - 2, 'X').append("\r\n");
    if (const auto rest = octets - body.size(); rest >= 2) body.append(rest - 2, 'X').append("\r\n");
    return body;
}

net::tcp_endpoint endpoint_of(std::string_view text) {
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos) throw std::invalid_argument("no port in " + std::string(text));
    const auto port = std::stoul(std::string(text.substr(colon + 1)));
    return {boost::asio::ip::make_address(text.substr(0, colon)), static_cast<std::uint16_t>(port)};
}

std::size_t number(const char* text) { return std::stoul(text); }

void run(int argc, char** argv) {
    load what;
    std::size_t sessions = 1;
    std::size_t octets = 1024;
    for (int option = 0; (option = ::getopt(argc, argv, "4ds:m:l:f:t:M:")) != -1;) {
        switch (option) {
            case 's': sessions = number(optarg); break;
            case 'm': what.left = number(optarg); break;
            case 'l': octets = number(optarg); break;
            case 'f': what.from = optarg; break;
            case 't': what.recipient = optarg; break;
            case 'M': what.hostname = optarg; break;
            case '4':
            case 'd': break;  // what this program does anyway
            default: throw std::invalid_argument("unknown option");
        }
    }
    if (optind + 1 != argc) throw std::invalid_argument("where to? address:port");
    what.to = endpoint_of(argv[optind]);
    what.body = body_of(octets);
    const char* user = std::getenv("SOURCE_USER");
    const char* password = std::getenv("SOURCE_PASSWORD");
    if (user && password) what.credentials = core::encode_base64(std::string(1, '\0') + user + '\0' + password);
    const char* tls = std::getenv("SOURCE_TLS");
    if (tls && std::string_view(tls) == "1")
        what.tls = std::make_unique<net::tls_client_context>(net::tls_client_context::peer::anybody);
    boost::asio::io_context loop(1);
    for (std::size_t i = 0; i < sessions; ++i) {
        boost::asio::co_spawn(loop, run_session(what, loop.get_executor()), [](std::exception_ptr e) {
            if (e) std::rethrow_exception(e);
        });
    }
    loop.run();
}

}  // namespace

int main(int argc, char** argv) {
    try {
        run(argc, argv);
    } catch (const std::exception& e) {
        fmt::print(stderr, "submission_source: {}\n", e.what());
        return 1;
    }
}
