#pragma once

#include "storage/response_store.hpp"
#include "storage/soci/read_pool.hpp"
#include "storage/soci/writer.hpp"

namespace postern::storage {

/// Kept responses in SQL; deliveries write them (delivery_extras).
class soci_response_store final : public response_store {
public:
    soci_response_store(read_pool& reads, writer& writes) : reads_(reads), writes_(writes) {}

    net::awaitable<core::result<std::optional<kept_response>>> find(account_id account, std::string key) override;
    net::awaitable<core::result<std::size_t>> remove_before(core::timestamp time, std::size_t limit) override;

private:
    read_pool& reads_;
    writer& writes_;
};

}  // namespace postern::storage
