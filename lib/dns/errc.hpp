#pragma once

#include <system_error>

namespace postern::dns {

enum class errc {
    bad_server = 1,  ///< a server is not an IP address with a port
    no_resolver,     ///< c-ares could not be set up
};

[[nodiscard]] std::error_code make_error_code(errc e) noexcept;

}  // namespace postern::dns

template <>
struct std::is_error_code_enum<postern::dns::errc> : std::true_type {};
