#include "config/setting_table.hpp"

#include <algorithm>
#include <array>
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

/// Where a field stands in settings. Its section is not part of the type: what is made of it is compiled once for a type of
/// field, not anew for each section that has one.
template <class Field>
struct place {
    const Field& (*in)(const settings&);
    Field& (*into)(settings&);
};

template <auto Section, auto Field>
const auto& read_at(const settings& s) {
    return s.*Section.*Field;
}

template <auto Section, auto Field>
auto& written_at(settings& s) {
    return s.*Section.*Field;
}

/// at<&settings::section, &section_settings::field>
template <auto Section, auto Field>
constexpr place at{&read_at<Section, Field>, &written_at<Section, Field>};

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

template <class T>
parsed<T> within(parsed<T> value, range<T> allowed) {
    if (value && (*value < allowed.least || *value > allowed.most)) return std::unexpected("is out of range");
    return value;
}

/// The settings, in the order they were added.
class table {
public:
    /// The parts every kind of setting shares; `parse` gives a parsed<Field>, `format` the text of a Field.
    template <class Field, class Parse, class Format>
    setting& add(described d, place<Field> where, std::string allowed, Parse parse, Format format) {
        auto& s = add(d, where, std::move(allowed));
        s.assign = [where, parse](settings& into, std::string_view text) -> assigned {
            auto value = parse(text);
            if (!value) return std::unexpected(std::move(value).error());
            where.into(into) = std::move(*value);
            return {};
        };
        s.show = [where, format](const settings& from) { return std::string(format(where.in(from))); };
        s.default_text = s.show(defaults_);
        return s;
    }

    template <class Field>
    void integer(described d, place<Field> where, range<std::uint64_t> r) {
        add(
            d, where, fmt::format("a whole number from {} to {}", r.least, r.most),
            [r](std::string_view text) -> parsed<Field> {
                const auto value = within(parse_integer(text), r);
                if (!value) return std::unexpected(value.error());
                return static_cast<Field>(*value);
            },
            [](Field value) { return fmt::to_string(value); });
    }

    template <class Field>
    void size(described d, place<Field> where, range<std::uint64_t> r) {
        add(
            d, where, fmt::format("a size from {} to {}, such as 256K or 50M", format_size(r.least), format_size(r.most)),
            [r](std::string_view text) { return within(parse_size(text), r); }, format_size);
    }

    template <class Field>
    void duration(described d, place<Field> where, range<milliseconds> r) {
        constexpr bool whole_seconds = std::is_same_v<Field, std::chrono::seconds>;
        add(
            d, where,
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

    void boolean(described d, place<bool> where) {
        add(d, where, "true or false", parse_boolean, [](bool value) { return value ? "true" : "false"; });
    }

    /// A password: any text, never shown.
    void password(described d, place<std::string> where) {
        add(d, where, "text, or none", parse_text, [](const std::string& secret) {
            return secret.empty() ? "none" : "********";
        }).secret = true;
    }

    void listen(described d, place<std::vector<endpoint>> where) {
        add(d, where, "IP addresses with ports, such as 127.0.0.1:2525, [::1]:2525, or none", parse_endpoints,
            format_endpoints);
    }

    void networks(described d, place<std::vector<std::string>> where) {
        add(d, where, "networks such as 192.0.2.0/24 with commas between them, or none", parse_networks, format_addresses);
    }

    void proxies(const char* section, place<std::vector<std::string>> where) {
        networks({section, "proxy_protocol_from", "proxies that must begin with a PROXY header, version 1 or 2"}, where);
    }

    void files(described d, place<std::vector<std::filesystem::path>> where) {
        add(d, where, "absolute paths with commas between them, or none", parse_paths, format_paths);
    }

    /// `names` in the order of the enumerators.
    template <class Enum, std::size_t N>
    void choice(described d, place<Enum> where, const std::array<const char*, N>& names) {
        add(
            d, where, fmt::format("one of {}", fmt::join(names, ", ")),
            [&names](std::string_view text) -> parsed<Enum> {
                const auto found = std::ranges::find(names, text);
                if (found == names.end()) return std::unexpected("is not known");
                return static_cast<Enum>(found - names.begin());
            },
            [&names](Enum value) { return names.at(static_cast<std::size_t>(value)); });
    }

    std::vector<setting> take() { return std::move(all_); }

private:
    template <class Field>
    setting& add(described d, place<Field> where, std::string allowed) {
        auto& s = all_.emplace_back();
        s.section = d.section;
        s.key = d.key;
        s.help = d.help;
        s.allowed = std::move(allowed);
        s.same = [where](const settings& a, const settings& b) { return where.in(a) == where.in(b); };
        s.copy = [where](settings& into, const settings& from) { where.into(into) = where.in(from); };
        return s;
    }

    const settings defaults_;
    std::vector<setting> all_;
};

void add_database_url(table& t) {
    auto& s = t.add(
        {"database", "url", "where everything is kept; PostgreSQL takes every libpq parameter"},
        at<&settings::database, &database_settings::url>,
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
}

void add_queue(table& t) {
    using q = queue_settings;
    constexpr auto in = &settings::queue;
    t.add({"queue", "retry", "pauses after the first failure, the second, ...; the last repeats"}, at<in, &q::retry>,
          "durations from 1ms to 7d with commas between them", parse_durations, format_durations);
    t.duration({"queue", "expire", "what could not be delivered for so long goes back to its sender"}, at<in, &q::expire>,
               {1s, 24h * 365});
    t.duration({"queue", "delay_notice", "after this a sender is told of a delay; 0s: never"}, at<in, &q::delay_notice>,
               {0s, 24h * 365});
    t.integer({"queue", "connections", "to other servers, in all"}, at<in, &q::connections>, {1, 10'000});
    t.integer({"queue", "connections_per_destination", "at most; fewer while it says that it is busy"},
              at<in, &q::connections_per_destination>, {1, 1000});
    t.duration({"queue", "lease", "after this the work of a process that died is taken up by another"}, at<in, &q::lease>,
               {1s, 24h});
}

void add_relay(table& t) {
    using r = relay_settings;
    constexpr auto in = &settings::relay;
    t.add({"relay", "host", "a smarthost that takes all mail for others; none: each domain's own mail hosts"}, at<in, &r::host>,
          "a host name, an IP address, or none", parse_host, format_text);
    t.integer({"relay", "port", "of the smarthost and of mail hosts"}, at<in, &r::port>, {1, 65'535});
    t.add({"relay", "user", "to log in with at the smarthost"}, at<in, &r::user>, "text, or none", parse_text, format_text);
    t.password({"relay", "password", "of that user"}, at<in, &r::password>);
    t.choice({"relay", "tls", "with the smarthost; required and implicit prove its name as well"}, at<in, &r::tls>,
             relay_tls_names);
    t.add({"relay", "routes", "domains whose mail goes to a fixed host"}, at<in, &r::routes>,
          "domain=host:port pairs with commas between them, or none", parse_routes, format_routes);
    t.add({"relay", "source_addresses", "addresses to connect from, the first of each family; none: the system's choice"},
          at<in, &r::source_addresses>, "IP addresses with commas between them, or none", parse_addresses, format_addresses);
}

void add_imap_limits(table& t) {
    using l = limit_settings;
    constexpr auto in = &settings::limits;
    const auto named = [](const char* key, const char* help) { return described{"limits", key, help}; };
    t.integer(named("imap_connections", "IMAP sessions on each port"), at<in, &l::imap_connections>, {1, 100'000});
    t.integer(named("imap_connections_per_address", "IMAP sessions on each port from one address"),
              at<in, &l::imap_connections_per_address>, {1, 100'000});
    t.integer(named("imap_errors", "BAD and failed sign-ins before BYE"), at<in, &l::imap_errors>, {1, 10'000});
    t.duration(named("imap_login_timeout", "until a client has signed in"), at<in, &l::imap_login_timeout>, {1s, 24h});
    // RFC 9051 5.4 wants at least 30 minutes. Who has not the memory for sessions that are idle may set less.
    t.duration(named("imap_idle_timeout", "wait for the next command of who has signed in; mail programs expect 30m"),
               at<in, &l::imap_idle_timeout>, {60s, 24h});
}

void add_limits(table& t) {
    using l = limit_settings;
    constexpr auto in = &settings::limits;
    const auto named = [](const char* key, const char* help) { return described{"limits", key, help}; };
    // RFC 5321 4.5.3.1.7 and 4.5.3.1.8: at least 64K octets of message and 100 recipients.
    t.size(named("message_size", "largest message"), at<in, &l::message_size>, {64 * kibi, gibi});
    t.size(named("memory_message_size", "a larger message is spooled to a file"), at<in, &l::memory_message_size>,
           {kibi, 16 * mebi});
    t.integer(named("recipients", "per message"), at<in, &l::recipients>, {100, 100'000});
    t.integer(named("messages_per_session", "then 421"), at<in, &l::messages_per_session>, {1, 1'000'000});
    t.integer(named("smtp_connections", "SMTP sessions in all"), at<in, &l::smtp_connections>, {1, 100'000});
    t.integer(named("smtp_connections_per_address", "SMTP sessions from one address"), at<in, &l::smtp_connections_per_address>,
              {1, 100'000});
    t.integer(named("submission_connections", "sessions on each port for submission"), at<in, &l::submission_connections>,
              {1, 100'000});
    t.integer(named("smtp_errors", "error replies before 421"), at<in, &l::smtp_errors>, {1, 10'000});
    t.integer(named("smtp_idle_commands", "commands without an accepted message before 421"), at<in, &l::smtp_idle_commands>,
              {10, 1'000'000});
    t.duration(named("smtp_command_timeout", "wait for the next command"), at<in, &l::smtp_command_timeout>, {1s, 24h});
    t.duration(named("smtp_data_timeout", "wait for more of a message"), at<in, &l::smtp_data_timeout>, {1s, 24h});
    t.duration(named("smtp_data_total_timeout", "for one message in all"), at<in, &l::smtp_data_total_timeout>, {1s, 24h});
    t.duration(named("smtp_greeting_delay", "pause before the greeting; who talks in it is refused"),
               at<in, &l::smtp_greeting_delay>, {0ms, 60s});
    add_imap_limits(t);
    t.integer(named("http_connections", "HTTP connections in all"), at<in, &l::http_connections>, {1, 100'000});
    t.integer(named("http_connections_per_address", "HTTP connections from one address"),
              at<in, &l::http_connections_per_address>, {1, 100'000});
    t.size(named("http_header_size", "largest request header"), at<in, &l::http_header_size>, {kibi, mebi});
    t.size(named("http_body_size", "largest request body"), at<in, &l::http_body_size>, {kibi, gibi});
    t.size(named("http_upload_size", "largest request body that holds attachments"), at<in, &l::http_upload_size>,
           {kibi, gibi});
    t.integer(named("http_json_depth", "arrays and objects within each other in a request body"), at<in, &l::http_json_depth>,
              {2, 64});
    t.duration(named("http_idle_timeout", "wait for the next request on a connection"), at<in, &l::http_idle_timeout>,
               {1s, 24h});
    t.duration(named("http_request_timeout", "for receiving one request"), at<in, &l::http_request_timeout>, {1s, 24h});
    t.integer(named("password_hashes", "password checks at once"), at<in, &l::password_hashes>, {1, 64});
    // From what OWASP's Password Storage Cheat Sheet asks of Argon2id.
    t.size(named("password_memory", "of one check, for passwords set from now on"), at<in, &l::password_memory>,
           {19 * mebi, gibi});
}

/// What can change while sessions and deliveries go on: what is looked at for each connection, or by the log.
bool changes_at_run_time(const setting& s) {
    constexpr std::array fixed_limits{"message_size",    "recipients",      "memory_message_size", "http_upload_size",
                                      "http_json_depth", "password_hashes", "password_memory"};
    if (s.section == "limits") return std::ranges::find(fixed_limits, s.key) == fixed_limits.end();
    return s.section == "log" || s.section == "tls" || s.key == "proxy_protocol_from" || s.name() == "server.drain" ||
           s.name() == "http.forwarded_from" || s.name() == "http.metrics_from" || s.name() == "relay.routes";
}

std::vector<setting> make_all() {
    table t;
    t.add({"server", "hostname", "our name in the greeting and in Received"}, at<&settings::server, &server_settings::hostname>,
          "a domain name, such as mx.example.org", parse_hostname, [](const std::string& name) { return name; })
        .default_text = "the machine's name";
    t.add({"server", "data_dir", "folder of spool files and of the SQLite file; made at start"},
          at<&settings::server, &server_settings::data_dir>, "an absolute path", parse_path,
          [](const std::filesystem::path& path) { return path.string(); });
    t.duration({"server", "drain", "how long a stop waits for sessions to end"}, at<&settings::server, &server_settings::drain>,
               {0s, 1h});
    t.add({"server", "first_administrator", "serve makes this account where there is none, and logs its password once"},
          at<&settings::server, &server_settings::first_administrator>, "an address such as admin@example.org, or none",
          parse_mail_address, format_text);
    add_database_url(t);
    t.password({"database", "password", "for PostgreSQL, where the URL has none"},
               at<&settings::database, &database_settings::password>);
    t.boolean({"database", "migrate", "serve brings the schema up to date at start"},
              at<&settings::database, &database_settings::migrate>);
    t.integer({"database", "read_sessions", "threads that read; each connects when all before it are busy"},
              at<&settings::database, &database_settings::read_sessions>, {1, 64});
    t.duration({"database", "statement_timeout", "a statement or a wait for a lock is given up after this"},
               at<&settings::database, &database_settings::statement_timeout>, {100ms, 1h});
    t.listen({"smtp", "listen", "where mail comes in"}, at<&settings::smtp, &smtp_settings::listen>);
    t.proxies("smtp", at<&settings::smtp, &smtp_settings::proxy_protocol_from>);
    t.listen({"submission", "listen", "where mail programs sign in and send, with STARTTLS"},
             at<&settings::submission, &submission_settings::listen>);
    t.proxies("submission", at<&settings::submission, &submission_settings::proxy_protocol_from>);
    t.boolean({"submission", "allow_plaintext", "over loopback, signing in needs no TLS"},
              at<&settings::submission, &submission_settings::allow_plaintext>);
    t.integer({"submission", "messages_per_hour", "of one account"},
              at<&settings::submission, &submission_settings::messages_per_hour>, {1, 1'000'000});
    t.integer({"submission", "recipients_per_hour", "of one account"},
              at<&settings::submission, &submission_settings::recipients_per_hour>, {1, 10'000'000});
    t.listen({"submissions", "listen", "the same, with TLS from the start"},
             at<&settings::submissions, &submissions_settings::listen>);
    t.proxies("submissions", at<&settings::submissions, &submissions_settings::proxy_protocol_from>);
    t.listen({"imap", "listen", "where mail programs sign in and read, with STARTTLS"},
             at<&settings::imap, &imap_settings::listen>);
    t.proxies("imap", at<&settings::imap, &imap_settings::proxy_protocol_from>);
    t.boolean({"imap", "allow_plaintext", "over loopback, signing in needs no TLS"},
              at<&settings::imap, &imap_settings::allow_plaintext>);
    t.listen({"imaps", "listen", "the same, with TLS from the start"}, at<&settings::imaps, &imaps_settings::listen>);
    t.proxies("imaps", at<&settings::imaps, &imaps_settings::proxy_protocol_from>);
    t.files({"tls", "certificate",
             "PEM files, each with its issuers, the first for clients that ask for no other; none: one is made"},
            at<&settings::tls, &tls_settings::certificate>);
    t.files({"tls", "private_key", "the certificates' keys, in the same order"},
            at<&settings::tls, &tls_settings::private_key>);
    add_queue(t);
    add_relay(t);
    t.add({"dns", "servers", "recursive servers to ask, in this order; none: the system's"},
          at<&settings::dns, &dns_settings::servers>, "IP addresses, with ports where they are not 53, or none", parse_servers,
          format_endpoints);
    t.duration({"dns", "timeout", "for the first try at a server; later ones get longer"},
               at<&settings::dns, &dns_settings::timeout>, {10ms, 60s});
    t.duration({"events", "retention", "then what happened to a message is forgotten; 0s: never"},
               at<&settings::events, &event_settings::retention>, {0s, 24h * 3650});
    t.duration({"retention", "trash", "then a message in Trash is removed for good; 0s: never"},
               at<&settings::retention, &retention_settings::trash>, {0s, 24h * 3650});
    t.duration({"retention", "junk", "then a message in Junk is removed for good; 0s: never"},
               at<&settings::retention, &retention_settings::junk>, {0s, 24h * 3650});
    t.duration({"retention", "logins", "then an attempt to sign in is forgotten; 0s: never"},
               at<&settings::retention, &retention_settings::logins>, {0s, 24h * 3650});
    t.add({"autoconfig", "hostname", "of the server, as mail programs are told; none: server.hostname"},
          at<&settings::autoconfig, &autoconfig_settings::hostname>, "a host name, an IP address, or none", parse_host,
          format_text);
    t.integer({"autoconfig", "submission_port", "they are told, for STARTTLS; 0: that of submission.listen"},
              at<&settings::autoconfig, &autoconfig_settings::submission_port>, {0, 65535});
    t.integer({"autoconfig", "submissions_port", "they are told, for TLS from the start; 0: that of submissions.listen"},
              at<&settings::autoconfig, &autoconfig_settings::submissions_port>, {0, 65535});
    t.integer({"autoconfig", "imap_port", "they are told, for STARTTLS; 0: that of imap.listen"},
              at<&settings::autoconfig, &autoconfig_settings::imap_port>, {0, 65535});
    t.integer({"autoconfig", "imaps_port", "they are told, for TLS from the start; 0: that of imaps.listen"},
              at<&settings::autoconfig, &autoconfig_settings::imaps_port>, {0, 65535});
    t.listen({"http", "listen", "where the JSON API and the page answer, in the clear"},
             at<&settings::http, &http_settings::listen>);
    t.proxies("http", at<&settings::http, &http_settings::proxy_protocol_from>);
    t.duration({"http", "session_idle_timeout", "a browser unseen for so long must sign in again"},
               at<&settings::http, &http_settings::session_idle_timeout>, {1min, 24h * 365});
    t.duration({"http", "session_lifetime", "a browser must sign in again after so long"},
               at<&settings::http, &http_settings::session_lifetime>, {1min, 24h * 365});
    t.networks({"http", "metrics_from", "who may ask for /metrics; through a proxy nobody may"},
               at<&settings::http, &http_settings::metrics_from>);
    t.networks({"http", "forwarded_from", "proxies whose X-Forwarded-For and X-Forwarded-Proto are believed, also in TLS"},
               at<&settings::http, &http_settings::forwarded_from>);
    t.listen({"https", "listen", "where they answer in TLS, with the same certificates as mail"},
             at<&settings::https, &https_settings::listen>);
    t.proxies("https", at<&settings::https, &https_settings::proxy_protocol_from>);
    add_limits(t);
    t.choice({"log", "level", "the least important lines that are written"}, at<&settings::log, &log_settings::level>,
             level_names);
    t.choice({"log", "format", "logfmt lines or JSON objects"}, at<&settings::log, &log_settings::format>, format_names);
    t.add({"log", "levels", "of single modules, instead of log.level"}, at<&settings::log, &log_settings::levels>,
          fmt::format("module=level pairs with commas between them, or none; modules are {}", fmt::join(log_modules, ", ")),
          parse_levels, format_levels);
    t.integer({"log", "lines_per_second", "of one event of one module, then they are counted; accepted messages always"},
              at<&settings::log, &log_settings::lines_per_second>, {1, 1'000'000});
    t.choice({"log", "output", "where the server's lines go; those of other commands go to standard error"},
             at<&settings::log, &log_settings::output>, output_names);
    t.add(
        {"log", "file", "where lines go instead of log.output; opened anew at SIGHUP"}, at<&settings::log, &log_settings::file>,
        "an absolute path, or none",
        [](std::string_view text) -> parsed<std::filesystem::path> {
            return text == "none" ? parsed<std::filesystem::path>(std::in_place) : parse_path(text);
        },
        [](const std::filesystem::path& path) { return path.empty() ? "none" : path.string(); });
    auto all = t.take();
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
