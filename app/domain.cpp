#include <fmt/format.h>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "app/commands.hpp"
#include "app/on_database.hpp"
#include "app/output.hpp"
#include "core/unicode.hpp"

namespace postern::app {

namespace {

namespace json = boost::json;

json::object to_json(const storage::domain& d) {
    return {{"id", core::to_string(d.id)},
            {"name", d.name},
            {"accounts", d.accounts},
            {"aliases", d.aliases},
            {"created_at", core::to_rfc3339(d.created_at)}};
}

net::awaitable<exit_code> add_domain(services on, const invocation& call) {
    const auto added = co_await on.administration.add_domain(call.arguments[0]);
    if (!added) co_return refuse(added.error().message());
    if (call.has("json"))
        print_json(to_json(*added));
    else
        fmt::print("Added domain {}.\n", core::to_u_label(added->name));
    co_return exit_code::done;
}

net::awaitable<exit_code> list_domains(services on, const invocation& call) {
    const auto domains = co_await on.administration.list_domains();
    if (!domains) co_return refuse(domains.error().message());
    if (call.has("json")) {
        json::array all;
        for (const auto& d : *domains) all.push_back(to_json(d));
        print_json(json::object{{"domains", std::move(all)}});
        co_return exit_code::done;
    }
    table t({"DOMAIN", "ACCOUNTS", "ALIASES", "CREATED"});
    for (const auto& d : *domains)
        t.add(
            {core::to_u_label(d.name), fmt::to_string(d.accounts), fmt::to_string(d.aliases), core::to_rfc3339(d.created_at)});
    t.print("There is no domain yet: postern domain add example.org");
    co_return exit_code::done;
}

net::awaitable<exit_code> remove_domain(services on, const invocation& call) {
    const auto removed = co_await on.administration.remove_domain(call.arguments[0]);
    if (!removed) co_return refuse(removed.error().message());
    if (call.has("json"))
        print_json(json::object{{"removed", call.arguments[0]}});
    else
        fmt::print("Removed domain {}.\n", printable(call.arguments[0]));
    co_return exit_code::done;
}

}  // namespace

std::span<const command> domain_commands() {
    static constexpr command commands[] = {
        {"domain add", "DOMAIN", 1, 1, "Makes a domain that mail is taken for",
         "A-labels or U-labels; postmaster and abuse are deliverable from then on.", describe_json,
         [](const invocation& call) { return on_database(call, add_domain); }},
        {"domain list", "", 0, 0, "Lists the domains", "", describe_json,
         [](const invocation& call) { return on_database(call, list_domains); }},
        {"domain remove", "DOMAIN", 1, 1, "Removes a domain that has no accounts and no aliases", "", describe_json,
         [](const invocation& call) { return on_database(call, remove_domain); }},
    };
    return commands;
}

}  // namespace postern::app
