#pragma once

#include <memory>

#include "config/settings.hpp"
#include "core/result.hpp"
#include "storage/database.hpp"
#include "storage/soci/connection.hpp"

namespace postern::storage {

/// What inspect_schema found, and the session it looked with, to read on with: on PostgreSQL each is a process and a handshake.
struct schema_look {
    migration_status status;
    std::unique_ptr<connection> session;  ///< null for an SQLite file that is not there
};

/// As inspect_schema.
[[nodiscard]] core::result<schema_look> look_at_schema(const config::database_settings& settings);

}  // namespace postern::storage
