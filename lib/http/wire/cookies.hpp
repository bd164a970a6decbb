#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace postern::http {

/// A cookie's value out of a Cookie field (RFC 6265 4.2.1). nullopt when it is not there, and when it is there twice: another
/// host of the domain, or a page under another path, has set a second one, and nobody knows which is ours.
[[nodiscard]] std::optional<std::string> find_cookie(std::string_view field, std::string_view name);

/// The value of a Set-Cookie field for a secret that no script may read and no other site's request may carry (HttpOnly,
/// SameSite=Strict); `secure`: over TLS only. An age of zero removes it.
[[nodiscard]] std::string secret_cookie(std::string_view name, std::string_view value, std::chrono::seconds age, bool secure);

}  // namespace postern::http
