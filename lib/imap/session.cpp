#include "imap/session.hpp"

#include <algorithm>
#include <utility>
#include <variant>

#include "storage/errc.hpp"

namespace postern::imap {

namespace {

using steady = std::chrono::steady_clock;

constexpr std::size_t most_gathered = 32 * 1024;  // octets for one write
constexpr auto farewell_time = std::chrono::seconds(5);
constexpr auto write_time = std::chrono::seconds(120);

template <class... Commands>
bool is_one_of(const command& what) {
    return (std::holds_alternative<Commands>(what) || ...);
}

/// RFC 9051 7.5.1: during these no message may get another number, whatever comes of them.
bool numbers_must_stay(const command& what) {
    if (const auto* c = std::get_if<fetch_command>(&what)) return !c->by_uid;
    if (const auto* c = std::get_if<store_command>(&what)) return !c->by_uid;
    if (const auto* c = std::get_if<search_command>(&what)) return !c->by_uid;
    return false;
}

std::string_view explain(command_reader::faulty::fault f) {
    switch (f) {
        case command_reader::faulty::fault::bare_cr:
        case command_reader::faulty::fault::bare_lf: return "BAD A line ends with CRLF and with nothing else";
        case command_reader::faulty::fault::nul: return "BAD NUL is no character of a command";
        case command_reader::faulty::fault::too_long: break;
    }
    return "BAD [TOOBIG] The command is too long";
}

}  // namespace

answer answer_for(const core::error& e) {
    using storage::errc;
    if (e.code == errc::not_found) return {"NO [NONEXISTENT] There is no such mailbox"};
    if (e.code == errc::already_exists) return {"NO [ALREADYEXISTS] There is a mailbox of that name"};
    if (e.code == errc::over_quota) return {"NO [OVERQUOTA] The mailbox is full"};
    if (e.code == errc::refused) return {"NO [CANNOT] " + (e.detail.empty() ? std::string("This is not possible") : e.detail)};
    if (e.code == errc::outcome_unknown)
        return {"NO [UNAVAILABLE] Nobody knows whether that was done: look before trying again"};
    return {"NO [UNAVAILABLE] The database cannot be reached: try again soon"};
}

session::session(std::shared_ptr<const service> shared, net::tcp_socket socket, const net::tcp_endpoint& client)
    : held_(std::move(shared)),
      counted_(shared_.uses.figures.sessions),
      stream_(std::move(socket), client),
      client_(stream_.peer().address().to_string()),
      sign_in_until_(steady::now() + shared_.limits.login_timeout) {
    shared_.uses.figures.connections.add();
}

net::awaitable<void> session::run() {
    if (shared_.begins == beginning::in_tls && !co_await start_tls()) co_return;
    greet();
    co_await converse();
    unselect();
    news_.reset();
    const auto said = co_await flush();
    if (said && stream_.input_waiting()) co_await stream_.finish(farewell_time);
    stream_.close();
}

void session::greet() {
    if (stopping_) return say_bye("The server is stopping");
    out_ += "* OK [CAPABILITY " + capabilities() + "] Postern is ready\r\n";
}

net::awaitable<void> session::converse() {
    auto wait_until = patience();
    while (!ended_) {
        const auto step = reader_.feed(stream_.buffered());
        stream_.consume(step.consumed);
        if (!std::holds_alternative<command_reader::more_input>(step.what)) {
            co_await take(step.what);
            wait_until = patience();
            if (!co_await flush_if_full()) break;
            if (!stopping_) continue;
        }
        if (stopping_ && !ended_) say_bye("The server is stopping");
        if (!co_await flush() || ended_) break;
        if (stopping_) continue;  // meanwhile
        if (!reader_.in_command()) stream_.shrink();
        waiting_ = true;
        co_await receive(wait_until - steady::now());  // for all of a command: an octet now and then does not lengthen it
        waiting_ = false;
    }
}

/// Until when the next command must be there.
steady::time_point session::patience() const { return account_ ? steady::now() + shared_.limits.idle_timeout : sign_in_until_; }

net::awaitable<void> session::take(command_reader::event what) {
    if (std::holds_alternative<command_reader::continuation>(what)) co_return say("+ Ready for the literal");
    if (const auto* whole = std::get_if<command_reader::complete>(&what)) co_return co_await take_command(whole->octets);
    if (const auto* m = std::get_if<command_reader::message_literal>(&what))
        co_return co_await take_append(m->octets, m->size, m->waits);
    if (const auto* bad = std::get_if<command_reader::faulty>(&what))
        tell(std::string(read_tag(bad->octets)), {std::string(explain(bad->why))});
}

net::awaitable<void> session::take_command(std::string_view octets) {
    auto parsed = parse_command(octets, utf8());
    if (!parsed) {
        const auto& why = parsed.error();
        co_return tell(why.tag, {why.charset ? "NO [BADCHARSET (US-ASCII UTF-8)] " + why.text : "BAD " + why.text});
    }
    if (auto no = refuse_now(parsed->what)) co_return tell(parsed->tag, *no);
    const bool may_expunge = !numbers_must_stay(parsed->what);
    co_await finish(std::move(parsed->tag), perform(std::move(parsed->what)), may_expunge);
}

/// Whatever is wrong with it, the message's octets come, unless the client waits to hear that they may.
net::awaitable<void> session::take_append(std::string_view octets, std::uint64_t size, bool waits) {
    if (!account_ && !waits) co_return say_bye("Sign in first");  // a stranger's octets are not waited for
    auto parsed = parse_command(octets, utf8());
    std::optional<answer> no;
    if (!parsed) no = {"BAD " + parsed.error().text};
    auto tag = parsed ? parsed->tag : parsed.error().tag;
    if (!no && !std::holds_alternative<append_command>(parsed->what)) no = {"BAD This command takes no message"};
    if (!no) no = refuse_now(parsed->what);
    if (!no && !co_await may_stay()) co_return;
    if (!no)
        co_return co_await finish(std::move(tag), append(std::move(std::get<append_command>(parsed->what)), size, waits), true);
    if (co_await pass_over(size, waits)) tell(tag, *no);
}

/// Does what a command asks for, tells what has changed meanwhile, and then how it ended.
net::awaitable<void> session::finish(std::string tag, answered work, bool may_expunge) {
    tag_ = tag;
    const auto done = co_await std::move(work);
    if (!done) co_return end();
    if (heard_ && selected_) co_await look(may_expunge);
    if (selected_ && may_expunge) selected_->tell_gone(out_);  // what was heard when it could not be told
    tell(tag, *done);
    if (std::exchange(tls_is_next_, false) && co_await flush()) co_await start_tls();
}

session::answered session::perform(command what) {
    if (!co_await may_stay()) co_return std::nullopt;
    co_return co_await std::visit([this](auto& verb) { return on(std::move(verb)); }, what);
}

/// False: the account is not open any more, and the client has been told.
net::awaitable<bool> session::may_stay() {
    if (!account_is_due() || !co_await account_is_gone()) co_return true;
    say_bye("Sign in again: the account or its passwords have changed");
    co_return false;
}

/// RFC 9051 section 3: what may come when.
std::optional<answer> session::refuse_now(const command& what) const {
    if (is_one_of<capability_command, noop_command, logout_command, id_command>(what)) return std::nullopt;
    const bool to_sign_in = is_one_of<starttls_command, login_command, authenticate_command>(what);
    if (!account_) return to_sign_in ? std::nullopt : std::optional(answer{"BAD Sign in first"});
    if (to_sign_in) return answer{"BAD You have signed in"};
    const bool in_mailbox = is_one_of<check_command, close_command, unselect_command, expunge_command, search_command,
                                      fetch_command, store_command, copy_command>(what);
    if (in_mailbox && !selected_) return answer{"BAD Select a mailbox first"};
    return std::nullopt;
}

/// Waits for more input. False: there will be none.
net::awaitable<bool> session::receive(net::stream::duration limit) {
    const auto came = co_await stream_.fill(limit);
    if (came || came.error().code == net::errc::woken) co_return true;
    if (came.error().code == net::errc::timed_out) {
        say_bye(account_ ? "Too long without a command" : "Too long without signing in");
    } else if (came.error().code == net::errc::interrupted) {
        say_bye("The server is stopping");
    }
    end();
    co_return false;
}

net::awaitable<bool> session::flush() {
    if (out_.empty()) co_return true;
    const auto sent = co_await stream_.write(out_, write_time);
    out_.clear();
    if (out_.capacity() > 4 * most_gathered) out_.shrink_to_fit();
    if (!sent) end();
    co_return sent.has_value();
}

net::awaitable<bool> session::flush_if_full() {
    if (out_.size() < most_gathered) co_return true;
    co_return co_await flush();
}

void session::say(std::string_view untagged) {
    out_ += untagged;
    out_ += "\r\n";
}

void session::say_bye(std::string_view why) {
    out_ += "* BYE ";
    say(why);
    end();
}

/// Every tagged response goes through here.
void session::tell(const std::string& tag, const answer& a) {
    out_ += tag;
    out_ += ' ';
    say(a.text);
    if (!a.text.starts_with("BAD") && !a.text.starts_with("NO [AUTHENTICATIONFAILED]")) return;
    shared_.uses.log.debug("refused", {{"client", client_}, {"reply", a.text}});
    if (++errors_ >= shared_.limits.errors && !ended_) say_bye("Too many errors");
}

void session::stop() {
    stopping_ = true;
    if (waiting_ && !reader_.in_command()) stream_.interrupt();
}

void session::cut_off() {
    if (in_literal_) return stream_.close();  // it would be taken for octets of the message
    out_ += "* BYE The server is stopping\r\n";
    stream_.reject(out_);
}

session::answered session::on(capability_command) {
    say("* CAPABILITY " + capabilities());
    co_return answer{"OK Done"};
}

session::answered session::on(noop_command) {
    if (selected_) heard_ = true;  // whoever asks is told, whatever has been heard
    co_return answer{"OK Done"};
}

session::answered session::on(check_command) { return on(noop_command{}); }

session::answered session::on(logout_command) {
    say_bye("Goodbye");
    co_return answer{"OK Done"};
}

session::answered session::on(id_command) {
    say(R"(* ID ("name" "Postern"))");
    co_return answer{"OK Done"};
}

session::answered session::on(enable_command command) {
    std::string enabled;
    if (std::ranges::find(command.capabilities, "IMAP4REV2") != command.capabilities.end()) {
        enabled_rev2_ = true;
        enabled += " IMAP4rev2";
    }
    if (std::ranges::find(command.capabilities, "CONDSTORE") != command.capabilities.end()) {
        tell_modseq();
        enabled += " CONDSTORE";
    }
    say("* ENABLED" + enabled);
    co_return answer{"OK Done"};
}

session::answered session::on(namespace_command) {
    say(R"(* NAMESPACE (("" "/")) NIL NIL)");
    co_return answer{"OK Done"};
}

}  // namespace postern::imap
