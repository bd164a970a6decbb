#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <memory>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include "config/text.hpp"
#include "storage/maintenance.hpp"
#include "storage/soci/connection.hpp"
#include "storage/soci/query.hpp"

namespace postern::storage {
namespace {

using namespace sqlite_api;

constexpr int pages_at_once = 1024;  // 4 MiB, between two words of progress

[[noreturn]] void fail_on(const std::filesystem::path& file, const char* what, int error) {
    throw database_error(errc::failed,
                         fmt::format("cannot {} {}: {}", what, file.string(), std::generic_category().message(error)));
}

/// The copy while it is made: FILE.partial, which goes with this object unless it became FILE.
class unfinished_file {
public:
    explicit unfinished_file(const std::filesystem::path& wanted) : wanted_(wanted), path_(wanted.string() + ".partial") {
        std::error_code ignored;
        if (std::filesystem::exists(std::filesystem::symlink_status(wanted, ignored)))
            throw database_error(errc::refused, wanted.string() + " exists, and a backup overwrites nothing");
        const int file = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
        if (file < 0) fail_on(path_, "make", errno);
        ::close(file);
        made_ = true;
    }
    ~unfinished_file() {
        std::error_code ignored;
        if (made_) std::filesystem::remove(path_, ignored);
    }
    unfinished_file(const unfinished_file&) = delete;
    unfinished_file& operator=(const unfinished_file&) = delete;

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

    void finish() {
        flush(path_);
        // A rename that replaces nothing, even what appeared since we looked.
        if (renameat2(AT_FDCWD, path_.c_str(), AT_FDCWD, wanted_.c_str(), RENAME_NOREPLACE) != 0)
            fail_on(wanted_, "make", errno);
        made_ = false;
        flush(std::filesystem::absolute(wanted_).parent_path());
    }

private:
    static void flush(const std::filesystem::path& what) {
        const int file = ::open(what.c_str(), O_RDONLY | O_CLOEXEC);
        if (file < 0) fail_on(what, "open", errno);
        const int outcome = fsync(file);
        const int error = errno;
        ::close(file);
        if (outcome != 0) fail_on(what, "write", error);
    }

    std::filesystem::path wanted_;
    std::filesystem::path path_;
    bool made_ = false;
};

using handle = std::unique_ptr<::sqlite_api::sqlite3, int (*)(::sqlite_api::sqlite3*)>;

handle open_target(const std::filesystem::path& path) {
    ::sqlite_api::sqlite3* opened = nullptr;
    const auto name = std::filesystem::absolute(path);
    const int result = sqlite3_open_v2(name.c_str(), &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
    handle target(opened, sqlite3_close);
    if (result != SQLITE_OK) throw explain(soci::sqlite3_soci_error(sqlite3_errstr(result), result));
    return target;
}

void execute(::sqlite_api::sqlite3* on, const char* sql) {
    const int result = sqlite3_exec(on, sql, nullptr, nullptr, nullptr);
    if (result != SQLITE_OK) throw explain(soci::sqlite3_soci_error(sqlite3_errmsg(on), result));
}

void copy(connection& from, ::sqlite_api::sqlite3* to, const progress_told& told) {
    const std::unique_ptr<sqlite3_backup, int (*)(sqlite3_backup*)> copying(
        sqlite3_backup_init(to, "main", from.sqlite(), "main"), sqlite3_backup_finish);
    if (!copying) throw explain(soci::sqlite3_soci_error(sqlite3_errmsg(to), sqlite3_errcode(to)));
    for (;;) {
        const int result = sqlite3_backup_step(copying.get(), pages_at_once);
        const auto all = static_cast<std::uint64_t>(sqlite3_backup_pagecount(copying.get()));
        told(all - static_cast<std::uint64_t>(sqlite3_backup_remaining(copying.get())), all);
        if (result == SQLITE_DONE) return;
        if (result != SQLITE_OK) throw explain(soci::sqlite3_soci_error(sqlite3_errstr(result), result));
    }
}

}  // namespace

core::result<void> backup(const config::database_settings& settings, const std::filesystem::path& file,
                          const progress_told& told) {
    const auto location = parse_database_url(settings.url);
    if (!location) return std::unexpected(location.error());
    if (!std::holds_alternative<sqlite_location>(*location)) {
        return core::fail(errc::refused,
                          fmt::format("this database is PostgreSQL's, which has a tool of its own that works while servers "
                                      "run: pg_dump --format=custom --file={} '{}'",
                                      file.string(), config::without_password(settings.url)));
    }
    try {
        connection from(settings, access::read);
        from.lift_deadline();
        unfinished_file target(file);
        {
            // With a snapshot held until the end, what others write meanwhile does not make the copying begin anew.
            from.begin();
            std::int64_t version = 0;
            query(from, "SELECT count(*) FROM schema_version").into(version).next();
            const auto to = open_target(target.path());
            execute(to.get(), "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF");  // it is flushed as a whole
            copy(from, to.get(), told);
            execute(to.get(), "PRAGMA journal_mode=DELETE");  // one file, without the log its original has
            from.rollback();
        }
        target.finish();
        return {};
    } catch (const std::exception& thrown) {
        return std::unexpected(to_error(thrown));
    }
}

}  // namespace postern::storage
