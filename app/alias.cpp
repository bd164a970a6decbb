#include <fmt/format.h>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "account/address.hpp"
#include "app/commands.hpp"
#include "app/on_database.hpp"
#include "app/output.hpp"

namespace postern::app {

namespace {

namespace json = boost::json;

json::object to_json(const storage::alias& a) {
    json::array targets;
    for (const auto& t : a.targets) targets.emplace_back(storage::to_string(t));
    return {{"id", core::to_string(a.id)},
            {"address", storage::to_string(a.address)},
            {"targets", std::move(targets)},
            {"created_at", core::to_rfc3339(a.created_at)}};
}

std::string targets_of(const storage::alias& a) {
    std::string text;
    for (const auto& t : a.targets) text += (text.empty() ? "" : ", ") + account::to_text(t);
    return text;
}

net::awaitable<exit_code> add_alias(services on, const invocation& call) {
    const auto added = co_await on.administration.add_alias(
        call.arguments[0], std::vector<std::string>(call.arguments.begin() + 1, call.arguments.end()));
    if (!added) co_return refuse(added.error().message());
    if (call.has("json"))
        print_json(to_json(*added));
    else
        fmt::print("Added alias {} for {}.\n", account::to_text(added->address), targets_of(*added));
    co_return exit_code::done;
}

net::awaitable<exit_code> list_aliases(services on, const invocation& call) {
    const auto aliases =
        co_await on.administration.list_aliases(call.arguments.empty() ? std::nullopt : std::optional(call.arguments[0]));
    if (!aliases) co_return refuse(aliases.error().message());
    if (call.has("json")) {
        json::array all;
        for (const auto& a : *aliases) all.push_back(to_json(a));
        print_json(json::object{{"aliases", std::move(all)}});
        co_return exit_code::done;
    }
    table t({"ALIAS", "ACCOUNTS", "CREATED"});
    for (const auto& a : *aliases) t.add({account::to_text(a.address), targets_of(a), core::to_rfc3339(a.created_at)});
    t.print("There is no alias.");
    co_return exit_code::done;
}

net::awaitable<exit_code> remove_alias(services on, const invocation& call) {
    const auto removed = co_await on.administration.remove_alias(call.arguments[0]);
    if (!removed) co_return refuse(removed.error().message());
    if (call.has("json"))
        print_json(json::object{{"removed", call.arguments[0]}});
    else
        fmt::print("Removed alias {}.\n", printable(call.arguments[0]));
    co_return exit_code::done;
}

}  // namespace

std::span<const command> alias_commands() {
    static constexpr command commands[] = {
        {"alias add", "ADDRESS ACCOUNT...", 2, 1001, "Makes an address whose mail goes to one or more accounts",
         "ADDRESS may be @DOMAIN, the catch-all: it takes what no other address of the domain takes.", describe_json,
         [](const invocation& call) { return on_database(call, add_alias); }},
        {"alias list", "[DOMAIN]", 0, 1, "Lists the aliases, of one domain or of all", "", describe_json,
         [](const invocation& call) { return on_database(call, list_aliases); }},
        {"alias remove", "ADDRESS", 1, 1, "Removes an alias", "", describe_json,
         [](const invocation& call) { return on_database(call, remove_alias); }},
    };
    return commands;
}

}  // namespace postern::app
