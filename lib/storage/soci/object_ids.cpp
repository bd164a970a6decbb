#include "storage/soci/object_ids.hpp"

#include "storage/soci/query.hpp"

namespace postern::storage {

std::vector<std::int64_t> draw_object_ids(connection& on, std::size_t count) {
    std::vector<std::int64_t> ids;
    if (count == 0) return ids;
    std::int64_t id = 0;
    // PostgreSQL: setval() would be one call for a block, but two processes could then take the same one.
    query next(on, on.kind() == backend::sqlite
                       ? "UPDATE object_id SET next = next + :count RETURNING next - :count"
                       : "SELECT nextval('object_id') FROM generate_series(1, CAST(:count AS bigint))");
    next.use("count", static_cast<std::int64_t>(count)).into(id);
    while (next.next()) ids.push_back(id);
    while (ids.size() < count) ids.push_back(ids.back() + 1);  // SQLite gave the first of them
    return ids;
}

}  // namespace postern::storage
