#include "app/node.hpp"

#include "account/password.hpp"
#include "app/embedded_page.hpp"
#include "http/handlers.hpp"
#include "net/lone_source.hpp"

namespace postern::app {

namespace {

constexpr std::size_t worker_threads = 4;  // spool files, and GMime on large messages

/// A person waits for the greeting, and a mail program that talks early is none of those that send spam.
config::limit_settings limits_for_people(config::limit_settings limits) {
    limits.smtp_connections = limits.submission_connections;
    limits.smtp_greeting_delay = std::chrono::milliseconds(0);
    return limits;
}

/// What the settings want people to be told, or else where the server listens.
template <class Server>
std::uint16_t port_told(std::uint16_t wanted, const Server& server) {
    const auto at = server.endpoints();
    return wanted != 0 || at.empty() ? wanted : at.front().port();
}

template <class Section>
net::network_list proxies_of(const Section& s) {
    return net::network_list(s.proxy_protocol_from);
}

net::awaitable<void> stop_sessions(net::session_server& server, std::chrono::seconds drain) { co_await server.stop(drain); }

/// What is handed in after it is left for the next start.
net::awaitable<void> stop_outbound(outbound& queue, std::chrono::seconds drain) { co_await queue.stop(drain); }

net::awaitable<void> stop_http(std::shared_ptr<http::server> server, std::chrono::seconds drain) {
    co_await server->stop(drain);
}

net::awaitable<void> stop_live(std::shared_ptr<http::live_updates> live) { co_await live->stop(); }

}  // namespace

node::node(boost::asio::io_context& loop, const config::settings& settings, const net::tls_server_context& tls,
           std::unique_ptr<storage::database> database, const core::clock& clock, core::metrics& metrics,
           const core::logger& log)
    : settings_(settings),
      tls_(tls),
      metrics_(metrics),
      log_(log),
      workers_(worker_threads),
      http_workers_(worker_threads),
      imap_workers_(worker_threads),
      database_(std::move(database)),
      hasher_(settings.limits.password_hashes, account::password_hasher::usual_queue, settings.limits.password_memory),
      authenticator_(database_->accounts(), database_->app_passwords(), hasher_, random_, clock, log.module("account")),
      tokens_(database_->api_tokens(), random_, clock, log),
      sessions_(database_->web_sessions(), random_, clock,
                {.idle = settings.http.session_idle_timeout, .lifetime = settings.http.session_lifetime}, log),
      page_(embedded_page()),
      resolver_(database_->accounts(), settings.server.hostname, log.module("account")),
      recent_recipients_(resolver_, clock),
      recent_owners_(resolver_, clock),
      receive_policy_(recent_recipients_),
      sending_rules_(recent_recipients_, recent_owners_,
                     {.messages_per_hour = settings.submission.messages_per_hour,
                      .recipients_per_hour = settings.submission.recipients_per_hour},
                     clock),
      submission_policy_(sending_rules_),
      spool_(workers_, settings.server.data_dir, {.message_memory = settings.limits.memory_message_size}),
      outbound_({loop.get_executor(), *database_, recent_recipients_, workers_, spool_, clock, random_, log, metrics},
                settings),
      accounts_(database_->accounts(), hasher_, clock, log.module("account")),
      app_passwords_(database_->accounts(), database_->app_passwords(), hasher_, random_, clock, log.module("account")),
      queue_({clock, random_, database_->messages(), resolver_, http_workers_, log.module("queue")}, database_->queue(),
             settings.server.hostname, settings.queue.expire),
      outbox_({.messages = database_->messages(),
               .intake = outbound_.intake(),
               .rules = sending_rules_,
               .workers = http_workers_,
               .clock = clock,
               .log = log.module("submission"),
               .hostname = settings.server.hostname,
               .message_size = settings.limits.message_size,
               .recipients = settings.limits.recipients,
               .accepted = metrics.count("postern_accepted_total", "Messages that became ours", {{"via", "http"}})}),
      facts_{.hostname = settings.server.hostname,
             .version = POSTERN_VERSION,
             .database = settings.database.url.starts_with("sqlite") ? "SQLite" : "PostgreSQL",
             .started_at = clock.now()},
      clients_{.hostname = settings.autoconfig.hostname.empty() ? settings.server.hostname : settings.autoconfig.hostname},
      live_(std::make_shared<http::live_updates>(loop.get_executor(), *database_, clock, log.module("http"))),
      smtp_(loop.get_executor(), for_servers(clock, tls), settings.server.hostname, settings.limits),
      submission_(loop.get_executor(), for_people(clock, tls, "submission"), settings.server.hostname,
                  limits_for_people(settings.limits)),
      submissions_(loop.get_executor(), for_people(clock, tls, "submissions"), settings.server.hostname,
                   limits_for_people(settings.limits), smtp_server::beginning::in_tls),
      news_(database_->changes()),
      imap_(loop.get_executor(), for_readers(clock, tls, "imap"), settings.limits),
      imaps_(loop.get_executor(), for_readers(clock, tls, "imaps"), settings.limits, imap::beginning::in_tls),
      http_(std::make_shared<http::server>(loop.get_executor(), for_http(clock), http::api_routes(), settings.limits,
                                           log.module("http"))),
      stopping_(loop.get_executor(), log) {}

smtp_server::dependencies node::for_servers(const core::clock& clock, const net::tls_server_context& tls) {
    return {.clock = clock,
            .store = database_->messages(),
            .intake = outbound_.intake(),
            .policy = receive_policy_,
            .pool = workers_,
            .spool = spool_,
            .log = log_.module("smtp"),
            .tls = &tls,
            .figures = smtp_server::figures(metrics_, "smtp")};
}

smtp_server::dependencies node::for_people(const core::clock& clock, const net::tls_server_context& tls, const char* listener) {
    return {.clock = clock,
            .store = database_->messages(),
            .intake = outbound_.intake(),
            .policy = submission_policy_,
            .pool = workers_,
            .spool = spool_,
            .log = log_.module("submission"),
            .tls = &tls,
            .people = smtp_server::submission{authenticator_, random_, settings_.submission.allow_plaintext},
            .figures = smtp_server::figures(metrics_, listener)};
}

imap::dependencies node::for_readers(const core::clock& clock, const net::tls_server_context& tls, const char* listener) {
    return {.clock = clock,
            .database = *database_,
            .news = news_,
            .accounts = authenticator_,
            .random = random_,
            .pool = imap_workers_,
            .spool = spool_,
            .log = log_.module("imap"),
            .tls = &tls,
            .allow_plaintext = settings_.imap.allow_plaintext,
            .memory_message_size = settings_.limits.memory_message_size,
            .figures = imap::figures(metrics_, listener)};
}

http::services node::for_http(const core::clock& clock) {
    return {.database = *database_,
            .authenticator = authenticator_,
            .tokens = tokens_,
            .sessions = sessions_,
            .logins = database_->logins(),
            .workers = http_workers_,
            .clock = clock,
            .page = page_,
            .metrics = metrics_,
            .metrics_from = settings_.http.metrics_from,
            .forwarded_from = net::network_list(settings_.http.forwarded_from),
            .outbox = outbox_,
            .accounts = accounts_,
            .app_passwords = app_passwords_,
            .queue = queue_,
            .live = *live_,
            .facts = facts_,
            .clients = clients_,
            .look = [this] { return look(); },
            .json_depth = settings_.limits.http_json_depth,
            .memory_message_size = settings_.limits.memory_message_size};
}

http::server_state node::look() const {
    http::server_state now;
    for (const auto& c : tls_.certificates()) {
        now.certificates.push_back({.subject = c.subject(), .names = c.names(), .expires_at = c.valid_until()});
    }
    now.smtp_sessions = smtp_.sessions();
    now.submission_sessions = submission_.sessions() + submissions_.sessions();
    now.imap_sessions = imap_.sessions() + imaps_.sessions();
    now.http_connections = http_->connections();
    return now;
}

net::awaitable<core::result<void>> node::make_first_administrator() {
    const auto& address = settings_.server.first_administrator;
    if (address.empty()) co_return core::result<void>();
    const auto password = account::generate_password(random_);
    const auto made = co_await accounts_.add_first_administrator(address, account::secret(password.reveal()));
    if (!made) co_return std::unexpected(made.error());
    if (!*made) co_return core::result<void>();
    log_.insist("first administrator made",
                {{"account", storage::to_string((*made)->address)},
                 {"password", password.reveal()},
                 {"hint", "the password is shown only now; once signed in, set another one and forget this line"}});
    co_return core::result<void>();
}

core::result<void> node::start(net::inherited_sockets& there_already) {
    const auto& s = settings_;
    look_at_trust();
    if (auto bound = smtp_.open(s.smtp.listen, proxies_of(s.smtp), &there_already); !bound) return bound;
    if (auto bound = submission_.open(s.submission.listen, proxies_of(s.submission), &there_already); !bound) return bound;
    if (auto bound = submissions_.open(s.submissions.listen, proxies_of(s.submissions), &there_already); !bound) return bound;
    if (auto bound = imap_.open(s.imap.listen, proxies_of(s.imap), &there_already); !bound) return bound;
    if (auto bound = imaps_.open(s.imaps.listen, proxies_of(s.imaps), &there_already); !bound) return bound;
    if (auto bound = http_->listen(s.http.listen, proxies_of(s.http), &there_already); !bound) return bound;
    if (auto bound = http_->listen_in_tls(s.https.listen, tls_, proxies_of(s.https), &there_already); !bound) return bound;
    clients_.submission_port = port_told(s.autoconfig.submission_port, submission_);
    clients_.submissions_port = port_told(s.autoconfig.submissions_port, submissions_);
    clients_.imap_port = port_told(s.autoconfig.imap_port, imap_);
    clients_.imaps_port = port_told(s.autoconfig.imaps_port, imaps_);
    outbound_.start();
    smtp_.start();
    submission_.start();
    submissions_.start();
    imap_.start();
    imaps_.start();
    live_->start();
    http_->start();
    announce("smtp", smtp_.endpoints());
    announce("submission", submission_.endpoints());
    announce("submissions", submissions_.endpoints());
    announce("imap", imap_.endpoints());
    announce("imaps", imaps_.endpoints());
    announce("http", http_->endpoints());
    announce("https", http_->endpoints_in_tls());
    return {};
}

void node::change() {
    const auto& s = settings_;
    const auto people = limits_for_people(s.limits);
    smtp_.change(s.limits, proxies_of(s.smtp));
    submission_.change(people, proxies_of(s.submission));
    submissions_.change(people, proxies_of(s.submissions));
    imap_.change(s.limits, proxies_of(s.imap));
    imaps_.change(s.limits, proxies_of(s.imaps));
    http_->change({.limits = s.limits,
                   .proxies = proxies_of(s.http),
                   .proxies_in_tls = proxies_of(s.https),
                   .forwarded_from = net::network_list(s.http.forwarded_from),
                   .metrics_from = s.http.metrics_from});
    outbound_.change_routes(s.relay);
}

std::vector<int> node::lend() {
    std::vector<int> all;
    const auto add = [&all](const std::vector<int>& some) { all.insert(all.end(), some.begin(), some.end()); };
    add(smtp_.lend());
    add(submission_.lend());
    add(submissions_.lend());
    add(imap_.lend());
    add(imaps_.lend());
    add(http_->lend());
    return all;
}

void node::share() {
    smtp_.share();
    submission_.share();
    submissions_.share();
    imap_.share();
    imaps_.share();
    http_->share();
}

net::awaitable<void> node::stop() {
    const auto drain = settings_.server.drain;
    stopping_.spawn(stop_http(http_, drain), "stop http");
    stopping_.spawn(stop_sessions(submission_, drain), "stop submission");
    stopping_.spawn(stop_sessions(submissions_, drain), "stop submissions");
    stopping_.spawn(stop_sessions(imap_, drain), "stop imap");
    stopping_.spawn(stop_sessions(imaps_, drain), "stop imaps");
    stopping_.spawn(stop_outbound(outbound_, drain), "stop queue");
    stopping_.spawn(stop_live(live_), "stop live updates");
    co_await smtp_.stop(drain);
    co_await stopping_.wait(drain + time_to_cut_off);
}

/// In a container network every stranger may come from the gateway's address: who trusts it trusts them all.
void node::look_at_trust() const {
    const auto& s = settings_;
    const auto look = [this](const char* setting, const std::vector<std::string>& networks) {
        for (const auto& gateway : net::private_gateways()) {
            if (!net::network_list(networks).contains(gateway)) continue;
            log_.warning("the gateway is trusted",
                         {{"setting", setting},
                          {"address", gateway.to_string()},
                          {"hint", "clients behind an address translator such as Docker's come from it, whoever they are"}});
        }
    };
    look("smtp.proxy_protocol_from", s.smtp.proxy_protocol_from);
    look("submission.proxy_protocol_from", s.submission.proxy_protocol_from);
    look("submissions.proxy_protocol_from", s.submissions.proxy_protocol_from);
    look("imap.proxy_protocol_from", s.imap.proxy_protocol_from);
    look("imaps.proxy_protocol_from", s.imaps.proxy_protocol_from);
    look("http.proxy_protocol_from", s.http.proxy_protocol_from);
    look("https.proxy_protocol_from", s.https.proxy_protocol_from);
    look("http.forwarded_from", s.http.forwarded_from);
    look("http.metrics_from", s.http.metrics_from);
}

void node::announce(const char* protocol, const std::vector<net::tcp_endpoint>& endpoints) const {
    for (const auto& e : endpoints)
        log_.info("listening", {{"protocol", protocol}, {"address", e.address().to_string()}, {"port", e.port()}});
}

}  // namespace postern::app
