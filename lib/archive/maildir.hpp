#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "storage/records.hpp"

/// The names in a Maildir: of its files (the flags in them) and of its folders.
namespace postern::archive {

struct flags {
    bool seen = false;
    bool flagged = false;
    bool answered = false;

    friend bool operator==(const flags&, const flags&) = default;
};

/// ":2," and one letter each, in order of the alphabet (cr.yp.to/proto/maildir.html).
[[nodiscard]] std::string info_of(const flags& f);
/// Of a file's name; letters we know nothing of are passed over.
[[nodiscard]] flags flags_of(std::string_view file_name);

/// A message of ours: the name it always gets, without its flags, so that it is found again.
[[nodiscard]] std::string file_name_of(std::int64_t entry, core::timestamp received_at, std::uint64_t size);

struct own_file {
    std::int64_t entry = 0;
    std::uint64_t size = 0;  ///< of its octets, which are as they were stored
};
/// nullopt: none that file_name_of made.
[[nodiscard]] std::optional<own_file> own_file_of(std::string_view file_name);

/// ".Projects.2026" of the mailbox Projects/2026: Maildir++ names, each step in modified UTF-7 (RFC 3501 5.1.3), in which a dot
/// of the name is written too.
[[nodiscard]] std::string folder_of_mailbox(std::string_view mailbox);
/// nullopt: a name that is none of a folder. What is not modified UTF-7 is taken as it is.
[[nodiscard]] std::optional<std::string> mailbox_of_folder(std::string_view folder);

/// The purpose that a mailbox of this name has with mail programs and servers, in whatever case; none: just a name.
[[nodiscard]] storage::mailbox_role role_of_name(std::string_view name);

}  // namespace postern::archive
