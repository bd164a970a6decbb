#include "smtp_server/octet_census.hpp"

#include <cstddef>

namespace postern::smtp_server {

namespace {

bool beyond_ascii(std::string_view octets) noexcept {
    unsigned char all = 0;
    for (const char c : octets) all |= static_cast<unsigned char>(c);  // without a way out, so that it runs over many at once
    return all >= 0x80;
}

}  // namespace

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
    header_ = header_ || beyond_ascii(octets.substr(0, header));
    body_ = body_ || beyond_ascii(octets.substr(header));
}

}  // namespace postern::smtp_server
