#include <cstdint>
#include <limits>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/program_options/value_semantic.hpp>

#include "account/address.hpp"
#include "app/commands.hpp"
#include "app/on_database.hpp"
#include "app/output.hpp"
#include "app/password_source.hpp"
#include "config/text.hpp"
#include "config/values.hpp"

namespace postern::app {

namespace {

namespace json = boost::json;
namespace po = boost::program_options;
using account::account_view;

json::object to_json(const account_view& a) {
    const json::value limit = a.quota_limit ? json::value(*a.quota_limit) : json::value(nullptr);
    return {{"id", core::to_string(a.id)},
            {"address", storage::to_string(a.address)},
            {"name", a.name},
            {"admin", a.admin},
            {"disabled", a.disabled},
            {"can_sign_in", a.can_sign_in},
            {"quota", {{"used", a.quota_used}, {"limit", limit}}},
            {"created_at", core::to_rfc3339(a.created_at)}};
}

std::string state_of(const account_view& a) {
    if (a.disabled) return "disabled";
    return a.can_sign_in ? "enabled" : "no password";
}

std::string quota_of(const account_view& a) {
    return a.quota_limit ? config::format_size(static_cast<std::uint64_t>(*a.quota_limit)) : "unlimited";
}

std::string octets(std::int64_t n) {
    constexpr std::pair<std::int64_t, const char*> units[] = {{1LL << 30, "GiB"}, {1LL << 20, "MiB"}, {1LL << 10, "KiB"}};
    for (const auto& [size, name] : units)
        if (n >= size) return fmt::format("{:.1f} {}", static_cast<double>(n) / static_cast<double>(size), name);
    return fmt::format("{} B", n);
}

/// `option`: how it was given, as people type it.
std::expected<std::int64_t, exit_code> read_quota(const invocation& call, std::string_view option, const std::string& text) {
    const auto size = config::parse_size(text);
    if (size && *size > 0 && *size <= std::numeric_limits<std::int64_t>::max()) return static_cast<std::int64_t>(*size);
    return std::unexpected(misuse(call.command, fmt::format("{}{} {}; must be a size of at least 1, such as 500M or 2G", option,
                                                            config::in_quotes(text), size ? "is out of range" : size.error())));
}

std::expected<std::optional<std::int64_t>, exit_code> quota_option(const invocation& call) {
    const auto text = call.text("quota");
    if (!text) return std::nullopt;
    return read_quota(call, "--quota=", *text);
}

void print_password(const account::secret& password) { fmt::print("Password: {}\n", password.reveal()); }

net::awaitable<exit_code> add_account(services on, const invocation& call) {
    const auto quota = quota_option(call);
    if (!quota) co_return quota.error();
    auto password = get_password(call);
    if (!password) co_return password.error();
    const auto added = co_await on.administration.add_account({.address = call.arguments[0],
                                                               .name = call.text("name").value_or(""),
                                                               .password = account::secret(password->value.reveal()),
                                                               .admin = call.has("admin"),
                                                               .quota_limit = *quota});
    if (!added) co_return refuse(added.error().message());
    if (call.has("json")) {
        auto shown = to_json(*added);
        if (password->generated) shown["password"] = password->value.reveal();
        print_json(shown);
        co_return exit_code::done;
    }
    fmt::print("Added account {}.\n", account::to_text(added->address));
    if (password->generated) print_password(password->value);
    co_return exit_code::done;
}

net::awaitable<exit_code> list_accounts(services on, const invocation& call) {
    const auto accounts =
        co_await on.administration.list_accounts(call.arguments.empty() ? std::nullopt : std::optional(call.arguments[0]));
    if (!accounts) co_return refuse(accounts.error().message());
    if (call.has("json")) {
        json::array all;
        for (const auto& a : *accounts) all.push_back(to_json(a));
        print_json(json::object{{"accounts", std::move(all)}});
        co_return exit_code::done;
    }
    table t({"ACCOUNT", "NAME", "STATE", "ADMIN", "USED", "QUOTA", "CREATED"});
    for (const auto& a : *accounts)
        t.add({account::to_text(a.address), a.name, state_of(a), a.admin ? "yes" : "no", octets(a.quota_used), quota_of(a),
               core::to_rfc3339(a.created_at)});
    t.print("There is no account.");
    co_return exit_code::done;
}

net::awaitable<exit_code> show_account(services on, const invocation& call) {
    const auto a = co_await on.administration.show_account(call.arguments[0]);
    if (!a) co_return refuse(a.error().message());
    if (call.has("json")) {
        json::array aliases;
        for (const auto& alias : a->aliases) aliases.emplace_back(storage::to_string(alias));
        auto shown = to_json(*a);
        shown["aliases"] = std::move(aliases);
        print_json(shown);
        co_return exit_code::done;
    }
    std::string aliases;
    for (const auto& alias : a->aliases) aliases += (aliases.empty() ? "" : ", ") + account::to_text(alias);
    print_facts({{"Account", account::to_text(a->address)},
                 {"Id", core::to_string(a->id)},
                 {"Name", a->name},
                 {"State", state_of(*a)},
                 {"Admin", a->admin ? "yes" : "no"},
                 {"Used", octets(a->quota_used)},
                 {"Quota", quota_of(*a)},
                 {"Created", core::to_rfc3339(a->created_at)},
                 {"Aliases", aliases}});
    co_return exit_code::done;
}

net::awaitable<exit_code> set_password(services on, const invocation& call) {
    // Before a person types it twice.
    if (const auto known = co_await on.administration.show_account(call.arguments[0]); !known)
        co_return refuse(known.error().message());
    auto password = get_password(call);
    if (!password) co_return password.error();
    const auto set = co_await on.administration.set_password(call.arguments[0], account::secret(password->value.reveal()));
    if (!set) co_return refuse(set.error().message());
    if (call.has("json")) {
        json::object shown{{"address", call.arguments[0]}};
        if (password->generated) shown["password"] = password->value.reveal();
        print_json(shown);
        co_return exit_code::done;
    }
    fmt::print("The password of {} is set.\n", printable(call.arguments[0]));
    if (password->generated) print_password(password->value);
    co_return exit_code::done;
}

net::awaitable<exit_code> set_disabled(services on, const invocation& call) {
    const bool disabled = call.command == "account disable";
    const auto set = co_await on.administration.set_disabled(call.arguments[0], disabled);
    if (!set) co_return refuse(set.error().message());
    if (call.has("json"))
        print_json(json::object{{"address", call.arguments[0]}, {"disabled", disabled}});
    else
        fmt::print("Account {} is {}.\n", printable(call.arguments[0]), disabled ? "disabled" : "enabled");
    co_return exit_code::done;
}

/// What an account is after a change, or the sentence that says why there was none.
net::awaitable<exit_code> tell(services on, const invocation& call, core::result<void> changed, const std::string& sentence) {
    if (!changed) co_return refuse(changed.error().message());
    const auto now = co_await on.administration.show_account(call.arguments[0]);
    if (!now) co_return refuse(now.error().message());
    if (call.has("json"))
        print_json(to_json(*now));
    else
        fmt::print("{}\n", sentence);
    co_return exit_code::done;
}

net::awaitable<exit_code> rename(services on, const invocation& call) {
    auto done = co_await on.administration.set_name(call.arguments[0], call.arguments[1]);
    co_return co_await tell(on, call, std::move(done), fmt::format("The name of {} is set.", printable(call.arguments[0])));
}

net::awaitable<exit_code> set_admin(services on, const invocation& call) {
    const auto& wanted = call.arguments[1];
    if (wanted != "yes" && wanted != "no")
        co_return misuse(call.command, fmt::format("{} is neither yes nor no", config::in_quotes(wanted)));
    auto done = co_await on.administration.set_admin(call.arguments[0], wanted == "yes");
    co_return co_await tell(
        on, call, std::move(done),
        fmt::format("Account {} {} administer the server.", printable(call.arguments[0]), wanted == "yes" ? "may" : "may not"));
}

net::awaitable<exit_code> set_quota(services on, const invocation& call) {
    std::optional<std::int64_t> limit;
    if (call.arguments[1] != "unlimited") {
        auto size = read_quota(call, "", call.arguments[1]);
        if (!size) co_return size.error();
        limit = *size;
    }
    auto done = co_await on.administration.set_quota(call.arguments[0], limit);
    co_return co_await tell(on, call, std::move(done), fmt::format("The quota of {} is set.", printable(call.arguments[0])));
}

net::awaitable<exit_code> remove_account(services on, const invocation& call) {
    const auto gone = co_await on.administration.remove_account(call.arguments[0]);
    if (!gone) co_return refuse(gone.error().message());
    if (call.has("json")) {
        json::array aliases;
        for (const auto& alias : *gone) aliases.emplace_back(storage::to_string(alias));
        print_json(json::object{{"removed", call.arguments[0]}, {"removed_aliases", std::move(aliases)}});
        co_return exit_code::done;
    }
    fmt::print("Removed account {} and its mail.\n", printable(call.arguments[0]));
    for (const auto& alias : *gone) fmt::print("Removed alias {}, which led nowhere else.\n", account::to_text(alias));
    co_return exit_code::done;
}

void describe_add(po::options_description& options) {
    describe_json(options);
    options.add_options()("name", po::value<std::string>()->value_name("NAME"), "the person's name")(
        "quota", po::value<std::string>()->value_name("SIZE"), "largest sum of all its messages, such as 500M or 2G")(
        "admin", "may administer the server");
    describe_password(options);
}

void describe_set_password(po::options_description& options) {
    describe_json(options);
    describe_password(options);
}

constexpr auto password_help = "Without an option for it the password is asked for on the terminal, twice.";

}  // namespace

std::span<const command> account_commands() {
    static constexpr command commands[] = {
        {"account add", "ADDRESS", 1, 1, "Makes an account with its mailboxes", password_help, describe_add,
         [](const invocation& call) { return on_database(call, add_account); }},
        {"account list", "[DOMAIN]", 0, 1, "Lists the accounts, of one domain or of all", "", describe_json,
         [](const invocation& call) { return on_database(call, list_accounts); }},
        {"account show", "ADDRESS", 1, 1, "Shows an account and the aliases that lead to it", "", describe_json,
         [](const invocation& call) { return on_database(call, show_account); }},
        {"account password", "ADDRESS", 1, 1, "Sets an account's password", password_help, describe_set_password,
         [](const invocation& call) { return on_database(call, set_password); }},
        {"account rename", "ADDRESS NAME", 2, 2, "Sets the name of the person an account belongs to", "", describe_json,
         [](const invocation& call) { return on_database(call, rename); }},
        {"account admin", "ADDRESS yes|no", 2, 2, "Says whether an account may administer the server", "", describe_json,
         [](const invocation& call) { return on_database(call, set_admin); }},
        {"account quota", "ADDRESS SIZE|unlimited", 2, 2, "Sets the largest sum of all an account's messages",
         "What is over it already stays; new mail is refused until there is room.", describe_json,
         [](const invocation& call) { return on_database(call, set_quota); }},
        {"account disable", "ADDRESS", 1, 1, "Stops an account from receiving mail and from signing in; its mail is kept", "",
         describe_json, [](const invocation& call) { return on_database(call, set_disabled); }},
        {"account enable", "ADDRESS", 1, 1, "Takes that back", "", describe_json,
         [](const invocation& call) { return on_database(call, set_disabled); }},
        {"account remove", "ADDRESS", 1, 1, "Removes an account and its mail for good", "", describe_json,
         [](const invocation& call) { return on_database(call, remove_account); }},
    };
    return commands;
}

}  // namespace postern::app
