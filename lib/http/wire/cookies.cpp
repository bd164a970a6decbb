#include "http/wire/cookies.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace postern::http {

std::optional<std::string> find_cookie(std::string_view field, std::string_view name) {
    std::optional<std::string> found;
    while (!field.empty()) {
        const auto end = std::min(field.find(';'), field.size());
        auto pair = field.substr(0, end);
        field.remove_prefix(std::min(end + 1, field.size()));
        pair.remove_prefix(std::min(pair.find_first_not_of(" \t"), pair.size()));
        const auto equals = pair.find('=');
        if (equals == std::string_view::npos || pair.substr(0, equals) != name) continue;
        if (found) return std::nullopt;
        found.emplace(pair.substr(equals + 1));
    }
    return found;
}

std::string secret_cookie(std::string_view name, std::string_view value, std::chrono::seconds age, bool secure) {
    return fmt::format("{}={}; Path=/; Max-Age={}; HttpOnly; SameSite=Strict{}", name, value, age.count(),
                       secure ? "; Secure" : "");
}

}  // namespace postern::http
