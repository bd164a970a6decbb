#pragma once

#include <optional>
#include <string>

namespace postern::app {

/// Whether a person can be asked: standard input is a terminal.
[[nodiscard]] bool can_ask();

/// Asks on the terminal without showing what is typed; the question goes to standard error, so that standard output stays the
/// result's. nullopt: end of input. A signal that ends the program restores the terminal first.
[[nodiscard]] std::optional<std::string> ask_hidden(const std::string& question);

/// The first line of standard input without its line end; at most 4 KiB, nullopt when there is none or more.
[[nodiscard]] std::optional<std::string> read_line();

}  // namespace postern::app
