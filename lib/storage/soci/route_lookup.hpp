#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "net/awaitable.hpp"
#include "net/pending.hpp"
#include "storage/records.hpp"
#include "storage/soci/read_pool.hpp"

namespace postern::storage {

/// directory::find_routes, the one read on the path of every RCPT.
///
/// Questions that wait at the same time travel together: one hop to a thread, one query on either database. Under load the
/// next batch gathers while two are out. Nothing is remembered: every answer was read after its question was asked.
/// Loop thread only.
class route_lookup : public std::enable_shared_from_this<route_lookup> {
public:
    route_lookup(net::executor loop, read_pool& reads) : loop_(std::move(loop)), reads_(reads) {}

    net::awaitable<core::result<route_answer>> find(std::string domain, std::vector<std::string> local_parts);

private:
    struct question {
        std::string domain;
        std::vector<std::string> local_parts;
        route_answer answer;
        net::pending<core::result<route_answer>> waiter;
    };
    using questions = std::vector<std::shared_ptr<question>>;
    class batch;
    class batch_query;

    void send_soon();
    void send();

    net::executor loop_;
    read_pool& reads_;
    questions waiting_;
    std::size_t under_way_ = 0;
    bool sending_soon_ = false;
};

}  // namespace postern::storage
