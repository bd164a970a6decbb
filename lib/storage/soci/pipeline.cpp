#include "storage/soci/pipeline.hpp"

#include <cerrno>
#include <cstring>
#include <optional>
#include <string>
#include <utility>

#include <fmt/format.h>
#include <libpq-fe.h>
#include <poll.h>

namespace postern::storage {
namespace {

constexpr int binary_format = 1;

std::uint64_t big_endian(const char* octets, int size) {
    std::uint64_t value = 0;
    for (int i = 0; i < size; ++i) value = value << 8U | static_cast<unsigned char>(octets[i]);
    return value;
}

database_error failure_of(const PGresult* result) {
    const char* field = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const std::string sqlstate = field != nullptr ? field : "";
    const char* message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);  // the other fields may quote rows
    return {sqlstate.empty() ? errc::unavailable : errc_of_sqlstate(sqlstate),
            message != nullptr ? message : "the connection to the database broke", sqlstate};
}

}  // namespace

pg_rows::pg_rows(pg_result* result) : result_(result, PQclear) {}
std::string_view pg_rows::command() const { return PQcmdStatus(result_.get()); }
int pg_rows::size() const { return PQntuples(result_.get()); }
bool pg_rows::is_null(int row, int column) const { return PQgetisnull(result_.get(), row, column) != 0; }

std::int64_t pg_rows::int8(int row, int column) const {
    return static_cast<std::int64_t>(big_endian(PQgetvalue(result_.get(), row, column), 8));
}

bool pg_rows::boolean(int row, int column) const { return *PQgetvalue(result_.get(), row, column) != 0; }

std::string_view pg_rows::text(int row, int column) const {
    return {PQgetvalue(result_.get(), row, column), static_cast<std::size_t>(PQgetlength(result_.get(), row, column))};
}

pipeline::pipeline(connection& on, std::chrono::milliseconds patience) : on_(on), libpq_(on.postgresql()), patience_(patience) {
    if (PQsetnonblocking(libpq_, 1) != 0 || PQenterPipelineMode(libpq_) != 1) give_up(PQerrorMessage(libpq_));
}

pipeline::~pipeline() {
    if (sent_ != 0 || !trips_.empty()) on_.give_up();
}

void pipeline::send(const char* statement, std::span<binary_array* const> parameters) {
    std::vector<const char*> values;
    std::vector<int> lengths;
    for (auto* parameter : parameters) {
        const auto encoded = parameter->encoded();
        values.push_back(encoded.data());
        lengths.push_back(static_cast<int>(encoded.size()));
        unflushed_ += encoded.size();
    }
    const std::vector<int> formats(values.size(), binary_format);
    if (PQsendQueryPrepared(libpq_, statement, static_cast<int>(values.size()), values.data(), lengths.data(), formats.data(),
                            binary_format) != 1) {
        give_up(PQerrorMessage(libpq_));
    }
    ++sent_;
    // libpq copies what it is given: a message of 50 MiB is not to lie in its buffer whole.
    constexpr std::size_t most_unflushed = 2UL * 1024 * 1024;
    if (unflushed_ > most_unflushed) flush();
}

void pipeline::flush() {
    for (int left = PQflush(libpq_); left != 0; left = PQflush(libpq_)) {
        if (left < 0) give_up(PQerrorMessage(libpq_));
        wait(true);
    }
    unflushed_ = 0;
}

/// Waits until the socket can be read, or written if `writing`, and takes in what has come.
void pipeline::wait(bool writing) {
    pollfd socket{PQsocket(libpq_), static_cast<short>(POLLIN | (writing ? POLLOUT : 0)), 0};
    int ready = 0;
    do {
        ready = poll(&socket, 1, static_cast<int>(patience_.count()));
    } while (ready < 0 && errno == EINTR);
    if (ready < 0) give_up(std::strerror(errno));
    if (ready == 0) give_up(fmt::format("the database has said nothing for {} ms", patience_.count()));
    if ((socket.revents & ~POLLOUT) != 0 && PQconsumeInput(libpq_) != 1) give_up(PQerrorMessage(libpq_));
}

pg_result* pipeline::next_result() {
    while (PQisBusy(libpq_) != 0) {
        const int left = PQflush(libpq_);
        if (left < 0) give_up(PQerrorMessage(libpq_));
        wait(left > 0);
    }
    return PQgetResult(libpq_);
}

void pipeline::end_trip() {
    if (PQpipelineSync(libpq_) != 1) give_up(PQerrorMessage(libpq_));
    trips_.push_back(std::exchange(sent_, 0));
}

std::vector<pg_rows> pipeline::finish(std::chrono::milliseconds patience) {
    patience_ = patience;
    std::vector<pg_rows> answers;
    std::optional<database_error> failure;
    bool finished = false;
    for (std::size_t answered = 0; answered < trips_.front() || !finished;) {
        auto* result = next_result();
        if (result == nullptr) {  // the end of one statement's answer
            ++answered;
            // A broken connection gives no more than these.
            if (PQstatus(libpq_) != CONNECTION_OK) give_up(failure ? failure->what() : PQerrorMessage(libpq_));
            continue;
        }
        pg_rows rows(result);
        switch (PQresultStatus(result)) {
            case PGRES_PIPELINE_SYNC: finished = true; break;
            case PGRES_TUPLES_OK:
            case PGRES_COMMAND_OK: answers.push_back(std::move(rows)); break;
            case PGRES_PIPELINE_ABORTED: break;
            default:
                if (!failure) failure = failure_of(result);
        }
    }
    trips_.pop_front();
    if (trips_.empty() && (PQexitPipelineMode(libpq_) != 1 || PQsetnonblocking(libpq_, 0) != 0))
        give_up(PQerrorMessage(libpq_));
    if (failure) {
        if (failure->code() == errc::unavailable) on_.give_up();
        throw *failure;
    }
    return answers;
}

void pipeline::give_up(std::string_view why) {
    on_.give_up();
    while (why.ends_with('\n')) why.remove_suffix(1);
    throw database_error(errc::unavailable, std::string(why.substr(0, why.find('\n'))));
}

}  // namespace postern::storage
