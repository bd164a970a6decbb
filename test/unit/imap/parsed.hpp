#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "imap/protocol/command_parser.hpp"

/// The command of type T that `octets` are, tagged "a"; throws where they are none.
template <typename T>
T parsed(std::string_view octets, bool utf8 = false) {
    const auto result = postern::imap::parse_command("a " + std::string(octets), utf8);
    if (!result) throw std::runtime_error(std::string(octets) + ": " + result.error().text);
    if (!std::holds_alternative<T>(result->what)) throw std::runtime_error(std::string(octets) + ": another command");
    return std::get<T>(result->what);
}

/// Why `octets` are no command; "" where they are one.
inline std::string refused(std::string_view octets, bool utf8 = false) {
    const auto result = postern::imap::parse_command("a " + std::string(octets), utf8);
    if (result) return {};
    return result.error().tag == "a" ? result.error().text : "the tag is " + result.error().tag;
}
