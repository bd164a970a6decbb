#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include <libpq-fe.h>

#include "storage/soci/database_error.hpp"
#include "storage/soci/pipeline.hpp"

namespace postern::storage {

/// A statement prepared once per session and run over many rows: every parameter is an array with an element per row.
template <std::size_t N>
struct pg_statement {
    const char* name;
    const char* sql;
    std::array<pg_type, N> parameters;

    [[nodiscard]] std::array<binary_array, N> arrays() const {
        return [this]<std::size_t... I>(std::index_sequence<I...>) {
            return std::array<binary_array, N>{binary_array(parameters[I])...};
        }(std::make_index_sequence<N>{});
    }
};

/// Throws database_error: unavailable, whatever the reason, since a session without its statements is of no use.
template <std::size_t N>
void prepare_statement(PGconn* libpq, const pg_statement<N>& s) {
    std::array<Oid, N> types{};
    for (std::size_t i = 0; i < N; ++i) types[i] = s.parameters[i].array;
    const std::unique_ptr<PGresult, void (*)(PGresult*)> result(
        PQprepare(libpq, s.name, s.sql, static_cast<int>(N), types.data()), PQclear);
    if (PQresultStatus(result.get()) == PGRES_COMMAND_OK) return;
    const char* sqlstate = PQresultErrorField(result.get(), PG_DIAG_SQLSTATE);
    throw database_error(errc::unavailable, PQerrorMessage(libpq), sqlstate != nullptr ? sqlstate : "");
}

template <std::size_t N>
void send(pipeline& trip, const pg_statement<N>& s, std::array<binary_array, N>& arrays) {
    std::array<binary_array*, N> parameters{};
    for (std::size_t i = 0; i < N; ++i) parameters[i] = &arrays[i];
    trip.send(s.name, parameters);
}

/// Sends the rows gathered so far and begins anew, once they are many: for statements whose work grows with the square of them.
template <std::size_t N>
void send_if_long(pipeline& trip, const pg_statement<N>& s, std::array<binary_array, N>& arrays) {
    constexpr std::uint32_t long_array = 256;
    if (arrays.front().count() < long_array) return;
    send(trip, s, arrays);
    arrays = s.arrays();
}

}  // namespace postern::storage
