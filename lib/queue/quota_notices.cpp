#include "queue/quota_notices.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "message/composer.hpp"
#include "queue/arrival_news.hpp"
#include "queue/bell.hpp"
#include "storage/digest.hpp"
#include "storage/upkeep_store.hpp"

namespace postern::queue {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t told_at_once = 100;
constexpr auto between_looks = 2s;
constexpr auto look_period = 10min;  // for what nobody told of

std::string in_words(std::int64_t octets) {
    constexpr std::int64_t mebi = std::int64_t{1} << 20;
    if (octets < mebi) return fmt::format("{:.1f} KiB", static_cast<double>(octets) / 1024);
    return fmt::format("{:.1f} MiB", static_cast<double>(octets) / static_cast<double>(mebi));
}

std::string text_of(const storage::quota_news& news) {
    return fmt::format(
        "Hello{},\n\nyour mailboxes hold {} of the {} you may use: more than {} percent.\n\n{}\n\nTo make room, remove what "
        "you "
        "do not need, large attachments first, and empty\nTrash and Junk. Your administrator can give you more.\n",
        news.name.empty() ? "" : " " + news.name, in_words(news.used), in_words(news.limit), news.percent,
        news.percent >= 95 ? "When nothing is left, mail to you is refused and its senders are told so."
                           : "You can go on as before; this is to let you know in time.");
}

storage::imported_message warning_of(const storage::quota_news& news, const std::string& hostname, core::timestamp now) {
    message::new_message m;
    m.from = {"Mail System", "postmaster@" + hostname};
    m.to = {{news.name, to_string(news.address)}};
    m.subject = fmt::format("Your mailboxes are {} percent full", news.percent);
    m.text = text_of(news);
    m.headers = {{"Auto-Submitted", "auto-generated"}};  // RFC 3834 5: nobody's machine is to answer
    m.date = now;
    m.message_id = fmt::format("quota.{}.{}@{}", news.account.value, now.time_since_epoch().count(), hostname);
    storage::imported_message made;
    made.received_at = now;
    // RFC 5321 4.5.5: from nobody, so that nothing comes back.
    made.octets = std::make_shared<core::memory_content>("Return-Path: <>\r\n" + message::compose(m));
    made.summary = message::summarize(*made.octets);
    made.sha256 = storage::sha256(*made.octets);
    return made;
}

net::awaitable<void> tell(storage::database& database, storage::quota_news news, const std::string& hostname,
                          core::timestamp now, const core::logger& log) {
    std::optional<storage::imported_message> warning;
    if (news.percent > news.told) warning = warning_of(news, hostname, now);
    const bool warns = warning.has_value();
    const auto address = to_string(news.address);
    const auto percent = news.percent;
    const auto told = co_await database.upkeep().tell_of_quota(std::move(news), std::move(warning), now);
    if (!told) log.warning("quota warning not stored", {{"account", address}, {"reason", told.error().message()}});
    if (told && *told && warns) log.info("quota warning", {{"account", address}, {"percent", percent}});
}

/// Whether more are waiting.
net::awaitable<bool> tell_some(storage::database& database, const core::clock& clock, const std::string& hostname,
                               const core::logger& log) {
    auto all = co_await database.upkeep().list_quota_news(told_at_once);
    if (!all) {
        log.warning("quotas not looked at", {{"reason", all.error().message()}});
        co_return false;
    }
    for (auto& news : *all) co_await tell(database, std::move(news), hostname, clock.now(), log);
    co_return all->size() == told_at_once;
}

}  // namespace

net::awaitable<void> tell_of_quotas(net::executor loop, storage::database& database, const core::clock& clock,
                                    std::string hostname, core::logger log) {
    const auto news = arrival_news::follow(loop, database);
    bell rests(loop);
    for (;;) {
        while (!news->empty()) news->take();  // one look is for all accounts
        while (co_await tell_some(database, clock, hostname, log)) co_await rests.wait(between_looks);
        co_await rests.wait(between_looks);
        if (news->empty()) co_await news->wait(look_period);
    }
}

}  // namespace postern::queue
