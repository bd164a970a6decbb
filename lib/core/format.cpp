#include "core/format.hpp"

#include <iterator>

#include <fmt/format.h>

namespace postern::core {

void append_packed(std::string& out, fmt::string_view format, fmt::format_args arguments) {
    fmt::vformat_to(std::back_inserter(out), format, arguments);
}

}  // namespace postern::core
