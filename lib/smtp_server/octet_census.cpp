#include "smtp_server/octet_census.hpp"

#include <cstddef>

#include "core/unicode.hpp"

namespace postern::smtp_server {

void octet_census::look_at(std::string_view octets) noexcept {
    std::size_t header = 0;
    while (in_header_ && header < octets.size()) {
        const char c = octets[header++];
        if (c == '\n') {
            in_header_ = !line_empty_;
            line_empty_ = true;
        } else if (c != '\r') {
            line_empty_ = false;
        }
    }
    header_ = header_ || !core::is_ascii(octets.substr(0, header));
    body_ = body_ || !core::is_ascii(octets.substr(header));
}

}  // namespace postern::smtp_server
