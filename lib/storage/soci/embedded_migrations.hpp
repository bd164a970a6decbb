#pragma once

#include <span>
#include <string_view>

#include "storage/soci/connection.hpp"

namespace postern::storage {

/// A file of sql/<database>/, as it stands in the binary.
struct embedded_migration {
    int version;
    std::string_view name;
    std::string_view sql;
};

/// All steps for a database, numbered from 1 without gaps. Defined in a file made at build time (embed_migrations.cmake).
[[nodiscard]] std::span<const embedded_migration> embedded_migrations(backend of);

}  // namespace postern::storage
