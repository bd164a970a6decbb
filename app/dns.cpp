#include <algorithm>
#include <array>
#include <cctype>
#include <memory>
#include <optional>

#include <fmt/format.h>
#include <boost/asio/io_context.hpp>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "app/commands.hpp"
#include "app/on_database.hpp"
#include "app/output.hpp"
#include "app/resolver.hpp"
#include "app/stops_loop.hpp"
#include "config/text.hpp"
#include "core/unicode.hpp"
#include "dns/published.hpp"
#include "net/task_group.hpp"

namespace postern::app {

namespace {

namespace json = boost::json;

constexpr std::array types{dns::record_type::a,   dns::record_type::aaaa,  dns::record_type::mx,  dns::record_type::txt,
                           dns::record_type::ptr, dns::record_type::cname, dns::record_type::tlsa};
constexpr std::array status_names{"found", "no data", "no such name", "temporary failure"};

std::optional<dns::record_type> type_named(std::string name) {
    std::ranges::transform(name, name.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    const auto* found = std::ranges::find(types, name, dns::name_of);
    return found == types.end() ? std::nullopt : std::optional(*found);
}

struct question {
    std::unique_ptr<dns::cares_resolver> resolver;
    std::string name;
    dns::record_type type;
    bool as_json;
    boost::asio::io_context& loop;
    exit_code code = exit_code::refused;
};

void print(const question& q, const dns::answer& a) {
    print_facts({{"Question", fmt::format("{} {}", dns::name_of(q.type), q.name)},
                 {"Servers", fmt::format("{}", fmt::join(q.resolver->servers(), ", "))},
                 {"Answer", a.failure.empty() ? status_names.at(static_cast<std::size_t>(a.status))
                                              : fmt::format("temporary failure: {}", a.failure)},
                 {"Name", a.canonical_name},
                 {"TTL", fmt::format("{} s", a.ttl.count())},
                 {"Authenticated", a.authenticated ? "yes, as far as the way to the server can be trusted" : "no"}});
    for (const auto& r : a.records) fmt::print("{}\n", printable(dns::to_text(r)));
}

json::object to_json(const question& q, const dns::answer& a) {
    json::array records;
    for (const auto& r : a.records) records.emplace_back(core::to_valid_utf8(dns::to_text(r)));
    const auto servers = q.resolver->servers();
    return {{"type", dns::name_of(q.type)},
            {"name", q.name},
            {"servers", json::array(servers.begin(), servers.end())},
            {"status", status_names.at(static_cast<std::size_t>(a.status))},
            {"failure", core::to_valid_utf8(a.failure)},
            {"canonical_name", a.canonical_name},
            {"ttl", a.ttl.count()},
            {"authenticated", a.authenticated},
            {"records", std::move(records)}};
}

net::awaitable<void> ask_dns(std::shared_ptr<question> q) {
    const stops_loop at_end(q->loop);
    const auto answer = co_await q->resolver->lookup(q->name, q->type);
    if (q->as_json)
        print_json(to_json(*q, answer));
    else
        print(*q, answer);
    // What does not exist is an answer too; only not knowing is a failure.
    if (answer.status != dns::status::temporary_failure) q->code = exit_code::done;
}

exit_code lookup(const invocation& call) {
    const auto type = type_named(call.arguments[0]);
    if (!type) {
        return misuse(call.command, fmt::format("{} is not a type; types are A, AAAA, MX, TXT, PTR, CNAME and TLSA",
                                                config::in_quotes(call.arguments[0])));
    }
    const auto name = core::is_ascii(call.arguments[1]) ? call.arguments[1] : core::to_a_label(call.arguments[1]);
    if (!name) return misuse(call.command, fmt::format("{} is not a name", config::in_quotes(call.arguments[1])));
    const auto loaded = load_settings(call);
    if (!loaded) return loaded.error();
    boost::asio::io_context loop{1};
    auto resolver = make_resolver(loop.get_executor(), loaded->values.dns);
    if (!resolver) return refuse(resolver.error().message());
    const auto q = std::make_shared<question>(question{std::move(*resolver), *name, *type, call.has("json"), loop});
    net::task_group tasks(loop.get_executor(), command_log(loaded->values.log));
    tasks.spawn(ask_dns(q), call.command);
    loop.run();
    q->resolver.reset();  // before the loop it works on
    return q->code;
}

struct publication {
    std::unique_ptr<dns::cares_resolver> resolver;
    dns::mail_service service;
    boost::asio::io_context& loop;
};

net::awaitable<void> find_addresses(std::shared_ptr<publication> p) {
    const stops_loop at_end(p->loop);
    for (const auto type : {dns::record_type::a, dns::record_type::aaaa}) {
        const auto found = co_await p->resolver->lookup(p->service.hostname, type);
        for (const auto& r : found.records) p->service.addresses.push_back(dns::address_text(r));
    }
}

std::uint16_t port_of(std::uint16_t told, const std::vector<config::endpoint>& listen) {
    return told != 0 || listen.empty() ? told : listen.front().port;
}

exit_code print_records(const invocation& call) {
    const auto name = core::is_ascii(call.arguments[0]) ? call.arguments[0] : core::to_a_label(call.arguments[0]);
    if (!name || name->empty())
        return misuse(call.command, fmt::format("{} is not a name", config::in_quotes(call.arguments[0])));
    const auto loaded = load_settings(call);
    if (!loaded) return loaded.error();
    const auto& settings = loaded->values;
    boost::asio::io_context loop{1};
    const auto p = std::make_shared<publication>(publication{nullptr, {}, loop});
    p->service = {.hostname = settings.server.hostname,
                  .addresses = {},
                  .submission_port = port_of(settings.autoconfig.submission_port, settings.submission.listen),
                  .submissions_port = port_of(settings.autoconfig.submissions_port, settings.submissions.listen),
                  .imap_port = port_of(settings.autoconfig.imap_port, settings.imap.listen),
                  .imaps_port = port_of(settings.autoconfig.imaps_port, settings.imaps.listen)};
    if (call.has("address")) {
        p->service.addresses = call.options["address"].as<std::vector<std::string>>();
        for (const auto& each : p->service.addresses) {
            if (dns::reverse_name(each).empty())
                return misuse(call.command, fmt::format("{} is not an IP address", config::in_quotes(each)));
        }
    } else {
        auto resolver = make_resolver(loop.get_executor(), settings.dns);
        if (!resolver) return refuse(resolver.error().message());
        p->resolver = std::move(*resolver);
        net::task_group tasks(loop.get_executor(), command_log(settings.log));
        tasks.spawn(find_addresses(p), call.command);
        loop.run();
        p->resolver.reset();  // before the loop it works on
    }
    fmt::print("{}", dns::zone_records(p->service, *name));
    return exit_code::done;
}

void describe_records(boost::program_options::options_description& options) {
    options.add_options()("address", boost::program_options::value<std::vector<std::string>>()->composing(),
                          "an address of this machine, as often as it has some; else DNS is asked for them");
}

}  // namespace

std::span<const command> dns_commands() {
    static constexpr command commands[] = {
        {"dns lookup", "TYPE NAME", 2, 2, "Asks DNS as the server does, past its cache",
         "TYPE is A, AAAA, MX, TXT, PTR, CNAME or TLSA. The servers asked are those of dns.servers, else the system's. A name "
         "that "
         "does not exist is an answer; the exit code is 1 only where no server gave one.",
         describe_json, lookup},
        {"dns records", "DOMAIN", 1, 1, "Prints the DNS records to publish for a domain, as a zone file has them",
         "MX, SPF, where mail programs find their settings, and the host's addresses. Lines that begin with a semicolon "
         "belong\n"
         "elsewhere: into the host's own zone, or to whoever gave you the addresses.",
         describe_records, print_records},
    };
    return commands;
}

}  // namespace postern::app
