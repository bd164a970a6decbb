#pragma once

#include <memory>

#include "storage/soci/read_pool.hpp"
#include "storage/soci/use_log.hpp"
#include "storage/soci/writer.hpp"
#include "storage/web_session_store.hpp"

namespace postern::storage {

/// Web sessions in SQL.
class soci_web_session_store final : public web_session_store {
public:
    soci_web_session_store(read_pool& reads, writer& writes)
        : reads_(reads), writes_(writes), uses_(std::make_shared<use_log>(writes, "web_session", "last_seen_at")) {}
    ~soci_web_session_store() override { uses_->close(); }

    net::awaitable<core::result<web_session>> add(new_web_session wanted) override;
    net::awaitable<core::result<std::vector<web_session>>> list(account_id account) override;
    net::awaitable<core::result<void>> remove(account_id account, web_session_id id) override;
    net::awaitable<core::result<std::size_t>> remove_all(account_id account, std::optional<web_session_id> except) override;
    net::awaitable<core::result<std::optional<owned>>> find(key_octets token_hash) override;
    void seen(web_session_id id, core::timestamp at) override { uses_->note(id.value, at); }
    net::awaitable<core::result<std::size_t>> remove_expired(core::timestamp now, core::timestamp idle_since,
                                                             std::size_t limit) override;

private:
    read_pool& reads_;
    writer& writes_;
    std::shared_ptr<use_log> uses_;
};

}  // namespace postern::storage
