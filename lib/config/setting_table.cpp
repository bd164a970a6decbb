#include "config/setting_table.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <type_traits>
#include <utility>

#include <fmt/format.h>

#include "config/log_values.hpp"
#include "config/text.hpp"
#include "config/values.hpp"

namespace postern::config {

namespace {

using std::chrono::milliseconds;
using namespace std::chrono_literals;

constexpr std::uint64_t kibi = 1ULL << 10;
constexpr std::uint64_t mebi = 1ULL << 20;
constexpr std::uint64_t gibi = 1ULL << 30;

using assigned = std::expected<void, std::string>;

constexpr std::array format_names{"text", "json"};
constexpr std::array output_names{"stderr", "stdout"};
constexpr std::array relay_tls_names{"opportunistic", "required", "implicit", "none"};

/// Where a field stands in settings: its section, then itself.
template <class Section, class Field>
struct place {
    Section settings::* section;
    Field Section::* field;

    Field& in(settings& s) const { return s.*section.*field; }
    const Field& in(const settings& s) const { return s.*section.*field; }
};

template <class T>
struct range {
    T least;
    T most;
};

struct described {
    const char* section;
    const char* key;
    const char* help;
};

/// The parts every kind of setting shares; `parse` gives a parsed<Field>, `format` the text of a Field.
template <class Place, class Parse, class Format>
setting make(described d, Place at, std::string allowed, Parse parse, Format format) {
    setting s;
    s.section = d.section;
    s.key = d.key;
    s.help = d.help;
    s.allowed = std::move(allowed);
    s.assign = [at, parse](settings& into, std::string_view text) -> assigned {
        auto value = parse(text);
        if (!value) return std::unexpected(std::move(value).error());
        at.in(into) = std::move(*value);
        return {};
    };
    s.show = [at, format](const settings& from) { return std::string(format(at.in(from))); };
    s.same = [at](const settings& a, const settings& b) { return at.in(a) == at.in(b); };
    s.copy = [at](settings& into, const settings& from) { at.in(into) = at.in(from); };
    s.default_text = s.show(settings{});
    return s;
}

template <class T>
parsed<T> within(parsed<T> value, range<T> allowed) {
    if (value && (*value < allowed.least || *value > allowed.most)) return std::unexpected("is out of range");
    return value;
}

template <class Section, class Field>
setting integer(described d, Section settings::* section, Field Section::* field, range<std::uint64_t> r) {
    return make(
        d, place{section, field}, fmt::format("a whole number from {} to {}", r.least, r.most),
        [r](std::string_view text) -> parsed<Field> {
            const auto value = within(parse_integer(text), r);
            if (!value) return std::unexpected(value.error());
            return static_cast<Field>(*value);
        },
        [](Field value) { return fmt::to_string(value); });
}

template <class Section, class Field>
setting size(described d, Section settings::* section, Field Section::* field, range<std::uint64_t> r) {
    return make(
        d, place{section, field},
        fmt::format("a size from {} to {}, such as 256K or 50M", format_size(r.least), format_size(r.most)),
        [r](std::string_view text) { return within(parse_size(text), r); }, format_size);
}

template <class Section, class Field>
setting duration(described d, Section settings::* section, Field Section::* field, range<milliseconds> r) {
    constexpr bool whole_seconds = std::is_same_v<Field, std::chrono::seconds>;
    return make(
        d, place{section, field},
        fmt::format("a duration from {} to {}, such as {}30s or 5m", format_duration(r.least), format_duration(r.most),
                    whole_seconds ? "" : "500ms, "),
        [r](std::string_view text) -> parsed<Field> {
            const auto value = within(parse_duration(text), r);
            if (!value) return std::unexpected(value.error());
            if (*value % std::chrono::duration_cast<milliseconds>(Field{1}) != 0ms)
                return std::unexpected("is not a number of whole seconds");
            return std::chrono::duration_cast<Field>(*value);
        },
        [](Field value) { return format_duration(value); });
}

template <class Section>
setting boolean(described d, Section settings::* section, bool Section::* field) {
    return make(d, place{section, field}, "true or false", parse_boolean, [](bool value) { return value ? "true" : "false"; });
}

/// A password: any text, never shown.
template <class Section>
setting password(described d, Section settings::* section, std::string Section::* field) {
    auto s = make(d, place{section, field}, "text, or none", parse_text,
                  [](const std::string& secret) { return secret.empty() ? "none" : "********"; });
    s.secret = true;
    return s;
}

template <class Section>
setting listen(described d, Section settings::* section, std::vector<endpoint> Section::* field) {
    return make(d, place{section, field}, "IP addresses with ports, such as 127.0.0.1:2525, [::1]:2525, or none",
                parse_endpoints, format_endpoints);
}

template <class Section>
setting networks(described d, Section settings::* section, std::vector<std::string> Section::* field) {
    return make(d, place{section, field}, "networks such as 192.0.2.0/24 with commas between them, or none", parse_networks,
                format_addresses);
}

template <class Section>
setting proxies(const char* section, Section settings::* at) {
    return networks({section, "proxy_protocol_from", "proxies that must begin with a PROXY header, version 1 or 2"}, at,
                    &Section::proxy_protocol_from);
}

template <class Section>
setting files(described d, Section settings::* section, std::vector<std::filesystem::path> Section::* field) {
    return make(d, place{section, field}, "absolute paths with commas between them, or none", parse_paths, format_paths);
}

/// `names` in the order of the enumerators.
template <class Section, class Enum, std::size_t N>
setting choice(described d, Section settings::* section, Enum Section::* field, const std::array<const char*, N>& names) {
    return make(
        d, place{section, field}, fmt::format("one of {}", fmt::join(names, ", ")),
        [&names](std::string_view text) -> parsed<Enum> {
            const auto found = std::ranges::find(names, text);
            if (found == names.end()) return std::unexpected("is not known");
            return static_cast<Enum>(found - names.begin());
        },
        [&names](Enum value) { return names.at(static_cast<std::size_t>(value)); });
}

setting hostname() {
    auto s = make({"server", "hostname", "our name in the greeting and in Received"},
                  place{&settings::server, &server_settings::hostname}, "a domain name, such as mx.example.org", parse_hostname,
                  [](const std::string& name) { return name; });
    s.default_text = "the machine's name";
    return s;
}

setting data_dir() {
    return make({"server", "data_dir", "folder of spool files and of the SQLite file; made at start"},
                place{&settings::server, &server_settings::data_dir}, "an absolute path", parse_path,
                [](const std::filesystem::path& path) { return path.string(); });
}

setting database_url() {
    auto s = make(
        {"database", "url", "where everything is kept; PostgreSQL takes every libpq parameter"},
        place{&settings::database, &database_settings::url},
        "sqlite:///absolute/path or postgresql://[user[:password]@]host[:port]/database[?parameter=value]",
        [](std::string_view text) -> parsed<std::string> {
            const bool sqlite = text.starts_with("sqlite:///") && text.size() > std::string_view("sqlite:///").size();
            const bool postgresql = text.starts_with("postgresql://") || text.starts_with("postgres://");
            if ((!sqlite && !postgresql) || text.contains('\0')) return std::unexpected("is not a database URL Postern knows");
            return std::string(text);
        },
        without_password);
    s.secret = true;
    s.default_text = "sqlite://{server.data_dir}/postern.db";
    return s;
}

std::vector<setting> queue() {
    using q = queue_settings;
    constexpr auto in = &settings::queue;
    std::vector<setting> all;
    all.push_back(make({"queue", "retry", "pauses after the first failure, the second, ...; the last repeats"},
                       place{in, &q::retry}, "durations from 1ms to 7d with commas between them", parse_durations,
                       format_durations));
    all.push_back(duration({"queue", "expire", "what could not be delivered for so long goes back to its sender"}, in,
                           &q::expire, {1s, 24h * 365}));
    all.push_back(duration({"queue", "delay_notice", "after this a sender is told of a delay; 0s: never"}, in, &q::delay_notice,
                           {0s, 24h * 365}));
    all.push_back(integer({"queue", "connections", "to other servers, in all"}, in, &q::connections, {1, 10'000}));
    all.push_back(integer({"queue", "connections_per_destination", "at most; fewer while it says that it is busy"}, in,
                          &q::connections_per_destination, {1, 1000}));
    all.push_back(duration({"queue", "lease", "after this the work of a process that died is taken up by another"}, in,
                           &q::lease, {1s, 24h}));
    return all;
}

std::vector<setting> relay() {
    using r = relay_settings;
    constexpr auto in = &settings::relay;
    std::vector<setting> all;
    all.push_back(make({"relay", "host", "a smarthost that takes all mail for others; none: each domain's own mail hosts"},
                       place{in, &r::host}, "a host name, an IP address, or none", parse_host, format_text));
    all.push_back(integer({"relay", "port", "of the smarthost and of mail hosts"}, in, &r::port, {1, 65'535}));
    all.push_back(make({"relay", "user", "to log in with at the smarthost"}, place{in, &r::user}, "text, or none", parse_text,
                       format_text));
    all.push_back(password({"relay", "password", "of that user"}, in, &r::password));
    all.push_back(choice({"relay", "tls", "with the smarthost; required and implicit prove its name as well"}, in, &r::tls,
                         relay_tls_names));
    all.push_back(make({"relay", "routes", "domains whose mail goes to a fixed host"}, place{in, &r::routes},
                       "domain=host:port pairs with commas between them, or none", parse_routes, format_routes));
    all.push_back(make(
        {"relay", "source_addresses", "addresses to connect from, the first of each family; none: the system's choice"},
        place{in, &r::source_addresses}, "IP addresses with commas between them, or none", parse_addresses, format_addresses));
    return all;
}

std::vector<setting> limits() {
    using l = limit_settings;
    constexpr auto in = &settings::limits;
    const auto named = [](const char* key, const char* help) { return described{"limits", key, help}; };
    std::vector<setting> all;
    const auto add = [&all](setting s) { all.push_back(std::move(s)); };
    // RFC 5321 4.5.3.1.7 and 4.5.3.1.8: at least 64K octets of message and 100 recipients.
    add(size(named("message_size", "largest message"), in, &l::message_size, {64 * kibi, gibi}));
    add(size(named("memory_message_size", "a larger message is spooled to a file"), in, &l::memory_message_size,
             {kibi, 16 * mebi}));
    add(integer(named("recipients", "per message"), in, &l::recipients, {100, 100'000}));
    add(integer(named("messages_per_session", "then 421"), in, &l::messages_per_session, {1, 1'000'000}));
    add(integer(named("smtp_connections", "SMTP sessions in all"), in, &l::smtp_connections, {1, 100'000}));
    add(integer(named("smtp_connections_per_address", "SMTP sessions from one address"), in, &l::smtp_connections_per_address,
                {1, 100'000}));
    add(integer(named("submission_connections", "sessions on each port for submission"), in, &l::submission_connections,
                {1, 100'000}));
    add(integer(named("smtp_errors", "error replies before 421"), in, &l::smtp_errors, {1, 10'000}));
    add(integer(named("smtp_idle_commands", "commands without an accepted message before 421"), in, &l::smtp_idle_commands,
                {10, 1'000'000}));
    add(duration(named("smtp_command_timeout", "wait for the next command"), in, &l::smtp_command_timeout, {1s, 24h}));
    add(duration(named("smtp_data_timeout", "wait for more of a message"), in, &l::smtp_data_timeout, {1s, 24h}));
    add(duration(named("smtp_data_total_timeout", "for one message in all"), in, &l::smtp_data_total_timeout, {1s, 24h}));
    add(duration(named("smtp_greeting_delay", "pause before the greeting; who talks in it is refused"), in,
                 &l::smtp_greeting_delay, {0ms, 60s}));
    add(integer(named("http_connections", "HTTP connections in all"), in, &l::http_connections, {1, 100'000}));
    add(integer(named("http_connections_per_address", "HTTP connections from one address"), in,
                &l::http_connections_per_address, {1, 100'000}));
    add(size(named("http_header_size", "largest request header"), in, &l::http_header_size, {kibi, mebi}));
    add(size(named("http_body_size", "largest request body"), in, &l::http_body_size, {kibi, gibi}));
    add(size(named("http_upload_size", "largest request body that holds attachments"), in, &l::http_upload_size, {kibi, gibi}));
    add(integer(named("http_json_depth", "arrays and objects within each other in a request body"), in, &l::http_json_depth,
                {2, 64}));
    add(duration(named("http_idle_timeout", "wait for the next request on a connection"), in, &l::http_idle_timeout,
                 {1s, 24h}));
    add(duration(named("http_request_timeout", "for receiving one request"), in, &l::http_request_timeout, {1s, 24h}));
    add(integer(named("password_hashes", "password checks at once, 64 MiB of memory each"), in, &l::password_hashes, {1, 64}));
    return all;
}

/// What can change while sessions and deliveries go on: what is looked at for each connection, or by the log.
bool changes_at_run_time(const setting& s) {
    constexpr std::array fixed_limits{"message_size",     "recipients",      "memory_message_size",
                                      "http_upload_size", "http_json_depth", "password_hashes"};
    if (s.section == "limits") return std::ranges::find(fixed_limits, s.key) == fixed_limits.end();
    return s.section == "log" || s.section == "tls" || s.key == "proxy_protocol_from" || s.name() == "server.drain" ||
           s.name() == "http.forwarded_from" || s.name() == "http.metrics_from" || s.name() == "relay.routes";
}

std::vector<setting> make_all() {
    std::vector<setting> all{hostname(), data_dir()};
    const auto add = [&all](setting s) { all.push_back(std::move(s)); };
    add(duration({"server", "drain", "how long a stop waits for sessions to end"}, &settings::server, &server_settings::drain,
                 {0s, 1h}));
    add(make({"server", "first_administrator", "serve makes this account where there is none, and logs its password once"},
             place{&settings::server, &server_settings::first_administrator}, "an address such as admin@example.org, or none",
             parse_mail_address, format_text));
    add(database_url());
    add(password({"database", "password", "for PostgreSQL, where the URL has none"}, &settings::database,
                 &database_settings::password));
    add(boolean({"database", "migrate", "serve brings the schema up to date at start"}, &settings::database,
                &database_settings::migrate));
    add(integer({"database", "read_sessions", "threads and connections that read"}, &settings::database,
                &database_settings::read_sessions, {1, 64}));
    add(duration({"database", "statement_timeout", "a statement or a wait for a lock is given up after this"},
                 &settings::database, &database_settings::statement_timeout, {100ms, 1h}));
    add(listen({"smtp", "listen", "where mail comes in"}, &settings::smtp, &smtp_settings::listen));
    add(proxies("smtp", &settings::smtp));
    add(listen({"submission", "listen", "where mail programs sign in and send, with STARTTLS"}, &settings::submission,
               &submission_settings::listen));
    add(proxies("submission", &settings::submission));
    add(boolean({"submission", "allow_plaintext", "over loopback, signing in needs no TLS"}, &settings::submission,
                &submission_settings::allow_plaintext));
    add(integer({"submission", "messages_per_hour", "of one account"}, &settings::submission,
                &submission_settings::messages_per_hour, {1, 1'000'000}));
    add(integer({"submission", "recipients_per_hour", "of one account"}, &settings::submission,
                &submission_settings::recipients_per_hour, {1, 10'000'000}));
    add(listen({"submissions", "listen", "the same, with TLS from the start"}, &settings::submissions,
               &submissions_settings::listen));
    add(proxies("submissions", &settings::submissions));
    add(files({"tls", "certificate",
               "PEM files, each with its issuers, the first for clients that ask for no other; none: one is made"},
              &settings::tls, &tls_settings::certificate));
    add(files({"tls", "private_key", "the certificates' keys, in the same order"}, &settings::tls, &tls_settings::private_key));
    std::ranges::move(queue(), std::back_inserter(all));
    std::ranges::move(relay(), std::back_inserter(all));
    add(make({"dns", "servers", "recursive servers to ask, in this order; none: the system's"},
             place{&settings::dns, &dns_settings::servers}, "IP addresses, with ports where they are not 53, or none",
             parse_servers, format_endpoints));
    add(duration({"dns", "timeout", "for the first try at a server; later ones get longer"}, &settings::dns,
                 &dns_settings::timeout, {10ms, 60s}));
    add(duration({"events", "retention", "then what happened to a message is forgotten; 0s: never"}, &settings::events,
                 &event_settings::retention, {0s, 24h * 3650}));
    add(duration({"retention", "trash", "then a message in Trash is removed for good; 0s: never"}, &settings::retention,
                 &retention_settings::trash, {0s, 24h * 3650}));
    add(duration({"retention", "junk", "then a message in Junk is removed for good; 0s: never"}, &settings::retention,
                 &retention_settings::junk, {0s, 24h * 3650}));
    add(duration({"retention", "logins", "then an attempt to sign in is forgotten; 0s: never"}, &settings::retention,
                 &retention_settings::logins, {0s, 24h * 3650}));
    add(make({"autoconfig", "hostname", "of the outgoing server, as mail programs are told; none: server.hostname"},
             place{&settings::autoconfig, &autoconfig_settings::hostname}, "a host name, an IP address, or none", parse_host,
             format_text));
    add(integer({"autoconfig", "submission_port", "they are told, for STARTTLS; 0: that of submission.listen"},
                &settings::autoconfig, &autoconfig_settings::submission_port, {0, 65535}));
    add(integer({"autoconfig", "submissions_port", "they are told, for TLS from the start; 0: that of submissions.listen"},
                &settings::autoconfig, &autoconfig_settings::submissions_port, {0, 65535}));
    add(listen({"http", "listen", "where the JSON API and the page answer, in the clear"}, &settings::http,
               &http_settings::listen));
    add(proxies("http", &settings::http));
    add(duration({"http", "session_idle_timeout", "a browser unseen for so long must sign in again"}, &settings::http,
                 &http_settings::session_idle_timeout, {1min, 24h * 365}));
    add(duration({"http", "session_lifetime", "a browser must sign in again after so long"}, &settings::http,
                 &http_settings::session_lifetime, {1min, 24h * 365}));
    add(networks({"http", "metrics_from", "who may ask for /metrics; through a proxy nobody may"}, &settings::http,
                 &http_settings::metrics_from));
    add(networks({"http", "forwarded_from", "proxies whose X-Forwarded-For and X-Forwarded-Proto are believed, also in TLS"},
                 &settings::http, &http_settings::forwarded_from));
    add(listen({"https", "listen", "where they answer in TLS, with the same certificates as mail"}, &settings::https,
               &https_settings::listen));
    add(proxies("https", &settings::https));
    std::ranges::move(limits(), std::back_inserter(all));
    add(choice({"log", "level", "the least important lines that are written"}, &settings::log, &log_settings::level,
               level_names));
    add(choice({"log", "format", "logfmt lines or JSON objects"}, &settings::log, &log_settings::format, format_names));
    add(make({"log", "levels", "of single modules, instead of log.level"}, place{&settings::log, &log_settings::levels},
             fmt::format("module=level pairs with commas between them, or none; modules are {}", fmt::join(log_modules, ", ")),
             parse_levels, format_levels));
    add(integer({"log", "lines_per_second", "of one event of one module, then they are counted; accepted messages always"},
                &settings::log, &log_settings::lines_per_second, {1, 1'000'000}));
    add(choice({"log", "output", "where the server's lines go; those of other commands go to standard error"}, &settings::log,
               &log_settings::output, output_names));
    add(make(
        {"log", "file", "where lines go instead of log.output; opened anew at SIGHUP"},
        place{&settings::log, &log_settings::file}, "an absolute path, or none",
        [](std::string_view text) -> parsed<std::filesystem::path> {
            return text == "none" ? parsed<std::filesystem::path>(std::in_place) : parse_path(text);
        },
        [](const std::filesystem::path& path) { return path.empty() ? "none" : path.string(); }));
    for (auto& each : all) each.at_run_time = changes_at_run_time(each);
    return all;
}

}  // namespace

std::string setting::environment_name() const {
    auto name = fmt::format("POSTERN_{}_{}", section, key);
    std::ranges::transform(name, name.begin(),
                           [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
    return name;
}

const std::vector<setting>& all_settings() {
    static const std::vector<setting> all = make_all();
    return all;
}

const setting* find_setting(std::string_view name) {
    const auto& all = all_settings();
    const auto found = std::ranges::find(all, name, &setting::name);
    return found == all.end() ? nullptr : &*found;
}

}  // namespace postern::config
