#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <span>
#include <string_view>

#include "core/clock.hpp"
#include "core/result.hpp"

namespace postern::archive {

/// A file that is read or written in order. Failures are std::system_error with the path in their text.
class file {
public:
    enum class mode {
        read,
        create,  ///< it must not exist; its owner's alone
        append,  ///< made where it is missing, likewise
    };

    file(const std::filesystem::path& path, mode how);
    ~file();
    file(const file&) = delete;
    file& operator=(const file&) = delete;

    /// How many; 0 at the end.
    std::size_t read(std::span<char> into);
    void write(std::string_view octets);
    /// Cuts it off; what is written next follows.
    void cut(std::uint64_t size);
    [[nodiscard]] std::uint64_t size() const;
    [[nodiscard]] core::timestamp modified_at() const;
    void set_modified_at(core::timestamp at);
    /// To the disk.
    void flush();

private:
    std::filesystem::path path_;
    int descriptor_;
};

/// Makes what was renamed in the folder durable.
void flush_folder(const std::filesystem::path& folder);

/// What a failure of these is to who asked for the work: its code where it is the system's, and its text.
[[nodiscard]] core::error disk_failure(const std::exception& thrown);

/// Replaces a small file as a whole, or leaves the old one.
void replace_file(const std::filesystem::path& path, std::string_view octets);

}  // namespace postern::archive
