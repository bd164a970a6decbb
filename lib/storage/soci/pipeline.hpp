#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "storage/soci/binary_array.hpp"
#include "storage/soci/connection.hpp"

struct pg_result;

namespace postern::storage {

/// The rows a statement answered with, in binary form.
class pg_rows {
public:
    explicit pg_rows(pg_result* result);

    /// The command tag: "COMMIT", "INSERT 0 3".
    [[nodiscard]] std::string_view command() const;
    [[nodiscard]] int size() const;
    [[nodiscard]] bool is_null(int row, int column) const;
    [[nodiscard]] std::int64_t int8(int row, int column) const;
    [[nodiscard]] bool boolean(int row, int column) const;
    [[nodiscard]] std::string_view text(int row, int column) const;

private:
    std::unique_ptr<pg_result, void (*)(pg_result*)> result_;
};

/// Many prepared statements in one trip to PostgreSQL: libpq's pipeline mode, over the session's own connection.
///
/// Flow: send() queues statements; finish() waits for every answer and leaves pipeline mode. The first statement that fails
/// makes the server skip the rest, up to the next pipeline; a transaction that was begun is then failed and wants ROLLBACK.
/// Nothing blocks but in poll(2), where we always read as well as write: were we to block in a write while the server
/// blocks in writing answers we do not read, neither would ever go on (libpq, "Using Pipeline Mode").
/// On failure calls throw database_error: unavailable when the connection is gone or says nothing for `patience`; then, and
/// when a pipeline is destroyed unfinished, the connection is given up.
class pipeline {
public:
    pipeline(connection& on, std::chrono::milliseconds patience);
    ~pipeline();
    pipeline(const pipeline&) = delete;
    pipeline& operator=(const pipeline&) = delete;

    /// Queues a statement prepared on this connection. Waits for the socket once more than a few MiB are queued.
    void send(const char* statement, std::span<binary_array* const> parameters = {});

    /// The answers, in the order sent.
    std::vector<pg_rows> finish();

private:
    void flush();
    void wait(bool writing);
    pg_result* next_result();
    [[noreturn]] void give_up(std::string_view why);

    connection& on_;
    pg_conn* libpq_;
    std::chrono::milliseconds patience_;
    std::size_t sent_ = 0;
    std::size_t unflushed_ = 0;  // octets, about
    bool finished_ = false;
};

}  // namespace postern::storage
