#include "config/load.hpp"

#include <stdexcept>
#include <string>

#include "config/setting_table.hpp"
#include "config/values.hpp"
#include "test/catch.hpp"

namespace load_test {

using namespace postern::config;
using namespace std::chrono_literals;

namespace {

sources nothing_given() {
    sources s;
    s.machine_name = [] { return std::string("machine.test"); };
    return s;
}

sources file(std::string text) {
    auto s = nothing_given();
    s.file_name = "f";
    s.file_text = std::move(text);
    return s;
}

sources environment(std::vector<std::pair<std::string, std::string>> variables) {
    auto s = nothing_given();
    s.environment = std::move(variables);
    return s;
}

sources options(std::vector<std::pair<std::string, std::string>> given) {
    auto s = nothing_given();
    s.options = std::move(given);
    return s;
}

/// The problems, one a line; empty when there are none.
std::string problems(const sources& s) {
    const auto outcome = load(s);
    std::string all;
    if (!outcome)
        for (const auto& p : outcome.error()) all += p.text + '\n';
    return all;
}

}  // namespace

TEST_CASE("without any source the defaults hold") {
    const auto outcome = load(nothing_given());
    REQUIRE(outcome);
    const auto& s = outcome->values;
    CHECK(outcome->origins.empty());
    CHECK(s.server.hostname == "machine.test");
    CHECK(s.server.data_dir == "/var/lib/postern");
    CHECK(s.database.url == "sqlite:///var/lib/postern/postern.db");
    CHECK(s.database.migrate);
    CHECK(format_endpoints(s.smtp.listen) == "0.0.0.0:25, [::]:25");
    CHECK(s.limits.message_size == 50U << 20U);
}

TEST_CASE("each source gives values, and the command line counts more than the environment, that more than the file") {
    auto s = file("[limits]\nrecipients = 101\nsmtp_errors = 1\nhttp_connections = 5\n[log]\nlevel = debug\n");
    s.environment = {{"POSTERN_LIMITS_RECIPIENTS", "102"}, {"POSTERN_LIMITS_SMTP_ERRORS", "2"}, {"HOME", "/"}};
    s.options = {{"limits.recipients", "103"}, {"limits.recipients", "104"}};
    const auto outcome = load(s);
    REQUIRE(outcome);
    CHECK(outcome->values.limits.recipients == 104);  // of two options the last
    CHECK(outcome->values.limits.smtp_errors == 2);
    CHECK(outcome->values.limits.http_connections == 5);
    CHECK(outcome->values.log.level == postern::core::log_level::debug);
    CHECK(outcome->origins.at("limits.recipients") == "--limits.recipients");
    CHECK(outcome->origins.at("limits.smtp_errors") == "POSTERN_LIMITS_SMTP_ERRORS");
    CHECK(outcome->origins.at("limits.http_connections") == "f:4");
}

TEST_CASE("every kind of setting arrives") {
    const auto outcome =
        load(file("[server]\nhostname = MX.example.test\ndata_dir = /srv/mail/../mail\ndrain = 1m\n"
                  "[database]\nurl = postgresql://a:b@one,two/mail?target_session_attrs=read-write\nmigrate = no\n"
                  "statement_timeout = 500ms\n"
                  "[http]\nlisten = none\n[limits]\nmessage_size = 1G\n[log]\nformat = json\n"));
    REQUIRE(outcome);
    const auto& s = outcome->values;
    CHECK(s.server.hostname == "mx.example.test");
    CHECK(s.server.data_dir == "/srv/mail");
    CHECK(s.server.drain == 60s);
    CHECK(s.database.url == "postgresql://a:b@one,two/mail?target_session_attrs=read-write");
    CHECK_FALSE(s.database.migrate);
    CHECK(s.database.statement_timeout == 500ms);
    CHECK(s.http.listen.empty());
    CHECK(s.limits.message_size == 1U << 30U);
    CHECK(s.log.format == postern::core::log_format::json);
}

TEST_CASE("the SQLite file follows the data folder") {
    CHECK(load(options({{"server.data_dir", "/srv/mail"}}))->values.database.url == "sqlite:///srv/mail/postern.db");
}

TEST_CASE("an unknown name is refused with its place and what was probably meant") {
    CHECK(problems(file("[smtp]\nlisen = 127.0.0.1:25\n")) == "f:2: smtp.lisen is not a setting; did you mean smtp.listen?\n");
    CHECK(problems(file("[weather]\nforecast = sun\n")) == "f:2: weather.forecast is not a setting\n");
    CHECK(problems(environment({{"POSTERN_SMTP_LISTNE", "x"}})) ==
          "POSTERN_SMTP_LISTNE: no setting has this environment variable; did you mean POSTERN_SMTP_LISTEN?\n");
    CHECK(problems(options({{"smtp.listn", "x"}})) == "--smtp.listn: not a setting; did you mean smtp.listen?\n");
}

TEST_CASE("a wrong value is refused with its place, itself, and what would be right") {
    CHECK(problems(file("[limits]\n\nrecipients = 5\n")) ==
          "f:3: limits.recipients = \"5\" is out of range; must be a whole number from 100 to 100000\n");
    CHECK(problems(environment({{"POSTERN_LOG_LEVEL", "loud"}})) ==
          "POSTERN_LOG_LEVEL=\"loud\" is not known; must be one of trace, debug, info, warning, error, critical, off\n");
    CHECK(problems(options({{"server.drain", "1500ms"}})) ==
          "--server.drain=\"1500ms\" is not a number of whole seconds; must be a duration from 0s to 1h, such as 30s or 5m\n");
    CHECK(problems(options({{"server.data_dir", "mail"}})) ==
          "--server.data_dir=\"mail\" is not an absolute path; must be an absolute path\n");
}

TEST_CASE("a password in a refused value or under a misspelt key is not repeated") {
    for (const auto& s :
         {file("[database]\nurl = host=x password=hunter2\n"), file("[database]\nulr = postgresql://a:hunter2@b\n"),
          file("[database]\nurl postgresql://a:hunter2@b\n"), options({{"database.url", "mysql://a:hunter2@b"}}),
          environment({{"POSTERN_DATABASE_URI", "postgresql://a:hunter2@b"}})}) {
        const auto told = problems(s);
        CHECK_FALSE(told.empty());
        CHECK_FALSE(told.contains("hunter2"));
    }
}

TEST_CASE("a secret may stand in a file that the environment names") {
    auto s = environment({{"POSTERN_DATABASE_URL", "postgresql://mail@db.test/mail"},
                          {"POSTERN_DATABASE_PASSWORD_FILE", "/secrets/database"},
                          {"POSTERN_RELAY_PASSWORD_FILE", "/secrets/relay"},
                          {"POSTERN_RELAY_USER", "u"},
                          {"POSTERN_RELAY_HOST", "127.0.0.1"}});
    s.secret_in = [](const std::string& path) -> std::expected<std::string, std::string> { return "of " + path; };
    s.options = {{"relay.password", "typed"}};  // the command line counts more, here as elsewhere
    const auto outcome = load(s);
    REQUIRE(outcome);
    CHECK(outcome->values.database.password == "of /secrets/database");
    CHECK(outcome->origins.at("database.password") == "POSTERN_DATABASE_PASSWORD_FILE");
    CHECK(find_setting("database.password")->show(outcome->values) == "********");
    CHECK(outcome->values.relay.password == "typed");
}

TEST_CASE("every secret has a variable for its file, no other setting has one, and none is called like another setting") {
    for (const auto& s : all_settings()) {
        INFO(s.name());
        auto from = environment({{s.file_variable(), "/secrets/none"}});
        from.secret_in = [](const std::string& path) { return std::unexpected(path + ": No such file or directory"); };
        CHECK(problems(from) ==
              (s.secret ? s.file_variable() + ": /secrets/none: No such file or directory\n"
                        : s.file_variable() + ": " + s.name() + " is no secret; set " + s.environment_name() + '\n'));
        CHECK(s.secret == (s.key == "password" || s.key == "url"));
    }
}

TEST_CASE("a secret file is refused without a word of what is in it, and beside the secret itself") {
    auto s = environment({{"POSTERN_DATABASE_PASSWORD", "hunter2"},
                          {"POSTERN_DATABASE_PASSWORD_FILE", "/secrets/a"},
                          {"POSTERN_DATABASE_URL_FILE", "/secrets/b"},
                          {"POSTERN_RELAY_PASSWORD_FILE", "/secrets/c"}});
    s.secret_in = [](const std::string& path) -> std::expected<std::string, std::string> {
        return path == "/secrets/c" ? "hunter2\nhunter3" : "hunter2";
    };
    CHECK(problems(s) ==
          "POSTERN_DATABASE_PASSWORD_FILE: POSTERN_DATABASE_PASSWORD is set as well; must be one of them\n"
          "POSTERN_DATABASE_URL_FILE: what is in /secrets/b (not shown) is not a database URL Postern knows; must be "
          "sqlite:///absolute/path or postgresql://[user[:password]@]host[:port]/database[?parameter=value]\n"
          "POSTERN_RELAY_PASSWORD_FILE: what is in /secrets/c (not shown) is not text; must be text, or none\n");
}

TEST_CASE("a password for PostgreSQL is refused where there is none") {
    CHECK(problems(environment({{"POSTERN_DATABASE_PASSWORD", "hunter2"}})) ==
          "POSTERN_DATABASE_PASSWORD: database.password is for PostgreSQL; must stand with a database.url that begins with "
          "postgresql://\n");
}

TEST_CASE("all problems are told at once, also those of values that another source replaces") {
    auto s = file("nonsense\n[limits]\nrecipients = 5\nrecipient = 5\n");
    s.environment = {{"POSTERN_LIMITS_RECIPIENTS", "many"}};
    s.options = {{"limits.recipients", "200"}, {"smtp.listen", "localhost:25"}};
    const auto outcome = load(s);
    REQUIRE_FALSE(outcome);
    CHECK(outcome.error().size() == 5);
    CHECK(outcome.error().front().from == problem::origin::file);
    CHECK(outcome.error().back().from == problem::origin::command_line);
}

TEST_CASE("variables of Kubernetes, Docker and the tests are not taken for settings") {
    CHECK(problems(environment({{"POSTERN_PORT", "tcp://10.0.0.1:25"},
                                {"POSTERN_PORT_25_TCP_ADDR", "10.0.0.1"},
                                {"POSTERN_SERVICE_HOST", "10.0.0.1"},
                                {"POSTERN_CONFIG", "/etc/x"},
                                {"POSTERN_TEST_POSTGRESQL", "postgresql:///"},
                                {"OTHER_SMTP_LISTEN", "x"}}))
              .empty());
    CHECK_FALSE(problems(environment({{"POSTERN_PORTS", "x"}})).empty());
}

TEST_CASE("a machine name that is no domain name must be replaced, one that is set may be anything") {
    auto s = nothing_given();
    s.machine_name = [] { return std::string("my_laptop"); };
    CHECK(problems(s) ==
          "server.hostname: this machine's name, \"my_laptop\", is not a domain name: labels are letters, digits and inner "
          "hyphens; set server.hostname to the name that mail for this server is addressed by, such as mx.example.org\n");
    s.options = {{"server.hostname", "mx.example.test"}};
    s.machine_name = []() -> std::string { throw std::logic_error("not asked: the answer may take a resolver's time"); };
    CHECK(problems(s).empty());
}

TEST_CASE("two listeners cannot have one address and port") {
    const auto [smtp, http, expected] = GENERATE(table<std::string, std::string, std::string>({
        {"127.0.0.1:25, [::1]:25", "127.0.0.1:80", ""},
        {"0.0.0.0:25, [::]:25", "127.0.0.1:80, [::1]:80", ""},
        {"127.0.0.1:0, 127.0.0.1:0", "127.0.0.1:0", ""},  // each gets a free port
        {"127.0.0.1:25, 127.0.0.2:25", "none", ""},
        {"127.0.0.1:25, 127.0.0.1:25", "none", "127.0.0.1:25 of smtp.listen is taken by 127.0.0.1:25 of smtp.listen already"},
        {"[::1]:25, [0:0::1]:25", "none", "[::1]:25 of smtp.listen is taken by [::1]:25 of smtp.listen already"},
        {"127.0.0.1:25", "127.0.0.1:25", "127.0.0.1:25 of http.listen is taken by 127.0.0.1:25 of smtp.listen already"},
        {"0.0.0.0:25, 127.0.0.1:25", "none", "127.0.0.1:25 of smtp.listen is taken by 0.0.0.0:25 of smtp.listen already"},
        {"[::1]:25, [::]:25", "none", "[::]:25 of smtp.listen is taken by [::1]:25 of smtp.listen already"},
    }));
    const auto told = problems(options({{"smtp.listen", smtp}, {"http.listen", http}}));
    CHECK(told.empty() == expected.empty());
    CHECK(told.contains(expected));
}

TEST_CASE("the listeners of IMAP cannot have the ports of others") {
    CHECK(problems(options({{"imap.listen", "127.0.0.1:2143"}, {"imaps.listen", "127.0.0.1:2993"}})).empty());
    CHECK_THAT(problems(options({{"imap.listen", "127.0.0.1:2143"}, {"imaps.listen", "127.0.0.1:2143"}})),
               Catch::Contains("127.0.0.1:2143 of imaps.listen is taken by 127.0.0.1:2143 of imap.listen already"));
    CHECK_THAT(problems(options({{"imap.listen", "127.0.0.1:465"}})),
               Catch::Contains("127.0.0.1:465 of imap.listen is taken by 0.0.0.0:465 of submissions.listen already"));
}

TEST_CASE("an idle session of IMAP is left a minute at least") {
    CHECK(problems(options({{"limits.imap_idle_timeout", "60s"}})).empty());
    CHECK_THAT(problems(options({{"limits.imap_idle_timeout", "59s"}})), Catch::Contains("is out of range"));
}

TEST_CASE("certificates and keys come in pairs") {
    CHECK(problems(file("[tls]\ncertificate = /a.pem, /b.pem\nprivate_key = /a.key, /b.key\n")).empty());
    CHECK(problems(file("[tls]\ncertificate = /a.pem, /b.pem\nprivate_key = /a.key\n")) ==
          "f:3: tls.certificate has 2 files and tls.private_key 1 file; must be pairs, in the same order\n");
    CHECK(problems(options({{"tls.certificate", "/a.pem"}})) ==
          "--tls.certificate: tls.certificate has 1 file and tls.private_key 0 files; must be pairs, in the same order\n");
}

TEST_CASE("a smarthost's password stands with its user and goes only to who has proven to be the smarthost") {
    struct row {
        std::vector<std::pair<std::string, std::string>> options;
        std::string complaint;  // empty: none
    };
    const row rows[] = {
        {{{"relay.host", "smtp.example.test"}, {"relay.user", "u"}, {"relay.password", "p"}, {"relay.tls", "required"}}, ""},
        {{{"relay.host", "smtp.example.test"}, {"relay.user", "u"}, {"relay.password", "p"}, {"relay.tls", "implicit"}}, ""},
        {{{"relay.host", "127.0.0.1"}, {"relay.user", "u"}, {"relay.password", "p"}}, ""},  // nobody in between
        {{{"relay.host", "smtp.example.test"}, {"relay.user", "u"}, {"relay.password", "p"}}, "relay.tls must be"},
        {{{"relay.host", "127.0.0.1"}, {"relay.user", "u"}}, "must be set together"},
        {{{"relay.host", "127.0.0.1"}, {"relay.password", "p"}}, "must be set together"},
        {{{"relay.user", "u"}, {"relay.password", "p"}}, "relay.host"},
    };
    for (const auto& r : rows) {
        const auto told = problems(options(r.options));
        INFO(r.complaint);
        CHECK(told.empty() == r.complaint.empty());
        CHECK_THAT(told, Catch::Contains(r.complaint));
    }
}

TEST_CASE("a clash with a default is told at the value that was given") {
    CHECK(
        problems(file("[http]\nlisten = 0.0.0.0:25\n")) ==
        "f:2: 0.0.0.0:25 of http.listen is taken by 0.0.0.0:25 of smtp.listen already; must be different addresses or ports\n");
    CHECK(problems(environment({{"POSTERN_SMTP_LISTEN", "127.0.0.1:8080"}}))
              .starts_with("POSTERN_SMTP_LISTEN: 127.0.0.1:8080 of"));
}

}  // namespace load_test
