#include "storage/soci/database_url.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <libpq-fe.h>

namespace postern::storage {
namespace {

constexpr std::string_view forms = "use sqlite:///path/to/file or postgresql://user@host/name";

std::optional<std::string> percent_decoded(std::string_view text) {
    const auto digit = [](char c) -> int {
        if (c >= '0' && c <= '9') return c - '0';
        if (c >= 'a' && c <= 'f') return c - 'a' + 10;
        if (c >= 'A' && c <= 'F') return c - 'A' + 10;
        return -1;
    };
    std::string decoded;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            decoded += text[i];
            continue;
        }
        const int high = i + 2 < text.size() ? digit(text[i + 1]) : -1;
        const int low = i + 2 < text.size() ? digit(text[i + 2]) : -1;
        if (high < 0 || low < 0 || (high == 0 && low == 0)) return std::nullopt;  // a NUL would cut the path short
        decoded += static_cast<char>(high * 16 + low);
        i += 2;
    }
    return decoded;
}

core::result<database_location> parse_sqlite(std::string_view rest) {
    if (rest.starts_with("//")) {
        rest.remove_prefix(2);
        if (!rest.starts_with('/')) {
            return core::fail(errc::bad_url, "an SQLite URL has no host: sqlite:///absolute/path or sqlite:relative/path");
        }
    }
    // Options of a session are ours to set, not the URL's: synchronous=off would make every 250 a lie.
    if (rest.find_first_of("?#") != std::string_view::npos) {
        return core::fail(errc::bad_url, "an SQLite URL takes no parameters; write %3F for ? and %23 for # in a file name");
    }
    const auto path = percent_decoded(rest);
    if (!path) return core::fail(errc::bad_url, "the SQLite path has a % without two hexadecimal digits; write %25 for %");
    if (path->empty() || path->ends_with('/')) {
        return core::fail(errc::bad_url, "an SQLite URL names a file: sqlite:///path/to/file");
    }
    if (*path == ":memory:") {
        return core::fail(errc::bad_url, "an SQLite database in memory would be another one for each session: name a file");
    }
    return sqlite_location{*path};
}

/// RFC 3986 2.3: everything but unreserved characters as %XX.
std::string percent_encoded(std::string_view text) {
    constexpr std::string_view unreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    std::string encoded;
    for (const char c : text) {
        if (unreserved.find(c) != std::string_view::npos) {
            encoded += c;
        } else {
            encoded += fmt::format("%{:02X}", static_cast<unsigned char>(c));
        }
    }
    return encoded;
}

/// libpq's complaint about a URI quotes the part it stumbled over, which may be the password: only names of parameters pass.
std::string safe_complaint(std::string_view complaint) {
    while (!complaint.empty() && std::isspace(static_cast<unsigned char>(complaint.back())) != 0) complaint.remove_suffix(1);
    const bool names_a_parameter = complaint.starts_with("invalid URI query parameter");
    const auto quote = names_a_parameter ? std::string_view::npos : complaint.find('"');
    std::string said(complaint.substr(0, quote));
    while (said.ends_with(' ') || said.ends_with(':') || said.ends_with('(')) said.pop_back();
    return said;
}

bool is_port_list(std::string_view ports) {
    return std::ranges::all_of(ports, [](char c) { return (c >= '0' && c <= '9') || c == ','; });
}

std::string shown_form(const std::map<std::string, std::string>& given) {
    const auto value = [&given](const char* key) {
        const auto found = given.find(key);
        return found == given.end() ? std::string() : found->second;
    };
    const auto next = [](std::string& list) {
        const auto comma = list.find(',');
        std::string head = list.substr(0, comma);
        list = comma == std::string::npos ? std::string() : list.substr(comma + 1);
        return head;
    };
    auto hosts = value("host").empty() ? value("hostaddr") : value("host");
    auto ports = value("port");
    const bool one_port = ports.find(',') == std::string::npos;
    std::string places;
    do {
        const auto host = next(hosts);
        const auto port = one_port ? ports : next(ports);
        places += (places.empty() ? "" : ",") + host + (port.empty() ? "" : ":" + port);
    } while (!hosts.empty());
    const auto user = value("user").empty() ? std::string() : value("user") + "@";
    return fmt::format("postgresql://{}{}/{}", user, places, value("dbname"));
}

core::result<database_location> parse_postgresql(const std::string& url, const std::string& password) {
    char* raw_complaint = nullptr;
    const std::unique_ptr<PQconninfoOption, void (*)(PQconninfoOption*)> options(PQconninfoParse(url.c_str(), &raw_complaint),
                                                                                 PQconninfoFree);
    const std::unique_ptr<char, void (*)(void*)> complaint(raw_complaint, PQfreemem);
    if (!options) {
        return core::fail(errc::bad_url, safe_complaint(complaint ? complaint.get() : "the PostgreSQL URL cannot be read"));
    }
    std::map<std::string, std::string> given;
    for (const auto* option = options.get(); option->keyword != nullptr; ++option) {
        if (option->val != nullptr) given.emplace(option->keyword, option->val);
    }
    if (const auto port = given.find("port"); port != given.end() && !is_port_list(port->second)) {
        return core::fail(errc::bad_url,
                          "the port is not a number; write / : @ ? # and % in a password as %2F %3A %40 %3F %23 %25");
    }

    if (!password.empty() && !given.emplace("password", password).second) {
        return core::fail(errc::bad_url, "the URL holds a password and database.password is set as well: remove one of them");
    }

    auto location = postgresql_location{"postgresql://", shown_form(given)};
    constexpr std::array<std::pair<const char*, const char*>, 7> defaults{{
        {"application_name", "postern"},
        {"connect_timeout", "5"},       // seconds, for each host
        {"keepalives_idle", "10"},      // with the next two: a peer that vanished is noticed within 25 s
        {"keepalives_interval", "5"},   //
        {"keepalives_count", "3"},      //
        {"tcp_user_timeout", "20000"},  // milliseconds: unacknowledged data ends the connection
        {"gssencmode", "disable"},      // else a ticket lying about costs a round trip and may hang in a KDC lookup
    }};
    for (const auto& [key, value] : defaults) given.emplace(key, value);
    given["client_encoding"] = "UTF8";  // every string of ours is
    // SOCI takes a connect string apart at blanks and its first '=' and puts it together again, which spoils most forms but not
    // this one: a URI without blanks whose first '=' stands between a name and its value.
    char separator = '?';
    for (const auto& [key, value] : given) {
        location.uri += fmt::format("{}{}={}", std::exchange(separator, '&'), key, percent_encoded(value));
    }
    return location;
}

}  // namespace

core::result<database_location> parse_database_url(const std::string& url, const std::string& password) {
    if (url.find('\0') != std::string::npos) return core::fail(errc::bad_url, "the database URL holds a NUL");
    const std::string_view text = url;
    if (text.starts_with("sqlite:")) return parse_sqlite(text.substr(7));
    if (text.starts_with("postgresql://") || text.starts_with("postgres://")) return parse_postgresql(url, password);
    if (url.empty()) return core::fail(errc::bad_url, fmt::format("no database URL: {}", forms));
    // The text may be a password pasted into the wrong place: say the forms, do not repeat it.
    return core::fail(errc::bad_url, fmt::format("not a database URL: {}", forms));
}

std::string shown(const database_location& location) {
    if (const auto* file = std::get_if<sqlite_location>(&location)) return file->path.string();
    return std::get<postgresql_location>(location).shown;
}

}  // namespace postern::storage
