#include "storage/soci/binary_array.hpp"

#include <bit>
#include <chrono>
#include <concepts>
#include <cstring>

namespace postern::storage {
namespace {

template <std::unsigned_integral T>
T network_order(T value) {
    return std::endian::native == std::endian::little ? std::byteswap(value) : value;
}

constexpr std::size_t null_flag_at = 4;
constexpr std::size_t count_at = 12;

}  // namespace

binary_array::binary_array(pg_type type) : type_(type) {
    append(std::uint32_t{1});  // dimensions
    append(std::uint32_t{0});  // whether there are NULLs: set by encoded()
    append(type.element);
    append(std::uint32_t{0});  // elements: set by encoded()
    append(std::uint32_t{1});  // index of the first
}

void binary_array::append(std::uint32_t value) {
    value = network_order(value);
    encoded_.append(reinterpret_cast<const char*>(&value), sizeof value);
}

void binary_array::append(std::uint64_t value) {
    value = network_order(value);
    encoded_.append(reinterpret_cast<const char*>(&value), sizeof value);
}

void binary_array::add(std::int64_t value) {
    ++count_;
    append(std::uint32_t{sizeof value});
    append(static_cast<std::uint64_t>(value));
}

void binary_array::add(bool value) {
    ++count_;
    append(std::uint32_t{1});
    encoded_ += value ? '\1' : '\0';
}

void binary_array::add(std::string_view octets) {
    ++count_;
    append(static_cast<std::uint32_t>(octets.size()));
    encoded_ += octets;
}

void binary_array::add(core::timestamp value) {
    // PostgreSQL counts from 2000.
    constexpr std::chrono::sys_days epoch = std::chrono::year{2000} / 1 / 1;
    add(std::int64_t{(value - epoch).count()});
}

void binary_array::add_json(std::string_view json) {
    ++count_;
    append(static_cast<std::uint32_t>(json.size() + 1));
    encoded_ += '\1';  // version of jsonb's binary form
    encoded_ += json;
}

void binary_array::add_null() {
    ++count_;
    has_null_ = true;
    append(~std::uint32_t{0});
}

std::span<char> binary_array::add_room(std::size_t size) {
    ++count_;
    append(static_cast<std::uint32_t>(size));
    const auto start = encoded_.size();
    // Not what the operation is given: libstdc++ 12 gives it the capacity.
    encoded_.resize_and_overwrite(start + size, [whole = start + size](char*, std::size_t) { return whole; });
    return std::span(encoded_).subspan(start);
}

std::string_view binary_array::encoded() {
    const auto put = [this](std::size_t at, std::uint32_t value) {
        value = network_order(value);
        std::memcpy(encoded_.data() + at, &value, sizeof value);
    };
    put(null_flag_at, has_null_ ? 1 : 0);
    put(count_at, count_);
    return encoded_;
}

}  // namespace postern::storage
