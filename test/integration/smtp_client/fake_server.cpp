#include "fake_server.hpp"

#include <algorithm>
#include <utility>

#include <sys/socket.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>

#include "smtp/command.hpp"
#include "smtp/dot_reader.hpp"

namespace postern::test {

using namespace std::chrono_literals;
using boost::asio::ip::tcp;

namespace {

constexpr auto patience = 30s;

std::string verb_of(const std::string& line) {
    auto verb = line.substr(0, line.find(' '));
    std::ranges::transform(verb, verb.begin(), [](char c) { return static_cast<char>(std::toupper(c)); });
    return verb;
}

/// Whether a client that reads this answer has been told that all is well.
bool is_yes(const std::string& text) { return text.starts_with('2') || text == "<flood>250 ok\r\n"; }

struct collector final : smtp::octet_sink {
    fake_server::taken& into;
    bool keeps;

    collector(fake_server::taken& t, bool k) : into(t), keeps(k) {}
    void append(std::string_view octets) override {
        into.size += octets.size();
        if (keeps) into.octets += octets;
    }
};

}  // namespace

struct fake_server::conversation {
    explicit conversation(net::tcp_socket socket) : handle(socket.native_handle()), stream(std::move(socket)) {}

    int handle;
    net::stream stream;
    taken message;
    std::string last_answer;
};

fake_server::fake_server(boost::asio::io_context& loop, net::tcp_endpoint at)
    : loop_(loop), acceptor_(loop.get_executor(), at), tasks_(loop.get_executor(), core::logger()) {
    tasks_.spawn(serve(), "server");
}

fake_server::~fake_server() {
    boost::system::error_code ignored;
    acceptor_.close(ignored);
    tasks_.cancel();
    loop_.restart();
    while (tasks_.size() > 0 && loop_.run_one() > 0) {
    }
}

net::tcp_endpoint fake_server::endpoint() const { return acceptor_.local_endpoint(); }

net::awaitable<void> fake_server::serve() {
    while (true) {
        auto [ec, socket] = co_await acceptor_.async_accept(boost::asio::as_tuple(net::use_awaitable));
        if (ec) co_return;
        ++connections;
        socket.set_option(tcp::no_delay(true), ec);
        tasks_.spawn(converse(std::move(socket)), "conversation");
    }
}

net::awaitable<void> fake_server::converse(net::tcp_socket socket) {
    conversation c(std::move(socket));
    peers.push_back(c.stream.peer().address());
    if (tls_first && !co_await c.stream.start_tls(*tls, patience)) co_return;
    if (!co_await answer(c, "CONNECT", "220 mx.example.test ESMTP")) co_return;
    while (true) {
        std::string group;
        const auto waiting = c.stream.buffered();
        if (waiting.empty() && !co_await c.stream.fill(patience)) co_return;
        // Neighbouring commands that came in one piece; a message is no part of one.
        for (bool more = true; more;) {
            auto line = co_await read_line(c);
            if (!line) co_return;
            group += (group.empty() ? "" : " ") + verb_of(*line);
            const auto at_group = groups.size();
            groups.push_back(group);
            if (!co_await on_command(c, *line)) co_return;
            more = !c.stream.buffered().empty();
            if (more) groups.erase(groups.begin() + static_cast<std::ptrdiff_t>(at_group));
        }
    }
}

net::awaitable<std::optional<std::string>> fake_server::read_line(conversation& c) {
    while (true) {
        const auto buffered = c.stream.buffered();
        if (const auto end = buffered.find("\r\n"); end != std::string_view::npos) {
            std::string line(buffered.substr(0, end));
            c.stream.consume(end + 2);
            co_return line;
        }
        if (!co_await c.stream.fill(patience)) co_return std::nullopt;
    }
}

net::awaitable<bool> fake_server::wait(std::chrono::milliseconds time) {
    boost::asio::basic_waitable_timer<std::chrono::steady_clock, boost::asio::wait_traits<std::chrono::steady_clock>,
                                      net::executor>
        timer(loop_.get_executor(), time);
    const auto [ec] = co_await timer.async_wait(boost::asio::as_tuple(net::use_awaitable));
    co_return !ec;
}

std::string fake_server::choose(conversation& c, const std::string& verb, std::string usual) {
    auto text = std::move(usual);
    if (auto& others = say[verb]; !others.empty()) {
        text = others.front();
        others.pop_front();
    }
    if (at && answers == *at) text = instead;
    ++answers;
    c.last_answer = text;
    return text;
}

/// False when the conversation is over.
net::awaitable<bool> fake_server::answer(conversation& c, const std::string& verb, std::string usual) {
    co_return co_await perform(c, choose(c, verb, std::move(usual)));
}

net::awaitable<bool> fake_server::perform(conversation& c, std::string what) {
    if (what == "<close>") {
        c.stream.close();
        co_return false;
    }
    if (what == "<reset>") {
        const linger at_once{.l_onoff = 1, .l_linger = 0};
        ::setsockopt(c.handle, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
        c.stream.close();
        co_return false;
    }
    if (what == "<silence>") {
        while (co_await c.stream.fill(patience)) c.stream.consume(c.stream.buffered().size());
        co_return false;
    }
    if (what.starts_with("<flood>")) {
        std::string octets;
        while (octets.size() < 4096) octets += what.substr(7);
        while (co_await c.stream.write(octets, patience)) {
        }
        co_return false;
    }
    if (what == "<stall>") {
        co_await wait(1h);
        co_return false;
    }
    if (what == "<drip>") {
        while (co_await c.stream.write("2", patience) && co_await wait(2ms)) {
        }
        co_return false;
    }
    if (what.starts_with("<raw>")) {
        what.erase(0, 5);
    } else {
        what += "\r\n";
    }
    const auto sent = co_await c.stream.write(what, patience);
    if (what.starts_with("421") || what.starts_with("221")) co_await c.stream.finish(patience);
    co_return sent && !what.starts_with("421") && !what.starts_with("221");
}

std::string fake_server::ehlo() const {
    auto lines = "mx.example.test " + extensions;
    while (lines.ends_with(' ')) lines.pop_back();
    std::string text;
    for (std::size_t from = 0; from <= lines.size();) {
        const auto end = std::min(lines.find(' ', from), lines.size());
        auto line = lines.substr(from, end - from);
        if (const auto equals = line.find('='); equals != std::string::npos) line[equals] = ' ';
        text += (end == lines.size() ? "250 " : "250-") + line + (end == lines.size() ? "" : "\r\n");
        from = end + 1;
    }
    return text;
}

net::awaitable<bool> fake_server::on_command(conversation& c, std::string line) {
    heard.push_back(line);
    const auto verb = verb_of(line);
    if (verb == "EHLO") co_return co_await answer(c, verb, ehlo());
    if (verb == "STARTTLS") co_return co_await on_starttls(c);
    if (verb == "AUTH") co_return co_await on_auth(c, line);
    if (verb == "DATA") co_return co_await on_data(c);
    if (verb == "BDAT") co_return co_await on_bdat(c, line);
    if (verb == "QUIT") co_return co_await answer(c, verb, "221 bye");
    const bool too_soon = verb == "RCPT" && c.message.sender.empty();
    const auto more = co_await answer(c, verb, too_soon ? "503 MAIL first" : "250 ok");
    if (verb == "MAIL" || verb == "RSET") c.message = {};
    if (verb == "MAIL" && is_yes(c.last_answer)) c.message.sender = line.substr(10);
    if (verb == "RCPT" && is_yes(c.last_answer)) c.message.recipients.push_back(line.substr(8));
    co_return more;
}

net::awaitable<bool> fake_server::on_starttls(conversation& c) {
    if (!co_await answer(c, "STARTTLS", "220 go ahead")) co_return false;
    if (!is_yes(c.last_answer)) co_return true;
    if (!tls) co_return co_await perform(c, "<close>");
    const auto shaken = co_await c.stream.start_tls(*tls, patience);
    co_return shaken.has_value();
}

net::awaitable<bool> fake_server::on_auth(conversation& c, const std::string& line) {
    const bool stepwise = line == "AUTH LOGIN";
    if (!co_await answer(c, "AUTH", stepwise ? "334 VXNlcm5hbWU6" : "235 welcome")) co_return false;
    for (int round = 0; stepwise && round < 2 && c.last_answer.starts_with("334"); ++round) {
        auto response = co_await read_line(c);
        if (!response) co_return false;
        heard.push_back(*response);
        if (!co_await answer(c, "AUTH+", round == 0 ? "334 UGFzc3dvcmQ6" : "235 welcome")) co_return false;
    }
    co_return true;
}

net::awaitable<bool> fake_server::on_data(conversation& c) {
    if (!co_await answer(c, "DATA", c.message.recipients.empty() ? "554 no valid recipients" : "354 go ahead")) co_return false;
    if (!c.last_answer.starts_with("354")) co_return true;
    smtp::dot_reader reader;
    collector out(c.message, keeps_octets);
    while (true) {
        const auto progress = reader.feed(c.stream.buffered(), out);
        c.stream.consume(progress.consumed);
        if (progress.finished) break;
        if (on_piece) on_piece();
        if (early && at && answers == *at) co_return co_await answer_early(c);
        if (!co_await c.stream.fill(patience)) {
            half += c.message.size;
            co_return false;
        }
    }
    co_return co_await end_of_message(c, ".");
}

net::awaitable<bool> fake_server::on_bdat(conversation& c, const std::string& line) {
    const auto command = smtp::parse_command(line);
    const auto chunk = std::get<smtp::bdat_command>(*command);
    collector out(c.message, keeps_octets);
    for (auto left = chunk.size; left > 0;) {
        if (c.stream.buffered().empty() && !co_await c.stream.fill(patience)) {
            half += c.message.size;
            co_return false;
        }
        const auto piece = c.stream.buffered().substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(left, 65536)));
        out.append(piece);
        left -= piece.size();
        c.stream.consume(piece.size());
        if (on_piece) on_piece();
        if (early && at && answers == *at) co_return co_await answer_early(c);
    }
    if (chunk.last) co_return co_await end_of_message(c, "BDAT");
    co_return co_await answer(c, "BDAT", "250 so far");
}

/// What the client sends after it is the rest of its message.
net::awaitable<bool> fake_server::answer_early(conversation& c) {
    co_return co_await answer(c, ".", "") && co_await perform(c, "<silence>");
}

net::awaitable<bool> fake_server::end_of_message(conversation& c, const std::string& verb) {
    const bool anybody = !c.message.recipients.empty();
    auto text = choose(c, verb, anybody ? "250 2.6.0 taken" : "554 5.5.1 for whom");
    if (anybody && is_yes(text)) messages.push_back(std::move(c.message));
    c.message = {};
    co_return co_await perform(c, std::move(text));
}

}  // namespace postern::test
