#include <algorithm>
#include <iterator>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "app/certificates.hpp"
#include "app/check_network.hpp"
#include "app/commands.hpp"
#include "app/machine.hpp"
#include "app/output.hpp"
#include "config/text.hpp"
#include "storage/database.hpp"

namespace postern::app {

namespace {

namespace json = boost::json;

using level = finding::level;

const char* name_of(level l) {
    switch (l) {
        case level::ok: return "ok";
        case level::warning: return "warning";
        case level::error: break;
    }
    return "error";
}

finding look_at_hostname(const std::string& name) {
    if (name.contains('.')) return {level::ok, "hostname", name};
    return {level::warning, "hostname", name + " is no full domain name: other servers may not trust it; set server.hostname"};
}

finding look_at_data_dir(const std::filesystem::path& path) {
    std::error_code wrong;
    if (!std::filesystem::exists(path, wrong))
        return {level::warning, "data_dir", path.string() + " is missing; serve makes it"};
    if (const auto usable = check_data_dir(path); !usable) return {level::error, "data_dir", usable.error()};
    return {level::ok, "data_dir", path.string()};
}

finding look_at_database(const config::database_settings& settings) {
    const auto status = storage::inspect_schema(settings);
    if (!status) return {level::error, "database", status.error().message()};
    const auto url = config::without_password(settings.url);
    if (status->pending.empty())
        return {level::ok, "database", fmt::format("{}, schema version {}", url, status->database_version)};
    const auto versions = fmt::format("{}: schema version {} of {}", url, status->database_version, status->program_version);
    if (settings.migrate)
        return {level::warning, "database", versions + "; serve brings it up to date, so does postern migrate"};
    return {level::error, "database", versions + "; run postern migrate, since database.migrate is off"};
}

finding look_at_descriptors(const config::settings& settings) {
    const auto needed = descriptors_needed(settings);
    const auto allowed = descriptors_allowed();
    if (allowed >= needed) return {level::ok, "files", fmt::format("{} allowed, at most {} needed", allowed, needed)};
    return {level::warning, "files",
            fmt::format("{} allowed, {} needed when the limits of connections are reached: raise the "
                        "limit (LimitNOFILE=, ulimit -n) or lower those",
                        allowed, needed)};
}

/// One for each certificate, or for what keeps it from being used.
std::vector<finding> look_at_certificates(const config::loaded& loaded) {
    const auto now = core::system_clock().now();
    const bool own = loaded.values.tls.certificate.empty();
    const auto files = files_of(loaded.values);
    std::error_code ignored;
    if (own && !std::filesystem::exists(files.front().certificate, ignored))
        return {{level::warning, "certificate", "tls.certificate names none; serve makes a self-signed one"}};
    std::vector<finding> found;
    for (const auto& each : files) {
        const auto read = net::tls_certificate::load(each.certificate, each.private_key);
        if (!read) {
            found.push_back({level::error, "certificate", explain_certificate(read.error(), loaded)});
            continue;
        }
        auto text = fmt::format("{}: {}, until {}", each.certificate.string(), fmt::join(read->names(), ", "),
                                core::to_rfc3339(read->valid_until()));
        if (own) text += "; self-signed: mail programs ask before they trust it";
        const auto warning = warning_of(*read, now);
        if (!warning.empty()) text += "; " + warning;
        found.push_back({own || !warning.empty() ? level::warning : level::ok, "certificate", std::move(text)});
    }
    return found;
}

std::vector<finding> look(const invocation& call) {
    const auto sources = config::gather(call.config_file, call.settings);
    if (!sources) return {{level::error, "configuration", sources.error().text}};
    const auto loaded = config::load(*sources);
    std::vector<finding> found;
    if (!loaded) {
        for (const auto& problem : loaded.error()) found.push_back({level::error, "configuration", problem.text});
        return found;
    }
    const auto& settings = loaded->values;
    found.push_back({level::ok, "configuration", sources->file_name.empty() ? "no file" : sources->file_name});
    found.push_back(look_at_hostname(settings.server.hostname));
    found.push_back(look_at_data_dir(settings.server.data_dir));
    std::ranges::move(look_at_certificates(*loaded), std::back_inserter(found));
    found.push_back(look_at_database(settings.database));
    const bool with_domains = found.back().is == level::ok;
    found.push_back(look_at_descriptors(settings));
    std::ranges::move(look_at_ports(settings), std::back_inserter(found));
    std::ranges::move(look_at_dns(settings, with_domains), std::back_inserter(found));
    found.push_back(look_at_outbound(call.text("outbound"), settings));
    found.push_back(look_at_clock());
    return found;
}

exit_code check(const invocation& call) {
    const auto found = look(call);
    const bool good = std::ranges::none_of(found, [](const finding& f) { return f.is == level::error; });
    if (call.has("json")) {
        json::array all;
        for (const auto& f : found)
            all.push_back(json::object{{"result", name_of(f.is)}, {"subject", f.subject}, {"text", f.text}});
        print_json(json::object{{"ok", good}, {"checks", std::move(all)}});
    } else {
        table t({"RESULT", "SUBJECT", "WHAT"});
        for (const auto& f : found) t.add({name_of(f.is), f.subject, f.text});
        t.print("");
    }
    return good ? exit_code::done : refuse("the check found errors");
}

void describe_check(boost::program_options::options_description& options) {
    describe_json(options);
    options.add_options()("outbound", boost::program_options::value<std::string>(),
                          "a mail host, as mx.example.net or 192.0.2.1:25, to try the way out with");
}

}  // namespace

std::span<const command> check_commands() {
    static constexpr command commands[] = {
        {"check", "", 0, 0, "Checks the configuration, the database, the machine and DNS, and changes nothing",
         "Each line is ok, a warning or an error, with what to do; with an error the exit code is 1. It asks DNS for "
         "server.hostname\n"
         "and your domains; other servers are only contacted with --outbound.",
         describe_check, check},
    };
    return commands;
}

}  // namespace postern::app
