#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
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
/// Flow: send() queues statements, end_trip() sends them off, finish() waits for the answers of one trip; after those of the
/// last it leaves pipeline mode. The first statement that fails makes the server skip the rest of its trip; a transaction that
/// was begun is then failed and wants ROLLBACK. A trip may be sent behind one whose answers have not come yet. Nothing blocks
/// but in poll(2), where we always read as well as write: were we to block in a write while the server blocks in writing
/// answers we do not read, neither would ever go on (libpq, "Using Pipeline Mode"). On failure calls throw database_error:
/// unavailable when the connection is gone or says nothing for as long as it is waited for; then, and when a pipeline is
/// destroyed unfinished, the connection is given up.
class pipeline {
public:
    /// `patience`: for the socket to take what is sent.
    pipeline(connection& on, std::chrono::milliseconds patience);
    ~pipeline();
    pipeline(const pipeline&) = delete;
    pipeline& operator=(const pipeline&) = delete;

    /// Queues a statement prepared on this connection. Waits for the socket once more than a few MiB are queued.
    void send(const char* statement, std::span<binary_array* const> parameters = {});

    /// Statements sent from here on do not depend on the success of those before.
    void end_trip();

    /// The answers of the oldest trip, in the order sent. `patience`: for the server to say something.
    std::vector<pg_rows> finish(std::chrono::milliseconds patience);

private:
    void flush();
    void wait(bool writing);
    pg_result* next_result();
    [[noreturn]] void give_up(std::string_view why);

    connection& on_;
    pg_conn* libpq_;
    std::chrono::milliseconds patience_;
    std::size_t sent_ = 0;           // statements of the trip that has not ended
    std::deque<std::size_t> trips_;  // statements of those whose answers are to come
    std::size_t unflushed_ = 0;      // octets, about
};

}  // namespace postern::storage
