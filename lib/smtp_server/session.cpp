#include "smtp_server/session.hpp"

#include <algorithm>
#include <utility>
#include <variant>

#include "smtp/replies.hpp"

namespace postern::smtp_server {

namespace {

using steady = std::chrono::steady_clock;

constexpr std::size_t most_replies = 32 * 1024;  // octets gathered for one write
constexpr auto farewell_time = std::chrono::seconds(5);

const smtp::reply& reply_for(smtp::line_reader::fault f) {
    return f == smtp::line_reader::fault::too_long ? smtp::replies::line_too_long : smtp::replies::faulty_line;
}

}  // namespace

session::session(std::shared_ptr<const service> shared, net::tcp_socket socket, const net::tcp_endpoint& client)
    : held_(std::move(shared)),
      counted_(shared_.uses.figures.sessions),
      stream_(std::move(socket), client),
      client_(stream_.peer().address().to_string()) {
    shared_.uses.figures.connections.add();
}

net::awaitable<void> session::run() {
    if (shared_.begins == beginning::in_tls && !co_await start_tls()) co_return;
    co_await greet();
    co_await converse();
    const auto said = co_await flush();
    if (said && stream_.input_waiting()) co_await stream_.finish(farewell_time);
    stream_.close();
}

net::awaitable<void> session::greet() {
    auto early = stream_.input_waiting();
    if (!early && shared_.limits.greeting_delay.count() > 0) {
        between_commands_ = true;
        const auto came = co_await stream_.fill(shared_.limits.greeting_delay);
        between_commands_ = false;
        early = came.has_value();
        if (!came && came.error().code != net::errc::timed_out && !stopping_) co_return end();
    }
    if (early) {
        // RFC 5321 3.1: the client waits for the greeting. One that does not is a machine that reads no answers.
        shared_.uses.log.info("refused", {{"client", client_}, {"reason", "talked before the greeting"}});
        say(smtp::replies::talked_too_early);
        end();
    } else if (!stopping_) {
        say(smtp::replies::greeting(shared_.hostname));
    }
}

net::awaitable<void> session::converse() {
    auto wait_until = steady::now() + shared_.limits.command_timeout;
    while (!ended_) {
        const auto step = lines_.feed(stream_.buffered());
        stream_.consume(step.consumed);
        if (step.command) {
            co_await answer(*step.command);
            wait_until = steady::now() + shared_.limits.command_timeout;
        }
        if (step.command && replies_.size() < most_replies && !stopping_) continue;
        if (!co_await flush()) break;
        if (stopping_ && !transaction_.open()) {
            if (!ended_) say(smtp::replies::shutting_down);
            end();
        }
        if (step.command || ended_) continue;
        stream_.shrink();
        between_commands_ = true;
        // The time is for the whole command: an octet now and then does not lengthen it.
        co_await receive(wait_until - steady::now());
        between_commands_ = false;
    }
}

net::awaitable<void> session::answer(smtp::line_reader::line line) {
    if (errors_ >= shared_.limits.errors) co_return say(smtp::replies::too_many_errors);
    if (line.faulty != smtp::line_reader::fault::none) co_return say(reply_for(line.faulty));
    auto command = smtp::parse_command(line.text);
    if (!command) co_return say(command.error());
    const auto reply = co_await std::visit([this](auto& verb) { return on(std::move(verb)); }, *command);
    if (reply) say(*reply);
}

/// Waits for more input, after sending what the client is owed. False: there will be none.
net::awaitable<bool> session::receive(net::stream::duration limit) {
    if (!replies_.empty() && !co_await flush()) co_return false;
    const auto came = co_await stream_.fill(limit);
    if (came) co_return true;
    if (came.error().code == net::errc::timed_out) say(smtp::replies::idle_too_long);
    if (came.error().code == net::errc::interrupted) say(smtp::replies::shutting_down);
    end();
    co_return false;
}

net::awaitable<bool> session::flush() {
    if (replies_.empty()) co_return true;
    const auto sent = co_await stream_.write(replies_, shared_.limits.command_timeout);
    replies_.clear();
    if (!sent) end();
    co_return sent.has_value();
}

/// Every reply goes through here.
void session::say(const smtp::reply& r) {
    // Temporary failures are ours, not the client's; 452 for too many recipients (RFC 5321 4.5.3.1.10) is no mistake either.
    if (r.is_permanent()) ++errors_;
    shared_.uses.figures.count(r);
    if (r.closes()) end();
    smtp::append_to(replies_, r);
}

void session::stop() {
    stopping_ = true;
    if (between_commands_ && !transaction_.open()) stream_.interrupt();
}

void session::cut_off() {
    // A 250 that waits to be sent was earned: without it the client would send the message again.
    smtp::append_to(replies_, smtp::replies::shutting_down);
    stream_.reject(replies_);
}

smtp::reply session::idle(smtp::reply r) {
    if (++idle_commands_ > shared_.limits.idle_commands) return smtp::replies::too_many_idle_commands;
    return r;
}

session::answered session::on(smtp::helo_command command) {
    end_transaction();
    transaction_.greet(std::move(command.domain), false);
    offered_ = {};
    co_return idle(smtp::replies::helo(shared_.hostname, transaction_.helo()));
}

session::answered session::on(smtp::ehlo_command command) {
    end_transaction();
    transaction_.greet(std::move(command.domain), true);
    offer();
    co_return idle(offered_.ehlo_reply(shared_.hostname, transaction_.helo()));
}

session::answered session::on(smtp::rset_command) {
    end_transaction();
    co_return idle(smtp::replies::ok);
}

session::answered session::on(smtp::vrfy_command) { co_return idle(smtp::replies::will_try); }

session::answered session::on(smtp::expn_command) { co_return smtp::replies::not_implemented; }

session::answered session::on(smtp::help_command) { co_return idle(smtp::replies::help); }

session::answered session::on(smtp::noop_command) { co_return idle(smtp::replies::ok); }

session::answered session::on(smtp::quit_command) {
    end();
    co_return smtp::replies::goodbye;
}

void session::end_transaction() {
    transaction_.reset();
    places_.clear();
    message_.reset();
}

smtp::with_protocol session::protocol() const noexcept {
    return {.esmtp = transaction_.esmtp(),
            .utf8 = transaction_.parameters().smtputf8,
            .tls = stream_.tls() != nullptr,
            .authenticated = account_.has_value()};
}

/// What EHLO is answered with, as the session stands now.
void session::offer() {
    offered_ = shared_.offered;
    offered_.starttls = shared_.uses.tls && !stream_.tls();
    offered_.auth = mechanisms();
}

void session::log_refusal(std::string_view what, std::string_view recipient, const smtp::reply& r) const {
    if (!shared_.uses.log.writes(core::log_level::info)) return;
    auto said = smtp::to_string(r);
    said.resize(said.find_last_not_of("\r\n") + 1);
    shared_.uses.log.info("refused", {{"id", message_ ? core::to_string(message_->id()) : ""},
                                      {"client", client_},
                                      {"helo", transaction_.helo()},
                                      {"command", what},
                                      {"from", transaction_.reverse_path().text},
                                      {"to", recipient},
                                      {"reply", std::move(said)}});
}

}  // namespace postern::smtp_server
