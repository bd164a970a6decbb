#include "config/setting_table.hpp"

#include <set>
#include <string>

#include "config/changes.hpp"
#include "config/log_values.hpp"
#include "config/options.hpp"
#include "test/catch.hpp"

namespace setting_table_test {

using namespace postern::config;

TEST_CASE("every setting has one name, one variable, one option, a default and a help line") {
    std::set<std::string> variables;
    const auto options = describe_options();
    for (const auto& s : all_settings()) {
        INFO(s.name());
        CHECK(find_setting(s.name()) == &s);
        CHECK(variables.insert(s.environment_name()).second);
        CHECK(options.find_nothrow(s.name(), false) != nullptr);
        CHECK_FALSE(s.default_text.empty());
        CHECK_FALSE(s.allowed.empty());
        CHECK_FALSE(s.help.empty());
        // Names of other people's variables: see the loader.
        CHECK(s.section != "port");
        CHECK(s.section != "service");
        CHECK(s.section != "test");
    }
    CHECK(find_setting("smtp.nothing") == nullptr);
    CHECK(find_setting("") == nullptr);
}

TEST_CASE("a default, written as it is shown, is allowed and gives itself") {
    for (const auto& s : all_settings()) {
        if (s.name() == "server.hostname" || s.name() == "database.url") continue;  // made from the machine and from data_dir
        INFO(s.name());
        settings values;
        CHECK(s.assign(values, s.default_text));
        CHECK(s.show(values) == s.default_text);
    }
}

TEST_CASE("each setting refuses what is outside of its type or range, and then keeps its value") {
    const auto [name, least, most, wrong] = GENERATE(table<std::string, std::string, std::string, std::vector<std::string>>({
        {"server.first_administrator", "none", "admin@xn--mller-kva.test", {"", "admin", "@a.test", "a@", "a@b c", "a@[::1]"}},
        {"database.password", "none", "********", {"", "a\nb"}},
        {"server.drain", "0s", "1h", {"61m", "1", "-1s"}},
        {"database.read_sessions", "1", "64", {"0", "65", "many"}},
        {"database.statement_timeout", "100ms", "1h", {"99ms", "0s", "2h"}},
        {"limits.message_size", "64K", "1G", {"65535", "1025M", "0"}},  // RFC 5321 4.5.3.1.7
        {"limits.memory_message_size", "1K", "16M", {"0", "17M"}},
        {"limits.recipients", "100", "100000", {"99", "100001", "1K"}},  // RFC 5321 4.5.3.1.8
        {"limits.messages_per_session", "1", "1000000", {"0", "1000001"}},
        {"limits.smtp_connections", "1", "100000", {"0", "100001"}},
        {"limits.smtp_connections_per_address", "1", "100000", {"0", "100001"}},
        {"limits.smtp_errors", "1", "10000", {"0", "10001"}},
        {"limits.smtp_idle_commands", "10", "1000000", {"9", "1000001"}},
        {"limits.smtp_command_timeout", "1s", "1d", {"0s", "25h", "1500ms"}},
        {"limits.smtp_data_timeout", "1s", "1d", {"0s", "25h"}},
        {"limits.smtp_data_total_timeout", "1s", "1d", {"0s", "25h"}},
        {"limits.smtp_greeting_delay", "0s", "1m", {"61s"}},
        {"limits.http_connections", "1", "100000", {"0", "100001"}},
        {"limits.http_connections_per_address", "1", "100000", {"0", "100001"}},
        {"limits.http_header_size", "1K", "1M", {"1023", "2M"}},
        {"limits.http_body_size", "1K", "1G", {"1023", "2G"}},
        {"limits.http_idle_timeout", "1s", "1d", {"0s", "25h"}},
        {"limits.http_request_timeout", "1s", "1d", {"0s", "25h"}},
        {"limits.password_hashes", "1", "64", {"0", "65"}},
        {"limits.password_memory", "19M", "1G", {"18M", "1025M"}},
        {"queue.retry", "1ms", "1m, 5m, 7d", {"", "none", "0s", "8d", "1m,", "1m 5m", "5"}},
        {"queue.expire", "1s", "365d", {"0s", "366d"}},
        {"queue.delay_notice", "0s", "365d", {"366d", "never"}},
        {"queue.connections", "1", "10000", {"0", "10001"}},
        {"queue.connections_per_destination", "1", "1000", {"0", "1001"}},
        {"queue.lease", "1s", "1d", {"0s", "25h"}},
        {"relay.host", "none", "mx.example.test", {"", "a b", "-a", "[::1", "a:25"}},
        {"relay.host", "192.0.2.1", "2001:db8::1", {"192.0.2.256", ":::"}},
        {"relay.port", "1", "65535", {"0", "65536", "smtp"}},
        {"relay.user", "none", "a b", {"", "a\nb", "\xff"}},
        {"relay.password", "none", "********", {""}},
        {"relay.tls", "opportunistic", "none", {"", "yes", "Required"}},
        {"relay.routes",
         "none",
         "a.test=b.test:25, c.test=[2001:db8::1]:2525",
         {"", "a.test", "a.test=", "=b", "a.test=b:0", "a=b c"}},
        {"relay.source_addresses", "none", "192.0.2.1, 2001:db8::1", {"", "localhost", "192.0.2.1:25"}},
        {"dns.servers", "none", "127.0.0.1:53, [::1]:5353", {"", "localhost", "127.0.0.1:0", "127.0.0.1:x"}},
        {"dns.timeout", "10ms", "1m", {"9ms", "61s"}},
        {"events.retention", "0s", "3650d", {"3651d", "1500ms"}},
        {"database.migrate", "true", "false", {"maybe", ""}},
        {"log.level", "trace", "off", {"", "Info", "verbose"}},
        {"log.format", "text", "json", {"", "xml"}},
        {"log.output", "stdout", "stderr", {"", "journal"}},
        {"server.data_dir", "/srv", "/var/lib", {"", "srv", "./srv"}},
        {"database.url", "sqlite:///a", "postgresql:///a", {"", "sqlite://", "sqlite:///", "sqlite://a", "mysql://a", "/a"}},
    }));
    const auto* s = find_setting(name);
    REQUIRE(s != nullptr);
    settings values;
    CHECK(s->assign(values, least));
    CHECK(s->show(values) == least);
    CHECK(s->assign(values, most));
    CHECK(s->show(values) == most);
    for (const auto& text : wrong) {
        INFO(name << " = " << text);
        CHECK_FALSE(s->assign(values, text));
        CHECK(s->show(values) == most);
    }
}

TEST_CASE("the help and the documentation's table name every setting") {
    const auto help = settings_help();
    const auto table = settings_markdown();
    for (const auto& s : all_settings()) {
        CHECK(help.contains("--" + s.name() + " (default " + s.default_text + ")"));
        CHECK(table.contains("| `" + s.name() + "` | `" + s.default_text + "` |"));
    }
}

TEST_CASE("levels of single modules") {
    using postern::core::log_level;
    const auto levels = parse_levels("smtp=debug, queue = off").value();
    CHECK(levels == std::map<std::string, log_level>{{"smtp", log_level::debug}, {"queue", log_level::off}});
    CHECK(format_levels(levels) == "queue=off, smtp=debug");
    CHECK(parse_levels("none").value().empty());
    CHECK(parse_levels("smtpd=debug").error() == "has \"smtpd\", which is no module");
    CHECK(parse_levels("smtp=loud").error() == "has \"loud\", which is no level");
    CHECK(parse_levels("smtp").error() == "has \"smtp\" without a level");
    CHECK_FALSE(parse_levels(""));
    CHECK_FALSE(parse_levels("smtp=debug,"));
}

TEST_CASE("of changed settings those are taken that can change at run time, and the others are named") {
    settings held;
    auto read = held;
    CHECK(take_changes(held, read).taken.empty());
    read.limits.smtp_connections = 7;
    read.limits.imap_idle_timeout = std::chrono::seconds(90);
    read.imap.proxy_protocol_from = {"192.0.2.0/24"};
    read.imaps.listen = {{"127.0.0.1", 2993}};
    read.log.levels["smtp"] = postern::core::log_level::trace;
    read.tls.certificate = {"/etc/new.pem"};
    read.relay.routes = {{"example.org", "mx.example.net", 25}};
    read.smtp.listen = {{"127.0.0.1", 2525}};
    read.database.url = "postgresql://postern:new-secret@db/postern";
    read.limits.memory_message_size = 5000;
    const auto found = take_changes(held, read);
    CHECK(found.taken == std::vector<std::string>{"imap.proxy_protocol_from", "tls.certificate", "relay.routes",
                                                  "limits.smtp_connections", "limits.imap_idle_timeout", "log.levels"});
    CHECK(found.at_next_start ==
          std::vector<std::string>{"database.url", "smtp.listen", "imaps.listen", "limits.memory_message_size"});
    CHECK(held.limits.smtp_connections == 7);
    CHECK(held.relay.routes == read.relay.routes);
    CHECK(held.smtp.listen == settings{}.smtp.listen);
    CHECK(held.database.url.empty());
    CHECK(take_changes(held, read).taken.empty());  // said once
}

}  // namespace setting_table_test
