#pragma once

#include "storage/soci/connection.hpp"

namespace postern::storage {

/// Reads that see one moment, whatever others write, as long as it lives.
class snapshot {
public:
    explicit snapshot(connection& on) : on_(on) {
        on_.execute(on.kind() == backend::sqlite ? "BEGIN" : "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    }
    ~snapshot() { on_.rollback(); }
    snapshot(const snapshot&) = delete;
    snapshot& operator=(const snapshot&) = delete;

private:
    connection& on_;
};

}  // namespace postern::storage
