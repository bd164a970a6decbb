#pragma once

#include <memory>

#include "storage/app_password_store.hpp"
#include "storage/soci/read_pool.hpp"
#include "storage/soci/use_log.hpp"
#include "storage/soci/writer.hpp"

namespace postern::storage {

/// App passwords in SQL.
class soci_app_password_store final : public app_password_store {
public:
    soci_app_password_store(read_pool& reads, writer& writes)
        : reads_(reads), writes_(writes), uses_(std::make_shared<use_log>(writes, "app_password", "last_used_at")) {}
    ~soci_app_password_store() override { uses_->close(); }

    net::awaitable<core::result<scram_parameters>> establish_scram(account_id account, scram_parameters proposed) override;
    net::awaitable<core::result<app_password>> add(new_app_password wanted) override;
    net::awaitable<core::result<std::vector<app_password>>> list(account_id account) override;
    net::awaitable<core::result<void>> remove(account_id account, app_password_id id) override;
    net::awaitable<core::result<std::optional<owned>>> find(key_octets token_hash) override;
    net::awaitable<core::result<std::optional<scram_credentials>>> find_scram(canonical_address login) override;
    void used(app_password_id id, core::timestamp at) override { uses_->note(id.value, at); }

private:
    read_pool& reads_;
    writer& writes_;
    std::shared_ptr<use_log> uses_;
};

}  // namespace postern::storage
