#include <fmt/format.h>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "app/commands.hpp"
#include "app/on_database.hpp"
#include "app/output.hpp"

namespace postern::app {

namespace {

namespace json = boost::json;

json::object to_json(const storage::app_password& p) {
    const json::value used = p.last_used_at ? json::value(core::to_rfc3339(*p.last_used_at)) : json::value(nullptr);
    return {{"id", core::to_string(p.id)},
            {"name", p.name},
            {"created_at", core::to_rfc3339(p.created_at)},
            {"last_used_at", used}};
}

net::awaitable<exit_code> add_app_password(services on, const invocation& call) {
    const auto made = co_await on.app_passwords.add(call.arguments[0], call.arguments[1]);
    if (!made) co_return refuse(made.error().message());
    if (call.has("json")) {
        auto shown = to_json(made->stored);
        shown["password"] = made->password.reveal();
        print_json(shown);
        co_return exit_code::done;
    }
    fmt::print("Added app password {} for {}.\n", printable(made->stored.name), printable(call.arguments[0]));
    fmt::print("Password: {}\n", made->password.reveal());
    fmt::print("It is shown only now. Type it as it stands, with the hyphens.\n");
    co_return exit_code::done;
}

net::awaitable<exit_code> list_app_passwords(services on, const invocation& call) {
    const auto passwords = co_await on.app_passwords.list(call.arguments[0]);
    if (!passwords) co_return refuse(passwords.error().message());
    if (call.has("json")) {
        json::array all;
        for (const auto& p : *passwords) all.push_back(to_json(p));
        print_json(json::object{{"app_passwords", std::move(all)}});
        co_return exit_code::done;
    }
    table t({"NAME", "CREATED", "LAST USED"});
    for (const auto& p : *passwords)
        t.add({p.name, core::to_rfc3339(p.created_at), p.last_used_at ? core::to_rfc3339(*p.last_used_at) : "never"});
    t.print("There is no app password.");
    co_return exit_code::done;
}

net::awaitable<exit_code> remove_app_password(services on, const invocation& call) {
    const auto removed = co_await on.app_passwords.remove(call.arguments[0], call.arguments[1]);
    if (!removed) co_return refuse(removed.error().message());
    if (call.has("json"))
        print_json(json::object{{"removed", call.arguments[1]}});
    else
        fmt::print("Removed app password {} of {}.\n", printable(call.arguments[1]), printable(call.arguments[0]));
    co_return exit_code::done;
}

}  // namespace

std::span<const command> app_password_commands() {
    static constexpr command commands[] = {
        {"app-password add", "ADDRESS NAME", 2, 2,
         "Makes a password for one device or program of an account, and shows it once",
         "NAME is your word for the device. The password opens the account wherever its own does, until it is removed.",
         describe_json, [](const invocation& call) { return on_database(call, add_app_password); }},
        {"app-password list", "ADDRESS", 1, 1, "Lists an account's app passwords and when each was last used", "",
         describe_json, [](const invocation& call) { return on_database(call, list_app_passwords); }},
        {"app-password remove", "ADDRESS NAME", 2, 2, "Removes one: it opens nothing from now on", "", describe_json,
         [](const invocation& call) { return on_database(call, remove_app_password); }},
    };
    return commands;
}

}  // namespace postern::app
