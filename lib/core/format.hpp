#pragma once

#include <string>

#include <fmt/core.h>

namespace postern::core {

/// append() with its arguments packed.
void append_packed(std::string& out, fmt::string_view format, fmt::format_args arguments);

/// Puts what fmt::format() makes of `format` and `arguments` at the end of `out`. In place of fmt::format_to(), which compiles
/// the whole of fmt's formatting into every file that calls it.
template <class... T>
void append(std::string& out, fmt::format_string<T...> format, T&&... arguments) {
    append_packed(out, format, fmt::make_format_args(arguments...));
}

}  // namespace postern::core
