#pragma once

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "config/problem.hpp"

/// The configuration file: sections, keys and comments, read strictly.
///
///     # a comment
///     [section]
///     key = value        # what follows " #" is a comment too
///
/// A value is everything between "=" and the end of the line or a comment, without the space around it; there are no quotes,
/// continuations or escapes. UTF-8 throughout; at most 1 MiB. Every faulty line is reported, not only the first.
namespace postern::config {

/// One line `key = value`.
struct file_entry {
    std::string section;
    std::string key;
    std::string value;
    std::size_t line = 0;
};

struct file_contents {
    std::vector<file_entry> entries;  ///< in file order, without those that are at fault
    std::vector<problem> problems;
};

/// Reads `text`; `name` stands in the problems.
[[nodiscard]] file_contents parse_file(std::string_view name, std::string_view text);

/// The text of the file `path`, or why it cannot be had.
[[nodiscard]] std::expected<std::string, problem> read_file(const std::string& path);

inline constexpr std::size_t max_secret = std::size_t{16} * 1024;  ///< octets of a file that holds one

/// The secret in the file `path`: its content without one line end at its end, which editors and `echo` put there. The error is
/// a sentence that names the file and nothing of what is in it: it cannot be read, is empty, or is larger than max_secret.
[[nodiscard]] std::expected<std::string, std::string> read_secret(const std::string& path);

}  // namespace postern::config
