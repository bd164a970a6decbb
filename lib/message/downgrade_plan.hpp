#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/content.hpp"

namespace postern::message {

/// What the next server carries.
enum class downgrade_to {
    seven_bit,  ///< no octet beyond ASCII
    eight_bit,  ///< lines of any octets but NUL and bare CR or LF
};

/// One stretch of a message and what becomes of it.
struct downgrade_step {
    enum class kind {
        header,            ///< with another Content-Transfer-Encoding where `label` is not empty
        body,              ///< as it is
        quoted_printable,  ///< a body to be encoded
        base64,
    };
    kind what = kind::body;
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
    std::string_view label = {};  ///< of a header
    bool ends = false;            ///< the header needs its empty line: what follows it is no body
    bool whole = false;           ///< it is the message's own and has to say that it is MIME
};

/// What becomes of a message: its headers and bodies in order. What lies between them, delimiters and the text before and
/// behind the parts, which nobody is shown, has what the server does not carry replaced.
struct downgrade_plan {
    std::vector<downgrade_step> steps;
    std::optional<std::string> obstacle;  ///< it cannot be done
};

/// Headers that are longer cannot be rewritten.
inline constexpr std::uint64_t max_rewritten_header = 256UL * 1024;

[[nodiscard]] downgrade_plan plan_downgrade(const core::content& message, std::uint64_t offset, downgrade_to target);

}  // namespace postern::message
