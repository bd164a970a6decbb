#pragma once

#include <map>
#include <memory>

#include "storage/app_password_store.hpp"
#include "storage/soci/writer.hpp"

namespace postern::storage {

/// Uses of app passwords on their way into the database: one job at a time, in which all that came meanwhile is written. A
/// mail client may sign in every few seconds: a password's uses within a minute of the last one noted are not. Loop thread
/// only.
class use_log final : public std::enable_shared_from_this<use_log> {
public:
    explicit use_log(writer& writes) : writes_(&writes) {}

    void note(app_password_id id, core::timestamp at);

    /// The writer is about to go: nothing more is written.
    void close() { writes_ = nullptr; }

private:
    class update;

    void write();
    void written();

    writer* writes_;
    std::map<app_password_id, core::timestamp> noted_;    // when last
    std::map<app_password_id, core::timestamp> waiting_;  // to be written
    bool writing_ = false;
};

}  // namespace postern::storage
