#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "config/settings.hpp"
#include "core/result.hpp"

/// What an administrator does to a database as a whole, beside running servers. Both block, take a connection of their own, and
/// hold nothing that a server waits for: for the command line.
namespace postern::storage {

/// How far it has come; `all` may grow meanwhile.
using progress_told = std::function<void(std::uint64_t done, std::uint64_t all)>;

/// Copies an SQLite database, as it is at one moment, into `file`, which must not exist: by SQLite's online backup, while
/// others read and write. The copy is one file, without a log beside it, readable by its owner alone, and durable when this
/// returns; until then it has another name, so that half a backup is never taken for one. refused: it is a PostgreSQL database
/// (the detail has the command to use instead), or `file` exists. unavailable, failed: nothing is left behind.
[[nodiscard]] core::result<void> backup(const config::database_settings& settings, const std::filesystem::path& file,
                                        const progress_told& told);

/// Something that is not as it must be.
struct damage {
    std::string subject;  ///< what it is about: "message 12", "mailbox 7"
    std::string text;
};

struct verified {
    std::uint64_t messages = 0;  ///< of which the octets were read
    std::uint64_t octets = 0;
    std::uint64_t mailboxes = 0;
    std::uint64_t damages = 0;
};

/// Looks whether everything stored is whole: the database's own structures (SQLite's integrity_check) and references; that each
/// message somebody holds has its octets, and that they are those that were accepted, by their SHA-256; that what is counted
/// (totals, unread, uids, modseqs, quotas) is what is there. Tells each damage as it is found and goes on. Each look sees one
/// moment, so that what servers do meanwhile is no damage; of messages, those that are there when it begins. Memory does not
/// grow with the database. unavailable, failed: it could not be looked at; schema_older, schema_newer.
[[nodiscard]] core::result<verified> verify(const config::database_settings& settings,
                                            const std::function<void(const damage&)>& found, const progress_told& told);

}  // namespace postern::storage
