#include "http/live_updates.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace postern::http {

namespace {

namespace json = boost::json;
using storage::mail_change;

constexpr std::size_t at_once = 500;  // changes asked for
constexpr std::size_t outcomes_at_once = 100;
constexpr auto longest_queued = std::chrono::hours(24 * 30);  // longer than anything waits to be sent
constexpr auto time_to_end = std::chrono::seconds(5);

std::string_view name_of(mail_change::kind what) {
    switch (what) {
        case mail_change::kind::added: return "message";
        case mail_change::kind::flags: return "flags";
        case mail_change::kind::moved: return "moved";
        case mail_change::kind::removed: break;
    }
    return "removed";
}

json::object data_of(const mail_change& c) {
    json::object o{{"id", core::to_string(c.entry)}, {"mailbox", core::to_string(c.mailbox)}};
    if (c.what == mail_change::kind::removed) return o;
    if (c.what == mail_change::kind::moved) o["from"] = core::to_string(c.from);
    o["thread"] = core::to_string(c.thread);
    o["seen"] = c.seen;
    o["flagged"] = c.flagged;
    o["answered"] = c.answered;
    return o;
}

json::array counts_of(const std::vector<storage::mailbox>& mailboxes) {
    json::array all;
    for (const auto& m : mailboxes) all.push_back({{"id", core::to_string(m.id)}, {"total", m.total}, {"unread", m.unread}});
    return all;
}

json::object data_of(const storage::outcome& o) {
    boost::system::error_code failed;
    auto detail = json::parse(o.event.detail, failed);
    return {{"message", core::to_string(o.message)},
            {"kind", o.event.kind},
            {"recipient", o.event.recipient},
            {"detail", failed ? json::value(nullptr) : std::move(detail)}};
}

}  // namespace

live_updates::live_updates(net::executor loop, storage::database& database, const core::clock& clock, core::logger log)
    : loop_(loop), database_(database), clock_(clock), log_(log), tasks_(std::move(loop), std::move(log)) {}

void live_updates::start() {
    database_.changes().on_change([weak = weak_from_this()](std::optional<storage::account_id> account) {
        if (const auto self = weak.lock()) self->changed(account);
    });
}

std::shared_ptr<event_stream> live_updates::follow(storage::account_id account, std::optional<std::string_view> since) {
    std::erase_if(followers_, [](const auto& f) { return f->stream.expired(); });
    if (static_cast<std::size_t>(std::ranges::count(followers_, account, [](const auto& f) { return f->account; })) >=
        most_streams)
        return nullptr;
    auto stream = std::make_shared<event_stream>(loop_);
    auto f = std::make_shared<follower>();
    f->account = account;
    f->stream = stream;
    if (since) {
        f->at = storage::decode_state(*since);
        f->lost = !f->at;
    }
    followers_.push_back(f);
    wake(f);
    return stream;
}

net::awaitable<void> live_updates::stop() {
    tasks_.cancel();
    co_await tasks_.wait(time_to_end);
}

void live_updates::changed(std::optional<storage::account_id> account) {
    std::erase_if(followers_, [](const auto& f) { return f->stream.expired(); });
    for (const auto& f : followers_)
        if (!account || f->account == *account) wake(f);
}

void live_updates::wake(const std::shared_ptr<follower>& f) {
    f->again = true;
    if (f->asking) return;
    f->asking = true;
    tasks_.spawn(catch_up(shared_from_this(), f), "live updates");
}

net::awaitable<void> live_updates::catch_up(std::shared_ptr<live_updates> self, std::shared_ptr<follower> f) {
    // However it ends, the next change asks again.
    const std::unique_ptr<bool, void (*)(bool*)> asking(&f->asking, [](bool* b) { *b = false; });
    while (std::exchange(f->again, false)) {
        const bool more = co_await self->tell_once(*f);
        f->again = f->again || more;
    }
}

/// Asks and sends once; true when there is more. A stream that does not take it has ended, or is cut off for its slowness.
net::awaitable<bool> live_updates::tell_once(follower& f) {
    std::string text;
    if (!f.at) {
        auto state = co_await database_.changes().state(f.account);
        if (!state) co_return false;
        f.at = std::move(*state);
        if (std::exchange(f.lost, false)) text += event_text("reset", "{}", storage::encode_state(*f.at));
        // An id alone: the client knows from where to resume before anything has happened.
        text += fmt::format("id: {}\n\n", storage::encode_state(*f.at));
    }
    const bool more_mail = co_await tell_mail(f, text);
    const bool more_outcomes = co_await tell_outcomes(f, text);
    const auto stream = f.stream.lock();
    if (!stream || (!text.empty() && !stream->push(text))) co_return false;
    co_return more_mail || more_outcomes;
}

net::awaitable<bool> live_updates::tell_mail(follower& f, std::string& text) {
    auto found = co_await database_.changes().changes_since(f.account, *f.at, at_once);
    if (!found) {
        log_.debug("changes not read", {{"reason", found.error().message()}});
        co_return false;
    }
    if (found->forgotten) {
        auto state = co_await database_.changes().state(f.account);
        if (!state) co_return false;
        f.at = std::move(*state);
        text += event_text("reset", "{}", storage::encode_state(*f.at));
        co_return false;
    }
    const bool moved_on = *f.at != found->state;
    f.at = std::move(found->state);
    if (found->changes.empty()) {
        if (moved_on) text += fmt::format("id: {}\n\n", storage::encode_state(*f.at));
        co_return found->more;
    }
    const auto mailboxes = co_await database_.messages().list_mailboxes(f.account);
    // All of one answer bear the id that is reached with the last: who breaks off half-way is told of the others again.
    const auto id = storage::encode_state(*f.at);
    for (std::size_t i = 0; i < found->changes.size(); ++i) {
        auto data = data_of(found->changes[i]);
        const bool last = i + 1 == found->changes.size();
        if (last && mailboxes) data["mailboxes"] = counts_of(*mailboxes);
        const auto name = name_of(found->changes[i].what);
        text += last ? event_text(name, json::serialize(data), id)
                     : fmt::format("event: {}\ndata: {}\n\n", name, json::serialize(data));
    }
    co_return found->more;
}

net::awaitable<bool> live_updates::tell_outcomes(follower& f, std::string& text) {
    const auto found = co_await database_.changes().outcomes_since(f.account, f.at->last_event, clock_.now() - longest_queued,
                                                                   outcomes_at_once);
    if (!found) co_return false;
    for (const auto& each : *found) {
        f.at->last_event = std::max(f.at->last_event, each.id);
        text += event_text("queue", json::serialize(data_of(each)), storage::encode_state(*f.at));
    }
    co_return found->size() == outcomes_at_once;
}

}  // namespace postern::http
