#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "core/clock.hpp"
#include "storage/soci/writer.hpp"

namespace postern::storage {

/// When rows of a table (app passwords, tokens, sessions) were used last, on its way into the database: one job at a time, in
/// which all that came meanwhile is written. A mail client may sign in every few seconds: a row's uses within a minute of the
/// last one noted are not. Loop thread only.
class use_log final : public std::enable_shared_from_this<use_log> {
public:
    /// `column` of `table` has the time.
    use_log(writer& writes, std::string table, std::string column)
        : writes_(&writes), table_(std::move(table)), column_(std::move(column)) {}

    void note(std::int64_t id, core::timestamp at);

    /// The writer is about to go: nothing more is written.
    void close() { writes_ = nullptr; }

private:
    class update;

    void write();
    void written();

    writer* writes_;
    std::string table_;
    std::string column_;
    std::map<std::int64_t, core::timestamp> noted_;    // when last
    std::map<std::int64_t, core::timestamp> waiting_;  // to be written
    bool writing_ = false;
};

}  // namespace postern::storage
