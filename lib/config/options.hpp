#pragma once

#include <string>

#include <boost/program_options/options_description.hpp>

namespace postern::config {

/// `--config` and every setting as `--section.key`, for Boost.Program_options: the value is any text, load() checks it.
[[nodiscard]] boost::program_options::options_description describe_options();

/// Every setting with its default, what is allowed and what it is for, as text for a terminal.
[[nodiscard]] std::string settings_help();

/// The same as a Markdown table, for the documentation.
[[nodiscard]] std::string settings_markdown();

}  // namespace postern::config
