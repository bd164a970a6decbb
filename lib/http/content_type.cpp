#include "http/content_type.hpp"

#include <algorithm>

namespace postern::http {

std::string media_type(std::string_view content_type) {
    const auto end = std::min(content_type.find_first_of("; \t"), content_type.size());
    std::string type(content_type.substr(0, end));
    std::ranges::transform(type, type.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return type;
}

}  // namespace postern::http
