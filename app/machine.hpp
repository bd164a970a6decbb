#pragma once

#include <cstdint>
#include <expected>
#include <filesystem>
#include <string>

#include "config/settings.hpp"

/// What the server needs of the machine beside its database.
namespace postern::app {

/// Makes the folder and those above it where they are missing, for nobody but us to enter, and sees that files can be made
/// in it. The error is a sentence.
[[nodiscard]] std::expected<void, std::string> make_data_dir(const std::filesystem::path& path);

/// Whether files can be made in the folder `path`; the error is a sentence. Changes nothing.
[[nodiscard]] std::expected<void, std::string> check_data_dir(const std::filesystem::path& path);

/// File descriptors that the limits of connections can come to need.
[[nodiscard]] std::uint64_t descriptors_needed(const config::settings& settings);

/// The most this process may have.
[[nodiscard]] std::uint64_t descriptors_allowed();

/// Raises the soft limit of descriptors to the hard one.
void raise_descriptor_limit();

}  // namespace postern::app
