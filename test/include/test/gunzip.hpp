#pragma once

#include <string>

#include <zlib.h>

#include "test/catch.hpp"

namespace postern::test {

/// What gzip made of at most 4 MiB (RFC 1952).
inline std::string gunzip(const std::string& octets) {
    z_stream z{};
    REQUIRE(inflateInit2(&z, 15 + 16) == Z_OK);
    std::string out(4UL << 20U, '\0');
    z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(octets.data()));
    z.avail_in = static_cast<uInt>(octets.size());
    z.next_out = reinterpret_cast<Bytef*>(out.data());
    z.avail_out = static_cast<uInt>(out.size());
    CHECK(inflate(&z, Z_FINISH) == Z_STREAM_END);
    out.resize(z.total_out);
    inflateEnd(&z);
    return out;
}

}  // namespace postern::test
