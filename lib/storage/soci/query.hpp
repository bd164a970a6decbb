#pragma once

#include <concepts>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "core/id.hpp"
#include "storage/soci/connection.hpp"

namespace postern::storage {

/// One SQL statement with typed parameters and columns, on top of soci::statement.
///
///     query rows(on, "SELECT name FROM domain WHERE id > :after");
///     rows.use("after", id).into(name);
///     while (rows.next()) ...
///
/// A NULL gives the column's variable its empty value (nullopt, "", 0), never the previous row's. Times are microseconds on the
/// SQL side: see dialect.hpp. Parameters are always named; SOCI and SQLite know several ways to count the others.
class query {
public:
    enum class life {
        once,  ///< one round trip on PostgreSQL
        kept,  ///< prepared; execute it again with again(). Read all its rows: an unfinished one holds its snapshot on SQLite.
    };

    query(connection& on, const std::string& sql, life lifetime = life::once);
    query(const query&) = delete;
    query& operator=(const query&) = delete;

    query& use(const std::string& name, std::string value);
    query& use(const std::string& name, std::int64_t value);
    template <std::same_as<bool> Bool>  // no conversions: a string literal would be true
    query& use(const std::string& name, Bool value) {
        return use(name, std::int64_t{value});
    }
    query& use(const std::string& name, core::timestamp value) { return use(name, value.time_since_epoch().count()); }
    query& use(const std::string& name, std::optional<std::int64_t> value);
    query& use(const std::string& name, std::optional<std::string> value);
    template <class Tag>
    query& use(const std::string& name, core::id<Tag> value) {
        return use(name, value.value);
    }
    /// The variable itself, read at each execution: for kept queries. It must outlive the query.
    query& use_variable(const std::string& name, const std::string& variable);

    query& into(std::string& out);
    query& into(std::int64_t& out);
    query& into(bool& out);
    query& into(core::timestamp& out);
    query& into(std::optional<std::int64_t>& out);
    query& into(std::optional<core::timestamp>& out);
    template <class Tag>
    query& into(core::id<Tag>& out) {
        return into(out.value);
    }

    /// Executes at the first call; then one row at a call, false after the last.
    bool next();
    /// Executes a statement without rows. Returns how many it changed.
    std::int64_t run();
    /// Makes a kept query ready to be executed again.
    void again() noexcept { executed_ = false; }

private:
    struct text_value {
        std::string value;
        soci::indicator state = soci::i_ok;
    };
    struct number_value {
        long long value = 0;
        soci::indicator state = soci::i_ok;
    };

    text_value& text_column();
    number_value& number_column();
    bool execute();

    soci::statement statement_;
    std::string sql_;
    life lifetime_;
    bool bound_ = false;
    bool executed_ = false;
    std::deque<text_value> texts_;  // deques: SOCI keeps addresses
    std::deque<number_value> numbers_;
    std::vector<std::move_only_function<void()>> deliver_;  // hand a fetched row to the caller's variables
};

}  // namespace postern::storage
