#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <ostream>  // a Boost string header wants it
#include <string_view>

#include "core/unicode.hpp"
#include "http/form_data.hpp"

/// The first line is the Content-Type, the rest the body.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace postern;
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    const auto end = input.find('\n');
    if (end == std::string_view::npos) return 0;
    const auto body = input.substr(end + 1);
    const auto parts = http::parse_form(input.substr(0, end), body);
    if (!parts) {
        if (parts.error().code != http::status::bad_request) std::abort();
        return 0;
    }
    if (parts->size() > http::most_form_parts) std::abort();
    std::size_t octets = 0;
    for (const auto& p : *parts) {
        // Every part's octets lie in the body, and no two overlap.
        if (p.octets.data() < body.data() || p.octets.data() + p.octets.size() > body.data() + body.size()) std::abort();
        if (!core::is_utf8(p.name) || !core::is_utf8(p.filename)) std::abort();
        octets += p.octets.size();
    }
    if (octets > body.size()) std::abort();
    return 0;
}
