// AUTH (RFC 4954): the exchange of challenges and responses; what they mean is a SASL mechanism's matter.
#include <algorithm>
#include <utility>
#include <variant>

#include "account/address.hpp"
#include "account/sasl/mechanisms.hpp"
#include "core/base64.hpp"
#include "smtp/replies.hpp"
#include "smtp_server/session.hpp"

namespace postern::smtp_server {

namespace {

namespace sasl = account::sasl;
using steady = std::chrono::steady_clock;

/// What a client is told that has not been let in. Of a disabled account it learns no more than of a wrong password.
smtp::reply reply_for_login(const sasl::refusal& why) {
    switch (why.why) {
        case sasl::refusal::reason::malformed: return smtp::replies::auth_bad_message;
        case sasl::refusal::reason::throttled: return smtp::replies::auth_throttled(why.retry_after);
        case sasl::refusal::reason::unavailable: return smtp::replies::auth_unavailable;
        case sasl::refusal::reason::bad_credentials:
        case sasl::refusal::reason::disabled: break;
    }
    return smtp::replies::auth_failed;
}

/// A response in base64; nullopt when it is none.
std::optional<account::secret> decode(std::string_view base64) {
    auto octets = core::decode_base64(base64);
    if (!octets) return std::nullopt;
    return account::secret(std::move(*octets));
}

}  // namespace

/// Signing in shows a password, or makes one worth stealing: under TLS only, but for what never leaves the machine.
bool session::may_sign_in() const {
    if (!shared_.uses.people) return false;
    // Both ends: a proxy elsewhere may speak of a client on its own machine.
    const bool within = stream_.peer().address().is_loopback() && stream_.local().address().is_loopback();
    return stream_.tls() || (shared_.uses.people->allow_plaintext && within);
}

std::vector<std::string> session::mechanisms() const {
    if (!may_sign_in()) return {};
    return sasl::offered(channel_binding().has_value());
}

/// Before TLS 1.3 a client binds with tls-unique (RFC 5802 section 6.1, RFC 9266 section 3), which we do not do: offered -PLUS,
/// it would fail where it could have gone without.
std::optional<std::string> session::channel_binding() const {
    const auto* tls = stream_.tls();
    if (!tls || tls->version != "TLSv1.3" || tls->channel_binding.empty()) return std::nullopt;
    return tls->channel_binding;
}

std::optional<smtp::reply> session::refuse_auth(const std::string& mechanism) const {
    if (!shared_.uses.people) return smtp::replies::not_implemented;
    if (account_) return smtp::replies::auth_repeated;
    if (!may_sign_in()) return smtp::replies::auth_needs_tls;
    if (!transaction_.esmtp()) return smtp::replies::ehlo_first;
    if (std::ranges::find(offered_.auth, mechanism) == offered_.auth.end()) return smtp::replies::auth_mechanism;
    return std::nullopt;
}

session::answered session::on(smtp::auth_command command) {
    auto refused = refuse_auth(command.mechanism);
    if (!refused) {
        auto outcome = co_await authenticate(std::move(command));
        if (!outcome) co_return std::nullopt;
        if (outcome->is_positive()) co_return outcome;
        refused = std::move(outcome);
    }
    log_refusal("AUTH", "", *refused);
    co_return refused;
}

/// From the initial response to the last reply; nullopt: the connection is gone.
session::answered session::authenticate(smtp::auth_command command) {
    const auto exchange = sasl::make_mechanism(command.mechanism, {.accounts = shared_.uses.people->accounts,
                                                                   .random = shared_.uses.people->random,
                                                                   .client = stream_.peer().address(),
                                                                   .tls_exporter = channel_binding()});
    if (!exchange) co_return smtp::replies::auth_mechanism;
    std::optional<account::secret> response;
    if (command.initial_response) {
        // RFC 4954 section 4: "=" is an empty response, where none at all is a request for the first challenge.
        response = decode(*command.initial_response == "=" ? std::string_view() : *command.initial_response);
        if (!response) co_return smtp::replies::auth_bad_base64;
    }
    for (;;) {
        auto step = co_await exchange->respond(std::move(response));
        if (const auto* why = std::get_if<sasl::refusal>(&step)) co_return reply_for_login(*why);
        if (auto* account = std::get_if<storage::account>(&step)) co_return welcome(std::move(*account), command.mechanism);
        say(smtp::replies::auth_challenge(core::encode_base64(std::get<sasl::challenge>(step).octets)));
        const auto line = co_await read_response();
        if (!line) co_return std::nullopt;
        if (line->faulty == smtp::line_reader::fault::too_long) co_return smtp::replies::auth_line_too_long;
        if (line->text == "*") co_return smtp::replies::auth_cancelled;
        response = line->faulty == smtp::line_reader::fault::none ? decode(line->text) : std::nullopt;
        if (!response) co_return smtp::replies::auth_bad_base64;
    }
}

/// The client's next line, whatever its length up to that of RFC 4954; nullopt: there will be none.
net::awaitable<std::optional<smtp::line_reader::line>> session::read_response() {
    const auto until = steady::now() + shared_.limits.command_timeout;
    lines_.set_limit(smtp::line_reader::auth_limit);
    std::optional<smtp::line_reader::line> line;
    for (;;) {
        const auto step = lines_.feed(stream_.buffered());
        stream_.consume(step.consumed);
        line = step.command;
        if (line) break;
        between_commands_ = true;
        const auto more = co_await receive(until - steady::now());
        between_commands_ = false;
        if (!more) break;
    }
    lines_.set_limit(smtp::line_reader::default_limit);
    co_return line;
}

smtp::reply session::welcome(storage::account account, std::string_view mechanism) {
    shared_.uses.log.info("signed in", {{"client", client_},
                                        {"account", account::to_text(account.address)},
                                        {"mechanism", mechanism},
                                        {"tls", stream_.tls() ? std::string_view(stream_.tls()->version) : "none"}});
    account_ = std::move(account);
    errors_ = idle_commands_ = 0;
    return smtp::replies::authenticated;
}

}  // namespace postern::smtp_server
