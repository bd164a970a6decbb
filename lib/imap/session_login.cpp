// Who the client is: STARTTLS, LOGIN and AUTHENTICATE (RFC 9051 6.2), and whether it still may be here.
#include <algorithm>
#include <utility>
#include <variant>

#include "account/address.hpp"
#include "account/sasl/mechanisms.hpp"
#include "core/base64.hpp"
#include "imap/session.hpp"

namespace postern::imap {

namespace {

namespace sasl = account::sasl;
using steady = std::chrono::steady_clock;

constexpr auto handshake_time = std::chrono::seconds(30);  // a few round trips
constexpr std::size_t longest_response = 12'288;           // octets of base64: sasl::max_response, encoded

/// What everybody may use; RFC 9051 appendix E names those that IMAP4rev2 is made of.
constexpr std::string_view always =
    "IMAP4rev1 IMAP4rev2 LITERAL+ SASL-IR ID ENABLE IDLE NAMESPACE UNSELECT UIDPLUS MOVE CHILDREN SPECIAL-USE LIST-EXTENDED "
    "LIST-STATUS CONDSTORE STATUS=SIZE ESEARCH SEARCHRES BINARY";

/// What a client is told that has not been let in. Of a disabled account it learns no more than of a wrong password.
answer answer_for_login(const sasl::refusal& why) {
    switch (why.why) {
        case sasl::refusal::reason::malformed: return {"BAD That is not what this mechanism takes here"};
        case sasl::refusal::reason::throttled:
            return {"NO [UNAVAILABLE] Too many attempts: wait " + std::to_string(why.retry_after.count()) + " seconds"};
        case sasl::refusal::reason::unavailable: return {"NO [UNAVAILABLE] The database cannot be reached: try again soon"};
        case sasl::refusal::reason::bad_credentials:
        case sasl::refusal::reason::disabled: break;
    }
    return {"NO [AUTHENTICATIONFAILED] The address or the password is wrong"};
}

}  // namespace

/// Signing in shows a password, or makes one worth stealing: under TLS only, but for what never leaves the machine.
bool session::may_sign_in() const {
    // Both ends: a proxy elsewhere may speak of a client on its own machine.
    const bool within = stream_.peer().address().is_loopback() && stream_.local().address().is_loopback();
    return stream_.tls() || (shared_.uses.allow_plaintext && within);
}

/// SCRAM is for app passwords alone (an account's own is kept as an Argon2id hash), and programs that read mail take the
/// strongest mechanism there is and try no other: with a person's own password they would fail. So what every password opens is
/// offered.
std::vector<std::string> session::mechanisms() const {
    if (!may_sign_in()) return {};
    return {"PLAIN", "LOGIN"};
}

std::string session::capabilities() const {
    std::string all(always);
    if (account_) return all;
    if (shared_.uses.tls && !stream_.tls()) all += " STARTTLS";
    for (const auto& m : mechanisms()) all += " AUTH=" + m;
    if (!may_sign_in()) all += " LOGINDISABLED";
    return all;
}

session::answered session::on(starttls_command) {
    if (!shared_.uses.tls) co_return answer{"BAD There is no TLS here"};
    if (stream_.tls()) co_return answer{"BAD TLS is active"};
    tls_is_next_ = true;
    co_return answer{"OK Begin TLS now"};
}

/// The handshake. Whatever the client said before is forgotten: it may have been said by somebody in the middle. False: there
/// is no connection any more.
net::awaitable<bool> session::start_tls() {
    reader_ = command_reader();
    waiting_ = true;
    const auto done = co_await stream_.start_tls(*shared_.uses.tls, handshake_time);
    waiting_ = false;
    if (done) co_return true;
    shared_.uses.log.info("tls failed", {{"client", client_}, {"reason", done.error().message()}});
    end();
    co_return false;
}

session::answered session::on(login_command command) {
    account::secret password(std::move(command.password));
    if (!may_sign_in()) co_return answer{"NO [PRIVACYREQUIRED] Begin TLS first"};
    auto found = co_await shared_.uses.accounts.verify(command.user, std::move(password), stream_.peer().address());
    if (found) co_return co_await welcome(std::move(*found), "LOGIN");
    using reason = account::login_failure::reason;
    if (found.error().why == reason::bad_credentials || found.error().why == reason::disabled)
        co_await note_failure(std::move(command.user), "LOGIN");
    sasl::refusal why{.why = sasl::refusal::reason::bad_credentials, .retry_after = found.error().retry_after, .detail = ""};
    if (found.error().why == reason::throttled) why.why = sasl::refusal::reason::throttled;
    if (found.error().why == reason::unavailable) why.why = sasl::refusal::reason::unavailable;
    co_return answer_for_login(why);
}

session::answered session::on(authenticate_command command) {
    if (!may_sign_in()) co_return answer{"NO [PRIVACYREQUIRED] Begin TLS first"};
    const auto offered = mechanisms();
    const auto with = std::ranges::find(offered, command.mechanism) == offered.end()
                          ? nullptr
                          : sasl::make_mechanism(command.mechanism, {.accounts = shared_.uses.accounts,
                                                                     .random = shared_.uses.random,
                                                                     .client = stream_.peer().address(),
                                                                     .tls_exporter = std::nullopt});
    if (!with) co_return answer{"NO [CANNOT] There is no such mechanism"};
    co_return co_await exchange(*with, std::move(command.initial_response));
}

/// Challenges and responses, up to the end; nullopt: the connection is gone.
session::answered session::exchange(sasl::mechanism& with, std::optional<std::string> initial_response) {
    std::optional<account::secret> response;
    if (initial_response) {
        // RFC 4959 section 3: "=" is an empty response.
        auto octets = core::decode_base64(*initial_response == "=" ? std::string_view() : *initial_response);
        if (!octets) co_return answer{"BAD The response is not base64"};
        response = account::secret(std::move(*octets));
    }
    for (;;) {
        auto step = co_await with.respond(std::move(response));
        if (auto* found = std::get_if<storage::account>(&step)) co_return co_await welcome(std::move(*found), "AUTHENTICATE");
        if (const auto* why = std::get_if<sasl::refusal>(&step)) co_return answer_for_login(*why);
        say("+ " + core::encode_base64(std::get<sasl::challenge>(step).octets));
        if (!co_await flush()) co_return std::nullopt;
        const auto line = co_await read_response();
        if (!line) co_return std::nullopt;
        if (*line == "*") co_return answer{"BAD Cancelled, as you say"};
        auto octets = core::decode_base64(*line);
        if (!octets) co_return answer{"BAD The response is not base64"};
        response = account::secret(std::move(*octets));
    }
}

/// A line that is no command; what is too long for one ends the session.
net::awaitable<std::optional<std::string>> session::read_response() {
    std::string line;
    for (;;) {
        const auto input = stream_.buffered();
        const auto end = input.find('\n');
        const auto some = input.substr(0, end == std::string_view::npos ? input.size() : end + 1);
        line += some;
        stream_.consume(some.size());
        if (line.size() > longest_response + 2) {
            say_bye("The line is too long");
            co_return std::nullopt;
        }
        if (line.ends_with('\n')) break;
        if (stopping_) {
            say_bye("The server is stopping");
            co_return std::nullopt;
        }
        waiting_ = true;
        const auto more = co_await receive(sign_in_until_ - steady::now());
        waiting_ = false;
        if (!more) co_return std::nullopt;
    }
    line.resize(line.size() - (line.ends_with("\r\n") ? 2 : 1));
    co_return line;
}

session::answered session::welcome(storage::account account, std::string_view mechanism) {
    account_ = std::move(account);
    auto known = co_await app_passwords();
    if (!known) {
        account_.reset();
        co_return answer{"NO [UNAVAILABLE] The database cannot be reached: try again soon"};
    }
    app_passwords_ = std::move(*known);
    shared_.uses.log.info("signed in", {{"client", client_},
                                        {"account", account::to_text(account_->address)},
                                        {"mechanism", mechanism},
                                        {"tls", stream_.tls() ? std::string_view(stream_.tls()->version) : "none"}});
    shared_.uses.database.logins().note({.account = account_->id,
                                         .at = shared_.uses.clock.now(),
                                         .address = client_,
                                         .method = "imap",
                                         .client = "",
                                         .ok = true});
    looked_at_account_ = steady::now();
    errors_ = 0;
    reader_.set_limit(command_reader::default_limit);
    follow();
    co_return answer{"OK [CAPABILITY " + capabilities() + "] Signed in"};
}

net::awaitable<core::result<std::vector<storage::app_password_id>>> session::app_passwords() {
    const auto all = co_await shared_.uses.database.app_passwords().list(account_->id);
    if (!all) co_return std::unexpected(all.error());
    std::vector<storage::app_password_id> ids;
    for (const auto& p : *all) ids.push_back(p.id);
    std::ranges::sort(ids);
    co_return ids;
}

net::awaitable<void> session::note_failure(std::string login, std::string_view mechanism) {
    shared_.uses.log.info("sign-in failed", {{"client", client_}, {"mechanism", mechanism}});
    const auto parsed = account::parse_address(login);
    if (!parsed) co_return;
    const auto found = co_await shared_.uses.database.accounts().find_account(*parsed);
    if (!found || !*found) co_return;
    shared_.uses.database.logins().note({.account = (*found)->id,
                                         .at = shared_.uses.clock.now(),
                                         .address = client_,
                                         .method = "imap",
                                         .client = "",
                                         .ok = false});
}

/// A session may last for weeks: now and then it looks whether its account is still open.
bool session::account_is_due() const {
    return account_ && steady::now() - looked_at_account_ > shared_.uses.account_checked_every;
}

/// Disabled, removed, or without a password that it had when this session signed in: which one opened it a mechanism does not
/// tell, and who used another signs in again. Not known: not gone.
net::awaitable<bool> session::account_is_gone() {
    const auto now = co_await shared_.uses.database.accounts().find_account(account_->id);
    if (!now) co_return false;
    const auto passwords = co_await app_passwords();
    if (!passwords) co_return false;
    looked_at_account_ = steady::now();
    co_return !*now || (*now)->disabled || (*now)->password_hash != account_->password_hash ||
        !std::ranges::includes(*passwords, app_passwords_);
}

}  // namespace postern::imap
