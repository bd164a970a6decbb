#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "net/awaitable.hpp"
#include "net/spool.hpp"
#include "storage/database.hpp"

/// Accounts as files that other programs understand, out and in: Maildir (Maildir++ folders) and mbox (mboxrd).
///
/// Flow: export_account() walks the mailboxes by uid and writes each message's octets as they are stored; import_account()
/// reads files, ours or another server's, makes their lines end in CRLF, and hands them in batches to storage, which numbers,
/// counts and follows them up like delivered mail. Both go on where an earlier run ended: what is there already is passed over.
/// Memory is bounded by a few messages' worth, whatever their size. On failure: a message or a file that cannot be read or
/// written is told, counted and passed over; a database or a disk that fails ends the work with the reason. For commands: their
/// loop serves nobody else, so files are read and written on it.
namespace postern::archive {

enum class format { maildir, mbox };

struct report {
    std::uint64_t messages = 0;  ///< written now
    std::uint64_t known = 0;     ///< there already
    std::uint64_t failed = 0;    ///< each was told
    std::uint64_t octets = 0;    ///< of those written

    report& operator+=(const report& more) {
        messages += more.messages;
        known += more.known;
        failed += more.failed;
        octets += more.octets;
        return *this;
    }
};

/// Whoever looks on.
struct observer {
    std::function<void(std::uint64_t octets)> passed;                             ///< so much more is done with
    std::function<void(const std::string& what, const std::string& why)> failed;  ///< one message, file or mailbox
};

/// Writes everything in the account's mailboxes below `folder`, which is made. Maildir: the Inbox is the folder itself, the
/// others are .Name; a file that is there gets the flags of now. mbox: Name.mbox, and beside it Name.mbox.state, which says how
/// far it has come; a second run appends what came later, as it does what came while the first was at work.
[[nodiscard]] net::awaitable<core::result<report>> export_account(storage::database& from, storage::account account, format as,
                                                                  std::string folder, observer told);

struct import_options {
    format as = format::maildir;
    std::optional<std::string> mailbox{};  ///< into this one; nullopt: by the folders' or files' names
    bool beyond_quota = false;
};

/// Reads a Maildir, or an mbox file or a folder of them, into the account. Folders with the names of a purpose (Sent, Trash,
/// Spam, ...) go into the mailbox of that purpose, others into one of their name, made where it is missing. A mailbox that
/// holds as many copies of a message as the source does gets no more. Stops when the quota is used up:
/// storage::errc::over_quota.
[[nodiscard]] net::awaitable<core::result<report>> import_account(storage::database& into, storage::account account,
                                                                  std::string path, import_options how, net::spool_area& spools,
                                                                  const core::clock& clock, observer told);

/// Octets below a path, for whoever shows how far an import has come.
[[nodiscard]] std::uint64_t octets_below(const std::string& path);

}  // namespace postern::archive
