#include "smtp/replies.hpp"

#include <utility>

#include <fmt/format.h>

namespace postern::smtp::replies {

reply greeting(std::string_view hostname) { return {220, fmt::format("{} ESMTP Postern", hostname)}; }

reply helo(std::string_view hostname, std::string_view client) { return {250, fmt::format("{} greets {}", hostname, client)}; }

reply auth_challenge(std::string_view base64) { return {334, std::string(base64)}; }

reply auth_throttled(std::chrono::seconds wait) {
    return {454, {4, 7, 0}, fmt::format("Too many failed logins, try again in {} seconds", wait.count())};
}

reply accepted(std::string_view id) { return {250, {2, 0, 0}, fmt::format("{} accepted", id)}; }

reply chunk_received(std::uint64_t octets) { return {250, {2, 0, 0}, fmt::format("{} octets received", octets)}; }

reply too_large(std::uint64_t limit) {
    constexpr std::uint64_t kilo = 1024;
    const auto [amount, unit] = limit % (kilo * kilo) == 0 ? std::pair(limit / (kilo * kilo), "MB")
                                : limit % kilo == 0        ? std::pair(limit / kilo, "KB")
                                                           : std::pair(limit, "octets");
    return {552, {5, 3, 4}, fmt::format("Message is too large: at most {} {} are taken", amount, unit)};
}

reply parameter_unknown(std::string_view keyword) { return {555, {5, 5, 4}, fmt::format("Parameter {} not offered", keyword)}; }

reply parameter_repeated(std::string_view keyword) {
    return {501, {5, 5, 4}, fmt::format("Parameter {} given twice", keyword)};
}

reply parameter_value(std::string_view keyword) { return {501, {5, 5, 4}, fmt::format("Bad value of parameter {}", keyword)}; }

}  // namespace postern::smtp::replies
