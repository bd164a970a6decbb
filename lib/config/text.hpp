#pragma once

#include <string>
#include <string_view>
#include <vector>

/// Words for people: what may be shown of a value, and what was probably meant.
namespace postern::config {

/// A database URL fit for logs and screens: passwords in its authority or its parameters become "***".
[[nodiscard]] std::string without_password(std::string_view url);

/// `text` inside double quotes on one line: control characters and quotes escaped, cut after 100 octets.
[[nodiscard]] std::string in_quotes(std::string_view text);

/// Without blanks and tabs around it.
[[nodiscard]] std::string_view trim(std::string_view text);

/// The candidate a person probably meant: nearest by edits, at most a third of its length away; empty when none is near.
[[nodiscard]] std::string nearest(std::string_view text, const std::vector<std::string>& candidates);

}  // namespace postern::config
