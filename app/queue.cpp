#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/program_options/value_semantic.hpp>

#include "account/directory_resolver.hpp"
#include "app/commands.hpp"
#include "app/on_database.hpp"
#include "app/output.hpp"
#include "config/text.hpp"
#include "config/values.hpp"
#include "core/unicode.hpp"
#include "http/admin_json.hpp"
#include "queue/administration.hpp"

/// `postern queue ...`: what waits for other servers. Every change is made in the database, which a running server sees.
namespace postern::app {

namespace {

namespace json = boost::json;
namespace po = boost::program_options;
using storage::queue_item;
using storage::queue_store;
using items = std::vector<queue_item>;

constexpr std::size_t page = 1000;  // the store's bound

std::string or_dash(const std::string& text) { return text.empty() ? "-" : text; }

std::string notify_of(const storage::dsn_notify& n) {
    if (!n.given) return "failures, and delays after a while";
    if (n.never()) return "never";
    std::string text;
    for (const auto& [wanted, name] : {std::pair(n.success, "success"), {n.failure, "failure"}, {n.delay, "delay"}}) {
        if (wanted) text += (text.empty() ? "" : ", ") + std::string(name);
    }
    return text;
}

void print(const queue_item& i, core::timestamp now) {
    print_facts({{"Item", core::to_string(i.id)},
                 {"Message", core::to_string(i.message)},
                 {"State", std::string(http::state_of(i, now))},
                 {"From", '<' + i.reverse_path + '>'},
                 {"To", '<' + i.recipient + '>'},
                 {"Destination", i.destination},
                 {"Size", fmt::format("{} octets", i.size)},
                 {"Accepted", core::to_rfc3339(i.created_at)},
                 {"Attempts", fmt::to_string(i.attempts)},
                 {"Next attempt", core::to_rfc3339(i.next_attempt_at)},
                 {"Given up", core::to_rfc3339(i.expires_at)},
                 {"Notices", notify_of(i.notify)},
                 {"Last host", or_dash(i.last_host)},
                 {"Last status", or_dash(i.last_status)},
                 {"Last reply", or_dash(i.last_reply)}});
}

void describe_filters(po::options_description& options) {
    options.add_options()("domain", po::value<std::string>()->value_name("DOMAIN"), "only recipients of this domain")(
        "sender", po::value<std::string>()->value_name("ADDRESS"), "only from this sender; <> for notices")(
        "recipient", po::value<std::string>()->value_name("ADDRESS"), "only to this recipient")(
        "age", po::value<std::string>()->value_name("DURATION"), "only what was accepted longer ago, such as 4h")(
        "state", po::value<std::string>()->value_name("STATE"), "only waiting or only held");
    describe_json(options);
}

void describe_changes(po::options_description& options) {
    describe_filters(options);
    options.add_options()("all", "everything, where no item and no filter is given");
}

/// The filter options; an exit code when one is not understood.
std::expected<queue_store::filter, exit_code> filter_of(const invocation& call, core::timestamp now) {
    queue_store::filter f;
    f.limit = page;
    f.sender = call.text("sender");
    if (f.sender == "<>") f.sender = "";
    f.recipient = call.text("recipient");
    if (const auto domain = call.text("domain")) {
        f.destination = domain->starts_with('[') ? *domain : core::to_a_label(*domain).value_or(*domain);
    }
    if (const auto age = call.text("age")) {
        const auto parsed = config::parse_duration(*age);
        if (!parsed)
            return std::unexpected(misuse(call.command, fmt::format("--age {} {}", config::in_quotes(*age), parsed.error())));
        f.created_before = now - *parsed;
    }
    if (const auto state = call.text("state")) {
        if (*state != "waiting" && *state != "held") return std::unexpected(misuse(call.command, "--state is waiting or held"));
        f.state = *state == "held" ? storage::queue_state::held : storage::queue_state::waiting;
    }
    return f;
}

bool is_filtered(const queue_store::filter& f) {
    return f.destination || f.sender || f.recipient || f.state || f.created_before;
}

/// Every item the filter lets through.
net::awaitable<core::result<items>> all_of(queue_store& queue, queue_store::filter f) {
    items all;
    for (;;) {
        auto some = co_await queue.list(f);
        if (!some) co_return std::unexpected(std::move(some).error());
        const bool last = some->size() < f.limit;
        if (!some->empty()) f.after = some->back().id;
        all.insert(all.end(), std::make_move_iterator(some->begin()), std::make_move_iterator(some->end()));
        if (last) co_return all;
    }
}

/// What one argument names: an item, or all items of a message. Told on standard error when there is none.
net::awaitable<std::expected<items, exit_code>> named(services on, const invocation& call, std::string text) {
    const auto id = core::parse_id<storage::queue_id>(text);
    if (!id)
        co_return std::unexpected(
            misuse(call.command, fmt::format("{} is not an id; ids are numbers", config::in_quotes(text))));
    auto& queue = on.database.queue();
    auto item = co_await queue.find(*id);
    if (item) co_return items{std::move(*item)};
    if (item.error().code != storage::errc::not_found) co_return std::unexpected(refuse(item.error().message()));
    queue_store::filter of_message;
    of_message.message = storage::message_id{id->value};
    of_message.limit = page;
    auto all = co_await all_of(queue, std::move(of_message));
    if (!all) co_return std::unexpected(refuse(all.error().message()));
    if (all->empty()) co_return std::unexpected(refuse(fmt::format("nothing with the id {} is in the queue", text)));
    co_return std::move(*all);
}

/// The items a changing command is about: those named, or those filtered, or with --all every one.
net::awaitable<std::expected<items, exit_code>> chosen(services on, const invocation& call) {
    const auto filter = filter_of(call, on.clock.now());
    if (!filter) co_return std::unexpected(filter.error());
    if (call.arguments.empty()) {
        if (!is_filtered(*filter) && !call.has("all"))
            co_return std::unexpected(misuse(call.command, "says not which: name ids, or filter, or give --all"));
        auto all = co_await all_of(on.database.queue(), *filter);
        if (!all) co_return std::unexpected(refuse(all.error().message()));
        co_return std::move(*all);
    }
    if (is_filtered(*filter) || call.has("all"))
        co_return std::unexpected(misuse(call.command, "takes ids or filters, not both"));
    items all;
    for (const auto& text : call.arguments) {
        auto some = co_await named(on, call, text);
        if (!some) co_return std::unexpected(some.error());
        all.insert(all.end(), std::make_move_iterator(some->begin()), std::make_move_iterator(some->end()));
    }
    co_return all;
}

net::awaitable<exit_code> list_queue(services on, const invocation& call) {
    const auto now = on.clock.now();
    const auto filter = filter_of(call, now);
    if (!filter) co_return filter.error();
    const auto found = co_await all_of(on.database.queue(), *filter);
    if (!found) co_return refuse(found.error().message());
    if (call.has("json")) {
        json::array all;
        for (const auto& i : *found) all.push_back(http::to_json(i, now));
        print_json(json::object{{"items", std::move(all)}});
        co_return exit_code::done;
    }
    table t({"ID", "MESSAGE", "STATE", "ATTEMPTS", "NEXT ATTEMPT", "SENDER", "RECIPIENT", "LAST REPLY"});
    for (const auto& i : *found)
        t.add({core::to_string(i.id), core::to_string(i.message), std::string(http::state_of(i, now)),
               fmt::to_string(i.attempts), core::to_rfc3339(i.next_attempt_at), '<' + i.reverse_path + '>',
               '<' + i.recipient + '>', or_dash(i.last_reply)});
    t.print("The queue is empty.");
    co_return exit_code::done;
}

net::awaitable<exit_code> show_queue_items(services on, const invocation& call) {
    const auto now = on.clock.now();
    const auto found = co_await named(on, call, call.arguments[0]);
    if (!found) co_return found.error();
    if (call.has("json")) {
        json::array all;
        for (const auto& i : *found) all.push_back(http::to_json(i, now));
        print_json(json::object{{"items", std::move(all)}});
        co_return exit_code::done;
    }
    for (const auto& i : *found) {
        if (&i != &found->front()) fmt::print("\n");
        print(i, now);
    }
    co_return exit_code::done;
}

/// "Released 3 of 4 items."
exit_code tell(const invocation& call, std::string_view verb, std::size_t changed, std::size_t of) {
    if (call.has("json"))
        print_json(json::object{{"chosen", of}, {"changed", changed}});
    else
        fmt::print("{} {} of {} item{}.\n", verb, changed, of, of == 1 ? "" : "s");
    return exit_code::done;
}

using change = net::awaitable<core::result<std::size_t>> (*)(queue_store& queue, std::vector<storage::queue_id> ids,
                                                             core::timestamp now);

/// Runs `what` on the chosen items, a page at a time.
net::awaitable<exit_code> apply(services on, const invocation& call, change what, std::string_view verb) {
    const auto which = co_await chosen(on, call);
    if (!which) co_return which.error();
    std::size_t changed = 0;
    for (std::size_t at = 0; at < which->size(); at += page) {
        std::vector<storage::queue_id> ids;
        for (auto i = at; i < std::min(at + page, which->size()); ++i) ids.push_back((*which)[i].id);
        const auto done = co_await what(on.database.queue(), std::move(ids), on.clock.now());
        if (!done) co_return refuse(done.error().message());
        changed += *done;
    }
    co_return tell(call, verb, changed, which->size());
}

net::awaitable<exit_code> retry(services on, const invocation& call) {
    return apply(
        std::move(on), call, [](queue_store& q, auto ids, auto now) { return q.retry_now(std::move(ids), now); }, "Retrying");
}

net::awaitable<exit_code> hold(services on, const invocation& call) {
    return apply(
        std::move(on), call, [](queue_store& q, auto ids, auto now) { return q.hold(std::move(ids), now); }, "Holding");
}

net::awaitable<exit_code> release(services on, const invocation& call) {
    return apply(
        std::move(on), call, [](queue_store& q, auto ids, auto now) { return q.release(std::move(ids), now); }, "Released");
}

net::awaitable<exit_code> remove_queue_items(services on, const invocation& call) {
    return apply(
        std::move(on), call, [](queue_store& q, auto ids, auto now) { return q.remove(std::move(ids), now); }, "Removed");
}

net::awaitable<exit_code> bounce(services on, const invocation& call) {
    auto which = co_await chosen(on, call);
    if (!which) co_return which.error();
    const auto& hostname = on.settings.server.hostname;
    core::system_random random;
    net::blocking_pool workers{1};
    account::directory_resolver recipients(on.database.accounts(), hostname, on.log);
    queue::administration queue({on.clock, random, on.database.messages(), recipients, workers, on.log}, on.database.queue(),
                                hostname, on.settings.queue.expire);
    const auto of = which->size();
    const auto done = co_await queue.bounce(std::move(*which));
    if (!done) co_return refuse(done.error().message());
    co_return tell(call, "Returned", *done, of);
}

constexpr auto which_ones =
    "Each ID is that of an item or of a message, then all of its recipients are meant. Without one, the filters say which.";

}  // namespace

std::span<const command> queue_commands() {
    static constexpr command commands[] = {
        {"queue list", "", 0, 0, "Lists the recipients that wait for other servers, oldest first", "", describe_filters,
         [](const invocation& call) { return on_database(call, list_queue); }},
        {"queue show", "ID", 1, 1, "Shows all about a recipient in the queue", "ID is that of an item, or of a message.",
         describe_json, [](const invocation& call) { return on_database(call, show_queue_items); }},
        {"queue retry", "[ID...]", 0, 1000, "Makes recipients due now", which_ones, describe_changes,
         [](const invocation& call) { return on_database(call, retry); }},
        {"queue hold", "[ID...]", 0, 1000, "Keeps recipients from being tried, and from expiring", which_ones, describe_changes,
         [](const invocation& call) { return on_database(call, hold); }},
        {"queue release", "[ID...]", 0, 1000, "Lets held recipients be tried again", which_ones, describe_changes,
         [](const invocation& call) { return on_database(call, release); }},
        {"queue bounce", "[ID...]", 0, 1000, "Gives recipients up and tells their senders", which_ones, describe_changes,
         [](const invocation& call) { return on_database(call, bounce); }},
        {"queue remove", "[ID...]", 0, 1000, "Takes recipients out of the queue without telling anybody", which_ones,
         describe_changes, [](const invocation& call) { return on_database(call, remove_queue_items); }},
    };
    return commands;
}

}  // namespace postern::app
