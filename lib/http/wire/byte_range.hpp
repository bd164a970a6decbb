#pragma once

#include <cstdint>
#include <string_view>

namespace postern::http {

/// What a Range field asks of a body.
struct byte_range {
    enum class kind {
        whole,          ///< all of it: there is no field, or one that is to be ignored
        part,           ///< `size` octets from `first` on
        unsatisfiable,  ///< 416
    };
    kind what = kind::whole;
    std::uint64_t first = 0;
    std::uint64_t size = 0;  ///< at least 1 for a part

    friend bool operator==(const byte_range&, const byte_range&) = default;
};

/// Reads a Range field (RFC 9110 14.1, 14.2) for a body of `size` octets. Another unit, a malformed field and more than one
/// range are ignored, as they may be: many small ranges are a way to make a server work much for little (RFC 9110 17.15).
[[nodiscard]] byte_range read_range(std::string_view field, std::uint64_t size);

}  // namespace postern::http
