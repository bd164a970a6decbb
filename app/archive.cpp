#include "archive/archive.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "account/address.hpp"
#include "app/commands.hpp"
#include "app/on_database.hpp"
#include "app/output.hpp"
#include "app/progress.hpp"
#include "config/text.hpp"
#include "net/blocking_pool.hpp"
#include "storage/errc.hpp"

namespace postern::app {

namespace {

namespace json = boost::json;
namespace po = boost::program_options;

constexpr std::uint64_t message_memory = 1024ULL * 1024;  // octets; a larger message goes to an unlinked file meanwhile

std::optional<archive::format> format_of(const invocation& call) {
    const auto name = call.text("format");
    if (name == "maildir") return archive::format::maildir;
    if (name == "mbox") return archive::format::mbox;
    return std::nullopt;
}

exit_code misuse_format(const invocation& call) { return misuse(call.command, "needs --format maildir or --format mbox"); }

archive::observer observer_of(progress& bar, std::uint64_t& done, std::uint64_t all) {
    return {.passed =
                [&bar, &done, all](std::uint64_t octets) {
                    done += octets;
                    bar.show(done, all);
                },
            .failed =
                [&bar](const std::string& what, const std::string& why) {
                    bar.clear();
                    fmt::print(stderr, "postern: {}: {}\n", printable(what), printable(why));
                }};
}

json::object to_json(const archive::report& r) {
    return {{"messages", r.messages}, {"known", r.known}, {"failed", r.failed}, {"octets", r.octets}};
}

/// The command's last words, and its exit code.
exit_code conclude(const invocation& call, const char* what, const archive::report& r) {
    if (call.has("json")) {
        print_json(to_json(r));
    } else {
        fmt::print("{} {} {}, {} there already, {} failed.\n", what, r.messages, r.messages == 1 ? "message" : "messages",
                   r.known, r.failed);
    }
    return r.failed == 0 ? exit_code::done : refuse(fmt::format("{} could not be {}", r.failed, call.command + "ed"));
}

net::awaitable<core::result<storage::account>> account_of(services on, std::string text) {
    const auto address = account::parse_address(text);
    if (!address) co_return std::unexpected(address.error());
    auto found = co_await on.database.accounts().find_account(*address);
    if (!found) co_return std::unexpected(found.error());
    if (!*found) co_return core::fail(storage::errc::not_found, fmt::format("there is no account {}", to_string(*address)));
    co_return **std::move(found);
}

/// An account's address as the name of a folder: a local part may hold what a path gives a meaning to.
std::string folder_of(const storage::account& a) {
    std::string name;
    for (const char c : to_string(a.address)) {
        if (c == '/' || c == '%' || (c == '.' && name.empty()))
            name += fmt::format("%{:02X}", static_cast<unsigned char>(c));
        else
            name += c;
    }
    return name;
}

// export

net::awaitable<core::result<std::vector<storage::account>>> accounts_of(services on, const invocation& call) {
    if (call.has("all")) co_return co_await on.database.accounts().list_accounts(std::nullopt);
    auto found = co_await account_of(on, call.arguments.front());
    if (!found) co_return std::unexpected(found.error());
    co_return std::vector{*std::move(found)};
}

net::awaitable<exit_code> write_out(services on, const invocation& call) {
    const auto as = format_of(call);
    if (!as) co_return misuse_format(call);
    const bool all = call.has("all");
    if (call.arguments.size() != (all ? 1U : 2U)) co_return misuse(call.command, "needs ACCOUNT DIR, or --all DIR");
    const auto accounts = co_await accounts_of(on, call);
    if (!accounts) co_return refuse(accounts.error().message());
    std::uint64_t octets = 0;
    for (const auto& each : *accounts) octets += static_cast<std::uint64_t>(each.quota_used);
    std::uint64_t done = 0;
    progress bar("export");
    archive::report sum;
    for (const auto& each : *accounts) {
        const auto folder = call.arguments.back() + (all ? '/' + folder_of(each) : "");
        const auto written = co_await archive::export_account(on.database, each, *as, folder, observer_of(bar, done, octets));
        bar.clear();
        if (!written) co_return refuse(fmt::format("{}: {}", to_string(each.address), written.error().message()));
        sum += *written;
    }
    co_return conclude(call, "Exported", sum);
}

void describe_export(po::options_description& options) {
    describe_json(options);
    options.add_options()("format", po::value<std::string>(), "maildir or mbox")(
        "all", "every account, each into a folder of its address below DIR");
}

// import

net::awaitable<exit_code> read_in(services on, const invocation& call) {
    const auto as = format_of(call);
    if (!as) co_return misuse_format(call);
    auto account = co_await account_of(on, call.arguments[0]);
    if (!account) co_return refuse(account.error().message());
    const auto& path = call.arguments[1];
    if (std::error_code wrong; !std::filesystem::exists(path, wrong))
        co_return refuse(fmt::format("{} is not there", config::in_quotes(path)));
    net::blocking_pool pool(1);
    const auto& data_dir = on.settings.server.data_dir;
    std::error_code wrong;
    const auto folder = std::filesystem::is_directory(data_dir, wrong) ? data_dir : std::filesystem::temp_directory_path();
    net::spool_area spools(pool, folder, {.message_memory = message_memory});
    const archive::import_options how{.as = *as, .mailbox = call.text("mailbox"), .beyond_quota = call.has("over-quota")};
    std::uint64_t done = 0;
    progress bar("import");
    const auto octets = archive::octets_below(path);
    const auto read = co_await archive::import_account(on.database, *std::move(account), path, how, spools, on.clock,
                                                       observer_of(bar, done, octets));
    bar.clear();
    if (!read && read.error().code == storage::errc::over_quota) {
        co_return refuse(
            "the account's quota is used up: give it more (postern account quota), or go beyond it with "
            "--over-quota; the same command then goes on");
    }
    if (!read) co_return refuse(read.error().message());
    co_return conclude(call, "Imported", *read);
}

void describe_import(po::options_description& options) {
    describe_json(options);
    options.add_options()("format", po::value<std::string>(), "maildir or mbox")(
        "mailbox", po::value<std::string>(), "everything into this one, instead of by the names of folders or files")(
        "over-quota", "also beyond the account's quota");
}

}  // namespace

std::span<const command> archive_commands() {
    static constexpr command commands[] = {
        {"export", "ACCOUNT DIR", 1, 2, "Writes an account's mail as Maildir or mbox, with flags and dates",
         "Messages are written as they are stored, to the octet. Run again, it goes on where it stopped and adds what has "
         "come\n"
         "since. Maildir: DIR is the Inbox, DIR/.Sent and so on the others. mbox: DIR/Inbox.mbox and so on.",
         describe_export, [](const invocation& call) { return on_database(call, write_out); }},
        {"import", "ACCOUNT PATH", 2, 2, "Reads a Maildir or mboxes into an account, with flags and dates",
         "PATH is a Maildir (ours, Dovecot's, anyone's), an mbox file, or a folder of mbox files. Folders named for a purpose\n"
         "(Sent, Trash, Spam, ...) go into the mailbox of that purpose. Run again, it goes on where it stopped: messages that "
         "are\n"
         "there already are passed over.",
         describe_import, [](const invocation& call) { return on_database(call, read_in); }},
    };
    return commands;
}

}  // namespace postern::app
