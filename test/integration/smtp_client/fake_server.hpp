#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/io_context.hpp>

#include "net/stream.hpp"
#include "net/task_group.hpp"
#include "net/tls_server_context.hpp"

namespace postern::test {

/// A mail server that does what a test tells it to, on the test's own loop.
///
/// Left alone it takes every message. `say` holds other answers, by verb: "CONNECT" (the greeting), EHLO, HELO, STARTTLS, AUTH,
/// "AUTH+" (the client's lines after AUTH), RSET, MAIL, RCPT, DATA, "." (the end of the message), BDAT, QUIT; each is used
/// once, in turn. An answer is a line without CRLF, or several with CRLF between them, or one of
///     <close>     closes, unread input or not
///     <reset>     closes with a TCP reset
///     <stall>     neither answers nor reads any more
///     <drip>      "2" for ever, an octet at a time
///     <silence>   answers nothing any more and waits for the client to go away
///     <raw>...    these octets, as they are
///     <flood>...  these octets again and again until the client goes away
class fake_server {
public:
    /// Listens on `at`; port 0 takes a free one.
    explicit fake_server(boost::asio::io_context& loop, net::tcp_endpoint at = {boost::asio::ip::address_v4::loopback(), 0});
    ~fake_server();
    fake_server(const fake_server&) = delete;
    fake_server& operator=(const fake_server&) = delete;

    std::map<std::string, std::deque<std::string>> say;
    std::string extensions;         ///< "PIPELINING SIZE=1000 LIMITS=MAILMAX=1": EHLO's keywords, "=" for the space in one
    std::optional<std::size_t> at;  ///< the answer with this number, counted from 0 with the greeting, is `instead`
    std::string instead;
    bool early = false;                            ///< `instead` comes in the midst of the message instead of after it
    std::unique_ptr<net::tls_server_context> tls;  ///< without it, 220 to STARTTLS is followed by the close
    bool tls_first = false;

    /// A message the server has taken: 250 was said, and nobody prevented it.
    struct taken {
        std::string sender;                   ///< MAIL's whole argument
        std::vector<std::string> recipients;  ///< RCPTs' whole arguments, of those accepted
        std::string octets;                   ///< dots taken out
        std::uint64_t size = 0;
    };
    std::vector<taken> messages;
    std::vector<std::string> heard;   ///< command lines
    std::vector<std::string> groups;  ///< verbs of commands that came in one piece: "MAIL RCPT RCPT DATA"
    std::size_t answers = 0;          ///< given, in all
    std::size_t connections = 0;
    std::vector<boost::asio::ip::address> peers;  ///< where they came from
    bool keeps_octets = true;                     ///< of messages
    std::function<void()> on_piece;               ///< called whenever octets of a message came
    std::uint64_t half = 0;                       ///< octets of messages that were never ended

    [[nodiscard]] net::tcp_endpoint endpoint() const;

private:
    struct conversation;
    net::awaitable<void> serve();
    net::awaitable<void> converse(net::tcp_socket socket);
    std::string choose(conversation& c, const std::string& verb, std::string usual);
    net::awaitable<bool> answer(conversation& c, const std::string& verb, std::string usual);
    net::awaitable<bool> perform(conversation& c, std::string what);
    net::awaitable<bool> on_command(conversation& c, std::string line);
    net::awaitable<bool> on_data(conversation& c);
    net::awaitable<bool> on_bdat(conversation& c, const std::string& line);
    net::awaitable<bool> on_starttls(conversation& c);
    net::awaitable<bool> on_auth(conversation& c, const std::string& line);
    net::awaitable<bool> answer_early(conversation& c);
    net::awaitable<bool> end_of_message(conversation& c, const std::string& verb);
    net::awaitable<std::optional<std::string>> read_line(conversation& c);
    net::awaitable<bool> wait(std::chrono::milliseconds time);
    [[nodiscard]] std::string ehlo() const;

    boost::asio::io_context& loop_;
    boost::asio::basic_socket_acceptor<boost::asio::ip::tcp, net::executor> acceptor_;
    net::task_group tasks_;
};

}  // namespace postern::test
