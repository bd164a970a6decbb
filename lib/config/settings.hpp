#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "config/relay_settings.hpp"
#include "core/log.hpp"

namespace postern::config {

/// [server]
struct server_settings {
    std::string hostname;                                 ///< our name in banner, EHLO and Received; default: the machine's
    std::filesystem::path data_dir = "/var/lib/postern";  ///< spool files, the SQLite file; made at start if missing
    std::chrono::seconds drain{30};                       ///< how long a stop waits for sessions to end
    std::string first_administrator;                      ///< address of the account that an empty database gets; empty: none
};

/// [database]
struct database_settings {
    std::string url;                ///< sqlite:///path or postgresql://...; default: sqlite file in data_dir
    std::string password;           ///< for PostgreSQL, beside the URL; empty: the URL's own, if any
    bool migrate = true;            ///< serve applies pending schema steps at start; else it refuses and waits for `migrate`
    std::size_t read_sessions = 4;  ///< threads that read; each makes its session when it is needed
    std::chrono::milliseconds statement_timeout{30'000};  ///< a statement or a lock wait is given up after this
};

/// [smtp] and the SMTP part of [limits]
struct smtp_settings {
    std::vector<endpoint> listen = {{"0.0.0.0", 25}, {"::", 25}};
    std::vector<std::string> proxy_protocol_from;  ///< networks whose connections begin with a PROXY header
};

/// [submission]: where people's mail programs sign in and send, TLS by STARTTLS.
struct submission_settings {
    std::vector<endpoint> listen = {{"0.0.0.0", 587}, {"::", 587}};
    std::vector<std::string> proxy_protocol_from;
    bool allow_plaintext = false;            ///< over loopback, signing in needs no TLS
    std::size_t messages_per_hour = 300;     ///< of one account, in each process
    std::size_t recipients_per_hour = 3000;  ///< likewise
};

/// [submissions]: the same, TLS from the first octet (RFC 8314).
struct submissions_settings {
    std::vector<endpoint> listen = {{"0.0.0.0", 465}, {"::", 465}};
    std::vector<std::string> proxy_protocol_from;
};

/// [imap]: where people's mail programs read their mailboxes, TLS by STARTTLS.
struct imap_settings {
    std::vector<endpoint> listen = {{"0.0.0.0", 143}, {"::", 143}};
    std::vector<std::string> proxy_protocol_from;
    bool allow_plaintext = false;  ///< over loopback, signing in needs no TLS
};

/// [imaps]: the same, TLS from the first octet (RFC 8314).
struct imaps_settings {
    std::vector<endpoint> listen = {{"0.0.0.0", 993}, {"::", 993}};
    std::vector<std::string> proxy_protocol_from;
};

/// [tls]: pairs in the same order; the first is for clients that ask for a name none of them has. None: we make one ourselves.
struct tls_settings {
    std::vector<std::filesystem::path> certificate;  ///< PEM, each followed by its issuers
    std::vector<std::filesystem::path> private_key;
};

/// [retention]: zero means for good.
struct retention_settings {
    std::chrono::seconds trash = std::chrono::days(30);  ///< since a message came there
    std::chrono::seconds junk = std::chrono::days(30);   ///< likewise
    std::chrono::seconds logins = std::chrono::days(90);
};

/// [autoconfig]: what mail programs are told that look for their settings.
struct autoconfig_settings {
    std::string hostname;                ///< empty: server.hostname
    std::uint16_t submission_port = 0;   ///< 0: the first of submission.listen
    std::uint16_t submissions_port = 0;  ///< 0: the first of submissions.listen
    std::uint16_t imap_port = 0;         ///< 0: the first of imap.listen
    std::uint16_t imaps_port = 0;        ///< 0: the first of imaps.listen
};

/// [http]
struct http_settings {
    std::vector<endpoint> listen = {{"127.0.0.1", 8080}, {"::1", 8080}};
    std::vector<std::string> proxy_protocol_from;
    std::vector<std::string> forwarded_from;  ///< networks whose X-Forwarded-For is believed; for https too
    std::chrono::seconds session_idle_timeout{7L * 24 * 3600};
    std::chrono::seconds session_lifetime{30L * 24 * 3600};
    std::vector<std::string> metrics_from = {"127.0.0.0/8", "::1/128"};  ///< networks that may ask for /metrics
};

/// [https]: the same within TLS.
struct https_settings {
    std::vector<endpoint> listen;
    std::vector<std::string> proxy_protocol_from;
};

/// [limits]: what one client, and all of them together, may use.
struct limit_settings {
    std::uint64_t message_size = 50ULL * 1024 * 1024;    ///< octets; announced with SIZE (RFC 1870)
    std::uint64_t memory_message_size = 256ULL * 1024;   ///< octets; a larger message is spooled to a file
    std::size_t recipients = 1000;                       ///< per message; RCPTMAX (RFC 9422); at least 100 (RFC 5321 4.5.3.1.8)
    std::size_t messages_per_session = 10'000;           ///< MAILMAX (RFC 9422)
    std::size_t smtp_connections = 2000;                 ///< SMTP sessions in all
    std::size_t smtp_connections_per_address = 200;      ///< SMTP sessions from one address
    std::size_t submission_connections = 500;            ///< sessions on each port for submission, beside those
    std::size_t smtp_errors = 20;                        ///< error replies before 421
    std::size_t smtp_idle_commands = 100;                ///< commands without an accepted message before 421
    std::chrono::seconds smtp_command_timeout{300};      ///< RFC 5321 4.5.3.2.7
    std::chrono::seconds smtp_data_timeout{180};         ///< between two reads of message data (RFC 5321 4.5.3.2.5)
    std::chrono::seconds smtp_data_total_timeout{1800};  ///< for one message's data in all
    std::chrono::milliseconds smtp_greeting_delay{0};    ///< pause before 220, in which a client that talks is refused
    std::size_t imap_connections = 1000;                 ///< IMAP sessions on each port
    std::size_t imap_connections_per_address = 100;      ///< on each port, from one address
    std::size_t imap_errors = 20;                        ///< BAD and failed sign-ins before BYE
    std::chrono::seconds imap_login_timeout{60};         ///< until a client has signed in
    std::chrono::seconds imap_idle_timeout{1800};        ///< RFC 9051 5.4: at least 30 minutes
    std::size_t http_connections = 1000;
    std::size_t http_connections_per_address = 200;
    std::size_t http_header_size = 16UL * 1024;         ///< octets
    std::size_t http_body_size = 1024UL * 1024;         ///< octets
    std::size_t http_upload_size = 72UL * 1024 * 1024;  ///< octets of a body that holds attachments
    std::size_t http_json_depth = 16;                   ///< arrays and objects within each other
    std::chrono::seconds http_idle_timeout{60};
    std::chrono::seconds http_request_timeout{30};
    std::size_t password_hashes = 2;                   ///< Argon2id computations at once
    std::size_t password_memory = 64UL * 1024 * 1024;  ///< octets of each; kept with a hash, so of those made from now on
};

/// [log]
struct log_settings {
    core::log_level level = core::log_level::info;
    core::log_format format = core::log_format::text;
    std::map<std::string, core::log_level> levels;  ///< of single modules
    std::size_t lines_per_second = 100;             ///< of one event of one module; then they are counted
    core::log_output output = core::log_output::standard_error;
    std::filesystem::path file;  ///< instead; empty: none
};

/// Every setting, validated. Field `x` of section `s` is `--s.x`, `x` under `[s]`, and `POSTERN_S_X`.
///
/// Adding one: a field with its default here, a line in setting_table.cpp; all the rest follows from the table.
struct settings {
    server_settings server;
    database_settings database;
    smtp_settings smtp;
    submission_settings submission;
    submissions_settings submissions;
    imap_settings imap;
    imaps_settings imaps;
    tls_settings tls;
    queue_settings queue;
    relay_settings relay;
    dns_settings dns;
    event_settings events;
    retention_settings retention;
    autoconfig_settings autoconfig;
    http_settings http;
    https_settings https;
    limit_settings limits;
    log_settings log;
};

}  // namespace postern::config
