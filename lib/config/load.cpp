#include "config/load.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <memory>
#include <string_view>
#include <system_error>

#include <fmt/format.h>
#include <netdb.h>
#include <unistd.h>

#include "config/file.hpp"
#include "config/setting_table.hpp"
#include "config/text.hpp"
#include "config/values.hpp"

namespace postern::config {

namespace {

constexpr std::string_view prefix = "POSTERN_";
constexpr auto config_variable = "POSTERN_CONFIG";
constexpr auto default_file = "/etc/postern/postern.conf";

std::string meant(std::string_view text, const std::vector<std::string>& known) {
    const auto near = nearest(text, known);
    return near.empty() ? std::string() : fmt::format("; did you mean {}?", near);
}

std::vector<std::string> names_of(std::string (setting::*name)() const) {
    std::vector<std::string> names;
    for (const auto& s : all_settings()) names.push_back((s.*name)());
    return names;
}

/// Variables that begin like ours and come from others: Kubernetes and Docker links describe a service named "postern" by
/// POSTERN_SERVICE_HOST, POSTERN_PORT, POSTERN_PORT_25_TCP and so on; the tests have POSTERN_TEST_ for themselves.
bool is_foreign(std::string_view variable) {
    constexpr std::array foreign{"POSTERN_SERVICE_", "POSTERN_PORT_", "POSTERN_TEST_"};
    return variable == "POSTERN_PORT" || std::ranges::any_of(foreign, [&](const char* f) { return variable.starts_with(f); });
}

/// Collects values in order of precedence, and every problem.
class loading {
public:
    explicit loading(const sources& from) : from_(from) {}

    std::expected<loaded, std::vector<problem>> run() {
        if (!from_.file_name.empty()) take_file();
        take_environment();
        for (const auto& [name, value] : from_.options) take_option(name, value);
        fill_in();
        if (problems_.empty()) check_listeners();
        if (problems_.empty()) check_certificates();
        if (problems_.empty()) check_database();
        if (problems_.empty()) check_login();
        if (!problems_.empty()) return std::unexpected(std::move(problems_));
        return std::move(result_);
    }

private:
    void take_file() {
        auto contents = parse_file(from_.file_name, from_.file_text);
        problems_ = std::move(contents.problems);
        for (const auto& entry : contents.entries) {
            const auto name = entry.section + '.' + entry.key;
            const auto where = fmt::format("{}:{}", from_.file_name, entry.line);
            if (const auto* known = find_setting(name)) {
                assign(*known, entry.value, problem::origin::file, where, fmt::format("{}: {} = ", where, name));
            } else {
                // The value is not shown: it may be a password under a misspelt key.
                complain(problem::origin::file,
                         fmt::format("{}: {} is not a setting{}", where, name, meant(name, names_of(&setting::name))));
            }
        }
    }

    void take_environment() {
        for (const auto& [variable, value] : from_.environment) {
            if (!variable.starts_with(prefix) || variable == config_variable || is_foreign(variable)) continue;
            const auto& all = all_settings();
            const auto known = std::ranges::find(all, variable, &setting::environment_name);
            const auto by_file = std::ranges::find(all, variable, &setting::file_variable);
            if (known != all.end()) {
                assign(*known, value, problem::origin::environment, variable, variable + '=');
            } else if (by_file != all.end()) {
                take_secret(*by_file, value);
            } else {
                complain(problem::origin::environment, fmt::format("{}: no setting has this environment variable{}", variable,
                                                                   meant(variable, names_of(&setting::environment_name))));
            }
        }
    }

    /// The value is in the file `path`, where it is in nobody's list of processes and in no dump of the environment.
    void take_secret(const setting& s, const std::string& path) {
        const auto variable = s.file_variable();
        const auto wrong = [&](std::string_view why) {
            complain(problem::origin::environment, fmt::format("{}: {}", variable, why));
        };
        if (!s.secret) return wrong(fmt::format("{} is no secret; set {}", s.name(), s.environment_name()));
        const auto plain = s.environment_name();
        if (std::ranges::any_of(from_.environment, [&](const auto& given) { return given.first == plain; }))
            return wrong(fmt::format("{} is set as well; must be one of them", plain));
        const auto value = from_.secret_in(path);
        if (!value) return wrong(value.error());
        assign(s, *value, problem::origin::environment, variable, fmt::format("{}: what is in {} ", variable, path));
    }

    void take_option(const std::string& name, const std::string& value) {
        const auto option = "--" + name;
        if (const auto* known = find_setting(name)) {
            assign(*known, value, problem::origin::command_line, option, option + '=');
        } else {
            complain(problem::origin::command_line,
                     fmt::format("{}: not a setting{}", option, meant(name, names_of(&setting::name))));
        }
    }

    void assign(const setting& s, std::string_view value, problem::origin from, const std::string& where,
                std::string_view given) {
        if (const auto done = s.assign(result_.values, value); !done) {
            complain(from, fmt::format("{}{} {}; must be {}", given, s.secret ? "(not shown)" : in_quotes(value), done.error(),
                                       s.allowed));
            return;
        }
        origins_[s.name()] = from;
        result_.origins[s.name()] = where;
    }

    /// The defaults that depend on the machine or on other settings.
    void fill_in() {
        auto& values = result_.values;
        if (values.database.url.empty()) values.database.url = "sqlite://" + (values.server.data_dir / "postern.db").string();
        if (!values.server.hostname.empty()) return;
        const auto machine = from_.machine_name();
        const auto name = parse_hostname(machine);
        if (name) {
            values.server.hostname = *name;
        } else {
            complain(problem::origin::environment,
                     fmt::format("server.hostname: this machine's name, {}, {}; set server.hostname to the name "
                                 "that mail for this server is addressed by, such as mx.example.org",
                                 in_quotes(machine), name.error()));
        }
    }

    /// One address and port cannot be listened on twice, and 0.0.0.0 or [::] takes all of its family.
    void check_listeners() {
        struct listener {
            const char* setting;
            endpoint at;
        };
        std::vector<listener> all;
        const auto add = [&all](const char* setting, const std::vector<endpoint>& list) {
            for (const auto& e : list) all.push_back({setting, e});
        };
        add("smtp.listen", result_.values.smtp.listen);
        add("submission.listen", result_.values.submission.listen);
        add("submissions.listen", result_.values.submissions.listen);
        add("imap.listen", result_.values.imap.listen);
        add("imaps.listen", result_.values.imaps.listen);
        add("http.listen", result_.values.http.listen);
        add("https.listen", result_.values.https.listen);
        for (auto second = all.begin(); second != all.end(); ++second) {
            const auto first = std::find_if(all.begin(), second, [&](const listener& l) { return clash(l.at, second->at); });
            if (first == second) continue;
            const std::string second_setting = second->setting;
            const auto origin = result_.origins.contains(second_setting) ? second_setting : std::string(first->setting);
            complain(origins_.contains(origin) ? origins_[origin] : problem::origin::file,
                     fmt::format("{}: {} of {} is taken by {} of {} already; must be different addresses or ports",
                                 result_.origins.contains(origin) ? result_.origins[origin] : origin,
                                 format_endpoint(second->at), second->setting, format_endpoint(first->at), first->setting));
        }
    }

    void check_certificates() {
        const auto& tls = result_.values.tls;
        if (tls.certificate.size() == tls.private_key.size()) return;
        const std::string origin = result_.origins.contains("tls.private_key") ? "tls.private_key" : "tls.certificate";
        complain(origins_[origin],
                 fmt::format("{}: tls.certificate has {} and tls.private_key {}; must be pairs, in the same order",
                             result_.origins[origin], files(tls.certificate.size()), files(tls.private_key.size())));
    }

    /// A password that is asked for by nobody was meant for another database.
    void check_database() {
        const auto& database = result_.values.database;
        if (database.password.empty() || !database.url.starts_with("sqlite:")) return;
        complain(origins_["database.password"],
                 fmt::format("{}: database.password is for PostgreSQL; must stand with a database.url that begins with "
                             "postgresql://",
                             result_.origins["database.password"]));
    }

    /// A password goes to nobody who has not proven to be the smarthost; on this machine there is nobody between.
    void check_login() {
        const auto& relay = result_.values.relay;
        const bool proven = relay.tls == relay_tls::required || relay.tls == relay_tls::implicit;
        const bool here = relay.host == "::1" || relay.host.starts_with("127.") || relay.host == "localhost";
        const auto complain_about = [this](const std::string& name, std::string_view why) {
            complain(origins_.contains(name) ? origins_[name] : problem::origin::file,
                     fmt::format("{}: {} {}", result_.origins.contains(name) ? result_.origins[name] : name, name, why));
        };
        if (relay.user.empty() != relay.password.empty())
            complain_about(relay.user.empty() ? "relay.password" : "relay.user",
                           "stands alone; relay.user and relay.password must be set together");
        if (relay.user.empty()) return;
        if (relay.host.empty()) complain_about("relay.user", "has nowhere to log in; must be set with relay.host");
        if (!relay.host.empty() && !proven && !here)
            complain_about("relay.user", "would send the password to whoever answers; relay.tls must be required or implicit");
    }

    static std::string files(std::size_t count) { return count == 1 ? "1 file" : fmt::format("{} files", count); }

    static bool clash(const endpoint& a, const endpoint& b) {
        const bool same_family = a.address.contains(':') == b.address.contains(':');
        const auto is_any = [](const endpoint& e) { return e.address == "0.0.0.0" || e.address == "::"; };
        return a.port != 0 && a.port == b.port && same_family && (a.address == b.address || is_any(a) || is_any(b));
    }

    void complain(problem::origin from, std::string text) { problems_.push_back({from, std::move(text)}); }

    const sources& from_;
    loaded result_;
    std::map<std::string, problem::origin> origins_;
    std::vector<problem> problems_;
};

/// The fully qualified name where the resolver knows it, else the plain one.
std::string machine_name() {
    std::array<char, 256> name{};
    if (gethostname(name.data(), name.size() - 1) != 0) return {};
    if (std::string_view(name.data()).contains('.')) return name.data();
    addrinfo hints{};
    hints.ai_flags = AI_CANONNAME;
    addrinfo* found = nullptr;
    if (getaddrinfo(name.data(), nullptr, &hints, &found) != 0) return name.data();
    const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> held(found, &freeaddrinfo);
    return found->ai_canonname != nullptr ? found->ai_canonname : name.data();
}

}  // namespace

std::expected<loaded, std::vector<problem>> load(const sources& from) { return loading(from).run(); }

std::expected<sources, problem> gather(std::optional<std::string> config_option,
                                       std::vector<std::pair<std::string, std::string>> options) {
    sources found{.options = std::move(options),
                  .environment = {},
                  .file_name = {},
                  .file_text = {},
                  .machine_name = machine_name,
                  .secret_in = read_secret};
    for (char** variable = environ; *variable != nullptr; ++variable) {
        const std::string_view text = *variable;
        const auto equals = text.find('=');
        if (equals != std::string_view::npos && text.starts_with(prefix))
            found.environment.emplace_back(text.substr(0, equals), text.substr(equals + 1));
    }
    std::ranges::sort(found.environment);  // problems in the same order every time

    const auto variable = std::ranges::find(found.environment, config_variable, &std::pair<std::string, std::string>::first);
    std::error_code ignored;
    if (config_option)
        found.file_name = *config_option;
    else if (variable != found.environment.end())
        found.file_name = variable->second;
    else if (std::filesystem::exists(default_file, ignored))
        found.file_name = default_file;
    if (!found.file_name.empty()) {
        auto text = read_file(found.file_name);
        if (!text) return std::unexpected(std::move(text).error());
        found.file_text = std::move(*text);
    }
    return found;
}

}  // namespace postern::config
