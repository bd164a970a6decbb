#include "storage/soci/query.hpp"

#include "core/unicode.hpp"

namespace postern::storage {

namespace {

/// What both databases hold alike: PostgreSQL refuses what is not UTF-8 and SQLite does not; SOCI ends a PostgreSQL parameter
/// at its first NUL, so that what was stored would not be what was asked for.
std::string storable(std::string text) {
    if (!core::is_utf8(text) || text.find('\0') != std::string::npos) {
        throw database_error(errc::failed, "a text that is not UTF-8, or has a NUL, cannot be stored");
    }
    return text;
}

}  // namespace

query::query(connection& on, const std::string& sql, life lifetime) : statement_(on.sql()), sql_(sql), lifetime_(lifetime) {}

query& query::use(const std::string& name, std::string value) {
    texts_.push_back({storable(std::move(value))});
    statement_.exchange(soci::use(std::as_const(texts_.back().value), name));
    return *this;
}

query& query::use(const std::string& name, std::int64_t value) {
    numbers_.push_back({value});
    statement_.exchange(soci::use(std::as_const(numbers_.back().value), name));
    return *this;
}

query& query::use(const std::string& name, std::optional<std::int64_t> value) {
    numbers_.push_back({value.value_or(0), value ? soci::i_ok : soci::i_null});
    statement_.exchange(soci::use(std::as_const(numbers_.back().value), numbers_.back().state, name));
    return *this;
}

query& query::use(const std::string& name, std::optional<std::string> value) {
    const auto state = value ? soci::i_ok : soci::i_null;
    texts_.push_back({storable(std::move(value).value_or("")), state});
    statement_.exchange(soci::use(std::as_const(texts_.back().value), texts_.back().state, name));
    return *this;
}

query& query::use_variable(const std::string& name, const std::string& variable) {
    statement_.exchange(soci::use(variable, name));
    return *this;
}

query::text_value& query::text_column() {
    auto& column = texts_.emplace_back();
    statement_.exchange(soci::into(column.value, column.state));
    return column;
}

query::number_value& query::number_column() {
    auto& column = numbers_.emplace_back();
    statement_.exchange(soci::into(column.value, column.state));
    return column;
}

query& query::into(std::string& out) {
    deliver_.emplace_back([&out, &column = text_column()] {
        if (column.state == soci::i_null) column.value.clear();
        out = column.value;
    });
    return *this;
}

query& query::into(std::int64_t& out) {
    deliver_.emplace_back([&out, &column = number_column()] { out = column.state == soci::i_null ? 0 : column.value; });
    return *this;
}

query& query::into(bool& out) {
    deliver_.emplace_back([&out, &column = number_column()] { out = column.state != soci::i_null && column.value != 0; });
    return *this;
}

query& query::into(core::timestamp& out) {
    deliver_.emplace_back([&out, &column = number_column()] {
        out = core::timestamp(std::chrono::microseconds(column.state == soci::i_null ? 0 : column.value));
    });
    return *this;
}

query& query::into(std::optional<std::int64_t>& out) {
    deliver_.emplace_back([&out, &column = number_column()] {
        out = column.state == soci::i_null ? std::nullopt : std::optional<std::int64_t>(column.value);
    });
    return *this;
}

query& query::into(std::optional<core::timestamp>& out) {
    deliver_.emplace_back([&out, &column = number_column()] {
        out.reset();
        if (column.state != soci::i_null) out = core::timestamp(std::chrono::microseconds(column.value));
    });
    return *this;
}

bool query::execute() {
    if (!bound_) {
        statement_.alloc();
        statement_.prepare(sql_,
                           lifetime_ == life::kept ? soci::details::st_repeatable_query : soci::details::st_one_time_query);
        statement_.define_and_bind();
        bound_ = true;
    }
    executed_ = true;
    return statement_.execute(true);
}

bool query::next() {
    const bool row = executed_ ? statement_.fetch() : execute();
    if (row) {
        for (auto& column : deliver_) column();
    }
    return row;
}

std::int64_t query::run() {
    execute();
    return statement_.get_affected_rows();
}

}  // namespace postern::storage
