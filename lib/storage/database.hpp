#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "config/settings.hpp"
#include "core/clock.hpp"
#include "core/log.hpp"
#include "core/result.hpp"
#include "net/awaitable.hpp"
#include "storage/api_token_store.hpp"
#include "storage/app_password_store.hpp"
#include "storage/change_store.hpp"
#include "storage/directory.hpp"
#include "storage/errc.hpp"
#include "storage/figures.hpp"
#include "storage/login_store.hpp"
#include "storage/mailbox_store.hpp"
#include "storage/message_store.hpp"
#include "storage/queue_store.hpp"
#include "storage/response_store.hpp"
#include "storage/search_store.hpp"
#include "storage/web_session_store.hpp"

/// Everything durable, behind interfaces; two databases, one contract (test/integration/storage).
///
/// Flow: coroutines on the loop call a repository; a read runs on a small pool of threads with one database session each; every
/// write goes to the one writer thread, which takes what is pending, up to a bound, into one transaction and completes the
/// waiters on the loop after the commit. On failure: a lost connection is re-established with backoff, meanwhile calls answer
/// errc::unavailable at once; a commit whose outcome is not known answers errc::outcome_unknown.
namespace postern::storage {

class archive_store;  // archive_store.hpp
class imap_store;     // imap_store.hpp
class upkeep_store;   // upkeep_store.hpp

/// One versioned step of the schema, embedded from sql/<database>/NNNN_name.sql.
struct migration {
    int version = 0;
    std::string name;
    std::string sql;
};

struct migration_status {
    int database_version = 0;  ///< 0: empty database
    int program_version = 0;
    std::vector<migration> pending;  ///< in the order they would be applied
};

/// An open database.
class database {
public:
    virtual ~database() = default;

    virtual directory& accounts() = 0;
    virtual message_store& messages() = 0;
    virtual queue_store& queue() = 0;
    virtual app_password_store& app_passwords() = 0;
    virtual mailbox_store& mailboxes() = 0;
    virtual change_store& changes() = 0;
    virtual response_store& responses() = 0;
    virtual api_token_store& api_tokens() = 0;
    virtual web_session_store& web_sessions() = 0;
    virtual login_store& logins() = 0;
    virtual search_store& searches() = 0;
    virtual archive_store& archive() = 0;
    virtual imap_store& imap() = 0;
    virtual upkeep_store& upkeep() = 0;

    /// Whether a read works now, and no connection for writing is known to be lost.
    virtual net::awaitable<core::result<void>> ping() = 0;

    /// Commits what is pending, then stops the threads. No call is made after it. Blocks; also done by the destructor.
    virtual void close() = 0;
};

/// The schema version this program works with, the same for both databases.
[[nodiscard]] int schema_version() noexcept;

/// How the schema stands; changes nothing. Blocks: for start-up and the command line. unavailable, bad_url, schema_newer.
[[nodiscard]] core::result<migration_status> inspect_schema(const config::database_settings& settings);

/// Brings the schema up to date under an advisory lock; returns what was applied. Blocks. As inspect_schema, and failed.
[[nodiscard]] core::result<std::vector<migration>> migrate(const config::database_settings& settings, const core::clock& clock);

/// When the connections for writing are made.
enum class connecting {
    at_once,      ///< a server: what is missing is known at start, and nobody's message waits for a connection
    when_needed,  ///< a command, which ends soon and writes little or nothing: each with the first that is written over it
};

/// Opens a database whose schema is current (else schema_older, schema_newer). Blocks. `loop` must outlive the result.
[[nodiscard]] core::result<std::unique_ptr<database>> open(net::executor loop, const config::database_settings& settings,
                                                           const core::clock& clock, core::logger log,
                                                           write_figures figures = {},
                                                           connecting connects = connecting::at_once);

}  // namespace postern::storage
