// Any octets as a PROXY header: read without fault, decided the same however they come, and never past their bounds.
#include <cstdlib>

#include "net/proxy_header.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    using postern::net::parse_proxy_header;
    const std::string_view octets(reinterpret_cast<const char*>(data), size);
    const auto whole = parse_proxy_header(octets);
    const auto header = whole ? *whole : std::nullopt;
    if (header && (header->size > octets.size() || header->size > postern::net::longest_proxy_header)) std::abort();
    if (whole && !header && octets.size() >= postern::net::longest_proxy_header) std::abort();  // must have made up its mind
    // What is only a part of it is waited for; what follows it changes nothing.
    for (std::size_t n = 0; header && n < header->size; ++n) {
        const auto part = parse_proxy_header(octets.substr(0, n));
        if (!part || *part) std::abort();
    }
    if (header) {
        const auto alone = parse_proxy_header(octets.substr(0, header->size));
        if (!alone || !*alone || (*alone)->client != header->client) std::abort();
    }
    return 0;
}
