#pragma once

#include <memory>

#include "storage/api_token_store.hpp"
#include "storage/soci/read_pool.hpp"
#include "storage/soci/use_log.hpp"
#include "storage/soci/writer.hpp"

namespace postern::storage {

/// API tokens in SQL.
class soci_api_token_store final : public api_token_store {
public:
    soci_api_token_store(read_pool& reads, writer& writes)
        : reads_(reads), writes_(writes), uses_(std::make_shared<use_log>(writes, "api_token", "last_used_at")) {}
    ~soci_api_token_store() override { uses_->close(); }

    net::awaitable<core::result<api_token>> add(new_api_token wanted) override;
    net::awaitable<core::result<std::vector<api_token>>> list(account_id account) override;
    net::awaitable<core::result<void>> remove(account_id account, api_token_id id) override;
    net::awaitable<core::result<std::optional<owned>>> find(key_octets token_hash) override;
    void used(api_token_id id, core::timestamp at) override { uses_->note(id.value, at); }

private:
    read_pool& reads_;
    writer& writes_;
    std::shared_ptr<use_log> uses_;
};

}  // namespace postern::storage
