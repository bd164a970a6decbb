#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "core/clock.hpp"
#include "core/id.hpp"

namespace sqlite_api {
struct sqlite3;
struct sqlite3_stmt;
}  // namespace sqlite_api

namespace postern::storage {

/// A statement of SQLite's own, prepared once and run many times: SOCI's would copy every parameter and put blobs into objects.
///
///     insert.bind(id, text, octets).run();
///
/// Texts and blobs are not copied: what is bound must live until run() returns, or rows() gives false.
/// Failures are thrown as SOCI throws them, so that explain() understands.
class sqlite_statement {
public:
    sqlite_statement(sqlite_api::sqlite3* database, std::string_view sql);

    /// Binds ?1, ?2, ... in order.
    template <class... Values>
    sqlite_statement& bind(const Values&... values) {
        int index = 0;
        (put(++index, values), ...);
        return *this;
    }

    /// To its end, rows ignored.
    void run();
    /// One row at a call, false after the last.
    bool row();

    [[nodiscard]] std::int64_t number(int column) const;
    [[nodiscard]] bool is_null(int column) const;
    /// Valid until the next row.
    [[nodiscard]] std::string_view text(int column) const;
    /// A blob's octets, as they are. Valid until the next row.
    [[nodiscard]] std::string_view octets(int column) const;

    /// Wraps octets to be bound as a blob.
    struct blob {
        std::string_view octets;
    };

private:
    void put(int index, std::int64_t value);
    void put(int index, bool value) { put(index, std::int64_t{value}); }
    void put(int index, core::timestamp value) { put(index, std::int64_t{value.time_since_epoch().count()}); }
    void put(int index, std::string_view value);
    void put(int index, blob value);
    template <class Tag>
    void put(int index, core::id<Tag> value) {
        put(index, value.value);
    }
    template <class Value>
    void put(int index, const std::optional<Value>& value) {
        value ? put(index, *value) : put_null(index);
    }
    void put_null(int index);
    void check(int result);

    std::unique_ptr<sqlite_api::sqlite3_stmt, void (*)(sqlite_api::sqlite3_stmt*)> statement_;
};

}  // namespace postern::storage
