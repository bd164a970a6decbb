#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "core/clock.hpp"

namespace postern::storage {

/// A type of PostgreSQL's catalogue (pg_type.dat) and the type of its arrays.
struct pg_type {
    std::uint32_t element;
    std::uint32_t array;
};

namespace pg_types {
inline constexpr pg_type boolean{16, 1000};
inline constexpr pg_type bytea{17, 1001};
inline constexpr pg_type int8{20, 1016};
inline constexpr pg_type text{25, 1009};
inline constexpr pg_type timestamptz{1184, 1185};
inline constexpr pg_type json{114, 199};
inline constexpr pg_type jsonb{3802, 3807};
}  // namespace pg_types

/// A column of a batch as one parameter: a one-dimensional array in PostgreSQL's binary form (array_recv).
///
/// Elements are appended in the binary form of the array's type; who adds the wrong kind is told by the server.
class binary_array {
public:
    explicit binary_array(pg_type type);

    void add(std::int64_t value);
    void add(bool value);
    void add(std::string_view octets);
    void add(core::timestamp value);
    void add_json(std::string_view json);
    void add_null();
    /// Room for an element of `size` octets, to be filled before anything else is added.
    [[nodiscard]] std::span<char> add_room(std::size_t size);

    void reserve(std::size_t octets) { encoded_.reserve(octets); }
    [[nodiscard]] pg_type type() const { return type_; }
    [[nodiscard]] std::uint32_t count() const { return count_; }  ///< of elements
    /// The finished parameter.
    [[nodiscard]] std::string_view encoded();

private:
    void append(std::uint32_t value);
    void append(std::uint64_t value);

    pg_type type_;
    std::uint32_t count_ = 0;
    bool has_null_ = false;
    std::string encoded_;
};

}  // namespace postern::storage
