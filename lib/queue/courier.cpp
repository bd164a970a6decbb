#include "queue/courier.hpp"

#include <algorithm>
#include <utility>

#include "net/listener.hpp"
#include "queue/conversion.hpp"
#include "smtp_client/transaction.hpp"

namespace postern::queue {

namespace {

using smtp_client::delivery_status;
using smtp_client::open_failure;
using smtp_client::tls_use;
using kind = delivery_status::kind;

/// How many sessions one message is worth: more hosts than that do not all defer it by chance.
constexpr std::size_t max_sessions = 3;

bool is_turned_away(const delivery_status& s) { return s.reply.starts_with("421"); }

/// RFC 5321 4.5.3.1.10: it takes this recipient in another transaction.
bool is_one_too_many(const delivery_status& s) { return s.status == smtp::enhanced_status{4, 5, 3}; }

}  // namespace

/// One carry(): who is still undecided, and what is known of each.
struct courier::round {
    const smtp_client::envelope& envelope;
    const std::vector<smtp_client::recipient>& to;
    const smtp_client::outgoing& message;
    std::vector<std::size_t> undecided;
    std::vector<std::optional<carried>> results;
    std::optional<delivery_status> failure{};  // why no session opened
    std::size_t sessions = 0;                  // used so far
    bool retried = false;                      // after a session that had died since the message before

    /// For everybody still undecided who has not heard from a host already.
    void settle(const delivery_status& why) {
        for (const auto i : undecided) {
            if (!results[i]) results[i] = carried{why, false};
        }
    }
};

courier::courier(const dependencies& uses, std::shared_ptr<const courier_settings> settings, next_hop to)
    : uses_(uses), settings_(std::move(settings)), to_(std::move(to)) {}

net::awaitable<std::vector<carried>> courier::carry(const smtp_client::envelope& e,
                                                    const std::vector<smtp_client::recipient>& to,
                                                    const smtp_client::outgoing& message, std::function<bool()> ours) {
    round r{.envelope = e, .to = to, .message = message, .undecided = {}, .results = {}};
    r.results.resize(to.size());
    for (std::size_t i = 0; i < to.size(); ++i) r.undecided.push_back(i);
    unreachable_ = turned_away_ = false;
    if (!connected()) walk_.reset();
    while (!r.undecided.empty()) {
        if (!co_await have_session(r)) break;
        if (!ours()) {
            r.failure = smtp_client::failure(kind::temporary, {4, 3, 0}, "another process has taken over");
            break;
        }
        co_await send(r);
        // Whom this host deferred the next one may take; and a session further down the list is not for the next message.
        if (!r.undecided.empty()) co_await leave();
        if (r.sessions >= max_sessions) break;
    }
    if (r.sessions > 1) co_await leave();
    if (r.failure) {
        unreachable_ = r.sessions == 0 && !connected() && r.failure->what == kind::temporary;
        r.settle(*r.failure);
    }
    std::vector<carried> all;
    for (auto& one : r.results) all.push_back(std::move(*one));
    co_return all;
}

/// A session to go on with: the one that stands, or one with the next host. False when there is none left; r.failure then says
/// why.
net::awaitable<bool> courier::have_session(round& r) {
    if (connected()) co_return true;
    session_.reset();
    if (!walk_) walk_.emplace(uses_.resolver, uses_.random, to_, settings_->own_names);
    std::optional<delivery_status> temporary;
    std::optional<delivery_status> permanent;
    while (const auto at = co_await walk_->next()) {
        auto failed = co_await open(*at, tls_wanted());
        if (failed && failed->at == open_failure::stage::tls && tls_wanted() == tls_use::opportunistic)
            failed = co_await open(*at, tls_use::none);  // RFC 7435: better in the clear than not at all
        if (!failed) co_return true;
        if (is_turned_away(failed->status)) turned_away_ = true;
        // Our own password being wrong, or TLS being asked for in vain, says nothing about the recipient.
        const bool ours = failed->at == open_failure::stage::login || failed->at == open_failure::stage::tls;
        if (ours) failed->status.what = kind::temporary;
        (failed->status.what == kind::permanent ? permanent : temporary) = std::move(failed->status);
    }
    if (const auto& why = walk_->failure()) (why->what == kind::permanent ? permanent : temporary) = *why;
    // A host that could not be reached might yet take what another refuses to hear of.
    r.failure = temporary ? std::move(temporary) : std::move(permanent);
    if (!r.failure) r.failure = smtp_client::failure(kind::temporary, {4, 4, 1}, "no mail host is left to try");
    co_return false;
}

net::awaitable<std::optional<open_failure>> courier::open(const host_walk::candidate& at, tls_use tls) {
    const bool prove = tls == tls_use::required || tls == tls_use::implicit;
    smtp_client::target target{.host = at.host, .endpoint = at.endpoint, .source = source_for(at.endpoint), .tls = tls};
    if (to_.smarthost && !settings_->relay.user.empty())
        target.login = smtp_client::login{settings_->relay.user, settings_->relay.password};
    session_ = std::make_unique<smtp_client::session>(uses_.loop, uses_.workers, prove ? settings_->named : settings_->anybody,
                                                      std::move(target));
    auto opened = co_await session_->open();
    if (opened) {
        opened_ = std::chrono::steady_clock::now();
        messages_ = 0;
        co_return std::nullopt;
    }
    session_.reset();
    co_return std::move(opened).error();
}

/// The undecided recipients over the present session, in as many transactions as the host makes of them.
net::awaitable<void> courier::send(round& r) {
    ++r.sessions;
    auto waiting = std::exchange(r.undecided, {});
    while (!waiting.empty() && connected()) {
        std::vector<smtp_client::recipient> to;
        for (const auto i : waiting) to.push_back(r.to[i]);
        const auto statuses = co_await transact(r, to);
        if (session_->went_stale() && !std::exchange(r.retried, true)) {
            walk_.reset();  // nothing was learned: from the first host again
            --r.sessions;
            r.undecided = std::move(waiting);
            co_return;
        }
        ++messages_;
        const bool confirms = session_->offered().dsn;
        std::vector<std::size_t> again;
        for (std::size_t n = 0; n < waiting.size(); ++n) {
            const auto& s = statuses[n];
            if (is_turned_away(s)) turned_away_ = true;
            const bool decided = s.what != kind::temporary || s.maybe_taken;
            // One that took nobody would be asked for ever.
            if (is_one_too_many(s) && to.size() > 1) {
                again.push_back(waiting[n]);
            } else if (!decided) {
                r.undecided.push_back(waiting[n]);
            }
            r.results[waiting[n]] = carried{s, confirms && s.what == kind::delivered};
        }
        if (again.size() == waiting.size()) {
            r.undecided.insert(r.undecided.end(), again.begin(), again.end());
            co_return;
        }
        waiting = std::move(again);
    }
    r.undecided.insert(r.undecided.end(), waiting.begin(), waiting.end());
}

/// One transaction, with the message as this server takes it.
net::awaitable<std::vector<delivery_status>> courier::transact(const round& r, std::vector<smtp_client::recipient> to) {
    if (session_->lacks(r.envelope, to) == smtp_client::shortcoming::none)
        co_return co_await session_->send(r.envelope, to, r.message);
    const auto fit = co_await convert(uses_.workers, uses_.spools, session_->offered(), r.envelope, to, r.message);
    if (fit) co_return co_await session_->send(fit->envelope, fit->to, fit->message);
    auto why = fit.error();
    why.host = session_->to().host;
    why.address = net::to_string(session_->to().endpoint);
    co_return std::vector(to.size(), why);
}

bool courier::is_tired() const {
    return messages_ >= settings_->max_messages || std::chrono::steady_clock::now() - opened_ >= settings_->max_age;
}

net::awaitable<void> courier::leave() {
    if (const auto session = std::exchange(session_, nullptr); session && session->usable()) co_await session->quit();
}

tls_use courier::tls_wanted() const {
    if (!to_.smarthost) return tls_use::opportunistic;
    switch (settings_->relay.tls) {
        case config::relay_tls::required: return tls_use::required;
        case config::relay_tls::implicit: return tls_use::implicit;
        case config::relay_tls::none: return tls_use::none;
        case config::relay_tls::opportunistic: break;
    }
    return tls_use::opportunistic;
}

std::optional<boost::asio::ip::address> courier::source_for(const net::tcp_endpoint& to) const {
    const auto same_family = [&](const auto& a) { return a.is_v6() == to.address().is_v6(); };
    const auto found = std::ranges::find_if(settings_->sources, same_family);
    return found == settings_->sources.end() ? std::nullopt : std::optional(*found);
}

}  // namespace postern::queue
